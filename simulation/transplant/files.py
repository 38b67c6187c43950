"""Writes one delivery of the transplant registry: a workbook, one sheet a form and revision."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from simulation.endpoints import dates, graded, true_endpoints
from simulation.planting import Ledger
from simulation.streams import stream
from simulation.transplant import dirt, forms, sheets
from simulation.transplant.dirt import KINDS
from simulation.workbook import write_workbook

__all__ = ["KINDS", "Delivered", "write"]


ENDPOINTS = (
    "overall_survival", "progression_free_survival", "event_free_survival", "relapse",
    "non_relapse_mortality", "time_to_next_treatment", "crs_any", "crs_grade_3", "icans_any",
    "icans_grade_3", "infection", "prolonged_cytopenia", "second_malignancy",
)  # fmt: skip


@dataclass(frozen=True)
class Delivered:
    """What a delivery holds: its dirt, its people as delivered, and the episodes it tells.

    episodes: registry_id, kind, onset_date, resolution_date, grade, n_reports, one row a true
    episode that some form tells: what a perfect reader makes of the forms. endpoints: the clocks of
    every endpoint they tell (`simulation.endpoints.COLUMNS`, key = registry_id).
    """

    ledger: Ledger
    people: pd.DataFrame
    episodes: pd.DataFrame
    endpoints: pd.DataFrame


def write(
    folder: Path,
    known: pd.DataFrame,
    episodes: pd.DataFrame,
    delivery: dt.date,
    seed: int,
    unmapped: pd.Series,
) -> Delivered:
    """Writes cell_therapy_export.xlsx. `known` and `episodes`: of `members.known`, `episodes`;
    `unmapped`: CAR-T patients who cannot be linked, and so are told without contradiction."""
    rng = stream(seed, "transplant.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    known = known.sort_values("registry_id", ignore_index=True)
    people = dirt.of_people(known, unmapped, ledger, rng)
    made = forms.reports(people, seed)
    told = forms.tellings(made, episodes, seed)
    truth = _episodes(told)
    clocks = _endpoints(known, people, truth, delivery)
    told = dirt.of_tellings(told, ledger, rng, len(known))
    answers = sheets.follow_up(people, made, told, seed)
    answers = dirt.of_answers(answers, told, ledger, rng, len(known))
    folder.mkdir(parents=True)
    write_workbook(
        folder / "cell_therapy_export.xlsx",
        {
            "PATIENTS": dirt.of_patients(sheets.patients(people), ledger, rng),
            "TREATMENTS": sheets.treatments(people),
            **sheets.numbered_sheets(answers),
        },
    )
    return Delivered(ledger, people, truth, clocks)


def _episodes(told: pd.DataFrame) -> pd.DataFrame:
    return told.groupby(["registry_id", "kind", "episode"], as_index=False).agg(
        onset_date=("onset_date", "first"),
        resolution_date=("told_resolution", "max"),
        grade=("told_grade", "max"),
        n_reports=("form", "size"),
    )


def _endpoints(
    known: pd.DataFrame, people: pd.DataFrame, told: pd.DataFrame, delivery: dt.date
) -> pd.DataFrame:
    """From the infusion as delivered; a death that this registry dates late is dated as it was."""
    events = [
        graded(kind, of["registry_id"], of["onset_date"], of["grade"])
        if kind in ("crs", "icans")
        else dates(kind, of["registry_id"], of["onset_date"])
        for kind, of in told.groupby("kind")
    ]
    return true_endpoints(
        known.assign(key=known["registry_id"]),
        pd.concat(events),
        {"infused": people["infusion_date"]},
        ENDPOINTS,
        delivery,
    )
