"""The fitted spline model: means at any day per group, with Satterthwaite's degrees of freedom.

The likelihood is `likelihood`, the basis `basis`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.quality_of_life.answers import Floats
from analyses.quality_of_life.repeated_measures import NotConvergedError
from analyses.quality_of_life.spline.basis import natural_spline
from analyses.quality_of_life.spline.likelihood import Profile, Sums, lower, profile, sums_of

# Differences of the parameters for slopes and curvatures of the likelihood.
_STEP = 1e-3
_MOST_STEPS = 200


@dataclass(frozen=True)
class SplineModel:
    """A fitted model.

    means: [group,] time, mean, std_error, degrees_of_freedom, ci_lower, ci_upper. covariance: of
    the random effects (constant; and slope, a day). sigma: of the errors.
    """

    means: pd.DataFrame
    covariance: Floats
    sigma: float
    n_people: int
    n_scores: int


def spline_model(
    frame: pd.DataFrame,
    *,
    at: Sequence[float],
    knots: Sequence[float],
    unit: str = "unit",
    time: str = "time",
    value: str = "value",
    by: str | None = None,
    random: Literal["intercept", "slope"] = "slope",
    confidence: float = 0.95,
) -> SplineModel:
    """Mean scores over time by restricted maximum likelihood, a natural spline in every group.

    Args:
        frame: one row a score: `unit`, `time` (days, as many and as unequal as they are), `value`
            (rows without one are left out), and the person's group `by`.
        at: the days to give means at. knots: days, ascending, the outer ones first and last.
        random: a constant of each person, or that and a slope, correlated.

    The estimand is that of `mixed_model`: hypothetical, scores missing at random. The means, errors
    and variances are those of R's `lme(value ~ by * ns(time), random = ~ time | unit)`, nlme 3.1;
    degrees of freedom Satterthwaite's, as lmerTest has them.

    Raises:
        AnalysisError: a column is missing or empty, or a group has too few days for the spline.
        NotConvergedError: no maximum is found.
    """
    given = _checked(frame, [unit, time, value, *([] if by is None else [by])], value)
    label = given[by] if by is not None else pd.Series("overall", given.index)
    code, groups = pd.factorize(label, sort=True)
    unordered, people = pd.factorize(given[unit])
    order = np.lexsort([unordered, code])
    # People are numbered group by group, as the sums want them.
    person, _ = pd.factorize(unordered[order])
    given, code = given.iloc[order], code[order]
    group = code[np.flatnonzero(np.diff(person, prepend=-1))]
    if (np.diff(group) < 0).any() or (group[person] != code).any():
        message = f"{by} is not the same in all rows of a person"
        raise AnalysisError(message)
    days = given[time].to_numpy(dtype=float)
    raw = natural_spline(days, knots)
    _, triangle = np.linalg.qr(raw)
    if (np.abs(np.diagonal(triangle)) < 1e-8 * len(days)).any():
        message = f"{time} has too few different days for these knots"
        raise AnalysisError(message)
    turn = np.linalg.inv(triangle) * np.sqrt(len(days))
    width = float(knots[-1] - knots[0])
    z = np.ones((len(days), 1))
    if random == "slope":
        z = np.column_stack([z, days / width])
    scores = given[value].to_numpy(dtype=float)
    centre, scale = float(scores.mean()), float(scores.std())
    if not scale > 0:
        message = "the spline model did not converge: all scores are the same"
        raise NotConvergedError(message)
    sums = sums_of(raw @ turn, z, (scores - centre) / scale, person, group)
    try:
        theta = _maximum(sums, z.shape[1])
        best = profile(sums, theta)
    except np.linalg.LinAlgError:
        message = "the spline model did not converge: a group has too few days or scores"
        raise NotConvergedError(message) from None
    means = _means(sums, theta, best, natural_spline(np.asarray(at, float), knots) @ turn)
    means = _with_limits(means, confidence)
    means[["mean", "std_error", "ci_lower", "ci_upper"]] *= scale
    means[["mean", "ci_lower", "ci_upper"]] += centre
    head = pd.DataFrame({"time": np.tile(np.asarray(at, float), len(groups))})
    if by is not None:
        head.insert(0, by, np.repeat(np.asarray(groups), len(at)))
    shrink = np.array([1.0, 1 / width])[: z.shape[1]]
    factor = lower(theta, z.shape[1])
    covariance = best.sigma2 * scale**2 * (factor @ factor.T) * np.outer(shrink, shrink)
    return SplineModel(
        means=pd.concat([head, means], axis=1),
        covariance=covariance,
        sigma=float(np.sqrt(best.sigma2) * scale),
        n_people=len(people),
        n_scores=len(scores),
    )


def _checked(frame: pd.DataFrame, needed: list[str], value: str) -> pd.DataFrame:
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        message = f"the frame lacks the column {', '.join(missing)}"
        raise AnalysisError(message)
    given = frame[needed].dropna(subset=[value])
    for name in needed:
        if n_empty := int(given[name].isna().sum()):
            message = f"{name} is empty in {rows(n_empty)} with a score; leave those rows out"
            raise AnalysisError(message)
    if given.empty:
        message = f"{value} is empty in every row; a model needs scores"
        raise AnalysisError(message)
    return given


def _maximum(sums: Sums, q: int) -> Floats:
    """The entries of L at which the profiled likelihood is greatest."""
    from scipy.optimize import minimize

    start = lower_entries(np.eye(q))
    found: Any = minimize(
        lambda theta: profile(sums, theta).deviance,
        start,
        method="BFGS",
        options={"maxiter": _MOST_STEPS, "gtol": 1e-4},
    )
    theta = np.asarray(found.x)
    # Its differences leave the maximum known to a thousandth; two of Newton's steps give the rest.
    for _ in range(3):
        slope, curvature = _derivatives(lambda t: profile(sums, t).deviance, theta)
        values, vectors = np.linalg.eigh(curvature)
        firm = values > 1e-6 * values.max()
        step = vectors[:, firm] @ ((vectors[:, firm].T @ slope) / values[firm])
        if np.abs(step).max(initial=0) > 0.1:
            message = f"the spline model did not converge after {int(found.nit)} steps"
            raise NotConvergedError(message)
        theta = theta - step
    return theta


def lower_entries(matrix: Floats) -> Floats:
    """The entries of a matrix on and below its diagonal."""
    return np.asarray(matrix[np.tril_indices(len(matrix))])


def _derivatives(of: Any, at: Floats) -> tuple[Floats, Floats]:
    """First and second differences of a function."""
    size = len(at)
    steps = _STEP * np.eye(size)
    here = of(at)
    up = np.array([of(at + step) for step in steps])
    down = np.array([of(at - step) for step in steps])
    curvature = np.diag((up + down - 2 * here) / _STEP**2)
    for i in range(size):
        for j in range(i):
            both = of(at + steps[i] + steps[j]) + of(at - steps[i] - steps[j])
            across = of(at + steps[i] - steps[j]) + of(at - steps[i] + steps[j])
            curvature[i, j] = curvature[j, i] = (both - across) / (4 * _STEP**2)
    return (up - down) / (2 * _STEP), curvature


def _means(sums: Sums, theta: Floats, best: Profile, wanted: Floats) -> pd.DataFrame:
    """Means (group by group, day by day) with Satterthwaite's degrees of freedom.

    The variance of a mean depends on the entries of L and log sigma; its own variance follows by
    the delta method from the curvature of the restricted likelihood in them.
    """

    def variance(parameters: Floats) -> Floats:
        at = profile(sums, parameters[:-1], float(np.exp(2 * parameters[-1])))
        spread = np.einsum("tm,gmk,tk->gt", wanted, at.unscaled, wanted, optimize=True)
        return np.asarray(at.sigma2 * spread).ravel()

    def deviance(parameters: Floats) -> float:
        return profile(sums, parameters[:-1], float(np.exp(2 * parameters[-1]))).deviance

    parameters = np.append(theta, np.log(best.sigma2) / 2)
    _, curvature = _derivatives(deviance, parameters)
    steps = _STEP * np.eye(len(parameters))
    slopes = np.array(
        [(variance(parameters + s) - variance(parameters - s)) / (2 * _STEP) for s in steps]
    )
    values, vectors = np.linalg.eigh(curvature)
    firm = values > 1e-6 * values.max()
    moved = vectors[:, firm].T @ slopes
    spread = (2 * moved**2 / values[firm, None]).sum(axis=0)
    now = variance(parameters)
    with np.errstate(divide="ignore"):
        freedom = 2 * now**2 / spread
    return pd.DataFrame(
        {
            "mean": np.einsum("tm,gm->gt", wanted, best.beta).ravel(),
            "std_error": np.sqrt(now),
            "degrees_of_freedom": freedom,
        }
    )


def _with_limits(means: pd.DataFrame, confidence: float) -> pd.DataFrame:
    from scipy.special import stdtrit

    half = stdtrit(means["degrees_of_freedom"], 0.5 + confidence / 2) * means["std_error"]
    return means.assign(ci_lower=means["mean"] - half, ci_upper=means["mean"] + half)
