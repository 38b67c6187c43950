"""Who was expected to answer at a visit, and why an answer is missing.

Deaths are not missing data, nor are visits that lie after the cut-off, visits the questionnaire is
not asked at or questionnaires not made for somebody's age: these people are not expected. Counting
is `completion`, means are `observed_mean`.

Expected at a visit is who answered in its window, and who, on its nominal day, is alive, still in
follow-up, registered, not beyond the cut-off and of an age the instrument is for. The first half
keeps an answer given early in the window by somebody who dies or leaves before the nominal day: it
is data, and without it more forms could be completed than expected. A visit whose window is still
open at the cut-off is expected from its nominal day on. Who is registered after the nominal day is
known to have lived so long: a form of theirs counts, but none is waited for.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from analyses.quality_of_life.scale import Ages
from analyses.quality_of_life.visits import Visit

DEATH = "death"
AFTER_CUTOFF = "visit_after_cutoff"
FOLLOW_UP_ENDED = "follow_up_ended"
NOT_REGISTERED = "not_yet_registered"
NOT_ASKED = "not_asked_at_visit"
OUT_OF_AGE = "not_for_this_age"
NO_SCORE = "form_without_score"
NO_FORM = "no_form_received"
# Nobody was to fill in a form then, as was known beforehand.
BY_DESIGN = (NOT_ASKED, NOT_REGISTERED, OUT_OF_AGE)


def completed_years(age_at_start: pd.Series, day: pd.Series | int) -> pd.Series:
    """Age in completed years so many days after the index date; NaN when the age is unknown."""
    return np.floor(age_at_start.astype(float) + day / 365.25)


def within(age: pd.Series, limits: tuple[Ages, ...]) -> pd.Series:
    """Where an age, in completed years, is inside every limit; False where it is unknown."""
    inside = age.notna()
    for ages in limits:
        inside &= age >= ages.minimum
        if ages.maximum is not None:
            inside &= age <= ages.maximum
    return inside


def visit_grid(
    cohort: pd.DataFrame,
    chosen: pd.DataFrame,
    ages: Ages,
    visits: tuple[Visit, ...],
    not_asked: Collection[str] = (),
) -> pd.DataFrame:
    """One row per person and visit, for one instrument.

    Args:
        cohort: unit, stratum, start_date, end_of_follow_up, death_date, cutoff_date, age_years,
            entry_days (day of registration).
        chosen: unit, visit, is_received, is_scored, not_completed_reason of the forms assigned.
        ages: those the instrument is for. not_asked: names of visits it is not asked at by design.

    Returns:
        Visit by visit in the order given, within a visit person by person in the order of the
        cohort: unit, stratum, visit, age, is_expected, is_completed (expected, with a score) and
        reason, which is empty when completed. Nobody is beyond age limits whose age is unknown.
    """
    parts = []
    for visit in visits:
        here = chosen[chosen["visit"] == visit.name]
        parts.append(_at_visit(cohort, here, ages, visit, is_asked=visit.name not in not_asked))
    return pd.concat(parts, ignore_index=True)


def _at_visit(
    cohort: pd.DataFrame, here: pd.DataFrame, ages: Ages, visit: Visit, *, is_asked: bool
) -> pd.DataFrame:
    unit = cohort["unit"]
    is_received = unit.isin(here.loc[here["is_received"], "unit"])
    is_completed = unit.isin(here.loc[here["is_scored"], "unit"])
    told = here.dropna(subset=["not_completed_reason"]).drop_duplicates("unit")
    delivered = unit.map(told.set_index("unit")["not_completed_reason"])

    nominal_date = cohort["start_date"] + pd.Timedelta(days=visit.nominal_day)
    age = completed_years(cohort["age_years"], visit.nominal_day)
    # The first that holds is the reason; only the last three are of people who were expected.
    absences = [
        (is_completed, None),
        (is_received, NO_SCORE),
        (pd.Series(not is_asked, index=cohort.index), NOT_ASKED),
        (cohort["death_date"] <= nominal_date, DEATH),
        (cohort["cutoff_date"] < nominal_date, AFTER_CUTOFF),
        (cohort["end_of_follow_up"] < nominal_date, FOLLOW_UP_ENDED),
        (cohort["entry_days"] > visit.nominal_day, NOT_REGISTERED),
        (age.notna() & ~within(age, (ages,)), OUT_OF_AGE),
    ]
    reason = delivered.fillna(NO_FORM).astype(object)
    for applies, why in reversed(absences):
        reason[applies] = why
    absent = pd.concat([applies for applies, _ in absences[2:]], axis=1).any(axis=1)
    return pd.DataFrame(
        {
            "unit": unit,
            "stratum": cohort["stratum"],
            "visit": visit.name,
            "age": age,
            "is_expected": is_received | ~absent,
            "is_completed": is_completed,
            "reason": reason,
        }
    )
