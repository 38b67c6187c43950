"""One instrument in a cohort: who was expected at each visit, and the scores found there.

Joins forms, scores and people; means and counts are made of it elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analyses.quality_of_life.assignment import assign
from analyses.quality_of_life.expected import completed_years, visit_grid, within
from analyses.quality_of_life.follow_up import FollowUp, follow_up_of
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.registry import instruments
from analyses.quality_of_life.visits import Visit


@dataclass(frozen=True)
class AtVisits:
    """One instrument in a cohort.

    grid: one row per person and visit (`expected.visit_grid`). scores: cell (the row of the grid),
    unit, day (since the start), respondent, scale, value of the forms chosen for a visit. forms:
    cell, respondent, n_items, n_items_answered, n_scales of those received with an answer.
    set_aside: numbers of forms and utilities that were not used, by why. follow_up: of the people.
    """

    instrument: Instrument
    grid: pd.DataFrame
    scores: pd.DataFrame
    set_aside: dict[str, int]
    follow_up: FollowUp
    forms: pd.DataFrame


def at_visits(
    instrument: Instrument,
    people: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    visits: tuple[Visit, ...],
) -> AtVisits:
    """The visits of one instrument.

    `people`, `forms` and `scores` are as `inputs` makes them, forms and scores of this instrument
    alone and scores without empty values.
    """
    assignment = assign(people, forms, visits)
    key = ["source", "questionnaire_id"]
    items = {one.id: len(one.items) for one in instruments().values()}
    reasons = forms[[*key, "not_completed_reason"]].assign(n_items=forms["form"].map(items))
    reasons = reasons.drop_duplicates(key)
    reasons = reasons.replace({"not_completed_reason": {"": None}})
    chosen = assignment.chosen.merge(reasons, on=key, how="left", validate="m:1")
    places = {visit.name: place for place, visit in enumerate(visits)}
    chosen["cell"] = chosen["visit"].map(places).astype(int) * len(people) + chosen["unit"]
    # The keys are long texts and the scores many: they are compared once, then forms are numbers.
    form = pd.MultiIndex.from_frame(forms[key].drop_duplicates())
    chosen["form"] = form.get_indexer(pd.MultiIndex.from_frame(chosen[key]))
    numbered = pd.DataFrame(
        {
            "form": form.get_indexer(pd.MultiIndex.from_frame(scores[key])),
            "scale": scores["scale"].astype("category").to_numpy(),
            "value": scores["value"].to_numpy(dtype=float),
        }
    )
    chosen["is_scored"] = chosen["form"].isin(numbered["form"]) & chosen["is_received"]
    found = numbered.merge(
        chosen[["form", "cell", "unit", "day", "respondent"]].astype({"respondent": "category"}),
        on="form",
        how="inner",
    )
    allowed = _allowed(instrument, found, people["age_years"])
    set_aside = assignment.set_aside | {"utilities_outside_ages": int((~allowed).sum())}
    grid = visit_grid(people, chosen, instrument.ages, visits)
    columns = ["cell", "unit", "day", "respondent", "scale", "value"]
    used = found.loc[allowed, columns]
    received = chosen[chosen["is_received"]]
    n_scales = received["form"].map(numbered["form"].value_counts()).fillna(0).astype(int)
    told = received[["cell", "respondent", "n_items", "n_items_answered"]].assign(n_scales=n_scales)
    return AtVisits(
        instrument, grid, used, set_aside, follow_up_of(people), told.reset_index(drop=True)
    )


def _allowed(instrument: Instrument, scores: pd.DataFrame, ages_at_start: pd.Series) -> pd.Series:
    """Where a score is one its scale can give at the patient's age when the form was filled in."""
    age_at_start = scores["unit"].map(ages_at_start)
    age = completed_years(age_at_start, scores["day"])
    allowed = pd.Series(True, index=scores.index)
    for scale in instrument.utilities:
        allowed &= (scores["scale"] != scale) | within(age, instrument.ages_of(scale))
    return allowed
