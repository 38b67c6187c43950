"""Royston-Parmar models: a natural cubic spline of log time for the cumulative hazard.

Royston and Parmar, Statistics in Medicine 2002, in flexsurv's parametrisation. Belongs here: basis,
knots, three scales. Without inner knots they are Weibull, log-logistic and log-normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyses.extrapolation.family import Link, Parameters
from analyses.extrapolation.sample import Sample
from analyses.survival.arrays import Floats

Scale = Literal["hazard", "odds", "normal"]


@dataclass(frozen=True)
class Spline:
    """`knots`: logarithms of times, the first and last being the boundary.

    gamma0 + gamma1 x + gamma2 v1(x) + ..., x = log t, is log H(t) (scale hazard), the log odds of
    the event (odds) or minus the normal quantile of S (normal).
    """

    scale: Scale
    knots: tuple[float, ...]
    name: str
    location: int = 0

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(f"gamma{place}" for place in range(len(self.knots)))

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple("identity" for _ in self.knots)

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        from scipy.special import log_ndtr

        s, d = self._predictor(time, at)
        with np.errstate(divide="ignore", invalid="ignore"):
            # A spline that falls there has no hazard: the likelihood refuses it.
            log_slope = np.where(d > 0, np.log(d), -np.inf) - np.log(time)
            if self.scale == "hazard":
                return np.asarray(log_slope + s)
            if self.scale == "odds":
                return np.asarray(log_slope + s - np.logaddexp(0.0, s))
            return np.asarray(log_slope - 0.5 * s**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(-s))

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        from scipy.special import log_ndtr

        s, _ = self._predictor(time, at)
        if self.scale == "hazard":
            with np.errstate(over="ignore"):
                return np.asarray(np.exp(s))
        if self.scale == "odds":
            return np.asarray(np.logaddexp(0.0, s))
        return np.asarray(-log_ndtr(-s))

    def starts(self, sample: Sample) -> list[Floats]:
        """Least squares on the Nelson-Aalen estimate; and the model without inner knots."""
        times, hazard = nelson_aalen(sample)
        if self.scale == "hazard":
            outcome = np.log(hazard)
        elif self.scale == "odds":
            outcome = np.log(np.expm1(hazard))
        else:
            from scipy.special import ndtri

            outcome = -ndtri(np.exp(-hazard))
        x = np.log(times)
        columns = np.column_stack([np.ones_like(x), x, *self._bends(x)])
        line = np.zeros(len(self.knots))
        line[:2] = np.linalg.lstsq(columns[:, :2], outcome, rcond=None)[0]
        line[1] = max(line[1], 0.1)
        whole = np.linalg.lstsq(columns, outcome, rcond=None)[0]
        return [whole, line]

    def _predictor(self, time: Floats, at: Parameters) -> tuple[Floats, Floats]:
        """The spline and its derivative by log time; minus infinity at time 0."""
        with np.errstate(divide="ignore"):
            x = np.log(np.asarray(time, dtype=np.float64))
        at_zero = np.isneginf(x)
        inside = np.where(at_zero, self.knots[0], x)
        s = at[0] + at[1] * inside
        d = at[1] + np.zeros_like(inside)
        for place, (value, bend) in enumerate(
            zip(self._bends(inside), self._bends(inside, derivative=True), strict=True), start=2
        ):
            s = s + at[place] * value
            d = d + at[place] * bend
        return np.where(at_zero, -np.inf, s), d

    def _bends(self, x: Floats, *, derivative: bool = False) -> list[Floats]:
        first, last = self.knots[0], self.knots[-1]
        power, factor = (2, 3.0) if derivative else (3, 1.0)

        def cubed(knot: float) -> Floats:
            return np.asarray(factor * np.maximum(x - knot, 0.0) ** power)

        found = []
        for knot in self.knots[1:-1]:
            share = (last - knot) / (last - first)
            found.append(cubed(knot) - share * cubed(first) - (1 - share) * cubed(last))
        return found


def spline_of(sample: Sample, scale: Scale, inner: int, name: str) -> Spline:
    """`inner` knots at quantiles of the log event times, as flexsurv places them."""
    logs = np.repeat(
        np.log(sample.time[sample.event]),
        np.maximum(1, np.rint(sample.weight[sample.event])).astype(int),
    )
    places = np.quantile(logs, np.linspace(0, 1, inner + 2))
    return Spline(scale, tuple(float(place) for place in places), name)


def nelson_aalen(sample: Sample) -> tuple[Floats, Floats]:
    """Event times and the Nelson-Aalen estimate a little before its next jump, never 0."""
    times = sample.event_times
    deaths = np.array([sample.weight[sample.event & (sample.time == t)].sum() for t in times])
    at_risk = np.array(
        [sample.weight[(sample.entry < t) & (sample.time >= t)].sum() for t in times]
    )
    jumps = deaths / at_risk
    return times, np.cumsum(jumps) - jumps / 2
