"""Critical values of simultaneous bands, computed from the limiting processes.

Belongs here: how far a Brownian bridge, or one divided by its standard deviation, strays over an
interval. Does not belong here: the bands (bands.py). Published tables (Nair 1984; Hall and Wellner
1980; Klein and Moeschberger 2003, appendix C) hold the same numbers to four digits.
"""

import functools
import math
from collections.abc import Callable

import numpy as np

from analyses.survival.arrays import Floats
from analyses.survival.limits import normal_quantile

# Polynomials of the expansion of the Ornstein-Uhlenbeck process, nodes of an integral, and most
# terms of the sine series: twice as many change no value by 1e-9.
POLYNOMIALS, NODES, MOST_TERMS = 60, 240, 1000


@functools.lru_cache(maxsize=4096)
def equal_precision_value(spread: float, confidence: float) -> float:
    """c with P(|W0(x)| <= c sqrt(x (1 - x)) for x in [a, b]) = confidence.

    W0 is the Brownian bridge. `spread` is log(b (1 - a) / (a (1 - b))), for Kaplan-Meier the
    logarithm of the ratio of the Greenwood sums at the ends: the process divided by its standard
    deviation is an Ornstein-Uhlenbeck process over half of it.
    """
    pointwise = normal_quantile(confidence)
    if spread <= 0:
        return pointwise
    return _root(lambda c: _ornstein_uhlenbeck_stays(c, spread / 2), confidence, pointwise)


@functools.lru_cache(maxsize=4096)
def hall_wellner_value(start: float, end: float, confidence: float) -> float:
    """k with P(|W0(x)| <= k for x in [start, end]) = confidence; 0 <= start < end <= 1."""
    return _root(lambda k: _bridge_stays(k, start, end), confidence, 1e-3)


@functools.cache
def _gauss() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(NODES)


@functools.cache
def _polynomials() -> tuple[Floats, Floats, Floats, Floats]:
    """Nodes and weights on (-1, 1), even polynomials that vanish at the ends, their slopes."""
    y, nodes = _gauss()
    even = 2 * np.arange(POLYNOMIALS)
    legendre = np.polynomial.legendre.legvander(y, int(even[-1]) + 2)
    # (P[n + 2] - P[n])' = (2 n + 3) P[n + 1].
    slope = (2 * even + 3) * legendre[:, even + 1]
    return y, nodes, legendre[:, even + 2] - legendre[:, even], slope


def _root(probability: Callable[[float], float], confidence: float, least: float) -> float:
    from scipy.optimize import brentq

    most = max(2 * least, 1.0)
    while probability(most) < confidence:
        most *= 1.5
    return float(brentq(lambda c: probability(c) - confidence, least, most, xtol=1e-12))


def _ornstein_uhlenbeck_stays(c: float, duration: float) -> float:
    """P(|U| <= c all along), U stationary with covariance exp(-|s - t|).

    Its generator f'' - x f', absorbed at +-c, in a basis of polynomials that vanish there: the
    probability is a sum of exp(-rate * duration) over its modes (Ritz-Galerkin).
    """
    from scipy.linalg import eigh

    y, nodes, basis, slope = _polynomials()
    weight = c * nodes * np.exp(-((c * y) ** 2) / 2) / math.sqrt(2 * math.pi)
    slope = slope / c
    mass, stiffness = basis.T @ (basis * weight[:, None]), slope.T @ (slope * weight[:, None])
    scale = np.sqrt(np.diag(mass))
    rates, modes = eigh(stiffness / np.outer(scale, scale), mass / np.outer(scale, scale))
    part = modes.T @ ((basis / scale).T @ weight)
    return float(np.sum(np.exp(-rates * duration) * part**2))


def _bridge_stays(k: float, start: float, end: float) -> float:
    """P(|W0| <= k from `start` to `end`): the bridge is a Brownian motion from 0 that returns to 0
    at 1, and between the two is absorbed at +-k with a sine series."""
    # Terms beyond are below exp(-40).
    needed = math.ceil(math.sqrt(8 * 40 / max(end - start, 1e-9)) * k / math.pi)
    n = np.arange(1.0, min(needed, MOST_TERMS) + 1)
    kept = np.exp(-((n * math.pi) ** 2) * (end - start) / (8 * k**2))
    parts = _sine_part(k, start, n) * _sine_part(k, 1 - end, n)
    return float(math.sqrt(2 * math.pi) / k * np.sum(kept * parts))


def _sine_part(k: float, variance: float, n: Floats) -> Floats:
    """Integral over (-k, k) of the normal density times sin(n pi (y + k) / (2 k))."""
    deviation = math.sqrt(variance)
    if deviation < 1e-9:
        found: Floats = np.sin(n * math.pi / 2)
        return found
    reach = min(k, 9 * deviation)
    u, weight = _gauss()
    y = reach * u
    density = reach * weight * np.exp(-((y / deviation) ** 2) / 2)
    density /= deviation * math.sqrt(2 * math.pi)
    integral: Floats = np.sin(np.outer(n, (y + k) * math.pi / (2 * k))) @ density
    return integral
