"""Which form stands for which visit of whom.

By date relative to the index date; the visit a registry wrote on the form only helps where a form
that was not filled has no date. Who was expected, and any statistic, is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.quality_of_life.visits import Visit

CHOSEN = (
    "unit",
    "visit",
    "respondent",
    "day",
    "source",
    "questionnaire_id",
    "is_received",
    "n_items_answered",
)


@dataclass(frozen=True)
class Assignment:
    """`chosen`: one form per unit, visit and respondent; `set_aside`: numbers of others, by why."""

    chosen: pd.DataFrame
    set_aside: dict[str, int]


def assign(cohort: pd.DataFrame, forms: pd.DataFrame, visits: tuple[Visit, ...]) -> Assignment:
    """Gives each visit of each person at most one form per respondent.

    Args:
        cohort: unit, patient_id, start_date, death_date, cutoff_date.
        forms: of one instrument: source, patient_id, questionnaire_id, respondent, visit,
            completed_date, n_items_answered, n_items_unusable.

    A form is received when anything was answered in it, be it what cannot be scored. It goes to the
    window its date falls in. Of several in one window, those with an answer
    come first, then the closest to the nominal date, then the earlier, then the one with more
    answers, then the first identifier. Forms after death, after the cut-off, without a date or in
    no window are set aside, and so are the forms another one was preferred to. A form nobody
    answered, without a date, takes the nominal date of the visit it is labelled with.
    """
    dated = _dated(cohort, forms, visits)
    set_aside: dict[str, int] = {}

    def drop(rows: pd.DataFrame, where: pd.Series, why: str) -> pd.DataFrame:
        set_aside[why] = int((where & rows["is_received"]).sum())
        return rows[~where]

    kept = drop(dated, dated["date"].isna(), "forms_without_date")
    kept = drop(kept, kept["date"] > kept["death_date"], "forms_after_death")
    kept = drop(kept, kept["date"] > kept["cutoff_date"], "forms_after_cutoff")
    kept = kept.assign(day=(kept["date"] - kept["start_date"]).dt.days, visit=None)
    distance = pd.Series(np.inf, index=kept.index)
    for visit in visits:
        inside = kept["day"].between(visit.first_day, visit.last_day)
        kept.loc[inside, "visit"] = visit.name
        distance[inside] = (kept.loc[inside, "day"] - visit.nominal_day).abs()
    kept = drop(kept.assign(distance=distance), kept["visit"].isna(), "forms_outside_windows")
    kept = kept.sort_values(
        ["is_received", "distance", "day", "n_items_answered", "source", "questionnaire_id"],
        ascending=[False, True, True, False, True, True],
        kind="stable",
    )
    repeated = kept.duplicated(["unit", "visit", "respondent"])
    kept = drop(kept, repeated, "forms_not_preferred")
    return Assignment(kept[list(CHOSEN)].reset_index(drop=True), set_aside)


def _dated(cohort: pd.DataFrame, forms: pd.DataFrame, visits: tuple[Visit, ...]) -> pd.DataFrame:
    """Forms with the dates of the person they belong to."""
    people = cohort[["unit", "patient_id", "start_date", "death_date", "cutoff_date"]]
    joined = forms.merge(people, on="patient_id", how="inner")
    n_answered = joined["n_items_answered"].fillna(0).astype(int)
    n_unusable = joined["n_items_unusable"].fillna(0).astype(int)
    date = pd.to_datetime(joined["completed_date"])
    nominal_days = {visit.name.casefold(): visit.nominal_day for visit in visits}
    nominal = joined["visit"].map(lambda name: nominal_days.get(str(name).strip().casefold()))
    planned = joined["start_date"] + pd.to_timedelta(nominal.astype(float), unit="D")
    is_received = n_answered + n_unusable > 0
    return joined.assign(
        date=date.where(is_received | date.notna(), planned),
        is_received=is_received,
        n_items_answered=n_answered,
        respondent=joined["respondent"].fillna("self"),
    )
