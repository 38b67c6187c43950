"""The covariance that maximises the restricted likelihood.

Newton's steps, halved until they lead up, with the expected information where the observed one is
not positive definite. Whether the data suffice is said before and after; the likelihood itself is
`likelihood`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.errors import AnalysisError
from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.repeated_measures.likelihood import Likelihood, duplication
from analyses.quality_of_life.repeated_measures.patterns import Patterns

MAX_STEPS = 100
MAX_HALVINGS = 30
# Half the decrement is what the log-likelihood still has to gain; at 1e-13 estimates are exact to
# about 1e-7 of their standard error.
DECREMENT = 1e-13
# A covariance this close to singular says that one visit is told by the others: no maximum inside.
MAX_CONDITION = 1e7


class NotConvergedError(AnalysisError):
    """The restricted likelihood has no maximum that was found; no estimate is given."""


@dataclass(frozen=True)
class Fit:
    """The likelihood at its maximum, and the number of steps it took."""

    likelihood: Likelihood
    n_steps: int


def maximise(patterns: Patterns, estimable: Booleans) -> Fit:
    """The maximum of the restricted likelihood.

    Raises NotConvergedError when no maximum is found, or it lies where the covariance is singular.
    """
    at = Likelihood(patterns, estimable, _start(patterns, estimable))
    for step in range(1, MAX_STEPS + 1):
        try:
            direction = _direction(at)
        except np.linalg.LinAlgError:
            raise NotConvergedError(_because("its information is singular", patterns)) from None
        gain = float(at.gradient @ direction)
        if gain < DECREMENT:
            return Fit(_checked(at, patterns), step)
        at = _climb(at, direction, gain)
    raise NotConvergedError(_because(f"there is no end after {MAX_STEPS} steps", patterns))


def _start(patterns: Patterns, estimable: Booleans) -> Floats:
    """Variances of the residuals of a model without correlation, and correlations of a half."""
    alone = Likelihood(patterns, estimable, np.eye(patterns.n_visits))
    b = alone.coefficients.reshape(patterns.n_visits, -1)
    squares = np.einsum("pjj->j", patterns.yy) - 2 * np.einsum("jk,pkj->j", b, patterns.zy)
    squares = squares + np.einsum(
        "pj,jk,pkm,jm->j", patterns.mask.astype(float), b, patterns.zz, b, optimize=True
    )
    n_given = np.diagonal(patterns.answered_together())
    n_free = np.maximum(n_given - estimable.reshape(patterns.n_visits, -1).sum(axis=1), 1)
    variance = squares / n_free
    if (variance <= 1e-12).any():
        raise NotConvergedError(_because("all scores of a visit are the same", patterns))
    deviation = np.sqrt(variance)
    return np.asarray(np.outer(deviation, deviation) * (0.5 + 0.5 * np.eye(len(deviation))))


def _direction(at: Likelihood) -> Floats:
    """Newton's step where it leads up, else that of Fisher's scoring."""
    for information in (at.observed_information, at.expected_information):
        try:
            np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            continue
        return np.asarray(np.linalg.solve(information, at.gradient))
    raise np.linalg.LinAlgError


def _climb(at: Likelihood, direction: Floats, gain: float) -> Likelihood:
    """The next covariance: the longest of the halved steps that is valid and leads up."""
    n_visits = at.patterns.n_visits
    step = (duplication(n_visits) @ direction).reshape(n_visits, n_visits)
    length = 1.0
    for _ in range(MAX_HALVINGS):
        ahead = Likelihood(at.patterns, at.estimable, at.sigma + length * step)
        try:
            np.linalg.cholesky(ahead.sigma)
            # Near the maximum the gain is below the rounding error of the likelihood itself.
            if ahead.value >= at.value + 1e-4 * length * gain - 1e-9 * abs(at.value) * (
                gain < 1e-6
            ):
                return ahead
        except np.linalg.LinAlgError:
            pass
        length /= 2
    raise NotConvergedError(_because("no step leads up", at.patterns))


def _checked(at: Likelihood, patterns: Patterns) -> Likelihood:
    """The maximum itself, refused where the correlations are nearly singular."""
    deviation = np.sqrt(np.diagonal(at.sigma))
    if np.linalg.cond(at.sigma / np.outer(deviation, deviation)) > MAX_CONDITION:
        raise NotConvergedError(_because("the covariance is nearly singular", patterns))
    return at


def _because(why: str, patterns: Patterns) -> str:
    people, visits = int(patterns.n.sum()), patterns.n_visits
    return (
        f"the mixed model did not converge, {why} ({people} people, {visits} visits); "
        "leave out visits few people answered"
    )
