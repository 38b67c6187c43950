"""Fitting a parametric survival model by maximum likelihood, on counts.

Belongs here: the likelihood with delayed entry, weights, covariates and background mortality, and
what a fit is. Does not belong here: the families, and what is predicted from a fit (prediction.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.extrapolation.catalogue import family_of
from analyses.extrapolation.derivatives import Maximum, maximise
from analyses.extrapolation.family import Family, Link, natural, slope
from analyses.extrapolation.sample import Sample, sample_of
from analyses.survival.arrays import Floats
from analyses.survival.limits import normal_p_value, normal_quantile


@dataclass(frozen=True)
class ParametricFit:
    """A fitted model. `at`: parameters on their link scales, then the coefficients of `terms`.

    `root`: a square root of the covariance of `at` (inverse observed information), missing (NaN)
    when the fit did not converge; `problem` then says why, and is empty otherwise.
    `log_likelihood`, `aic`, `bic` (with the number of people, as R's `BIC`) compare models of the
    same rows; with background mortality the likelihood leaves a constant out.
    """

    family: Family
    terms: tuple[str, ...]
    at: Floats
    root: Floats
    log_likelihood: float
    n: int
    n_event: int
    last_time: float
    problem: str
    relative: bool

    @property
    def converged(self) -> bool:
        """Whether a maximum was found, with a covariance."""
        return not self.problem

    @property
    def covariance(self) -> Floats:
        """Covariance of `at`."""
        return np.asarray(self.root @ self.root.T)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return -2 * self.log_likelihood + 2 * len(self.at)

    @property
    def bic(self) -> float:
        """Bayesian information criterion."""
        return -2 * self.log_likelihood + float(np.log(self.n)) * len(self.at)

    def estimates(self, confidence: float = 0.95) -> pd.DataFrame:
        """`parameter, estimate, std_error, ci_lower, ci_upper, p_value`, parameters first.

        Estimates on their own scale, limits formed on the link scale (log of positive parameters,
        logit of a cure fraction). Coefficients of covariates are additive on the link scale of the
        family's location; only they have a p-value.
        """
        links: list[Link] = [*self.family.links]
        links += ["identity" for _ in self.terms]
        error = np.sqrt(np.diag(self.covariance))
        width = normal_quantile(confidence) * error
        value = [
            float(natural(link, at)) for link, at in zip(links, np.asarray(self.at), strict=True)
        ]
        factor = np.array([slope(link, float(at)) for link, at in zip(links, self.at, strict=True)])
        ends = [
            [
                float(natural(link, end))
                for link, end in zip(links, self.at + sign * width, strict=True)
            ]
            for sign in (-1, 1)
        ]
        coefficient = np.arange(len(self.at)) >= len(self.family.links)
        with np.errstate(invalid="ignore"):
            p_value = np.where(coefficient, normal_p_value(self.at / error), np.nan)
        return pd.DataFrame(
            {
                "parameter": [*self.family.parameters, *self.terms],
                "estimate": value,
                "std_error": error * factor,
                "ci_lower": ends[0],
                "ci_upper": ends[1],
                "p_value": p_value,
            }
        )


def fit_parametric(
    frame: pd.DataFrame,
    family: str,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    weight: str | None = None,
    background: str | None = None,
    covariates: Sequence[str] = (),
) -> ParametricFit:
    """A parametric model of the rows: R's `flexsurvreg`, `flexsurvspline`, `survreg` or cure.

    `family`: one of `FAMILIES`: exponential, weibull, gompertz, log_normal, log_logistic,
    generalised_gamma, spline_<hazard|odds|normal>_<inner knots>, mixture_cure_<family>,
    non_mixture_cure_<family>; parameters are those of flexsurv. `entry`: delayed entry, at risk in
    (entry, time]. `weight`: case weights. `background`: expected hazard of the general population
    at the end of each row, per unit of `time`; the model is then of the excess hazard (relative
    survival, Esteve et al. 1990). `covariates`: numeric columns, acting on the family's location
    (rate, scale, mu, gamma0; in a cure model on the logit of the cure fraction).

    A search that finds no maximum is a result with `converged` False, not an error. Raises
    `AnalysisError` for input without meaning and when there are fewer events than parameters.
    """
    sample = sample_of(
        frame,
        time=time,
        event=event,
        entry=entry,
        weight=weight,
        background=background,
        covariates=covariates,
    )
    return fit_sample(sample, family, relative=background is not None)


def fit_sample(sample: Sample, name: str, *, relative: bool = False) -> ParametricFit:
    """`fit_parametric` of a sample already read."""
    if sample.n_event == 0:
        raise AnalysisError("there is no event: a parametric model has nothing to be fitted on")
    family = family_of(name, sample)
    size = len(family.parameters) + len(sample.terms)
    if len(sample.event_times) < size and not (size == 1):
        raise AnalysisError(
            f"{name} has {size} parameters but only {len(sample.event_times)} distinct event times"
        )
    best: Maximum | None = None
    for start in family.starts(sample):
        whole = np.concatenate([start, np.zeros(len(sample.terms))])
        found = maximise(lambda at: log_likelihood(family, sample, at), whole)
        if best is None or _better(found, best):
            best = found
    assert best is not None
    return ParametricFit(
        family=family,
        terms=sample.terms,
        at=best.at,
        root=best.root,
        log_likelihood=best.value,
        n=sample.n,
        n_event=sample.n_event,
        last_time=float(np.max(sample.time)),
        problem=best.problem,
        relative=relative,
    )


def log_likelihood(family: Family, sample: Sample, at: Floats) -> float:
    """Log likelihood; minus infinity where it has no value."""
    parameters = parameters_at(family, at, sample.design)
    with np.errstate(all="ignore"):
        log_hazard = family.log_hazard(sample.time, parameters)
        if sample.background.any():
            log_hazard = np.logaddexp(log_hazard, np.log(sample.background))
        terms = np.where(sample.event, log_hazard, 0.0)
        terms = terms - family.cumulative_hazard(sample.time, parameters)
        if sample.entry.any():
            terms = terms + family.cumulative_hazard(sample.entry, parameters)
        total = float(np.sum(sample.weight * terms))
    return total if np.isfinite(total) else -np.inf


def parameters_at(family: Family, at: Floats, design: Floats) -> list[Floats]:
    """Each parameter on its link scale, the location one value a row of the design."""
    count = len(family.parameters)
    found = [np.asarray(at[place]) for place in range(count)]
    if len(at) > count:
        found[family.location] = found[family.location] + design @ at[count:]
    return found


def _better(one: Maximum, other: Maximum) -> bool:
    """A converged end before one that is not, unless that one is clearly higher."""
    if bool(one.problem) == bool(other.problem):
        return one.value > other.value
    gap = one.value - other.value
    return gap > 0.01 if one.problem else gap > -0.01
