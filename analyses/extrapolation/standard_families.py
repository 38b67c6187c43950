"""Exponential, Weibull, Gompertz, log-normal, log-logistic models, parametrised as flexsurv does.

Belongs here: their hazards and where to begin. Does not belong here: the generalised gamma, splines
and cure models, which contain some of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.extrapolation.family import Link, Parameters
from analyses.extrapolation.sample import Sample
from analyses.survival.arrays import Floats


def _log(time: Floats) -> Floats:
    """Logarithm of times, minus infinity at 0 without a warning."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(time))


@dataclass(frozen=True)
class Exponential:
    """Constant hazard `rate`."""

    name: str = "exponential"
    parameters: tuple[str, ...] = ("rate",)
    links: tuple[Link, ...] = ("log",)
    location: int = 0

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        return np.asarray(at[0] + np.zeros_like(time))

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        return np.asarray(np.exp(at[0]) * time)

    def starts(self, sample: Sample) -> list[Floats]:
        return [np.array([np.log(sample.events / sample.person_time)])]


@dataclass(frozen=True)
class Weibull:
    """S = exp(-(t / scale)^shape): an accelerated failure time, as `survreg` has it."""

    name: str = "weibull"
    parameters: tuple[str, ...] = ("shape", "scale")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        shape = np.exp(at[0])
        return np.asarray(at[0] - at[1] + (shape - 1) * (_log(time) - at[1]))

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        return np.asarray(np.exp(np.exp(at[0]) * (_log(time) - at[1])))

    def starts(self, sample: Sample) -> list[Floats]:
        scale = np.log(sample.person_time / sample.events)
        return [np.array([0.0, scale]), np.array([-0.5, scale])]


@dataclass(frozen=True)
class Gompertz:
    """h = rate exp(shape t); a negative shape leaves some who never have the event."""

    name: str = "gompertz"
    parameters: tuple[str, ...] = ("shape", "rate")
    links: tuple[Link, ...] = ("identity", "log")
    location: int = 1

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        return np.asarray(at[1] + at[0] * time)

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        x = np.asarray(at[0] * time)
        # (exp(x) - 1) / x, 1 + x / 2 where x is too small to divide by.
        small = np.abs(x) < 1e-8
        ratio = np.where(small, 1 + x / 2, np.expm1(x) / np.where(small, 1.0, x))
        return np.asarray(np.exp(at[1]) * time * ratio)

    def starts(self, sample: Sample) -> list[Floats]:
        rate = np.log(sample.events / sample.person_time)
        per = 1.0 / float(np.max(sample.time))
        return [np.array([0.0, rate]), np.array([-per, rate + 0.5])]


@dataclass(frozen=True)
class LogNormal:
    """log T is normal with mean `meanlog` and standard deviation `sdlog`."""

    name: str = "log_normal"
    parameters: tuple[str, ...] = ("meanlog", "sdlog")
    links: tuple[Link, ...] = ("identity", "log")
    location: int = 0

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        z = (_log(time) - at[0]) * np.exp(-at[1])
        density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) - at[1] - _log(time)
        return np.asarray(density + self.cumulative_hazard(time, at))

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        from scipy.special import log_ndtr

        return np.asarray(-log_ndtr(-(_log(time) - at[0]) * np.exp(-at[1])))

    def starts(self, sample: Sample) -> list[Floats]:
        return [np.array([*log_moments(sample)])]


@dataclass(frozen=True)
class LogLogistic:
    """S = 1 / (1 + (t / scale)^shape)."""

    name: str = "log_logistic"
    parameters: tuple[str, ...] = ("shape", "scale")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        x = np.exp(at[0]) * (_log(time) - at[1])
        return np.asarray(at[0] + x - _log(time) - np.logaddexp(0.0, x))

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        return np.asarray(np.logaddexp(0.0, np.exp(at[0]) * (_log(time) - at[1])))

    def starts(self, sample: Sample) -> list[Floats]:
        centre, spread = log_moments(sample)
        return [np.array([np.log(1.7) - spread, centre])]


def log_moments(sample: Sample) -> tuple[float, float]:
    """Mean of log times, moved up for those censored, and log of their standard deviation."""
    weight = sample.weight / sample.weight.sum()
    logs = np.log(sample.time)
    centre = float(np.sum(weight * logs))
    spread = float(np.sqrt(np.sum(weight * (logs - centre) ** 2)))
    share = sample.events / float(sample.weight.sum())
    return centre + 0.8 * (1 - share), float(np.log(max(spread, 0.2)))
