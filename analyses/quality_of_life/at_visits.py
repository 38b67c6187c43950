"""One instrument in a cohort: who was expected at each visit, and the scores found there.

Joins forms, scores and people; means and counts are made of it elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analyses.quality_of_life.assignment import assign
from analyses.quality_of_life.expected import completed_years, visit_grid, within
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.visits import Visit


@dataclass(frozen=True)
class AtVisits:
    """One instrument in a cohort.

    grid: one row per person and visit (`expected.visit_grid`). scores: unit, stratum, visit,
    respondent, scale, value of the form chosen for a visit. set_aside: numbers of forms and
    utilities that were not used, by why.
    """

    instrument: Instrument
    grid: pd.DataFrame
    scores: pd.DataFrame
    set_aside: dict[str, int]


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
    reasons = forms[[*key, "not_completed_reason"]].drop_duplicates(key)
    chosen = assignment.chosen.merge(reasons, on=key, how="left", validate="m:1")
    form = pd.MultiIndex.from_frame(chosen[key])
    chosen["is_scored"] = form.isin(pd.MultiIndex.from_frame(scores[key])) & chosen["is_received"]
    grid = visit_grid(people, chosen, instrument.ages, visits)
    found = chosen.merge(scores[[*key, "scale", "value"]], on=key, how="inner")
    found = found.merge(people[["unit", "stratum", "age_years"]], on="unit")
    allowed = _allowed(instrument, found)
    set_aside = assignment.set_aside | {"utilities_outside_ages": int((~allowed).sum())}
    return AtVisits(instrument, grid, found[allowed], set_aside)


def _allowed(instrument: Instrument, scores: pd.DataFrame) -> pd.Series:
    """Where a score is one its scale can give at the patient's age when the form was filled in."""
    age = completed_years(scores["age_years"], scores["day"])
    allowed = pd.Series(True, index=scores.index)
    for scale in instrument.utilities:
        allowed &= (scores["scale"] != scale) | within(age, instrument.ages_of(scale))
    return allowed
