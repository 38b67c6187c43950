"""Who the persons of the warehouse truly are, and what the hospital knows of them."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.omop.files import UNLINKABLE, spoilt_persons
from simulation.omop.people import known
from simulation.omop.tables import sepsis
from simulation.text import numbered
from simulation.truth_files import write_parquet


def told(persons: pd.DataFrame, delivery: dt.date, seed: int) -> pd.DataFrame:
    """The infections that a delivery tells of persons of the CAR-T registry whom a linkage finds:
    national_number, kind, date."""
    frame = known(persons, delivery)
    chosen = spoilt_persons(frame, delivery, seed)
    spoilt = np.concatenate([chosen[kind] for kind in UNLINKABLE])
    infected, start = sepsis(frame[frame["in_registry"] & ~frame.index.isin(spoilt)])
    return infected[["national_number"]].assign(kind="infection", date=start)


def write_truth(folder: Path, persons: pd.DataFrame, dates: Sequence[dt.date], seed: int) -> None:
    """Writes omop/<date>.parquet into `folder`.

    One row a person: person_id, national_number and treatment_id (of the CAR-T registry; empty for
    those it does not have), linkable (no dirt here stands against the link), product, line,
    infusion_date, death_date and last_contact_date as the hospital knows them.
    """
    (folder / "omop").mkdir()
    for day in dates:
        frame = known(persons, day)
        chosen = spoilt_persons(frame, day, seed)
        spoilt = np.concatenate([chosen[kind] for kind in UNLINKABLE])
        mine = frame["in_registry"]
        treatment = numbered("T", frame["treatment_number"].to_numpy(), 7)
        out = pd.DataFrame(
            {
                "person_id": frame["person_id"],
                "national_number": frame["national_number"].where(mine, ""),
                "treatment_id": np.where(mine, treatment, ""),
                "linkable": mine & ~frame.index.isin(spoilt),
                "product": frame["product"],
                "line": frame["line"],
                "infusion_date": frame["infusion_date"],
                "progression_date": frame["progression_date"],
                "next_treatment_date": frame["next_treatment_date"],
                "death_date": frame["death_date"],
                "last_contact_date": frame["last_contact_date"],
            }
        )
        write_parquet(folder / "omop" / f"{day.isoformat()}.parquet", out)
