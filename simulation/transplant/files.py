"""Writes one delivery of the transplant registry: a workbook, one sheet a form and revision."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.endpoints import dates, graded, told_elsewhere, true_endpoints
from simulation.planting import Ledger
from simulation.populations import true_populations
from simulation.streams import stream
from simulation.transplant import dirt, forms, sheets
from simulation.transplant.dirt import KINDS
from simulation.transplant.links import Elsewhere, linked, links
from simulation.workbook import write_workbook

__all__ = ["KINDS", "Delivered", "write"]


ENDPOINTS = (
    "overall_survival", "progression_free_survival", "event_free_survival", "relapse",
    "non_relapse_mortality", "time_to_next_treatment", "crs_any", "crs_grade_3", "icans_any",
    "icans_grade_3", "infection", "prolonged_cytopenia", "second_malignancy", "acute_gvhd",
    "chronic_gvhd",
)  # fmt: skip


@dataclass(frozen=True)
class Delivered:
    """What a delivery holds: its dirt, who its people are, and the episodes it tells.

    links: of `links.links`. episodes: registry_id, kind, onset_date, resolution_date, grade,
    n_reports, one row a true episode that some form tells: what a perfect reader makes of the
    forms. told: what of it is true of the person, of those whom a linkage finds in the CAR-T
    registry (national_number, kind, date). endpoints: the clocks of every
    endpoint the forms tell (`simulation.endpoints.COLUMNS`, key = registry_id). populations: that
    each was infused (`simulation.populations`).
    """

    ledger: Ledger
    links: pd.DataFrame
    episodes: pd.DataFrame
    told: pd.DataFrame
    endpoints: pd.DataFrame
    populations: pd.DataFrame


def write(
    folder: Path,
    known: pd.DataFrame,
    episodes: pd.DataFrame,
    gvhd: pd.DataFrame,
    delivery: dt.date,
    seed: int,
    elsewhere: Elsewhere,
) -> Delivered:
    """Writes cell_therapy_export.xlsx. `known`, `episodes` and `gvhd`: of the functions of these
    names. The unmapped of `elsewhere` cannot be linked, and so are told without contradiction."""
    rng = stream(seed, "transplant.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    known = known.sort_values("registry_id", ignore_index=True)
    people = dirt.of_people(known, elsewhere.unmapped, ledger, rng)
    made = forms.reports(people, seed)
    told = forms.tellings(made, episodes, seed)
    apart = forms.tellings(made, gvhd, seed, "transplant.gvhd.tellings")
    truth = _episodes(told)
    told = dirt.of_tellings(told, ledger, rng, len(known))
    answers = sheets.follow_up(people, made, told, seed)
    unread = dirt.unread(answers, told, rng, len(known))
    apart = forms.readable(apart, np.concatenate([unread[kind] for kind in dirt.REFUSED]))
    truth = pd.concat([truth, _episodes(apart)], ignore_index=True)
    found = links(people, elsewhere.cart, elsewhere.unmapped)
    number = linked(found)
    more = told_elsewhere(elsewhere.told, pd.Series(number.index), number)
    clocks = _endpoints(known, people, truth, more, delivery)
    answers = sheets.with_gvhd(answers, apart)
    answers = dirt.of_answers(answers, unread, ledger, rng)
    folder.mkdir(parents=True)
    write_workbook(
        folder / "cell_therapy_export.xlsx",
        {
            "PATIENTS": dirt.of_patients(sheets.patients(people), ledger, rng),
            "TREATMENTS": sheets.treatments(people),
            **sheets.numbered_sheets(answers),
        },
    )
    infused = true_populations(people["registry_id"], {"infused": people["infusion_date"]})
    return Delivered(ledger, found, truth, _told(truth, number), clocks, infused)


def _told(truth: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    events = truth[truth["kind"].isin(["infection", "second_malignancy"])]
    out = events.assign(national_number=events["registry_id"].map(number))
    out = out.dropna(subset=["national_number"]).rename(columns={"onset_date": "date"})
    return out[["national_number", "kind", "date"]]


def _episodes(told: pd.DataFrame) -> pd.DataFrame:
    return told.groupby(["registry_id", "kind", "episode"], as_index=False).agg(
        onset_date=("onset_date", "first"),
        resolution_date=("told_resolution", "max"),
        grade=("told_grade", "max"),
        n_reports=("form", "size"),
    )


def _endpoints(
    known: pd.DataFrame,
    people: pd.DataFrame,
    told: pd.DataFrame,
    elsewhere: pd.DataFrame,
    delivery: dt.date,
) -> pd.DataFrame:
    """From the infusion as delivered, with what other sources tell of the same persons; a death
    that this registry dates late is dated as it was."""
    events = [
        graded(kind, of["registry_id"], of["onset_date"], of["grade"])
        if kind in ("crs", "icans")
        else dates(kind, of["registry_id"], of["onset_date"])
        for kind, of in told.groupby("kind")
    ]
    return true_endpoints(
        known.assign(
            key=known["registry_id"],
            registration_date=people["infusion_date"],
            death_undated=False,
        ),
        pd.concat([*events, elsewhere]),
        {"infused": people["infusion_date"]},
        ENDPOINTS,
        delivery,
    )
