"""The means whose estimand says what a death is: composite, and that of the survivors.

Both stand on the while-alive mean, weighted for drop-out (`while_alive`); what would be if nobody
died is the mixed model's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.answering import answering_weights
from analyses.quality_of_life.answers import Booleans
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.observed_mean import CONFIDENCE
from analyses.quality_of_life.while_alive import weighted_curve

# Cumulative mortality from which the estimands that count deaths are shown beside the others.
MORTALITY_SMALL = 0.05
# The last visit is the last one at which so many people gave a score.
FEWEST_AT_LAST = 10


def last_visit(one: Answered) -> int | None:
    """The last visit enough people gave a score at, by its place; None where there is none."""
    enough = np.flatnonzero((~np.isnan(one.scores)).sum(axis=0) >= FEWEST_AT_LAST)
    return int(enough[-1]) if len(enough) else None


def composite_curve(
    while_alive: pd.DataFrame, followed: FollowUp, days: Mapping[str, float], worst: float
) -> pd.DataFrame:
    """Rows of method `composite`: everybody's mean with the dead at `worst`.

    S m + (1 - S) worst, with Kaplan-Meier survival S at the visit's nominal day and the while-alive
    mean m. Variance S^2 var(m) + (m - worst)^2 var(S): among people still observed the two are
    uncorrelated, since m is a mean given survival. Limits are normal. Columns as the while-alive
    rows; none beyond the last day survival is known at.
    """
    from scipy.special import ndtri

    if while_alive.empty:
        return while_alive
    alive = followed.alive_at(sorted(set(days.values())))
    alive = alive.rename(columns={"std_error": "error_of_survival"})
    rows = while_alive.assign(time=while_alive["visit"].map(days)).merge(
        alive, on=["stratum", "time"], how="inner"
    )
    rows = rows.dropna(subset=["survival", "error_of_survival"])
    gap = rows["mean"] - worst
    error = np.hypot(rows["survival"] * rows["std_error"], gap * rows["error_of_survival"])
    mean = worst + rows["survival"] * gap
    half = ndtri(0.5 + CONFIDENCE / 2) * error
    found = rows.assign(mean=mean, std_error=error, ci_lower=mean - half, ci_upper=mean + half)
    return found[list(while_alive.columns)].reset_index(drop=True)


def survivors_curve(one: Answered, followed: FollowUp, days: Mapping[str, float]) -> pd.DataFrame:
    """Rows of method `survivors`: the mean of those who live to the last visit.

    The principal stratum of people alive at the last visit (`last_visit`) under the treatment they
    had: the same people at every visit, so that the curve is not lifted by the deaths of the
    unwell. They are those with a score there or followed to its nominal day and registered by it;
    people censored before are left out, as if at random. Their scores have the weights of answering
    of the whole cohort. In a comparison of groups it is not the effect in those who would live
    under either treatment. n_expected and n_completed are of them too.
    """
    last = last_visit(one)
    if last is None:
        return pd.DataFrame()
    day = days[one.visits[last]]
    seen = (followed.time >= day) & (followed.entries <= day)
    lives = seen | ~np.isnan(one.scores[:, last])
    weights = answering_weights(one)
    scores = np.where(lives[:, None], one.scores, np.nan)
    scores[:, last + 1 :] = np.nan
    table, _ = weighted_curve(replace(one, scores=scores), weights)
    return table.merge(_numbers(one, lives), on=["stratum", "visit"], validate="1:1")


def _numbers(one: Answered, lives: Booleans) -> pd.DataFrame:
    """stratum, visit, n_expected and n_completed of the people who live."""
    parts = []
    for stratum in np.unique(one.stratum):
        of = lives & (one.stratum == stratum)
        parts.append(
            pd.DataFrame(
                {
                    "stratum": stratum,
                    "visit": one.visits,
                    "n_expected": one.expected[of].sum(axis=0),
                    "n_completed": (~np.isnan(one.scores[of])).sum(axis=0),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def mortality(one: Answered, followed: FollowUp, days: Mapping[str, float]) -> float:
    """The largest share of a stratum dead at the last visit, at least; 0 without such a visit.

    Forms may come before the visit's nominal day and follow-up end in between: what is known of
    deaths until then counts (`FollowUp.least_mortality`).
    """
    last = last_visit(one)
    return 0.0 if last is None else followed.least_mortality(days[one.visits[last]])
