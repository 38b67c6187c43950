"""The deterioration of one scale in a cohort: from forms and scores to rows of time and event.

Takes the columns of marts.questionnaire_form and marts.questionnaire_score, reads no database; the
rules are `deterioration`.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.deterioration import Choices, Death, time_to_deterioration
from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint
from analyses.quality_of_life.evaluation import instrument_at_visits
from analyses.quality_of_life.expected import BY_DESIGN
from analyses.quality_of_life.inputs import people_of
from analyses.quality_of_life.visits import DEFAULT_VISITS, Visit


def deterioration_of(
    endpoint: str,
    cohort: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    death: Death = "event",
    visits: tuple[Visit, ...] = DEFAULT_VISITS,
    not_asked: Collection[str] = (),
    threshold: float | None = None,
) -> pd.DataFrame:
    """Time to deterioration of a scale in a cohort, as the endpoint's name chooses.

    Args:
        endpoint: `deterioration:<instrument>:<scale>[:<respondent>][@<choices>]`; without choices
            the first deterioration against the baseline.
        cohort, forms, scores: as `evaluate` takes them.
        death: an event, censored at the last score, or a competing event, where the endpoint does
            not choose. visits: whose forms count. not_asked: names of those the instrument is not
            asked at by design, which nobody misses.

    The threshold is the instrument's minimal important difference for a deterioration, unless the
    endpoint says another; the scores are those of the forms chosen for a visit, at the days they
    were given.

    Returns:
        patient_id, stratum, entry (day of registration: at risk in (entry, time]), time, event,
        cause, reason: one row a person; see `time_to_deterioration`.

    Raises:
        AnalysisError: the instrument is not registered, has no such scale or no important
            difference of it, or a frame lacks a column.
    """
    try:
        asked = deterioration_endpoint(endpoint)
    except ValueError as problem:
        raise AnalysisError(str(problem)) from None
    instrument, scale = asked.instrument, asked.scale
    people = people_of(cohort)
    one = instrument_at_visits(
        instrument, people, forms, scores, visits=visits, not_asked=not_asked
    )
    given = one.scores[
        (one.scores["scale"] == scale) & (one.scores["respondent"] == asked.respondent)
    ].rename(columns={"day": "time"})
    dies = (people["death_date"] - people["start_date"]).dt.days.astype(float)
    whom = people[["unit", "patient_id", "stratum"]].assign(
        entry=people["entry_days"],
        death_time=dies,
        observed_until=_observed_until(people, given, visits, one.grid),
    )
    choices: Choices = {"death": death, **asked.choices}
    table = time_to_deterioration(
        given[["unit", "time", "value"]],
        whom,
        threshold=asked.points_or(threshold),
        higher_is="better" if instrument.towards_better(scale) > 0 else "worse",
        **choices,
    )
    return table.drop(columns="unit")


def _observed_until(
    people: pd.DataFrame, given: pd.DataFrame, visits: tuple[Visit, ...], grid: pd.DataFrame
) -> pd.Series:
    """The day each person stops being observed, whatever became of them: the end of the window of
    the first visit after their last score, which they missed, or of the last visit; at most the end
    of follow-up, or the death within it.

    A visit by design without a form of theirs (not asked, not of the age, before registration) is
    not missed. Known from the forms and the plan alone, so that who dies and who lives leave by
    one rule.
    """
    last = people["unit"].map(given.groupby("unit")["time"].max()).fillna(0.0)
    ends = pd.Series(float(max(visit.last_day for visit in visits)), people.index)
    by_design = grid[grid["reason"].isin(BY_DESIGN)]
    for visit in sorted(visits, key=lambda planned: planned.first_day, reverse=True):
        excused = people["unit"].isin(by_design.loc[by_design["visit"] == visit.name, "unit"])
        ends = ends.mask((last < visit.first_day) & ~excused, float(visit.last_day))
    died = people["death_date"] <= people["cutoff_date"]
    followed = people["end_of_follow_up"].mask(died, people["death_date"])
    return ends.clip(upper=(followed - people["start_date"]).dt.days.astype(float))
