"""Observed against expected events: the standardised incidence (or mortality) ratio.

Belongs here: the ratio and its limits. Does not belong here: where expected numbers come from
(analyses.reference_rates).
"""

from __future__ import annotations

from dataclasses import dataclass

from analyses.errors import AnalysisError
from analyses.safety.rates import poisson_limits


@dataclass(frozen=True)
class StandardisedRatio:
    """Observed over expected, with limits and a two-sided p-value of a ratio of 1."""

    observed: int
    expected: float
    ratio: float
    ci_lower: float
    ci_upper: float
    p_value: float


def standardised_ratio(
    observed: int, expected: float, *, confidence: float = 0.95, mid_p: bool = False
) -> StandardisedRatio:
    """Poisson limits of the observed number over the expected one, which is taken as known.

    Exact (Breslow and Day 1987) or mid-P; the p-value is twice the smaller tail, at most 1, which
    belongs to the limits. Raises `AnalysisError` unless the expected number is above 0.
    """
    if not expected > 0:
        raise AnalysisError(
            "no event is expected: nobody has time at risk, or the reference rates are 0"
        )
    from scipy.special import pdtr, pdtrc

    lower, upper = poisson_limits(observed, confidence, mid_p=mid_p)
    below = float(pdtr(observed, expected))
    above = float(pdtrc(observed - 1, expected)) if observed > 0 else 1.0
    if mid_p:
        here = below - (float(pdtr(observed - 1, expected)) if observed > 0 else 0.0)
        below, above = below - here / 2, above - here / 2
    return StandardisedRatio(
        observed=observed,
        expected=expected,
        ratio=observed / expected,
        ci_lower=lower / expected,
        ci_upper=upper / expected,
        p_value=min(1.0, 2 * min(below, above)),
    )
