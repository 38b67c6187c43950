"""After the fit: the proportional-hazards test and the robust covariance."""

import numpy as np
import pandas as pd

from analyses.survival.arrays import Floats, Ints, sum_at
from analyses.survival.cox_design import Design
from analyses.survival.cox_fit import Fit
from analyses.survival.cox_risk import EfronSets
from analyses.survival.limits import chi_squared_p_value


def proportional_hazards_test(
    sets: EfronSets, design: Design, fit: Fit, before: Floats
) -> pd.DataFrame:
    """Score test that coefficients do not change with time (Grambsch and Therneau 1994), as in
    `cox.zph` of R's survival 3: the model is extended by each term times g(t), and the score for
    those is tested at 0. `before` is g at each cell: 1 less overall survival just before.

    Returns term (each covariate, then GLOBAL), statistic, degrees_of_freedom, p_value.
    """
    x = design.matrix
    g = before - np.average(before, weights=sets.n_tied)
    score = fit.risk.gradient(sets, x, g)
    across = fit.risk.information(sets, x, g)
    extended = fit.risk.information(sets, x, g**2)
    remaining = extended - across @ np.linalg.solve(fit.information, across)
    tests = [
        (name, np.flatnonzero(design.covariate == position))
        for position, name in enumerate(design.covariates)
    ]
    tests.append(("GLOBAL", np.arange(len(x))))
    found = [_statistic(score, remaining, terms) for _, terms in tests]
    degrees = [len(terms) for _, terms in tests]
    return pd.DataFrame(
        {
            "term": [name for name, _ in tests],
            "statistic": found,
            "degrees_of_freedom": degrees,
            "p_value": [
                chi_squared_p_value(statistic, df) if np.isfinite(statistic) else np.nan
                for statistic, df in zip(found, degrees, strict=True)
            ],
        }
    )


def robust_covariance(sets: EfronSets, design: Design, fit: Fit, cluster: Ints | None) -> Floats:
    """Sandwich of score residuals summed over clusters (Lin and Wei 1989), as R's `coxph`."""
    residuals = score_residuals(sets, design.matrix, fit) * sets.weight
    if cluster is not None:
        residuals = np.array([sum_at(cluster, int(cluster.max()) + 1, row) for row in residuals])
    inverse = np.linalg.inv(fit.information)
    influence = inverse @ residuals
    covariance: Floats = influence @ influence.T / np.outer(design.scale, design.scale)
    return covariance


def score_residuals(sets: EfronSets, x: Floats, fit: Fit) -> Floats:
    """Each row's part of the score, a row a term, for unit weight; Efron's ties included."""
    risk = fit.risk
    relative = np.exp(fit.scaled @ x)
    hazard = sets.over_run(risk.hazard[0])
    hazard[sets.event] -= risk.hazard[1][sets.cell]
    event_weight = sets.mean_weight * sets.n_tied
    residuals = np.empty_like(x)
    for j, row in enumerate(x):
        sums, events = risk.sum_x[j], risk.event_x[j]
        mean = (risk.hazard[0] * sums - risk.hazard[1] * events) / event_weight
        expected = sets.over_run(risk.square[0] * sums - risk.square[1] * events)
        taken_back = risk.square[1] * sums - risk.square[2] * events
        expected[sets.event] -= taken_back[sets.cell]
        residuals[j] = relative * (expected - row * hazard)
        residuals[j][sets.event] += row[sets.event] - mean[sets.cell]
    return residuals


def _statistic(score: Floats, remaining: Floats, terms: Ints) -> float:
    matrix = remaining[np.ix_(terms, terms)]
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    # With one event time, or all events at one value of g, there is nothing to test: missing.
    if np.any(scale <= 1e-9) or np.linalg.cond(matrix / np.outer(scale, scale)) > 1e12:
        return float("nan")
    return float(score[terms] @ np.linalg.solve(matrix, score[terms]))
