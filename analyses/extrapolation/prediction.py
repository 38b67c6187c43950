"""What follows from a fitted model: survival, hazard, and the mean to a horizon, with limits.

Belongs here: curves and means of one fit. Does not belong here: fitting (fit.py); the general
population's survival, which comes from `analyses.reference_rates` and is given here as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.extrapolation.derivatives import jacobian
from analyses.extrapolation.fit import ParametricFit, parameters_at
from analyses.survival.arrays import Floats
from analyses.survival.limits import normal_quantile

DRAWS = 1000
_PANELS, _NODES = 14, 12

#: Survival of the general population, matched to the patients, at times.
Expected = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Mean:
    """Mean time to `horizon` in the unit of time; standard error and limits by simulation."""

    horizon: float
    mean: float
    std_error: float
    ci_lower: float
    ci_upper: float


def predict(
    fit: ParametricFit,
    times: Sequence[float] | Floats,
    *,
    design: Floats | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """`time, survival, ci_lower, ci_upper, hazard, hazard_ci_lower, hazard_ci_upper`.

    Limits by the delta method, on the log of the cumulative hazard and of the hazard; missing when
    the fit did not converge. `design`: a row of covariates (one value a term of the fit). Of a fit
    with background mortality these are relative survival and excess hazard.
    """
    at_times = np.asarray(times, dtype=np.float64)
    if at_times.size and not (np.isfinite(at_times).all() and (at_times >= 0).all()):
        raise AnalysisError("times must be finite numbers from 0 up")
    row = _design(fit, design)
    width = normal_quantile(confidence)

    def logs(at: Floats) -> Floats:
        parameters = parameters_at(fit.family, at, row)
        with np.errstate(all="ignore"):
            cumulative = np.log(fit.family.cumulative_hazard(at_times, parameters))
            return np.concatenate([cumulative, fit.family.log_hazard(at_times, parameters)])

    value = logs(fit.at)
    with np.errstate(all="ignore"):
        if fit.converged:
            slopes = jacobian(lambda z: logs(fit.at + fit.root @ z), len(fit.at))
            error = np.sqrt(np.sum(slopes**2, axis=1))
        else:
            error = np.full(len(value), np.nan)
        lower, upper = value - width * error, value + width * error
        count = len(at_times)
        survival = np.exp(-np.exp(value[:count]))
        limits = [np.exp(-np.exp(bound[:count])) for bound in (upper, lower)]
        start = at_times == 0
        return pd.DataFrame(
            {
                "time": at_times,
                "survival": np.where(start, 1.0, survival),
                "ci_lower": np.where(start, 1.0, limits[0]),
                "ci_upper": np.where(start, 1.0, limits[1]),
                "hazard": np.exp(value[count:]),
                "hazard_ci_lower": np.exp(lower[count:]),
                "hazard_ci_upper": np.exp(upper[count:]),
            }
        )


def extrapolated_mean(
    fit: ParametricFit,
    horizon: float,
    *,
    expected: Expected | None = None,
    design: Floats | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Mean:
    """Area under the modelled survival curve from 0 to `horizon`, extrapolated beyond the data.

    `expected`: survival of the matched general population, by which relative survival is multiplied
    (TSD 21); needed when the fit has background mortality. The interval takes `draws` parameters
    from their asymptotic normal distribution (TSD 14) and the percentiles of their means; the same
    `seed` gives the same interval. Missing (NaN) when the fit did not converge.
    """
    if not (np.isfinite(horizon) and horizon > 0):
        raise AnalysisError("horizon must be a finite number above 0")
    if fit.relative and expected is None:
        raise AnalysisError(
            "a model of relative survival needs the expected survival of the population to give "
            "a mean"
        )
    if not fit.converged:
        return Mean(horizon, np.nan, np.nan, np.nan, np.nan)
    nodes, weights = _quadrature(horizon)
    if expected is not None:
        weights = weights * expected(nodes)
    row = _design(fit, design)
    generator = np.random.default_rng(seed)
    drawn = fit.at + generator.standard_normal((draws, len(fit.at))) @ fit.root.T
    middle = _area(fit, fit.at, row, nodes, weights)
    means = np.array([_area(fit, at, row, nodes, weights) for at in drawn])
    known = means[np.isfinite(means)]
    tail = 100 * (1 - confidence) / 2
    lower, upper = np.percentile(known, [tail, 100 - tail])
    return Mean(horizon, middle, float(known.std(ddof=1)), float(lower), float(upper))


def survival_of(fit: ParametricFit, times: Floats, design: Floats | None = None) -> Floats:
    """The modelled survival at times, without limits."""
    parameters = parameters_at(fit.family, fit.at, _design(fit, design))
    with np.errstate(all="ignore"):
        survival: Floats = np.exp(-fit.family.cumulative_hazard(times, parameters))
    return np.where(times == 0, 1.0, survival)


def _area(fit: ParametricFit, at: Floats, row: Floats, nodes: Floats, weights: Floats) -> float:
    parameters = parameters_at(fit.family, at, row)
    with np.errstate(all="ignore"):
        return float(np.sum(weights * np.exp(-fit.family.cumulative_hazard(nodes, parameters))))


def _design(fit: ParametricFit, design: Floats | None) -> Floats:
    row = np.zeros(len(fit.terms)) if design is None else np.asarray(design, dtype=np.float64)
    if row.shape != (len(fit.terms),):
        raise AnalysisError(f"design must have one value for each of the {len(fit.terms)} terms")
    if len(fit.terms) and design is None:
        raise AnalysisError("a model with covariates predicts for given values: give `design`")
    return row


def _quadrature(horizon: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre on panels that halve towards 0, where survival may fall steeply."""
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    edges = np.concatenate([[0.0], horizon * 2.0 ** np.arange(-_PANELS, 1)])
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    nodes = (middle[:, None] + half[:, None] * points).ravel()
    return nodes, (half[:, None] * weights).ravel()
