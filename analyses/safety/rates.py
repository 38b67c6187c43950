"""Exposure-adjusted rates: events per person-time, with exact, robust and negative binomial limits.

Belongs here: rates of one group. Does not belong here: curves (mean_count.py) and comparison with a
reference population (standardised.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.errors import AnalysisError
from analyses.safety.events import Recurrent
from analyses.survival.arrays import Floats
from analyses.survival.limits import normal_quantile


@dataclass(frozen=True)
class IncidenceRate:
    """`rate` per unit of time. `counting`: first or all; `method`: exact_poisson, robust or
    negative_binomial. `dispersion`: Pearson's statistic per degree of freedom (all events)."""

    counting: str
    method: str
    n: int
    n_with_event: int
    n_event: int
    person_time: float
    rate: float
    ci_lower: float
    ci_upper: float
    dispersion: float


def incidence_rates(sample: Recurrent, *, confidence: float = 0.95) -> list[IncidenceRate]:
    """The rate of first events (time ends at them) and of all events, with their limits.

    First events: exact Poisson (Garwood 1936), of those without one before they came under
    observation. All events: exact Poisson, which holds only if
    events of a person do not come in clusters; robust (the sandwich of the ratio, on the log
    scale); and negative binomial with time as offset (gamma frailty), where its likelihood has a
    maximum. Robust and negative binomial limits are missing (NaN) without an event.
    """
    first = sample.first_events()
    counts, exposure = sample.counts, sample.time - sample.entry
    until_first = (np.minimum(first, sample.time) - sample.entry)[~sample.prior]
    had_first = int(np.sum(np.isfinite(first[~sample.prior])))
    had = int(np.sum(np.isfinite(first)))
    if exposure.sum() <= 0:
        raise AnalysisError("nobody has time at risk: no rate can be formed")
    dispersion = _dispersion(counts, exposure)
    firsts = _exact(
        "first",
        len(until_first),
        had_first,
        had_first,
        float(until_first.sum()),
        np.nan,
        confidence,
    )
    total = int(counts.sum())
    everything = _exact("all", sample.n, had, total, float(exposure.sum()), dispersion, confidence)
    return [
        firsts,
        everything,
        _with_limits(everything, "robust", _robust_error(counts, exposure), confidence),
        _negative_binomial(everything, counts, exposure, confidence),
    ]


def poisson_limits(
    count: float, confidence: float = 0.95, *, mid_p: bool = False
) -> tuple[float, float]:
    """Exact (Garwood) limits of a Poisson mean; with `mid_p` half the observed probability counts.

    The same as R's `poisson.test`; mid-P as `epitools::pois.exact` does not give it, by the
    equation P(X < x) + P(X = x) / 2 (Lancaster).
    """
    from scipy.special import chdtri

    tail = (1 - confidence) / 2
    if not mid_p:
        lower = 0.0 if count == 0 else float(chdtri(2 * count, 1 - tail)) / 2
        return lower, float(chdtri(2 * (count + 1), tail)) / 2
    from scipy.optimize import brentq
    from scipy.special import pdtr

    def below(mean: float) -> float:
        upto = float(pdtr(count, mean))
        under = float(pdtr(count - 1, mean)) if count > 0 else 0.0
        return (upto + under) / 2

    far = count + 10 * np.sqrt(count + 1) + 10
    upper = float(brentq(lambda mean: below(mean) - tail, max(count, 1e-9), far, xtol=1e-12))
    if count == 0:
        return 0.0, upper
    return float(brentq(lambda mean: below(mean) - 1 + tail, 1e-9, count, xtol=1e-12)), upper


def _exact(
    counting: str,
    n: int,
    had: int,
    count: int,
    time: float,
    dispersion: float,
    confidence: float,
) -> IncidenceRate:
    if time <= 0:
        nothing = float("nan")
        return IncidenceRate(
            counting, "exact_poisson", n, had, count, time, nothing, nothing, nothing, dispersion
        )
    lower, upper = poisson_limits(count, confidence)
    return IncidenceRate(
        counting,
        "exact_poisson",
        n,
        had,
        count,
        time,
        count / time,
        lower / time,
        upper / time,
        dispersion,
    )


def _with_limits(
    of: IncidenceRate, method: str, log_error: float, confidence: float, rate: float | None = None
) -> IncidenceRate:
    """The rate with limits from the standard error of its logarithm."""
    value = of.rate if rate is None else rate
    factor = float(np.exp(normal_quantile(confidence) * log_error))
    return IncidenceRate(
        of.counting,
        method,
        of.n,
        of.n_with_event,
        of.n_event,
        of.person_time,
        value,
        value / factor,
        value * factor,
        of.dispersion,
    )


def _robust_error(counts: Floats, exposure: Floats) -> float:
    """Of the log rate: the sandwich with n / (n - 1), people being independent."""
    total, n = counts.sum(), len(counts)
    if total == 0 or n < 2:
        return float("nan")
    rate = total / exposure.sum()
    squares = float(np.sum((counts - rate * exposure) ** 2))
    return float(np.sqrt(squares * n / (n - 1)) / total)


def _dispersion(counts: Floats, exposure: Floats) -> float:
    at_risk = exposure > 0
    if counts.sum() == 0 or at_risk.sum() < 2:
        return float("nan")
    mean = counts.sum() / exposure.sum() * exposure[at_risk]
    return float(np.sum((counts[at_risk] - mean) ** 2 / mean) / (at_risk.sum() - 1))


def _negative_binomial(
    of: IncidenceRate, counts: Floats, exposure: Floats, confidence: float
) -> IncidenceRate:
    """Maximum likelihood of NB2 with log time as offset; MASS::glm.nb with an offset."""
    from analyses.extrapolation.derivatives import maximise

    at_risk = exposure > 0
    y, t = counts[at_risk], exposure[at_risk]
    missing = _with_limits(of, "negative_binomial", float("nan"), confidence)
    if of.n_event == 0 or not of.dispersion > 1:
        # Without more spread than Poisson's there is no maximum but the Poisson model itself.
        return missing

    def log_likelihood(at: Floats) -> float:
        from scipy.special import gammaln

        mean, shape = np.exp(at[0]) * t, np.exp(at[1])
        terms = gammaln(y + shape) - gammaln(shape) - gammaln(y + 1)
        terms = terms + shape * np.log(shape / (shape + mean)) + y * np.log(mean / (shape + mean))
        return float(np.sum(terms))

    start = np.array([np.log(of.rate), np.log(1 / max(of.dispersion - 1, 0.05))])
    found = maximise(log_likelihood, start)
    if found.problem:
        return missing
    error = float(np.sqrt(found.covariance[0, 0]))
    rate = float(np.exp(found.at[0]))
    return _with_limits(of, "negative_binomial", error, confidence, rate)
