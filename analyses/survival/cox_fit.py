"""Maximising the Cox partial likelihood, and saying when it has no maximum."""

from dataclasses import dataclass

import numpy as np

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints
from analyses.survival.cox_design import Design
from analyses.survival.cox_risk import EfronSets, Risk

MOST_STEPS = 60
# Steps are in standard deviations of a covariate; Newton's error is the square of the last step.
STEP_TOLERANCE = 1e-9
# Information about a combination of terms, relative to that at coefficients 0: below this the
# likelihood is flat in its direction, and the estimate is on its way to infinity.
FLAT = 1e-7
COLLINEAR = 1e-10


@dataclass(frozen=True)
class Fit:
    """Coefficients and covariance per unit of each covariate; `scaled` per standard deviation."""

    coefficients: Floats
    covariance: Floats
    scaled: Floats
    risk: Risk
    information: Floats
    log_likelihood: float
    log_likelihood_null: float


def fit_cox(sets: EfronSets, design: Design) -> Fit:
    """Newton's method with halved steps."""
    x = design.matrix
    beta = np.zeros(len(x))
    risk = null = Risk.at(sets, x, beta)
    information = risk.information(sets, x)
    null_information = information
    refuse_singular(information, design)
    for _ in range(MOST_STEPS):
        step = np.linalg.solve(information, risk.gradient(sets, x)).astype(np.float64)
        beta, risk = _uphill(sets, x, beta, step, risk)
        information = risk.information(sets, x)
        _refuse_flat(information, null_information, design)
        if np.max(np.abs(step)) < STEP_TOLERANCE * (1 + np.max(np.abs(beta))):
            inverse = np.linalg.inv(information)
            return Fit(
                coefficients=beta / design.scale,
                covariance=inverse / np.outer(design.scale, design.scale),
                scaled=beta,
                risk=risk,
                information=information,
                log_likelihood=risk.log_likelihood,
                log_likelihood_null=null.log_likelihood,
            )
    raise AnalysisError(
        f"cox did not converge in {MOST_STEPS} steps with {design.names(np.arange(len(x)))}:"
        " look for extreme values of a covariate"
    )


def _uphill(
    sets: EfronSets, x: Floats, beta: Floats, step: Floats, risk: Risk
) -> tuple[Floats, Risk]:
    """A step that does not lower the likelihood beyond rounding."""
    allowed = 1e-10 * (1 + abs(risk.log_likelihood))
    for halvings in range(40):
        candidate = beta + step / 2**halvings
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            moved = Risk.at(sets, x, candidate)
        if np.isfinite(moved.log_likelihood) and (
            moved.log_likelihood >= risk.log_likelihood - allowed
        ):
            return candidate, moved
    return beta, risk


class SeparationError(AnalysisError):
    """A covariate separates the events from the rest: the likelihood has no maximum."""


def refuse_singular(information: Floats, design: Design) -> None:
    """At coefficients 0 every combination of terms must carry information."""
    diagonal = np.diag(information)
    silent = np.flatnonzero(diagonal <= COLLINEAR * max(1.0, float(diagonal.max())))
    if len(silent):
        raise AnalysisError(
            f"covariate {design.names(silent)} does not vary among those at risk when events"
            " happen: leave it out"
        )
    scale = np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < COLLINEAR * len(values):
        involved = _weighty(vectors[:, 0])
        raise AnalysisError(
            f"covariates {design.names(involved)} cannot be told apart: one is a combination of the"
            " others among those at risk; leave one out"
        )


def _refuse_flat(information: Floats, null_information: Floats, design: Design) -> None:
    root = np.linalg.cholesky(null_information)
    inverse = np.linalg.inv(root)
    values, vectors = np.linalg.eigh(inverse @ information @ inverse.T)
    if values[0] < FLAT or not np.all(np.isfinite(values)):
        direction = (inverse.T @ vectors[:, 0]) * np.sqrt(np.diag(null_information))
        raise SeparationError(
            f"covariate {design.names(_weighty(direction))} separates the events from the rest: its"
            " hazard ratio has no finite estimate; leave it out or join its levels"
        )


def _weighty(direction: Floats) -> Ints:
    size = np.abs(direction)
    return np.flatnonzero(size >= 0.3 * size.max()).astype(np.int64)
