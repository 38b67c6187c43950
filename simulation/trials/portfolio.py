"""The trials themselves: what each one is, when it runs, and what is known of it by a delivery.

Registration numbers have the shape of EU CT numbers and NCT numbers and are in ranges that no
register gives out.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.products import AXI, BREXU, TISA
from simulation.streams import stream
from simulation.truth_files import write_parquet

TRIALS = 60
_FIXED = (
    ("sma", "onasemnogene_abeparvovec"),
    ("tdt", "exagamglogene_autotemcel"),
    ("haemophilia_b", "etranacogene_dezaparvovec"),
)
_DRAWN = (
    ("dlbcl", AXI), ("dlbcl", TISA), ("mantle_cell_lymphoma", BREXU), ("dlbcl", "ATMP-{n}"),
    ("multiple_myeloma", "ciltacabtagene_autoleucel"), ("multiple_myeloma", "ATMP-{n}"),
    ("b_all", "ATMP-{n}"), ("scd", "exagamglogene_autotemcel"), ("mld", "ATMP-{n}"),
    ("ptld", "tabelecleucel"), ("melanoma", "ATMP-{n}"),
)  # fmt: skip
PHASES = ("I", "I/II", "II", "III", "IV")
_PHASE_SHARES = (0.25, 0.30, 0.25, 0.15, 0.05)


def _number(index: int, year: int) -> str:
    return f"{year}-599{index:03d}-{10 + index % 80}-00"


TRIAL_OF = {disease: _number(n, 2019) for n, (disease, _) in enumerate(_FIXED, start=1)}
"""Registration number of the trial that some gene therapy patients of a disease take part in."""


def portfolio(seed: int, last_delivery: dt.date) -> pd.DataFrame:
    """One row a trial: trial_id, nct_number, title, phase, sponsor_type, product, indication,
    centres (list), opening_date, closing_date (of recruitment), end_date, stopped (bool), planned
    and final (participants at the end of recruitment)."""
    rng = stream(seed, "trials")
    span = (last_delivery - dt.date(2019, 9, 2)).days + 200
    opening = plus(np.full(TRIALS, np.datetime64("2019-09-02")), rng.integers(0, span, TRIALS))
    opening[: len(_FIXED)] = np.datetime64("2019-09-02")
    recruiting = rng.integers(300, 1500, TRIALS).astype(float)
    closing = plus(opening, recruiting)
    planned = rng.choice([12, 20, 30, 48, 60, 120, 240], TRIALS)
    stopped = rng.random(TRIALS) < 0.1
    share = np.where(stopped, rng.uniform(0.1, 0.6, TRIALS), rng.uniform(0.7, 1.1, TRIALS))
    phase = np.asarray(PHASES, dtype=object)[
        np.searchsorted(np.cumsum(_PHASE_SHARES)[:-1], rng.random(TRIALS))
    ]
    drawn = [_DRAWN[k] for k in rng.integers(0, len(_DRAWN), TRIALS - len(_FIXED))]
    topics = [*_FIXED, *drawn]
    centres = [
        sorted(f"C{c + 1:02d}" for c in rng.permutation(24)[: rng.integers(1, 9)])
        for _ in range(TRIALS)
    ]
    years = opening.astype("datetime64[Y]").astype(int) + 1970
    numbers = [_number(n, int(year)) for n, year in enumerate(years, start=1)]
    products = [product.format(n=f"{n:03d}") for n, (_, product) in enumerate(topics, start=1)]
    return pd.DataFrame(
        {
            "trial_id": numbers,
            "nct_number": [f"NCT990000{n:02d}" for n in range(1, TRIALS + 1)],
            "title": [
                f"Invented trial {n}: {product} in {disease}"
                for n, (product, (disease, _)) in enumerate(
                    zip(products, topics, strict=True), start=1
                )
            ],
            "phase": phase,
            "sponsor_type": np.where(rng.random(TRIALS) < 0.55, "academic", "industry"),
            "product": products,
            "indication": [disease for disease, _ in topics],
            "centres": centres,
            "opening_date": opening,
            "closing_date": closing,
            "end_date": plus(closing, rng.integers(200, 1200, TRIALS).astype(float)),
            "stopped": stopped,
            "planned": planned,
            "final": np.maximum(1, np.round(planned * share)).astype(int),
        }
    )


def write_truth(folder: Path, trials: pd.DataFrame, dates: Sequence[dt.date]) -> None:
    """Writes trials/<date>.parquet into `folder`: the trials as they are on each day."""
    (folder / "trials").mkdir()
    for day in dates:
        write_parquet(folder / "trials" / f"{day.isoformat()}.parquet", known(trials, day))


def known(trials: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """The portfolio on a day: adds status and actual (participants so far), and takes away dates
    that are still to come. A trial is listed from 120 days before it opens."""
    now = np.datetime64(day, "D")
    listed = trials["opening_date"].to_numpy().astype("datetime64[D]") <= now + 120
    out = trials[listed].reset_index(drop=True)
    opening, closing, end = (
        out[f"{name}_date"].to_numpy().astype("datetime64[D]")
        for name in ("opening", "closing", "end")
    )
    elapsed = (np.minimum(closing, now) - opening).astype(float)
    share = np.clip(elapsed / (closing - opening).astype(float), 0.0, 1.0)
    stopped = out["stopped"].to_numpy()
    status = np.select(
        [opening > now, closing > now, stopped, end > now],
        ["NOT_YET_RECRUITING", "RECRUITING", "TERMINATED", "ACTIVE_NOT_RECRUITING"],
        "COMPLETED",
    )
    return out.assign(
        status=status.astype(object),
        actual=np.floor(out["final"].to_numpy() * share).astype(int),
        closing_date=np.where(closing <= now, closing, np.datetime64("NaT")),
    ).drop(columns=["end_date", "stopped", "final"])
