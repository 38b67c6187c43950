"""The generalised gamma in Prentice's form (1974), with mu, sigma and Q, as flexsurv has it.

Belongs here: its likelihood, stable where Q nears 0. Q = 1 is Weibull, Q = 0 log-normal, Q = sigma
gamma, Q = -1 inverse Weibull. Does not belong here: those models themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.extrapolation.family import Link, Parameters
from analyses.extrapolation.sample import Sample
from analyses.extrapolation.standard_families import log_moments
from analyses.survival.arrays import Floats

#: Nearer to 0 than this Q is taken for it, so that nothing is divided by 0.
NORMAL_BELOW = 1e-9
#: Nearer to 0 than this the shape 1 / Q^2 is so large that the incomplete gamma function of scipy
#: loses its digits in the tails, and Temme's expansion has more than are needed.
TEMME_BELOW = 3e-3


@dataclass(frozen=True)
class GeneralisedGamma:
    """With w = (log t - mu) / sigma, exp(Q w) / Q^2 is gamma distributed with shape 1 / Q^2."""

    name: str = "generalised_gamma"
    parameters: tuple[str, ...] = ("mu", "sigma", "Q")
    links: tuple[Link, ...] = ("identity", "log", "identity")
    location: int = 0

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            log_time = np.log(time)
            w = (log_time - at[0]) * np.exp(-at[1])
            q = _away_from_zero(at[2])
            density = -log_time - at[1] - 0.5 * np.log(2 * np.pi)
            density = density - _stirling_rest(q**-2) - _exponential_rest(q * w) / q**2
            return np.asarray(density + self.cumulative_hazard(time, at))

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        from scipy.special import gammainc, gammaincc

        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            w = (np.log(time) - at[0]) * np.exp(-at[1])
            q = np.broadcast_to(_away_from_zero(at[2]), np.shape(w))
            shape = q**-2
            u = shape * np.exp(q * w)
            upper = np.where(q > 0, gammaincc(shape, u), gammainc(shape, u))
            hazard = -np.log(upper)
            near_normal = np.abs(q) < TEMME_BELOW
            if near_normal.any():
                hazard = np.where(near_normal, -_log_tail(q, w), hazard)
            return np.asarray(np.where(np.isneginf(w), 0.0, hazard))

    def starts(self, sample: Sample) -> list[Floats]:
        centre, spread = log_moments(sample)
        scale = float(np.log(sample.person_time / sample.events))
        return [
            np.array([scale, 0.0, 1.0]),
            np.array([centre, spread, 0.1]),
            np.array([centre - 0.5, spread, -0.7]),
        ]


def _away_from_zero(q: Floats) -> Floats:
    q = np.asarray(q, dtype=np.float64)
    return np.where(np.abs(q) < NORMAL_BELOW, NORMAL_BELOW, q)


def _log_tail(q: Floats, w: Floats) -> Floats:
    """log survival by Temme's uniform expansion (1979; DLMF 8.12) of the incomplete gamma function.

    Its first term, relative error of the order of Q^4.
    """
    from scipy.special import log_ndtr

    x = q * w
    eta = np.sign(x) * np.sqrt(2 * _exponential_rest(x))
    # Positive towards the tail of survival, whichever side of the gamma that is.
    z = eta / q
    mu = np.expm1(x)
    first = -1 / 3 + mu * (1 / 12 + mu * (-23 / 540 + mu * 353 / 12960))
    normal = log_ndtr(-z)
    ratio = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - normal)
    return np.asarray(normal + np.log1p(ratio * first * q))


def _stirling_rest(k: Floats) -> Floats:
    """log Gamma(k) less Stirling's (k - 1/2) log k - k + log(2 pi) / 2."""
    from scipy.special import gammaln

    series = 1 / (12 * k) - 1 / (360 * k**3) + 1 / (1260 * k**5)
    exact = gammaln(k) - (k - 0.5) * np.log(k) + k - 0.5 * np.log(2 * np.pi)
    return np.asarray(np.where(k > 30, series, exact))


def _exponential_rest(x: Floats) -> Floats:
    """exp(x) - 1 - x, without cancellation near 0."""
    series = x**2 / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6))))
    return np.asarray(np.where(np.abs(x) < 1e-2, series, np.expm1(x) - x))
