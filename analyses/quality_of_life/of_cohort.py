"""The deterioration of one scale in a cohort: from forms and scores to rows of time and event.

Takes the columns of marts.questionnaire_form and marts.questionnaire_score, reads no database; the
rules are `deterioration`.
"""

from __future__ import annotations

import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.deterioration import Choices, Death, time_to_deterioration
from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint
from analyses.quality_of_life.evaluation import instrument_at_visits
from analyses.quality_of_life.inputs import people_of


def deterioration_of(
    endpoint: str,
    cohort: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    death: Death = "event",
) -> pd.DataFrame:
    """Time to deterioration of a scale in a cohort, as the endpoint's name chooses.

    Args:
        endpoint: `deterioration:<instrument>:<scale>[:<respondent>][@<choices>]`; without choices
            the first deterioration against the baseline.
        cohort, forms, scores: as `evaluate` takes them.
        death: an event, censored at the last score, or a competing event, where the endpoint does
            not choose.

    The threshold is the instrument's minimal important difference for a deterioration; the scores
    are those of the forms chosen for a visit, at the days they were given.

    Returns:
        patient_id, stratum, time, event, cause, reason: one row a person; see
        `time_to_deterioration`.

    Raises:
        AnalysisError: the instrument is not registered, has no such scale or no important
            difference of it, or a frame lacks a column.
    """
    try:
        asked = deterioration_endpoint(endpoint)
    except ValueError as problem:
        raise AnalysisError(str(problem)) from None
    instrument, scale = asked.instrument, asked.scale
    difference = instrument.important_difference(scale)
    assert difference is not None  # the endpoint would have been refused
    people = people_of(cohort)
    one = instrument_at_visits(instrument, people, forms, scores)
    given = one.scores[
        (one.scores["scale"] == scale) & (one.scores["respondent"] == asked.respondent)
    ].rename(columns={"day": "time"})
    dies = (people["death_date"] - people["start_date"]).dt.days.astype(float)
    whom = people[["unit", "patient_id", "stratum"]].assign(death_time=dies)
    choices: Choices = {"death": death, **asked.choices}
    table = time_to_deterioration(
        given[["unit", "time", "value"]],
        whom,
        threshold=difference.deterioration,
        higher_is="better" if instrument.towards_better(scale) > 0 else "worse",
        **choices,
    )
    return table.drop(columns="unit")
