"""Writes one delivery of the transplant registry: a workbook, one sheet a form and revision."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from simulation.planting import Ledger
from simulation.streams import stream
from simulation.transplant import dirt, forms, sheets
from simulation.transplant.dirt import KINDS
from simulation.workbook import write_workbook

__all__ = ["KINDS", "Delivered", "write"]


@dataclass(frozen=True)
class Delivered:
    """What a delivery holds: its dirt, its people as delivered, and the episodes it tells.

    episodes: registry_id, kind, onset_date, resolution_date, grade, n_reports, one row a true
    episode that some form tells: what a perfect reader makes of the forms.
    """

    ledger: Ledger
    people: pd.DataFrame
    episodes: pd.DataFrame


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
    return Delivered(ledger, people, truth)


def _episodes(told: pd.DataFrame) -> pd.DataFrame:
    return told.groupby(["registry_id", "kind", "episode"], as_index=False).agg(
        onset_date=("onset_date", "first"),
        resolution_date=("told_resolution", "max"),
        grade=("told_grade", "max"),
        n_reports=("form", "size"),
    )
