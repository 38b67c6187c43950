"""One instrument in a cohort: who was expected at each visit, and the scores found there.

Joins forms, scores and people; means and counts are made of it elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
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
    cell, respondent, written_as (the instrument, or its form for an age), n_items_answered,
    n_scales of those received with an answer. set_aside: numbers of forms and utilities that were
    not used, by why. follow_up: of the people. unanswered: cell, respondent, item of the items of
    these forms that gave no answer to score; None where that was not told.
    """

    instrument: Instrument
    grid: pd.DataFrame
    scores: pd.DataFrame
    set_aside: dict[str, int]
    follow_up: FollowUp
    forms: pd.DataFrame
    unanswered: pd.DataFrame | None = None


def at_visits(
    instrument: Instrument,
    people: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    visits: tuple[Visit, ...],
    items: pd.DataFrame | None = None,
    not_asked: Collection[str] = (),
) -> AtVisits:
    """The visits of one instrument.

    `people`, `forms`, `scores` and `items` are as `inputs` makes them, of this instrument alone; a
    score without a value is a utility withheld for the age. not_asked: visits, by name, the
    instrument is not asked at.
    """
    assignment = assign(people, forms, visits)
    key = ["source", "questionnaire_id"]
    reasons = forms[[*key, "not_completed_reason"]].assign(written_as=forms["form"])
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
    scored = numbered.loc[numbered["value"].notna(), "form"]
    chosen["is_scored"] = chosen["form"].isin(scored) & chosen["is_received"]
    found = numbered.merge(
        chosen[["form", "cell", "unit", "day", "respondent"]].astype({"respondent": "category"}),
        on="form",
        how="inner",
    )
    allowed = _allowed(instrument, found, people["age_years"]) & found["value"].notna()
    set_aside = assignment.set_aside | {"utilities_outside_ages": int((~allowed).sum())}
    grid = visit_grid(people, chosen, instrument.ages, visits, not_asked)
    used = found[allowed]
    received = chosen[chosen["is_received"]]
    n_scales = received["form"].map(used["form"].value_counts()).fillna(0).astype(int)
    told = received[["cell", "respondent", "written_as", "n_items_answered"]].assign(
        n_scales=n_scales
    )
    unanswered = None
    if items is not None:
        blank = pd.DataFrame(
            {
                "form": form.get_indexer(pd.MultiIndex.from_frame(items[key])),
                "item": items["item"].to_numpy(),
            }
        )
        unanswered = received[["form", "cell", "respondent"]].merge(blank, on="form")
        unanswered = unanswered[["cell", "respondent", "item"]].drop_duplicates()
        age = completed_years(received["unit"].map(people["age_years"]), received["day"])
        told["written_as"] = _written_as(told, age, unanswered)
    return AtVisits(
        instrument,
        grid,
        used[["cell", "unit", "day", "respondent", "scale", "value"]],
        set_aside,
        follow_up_of(people),
        told.reset_index(drop=True),
        unanswered,
    )


def _written_as(forms: pd.DataFrame, age: pd.Series, unanswered: pd.DataFrame) -> pd.Series:
    """The form for an age where one came under the name of its whole series.

    It is taken for that form when the patient is of its age and left out every item it does not
    ask: nobody asked them.
    """
    written = forms["written_as"].copy()
    left_out = unanswered.groupby(["cell", "respondent"])["item"].agg(frozenset)
    keys = pd.MultiIndex.from_frame(forms[["cell", "respondent"]])
    blank = pd.Series(left_out.reindex(keys).to_numpy(), index=forms.index)
    for form in instruments().values():
        if form.series is None:
            continue
        not_asked = set(instruments()[form.series].items) - set(form.items)
        fits = (written == form.series) & within(age, (form.ages,))
        fits &= blank.map(lambda items, without=not_asked: items == items and without <= items)
        written[fits] = form.id
    return written


def _allowed(instrument: Instrument, scores: pd.DataFrame, ages_at_start: pd.Series) -> pd.Series:
    """Where a score is one its scale can give at the patient's age when the form was filled in."""
    age_at_start = scores["unit"].map(ages_at_start)
    age = completed_years(age_at_start, scores["day"])
    allowed = pd.Series(True, index=scores.index)
    for scale in instrument.utilities:
        allowed &= (scores["scale"] != scale) | within(age, instrument.ages_of(scale))
    return allowed
