"""The deterioration of one scale in a cohort: from forms and scores to rows of time and event.

Takes the columns of marts.questionnaire_form and marts.questionnaire_score, reads no database; the
rules are `deterioration`.
"""

from __future__ import annotations

import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.deterioration import Death, time_to_deterioration
from analyses.quality_of_life.evaluation import instrument_at_visits
from analyses.quality_of_life.inputs import people_of
from analyses.quality_of_life.registry import find_instrument


def deterioration_of(
    endpoint: str,
    cohort: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    death: Death = "event",
) -> pd.DataFrame:
    """Time to the first deterioration of a scale against its baseline, in a cohort.

    Args:
        endpoint: `deterioration:<instrument>:<scale>`, or `...:<scale>:<respondent>`.
        cohort, forms, scores: as `evaluate` takes them.
        death: an event, censored at the last score, or a competing event.

    The threshold is the instrument's minimal important difference for a deterioration; the scores
    are those of the forms chosen for a visit, at the days they were given.

    Returns:
        patient_id, stratum, time, event, cause, reason: one row a person; see
        `time_to_deterioration`.

    Raises:
        AnalysisError: the instrument is not registered, has no such scale or no important
            difference of it, or a frame lacks a column.
    """
    name, scale, respondent = _parts(endpoint)
    instrument = find_instrument(name)
    if scale not in instrument.scale_names:
        message = f"{instrument.id} has no scale {scale}"
        raise AnalysisError(message)
    difference = instrument.important_difference(scale)
    if difference is None:
        message = f"no minimal important difference of {instrument.id} {scale} is known"
        raise AnalysisError(message)
    people = people_of(cohort)
    one = instrument_at_visits(instrument, people, forms, scores)
    given = one.scores[
        (one.scores["scale"] == scale) & (one.scores["respondent"] == respondent)
    ].rename(columns={"day": "time"})
    dies = (people["death_date"] - people["start_date"]).dt.days.astype(float)
    whom = people[["unit", "patient_id", "stratum"]].assign(death_time=dies)
    table = time_to_deterioration(
        given[["unit", "time", "value"]],
        whom,
        threshold=difference.deterioration,
        higher_is="better" if instrument.towards_better(scale) > 0 else "worse",
        death=death,
    )
    return table.drop(columns="unit")


def _parts(endpoint: str) -> tuple[str, str, str]:
    """Instrument, scale and respondent of an endpoint."""
    parts = endpoint.split(":")
    if len(parts) not in (3, 4) or parts[0] != "deterioration":
        message = f"{endpoint} is not written as deterioration:<instrument>:<scale>"
        raise AnalysisError(message)
    return parts[1], parts[2], parts[3] if len(parts) == 4 else "self"
