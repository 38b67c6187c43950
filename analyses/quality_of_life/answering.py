"""The weights that make those who answered stand for everybody alive, under drop-out at random.

How probable it was that somebody gave the answers they gave, from their earlier scores; never how
probable it was to live. The mean they weight is `while_alive`.
"""

from __future__ import annotations

import numpy as np

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.answers import Booleans, Floats

# Of those who answered the visit before (and of those who did not), so many must have answered and
# so many not, else their answering is not modelled.
FEWEST = 5
MAX_WEIGHT = 10.0
# A normal prior of this precision on every coefficient keeps them finite where all or none of a
# visit answered; on the scale of one standard deviation it weighs as a hundredth of a person.
PRECISION = 0.01
_STEPS = 50


def answering_weights(one: Answered) -> Floats:
    """Stabilised inverse-probability weights (people, visits), NaN where no score was given.

    Visit by visit, the probability that a person expected to answer does so is a logistic model
    of their last score, the visit and the stratum; one model for those who answered the visit
    before and one for those who did not. Nobody without an earlier score is modelled. A person
    whose follow-up ended counts once, as not answering the first visit after it. The weight of a
    score is the product over the visits up to its own of P(as the person did | visit, stratum,
    answered before or not) / P(as the person did | those and the last score), so that it is 1 on
    average, and at most MAX_WEIGHT. Visits at which a person was not expected give no factor.

    It is the weight of a sequential (monotone or not) missing-at-random model: Robins, Rotnitzky &
    Zhao, J Am Stat Assoc 1995;90:106-121, among those alive as in Kurland & Heagerty, Biostatistics
    2005;6:241-258.
    """
    given = ~np.isnan(one.scores)
    n_people, n_visits = given.shape
    first_lost = one.lost & (np.cumsum(one.lost, axis=1) == 1)
    at_risk = one.expected | first_lost
    last, answered_before = _history(one.scores, at_risk)
    known = at_risk & ~np.isnan(last)
    spread = np.nanstd(one.scores)
    score = (last - np.nanmean(one.scores)) / (spread if spread > 0 else 1.0)
    strata, stratum = np.unique(one.stratum, return_inverse=True)
    ratio = np.ones((n_people, n_visits))
    for before in (True, False):
        person, visit = np.nonzero(known & (answered_before == before))
        did = given[person, visit]
        if min(did.sum(), (~did).sum()) < FEWEST:
            continue
        cells = np.column_stack(
            [np.eye(n_visits)[visit], np.eye(len(strata))[stratum[person]][:, 1:]]
        )
        with_score = np.column_stack([cells, score[person, visit]])
        expected, told = _fitted(cells, did), _fitted(with_score, did)
        ratio[person, visit] = np.where(did, expected / told, (1 - expected) / (1 - told))
    weights = np.minimum(np.cumprod(ratio, axis=1), MAX_WEIGHT)
    return np.where(given, weights, np.nan)


def _history(scores: Floats, at_risk: Booleans) -> tuple[Floats, Booleans]:
    """Before each visit: the last score given, and whether the last visit expected was answered."""
    last = np.full(scores.shape, np.nan)
    answered = np.zeros(scores.shape, dtype=bool)
    for visit in range(1, scores.shape[1]):
        before = scores[:, visit - 1]
        gave = ~np.isnan(before)
        last[:, visit] = np.where(gave, before, last[:, visit - 1])
        was_asked = at_risk[:, visit - 1]
        answered[:, visit] = np.where(was_asked, gave, answered[:, visit - 1])
    return last, answered


def _fitted(design: Floats, did: Booleans) -> Floats:
    """Fitted probabilities of a logistic model, by Newton's steps with the prior above."""
    coefficients = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        probability = _inverse_logit(design @ coefficients)
        slope = design.T @ (did - probability) - PRECISION * coefficients
        curvature = design.T @ (design * (probability * (1 - probability))[:, None])
        step = np.linalg.solve(curvature + PRECISION * np.eye(len(slope)), slope)
        # A long step can overshoot where the probabilities are flat.
        coefficients = coefficients + step * min(1.0, 5.0 / np.abs(step).max(initial=1e-300))
        if np.abs(step).max() < 1e-8:
            break
    return _inverse_logit(design @ coefficients)


def _inverse_logit(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))
