"""Scores and drop-out modelled together: the same random effects move both.

A shared-random-effects model (Wu & Carroll, Biometrics 1988;44:175-188; Follmann & Wu, Biometrics
1995;51:151-168), by maximum likelihood. Which people and scales enter is for the caller; the mixed
model that takes drop-out as at random is `repeated_measures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.repeated_measures import NotConvergedError

# Nodes of the quadrature, for each of the two random effects.
NODES = 7
# A normal prior of this precision keeps a visit's hazard finite where all or nobody dropped out.
PRECISION = 0.01
_MOST_STEPS = 500


@dataclass(frozen=True)
class SharedEffects:
    """mean, std_error (groups, visits; NaN where nobody of a group gave a score); association.

    association: change of the log odds of dropping out by one standard deviation of the scores
    that a person's own level is higher, with its error.
    """

    mean: Floats
    std_error: Floats
    association: float
    association_error: float


@dataclass(frozen=True)
class _Data:
    """scores and risk (people, visits), drops, group, z (visits, 2), cell (groups, visits)."""

    scores: Floats
    given: Booleans
    at_risk: Booleans
    drops: Booleans
    group: np.ndarray
    z: Floats
    cell: np.ndarray
    n_groups: int

    @property
    def n_cells(self) -> int:
        return int(self.cell.max()) + 1

    @property
    def n_hazards(self) -> int:
        return len(self.z) + self.n_groups - 1


def shared_effects(
    scores: Floats, at_risk: Booleans, drops: Booleans, group: np.ndarray, days: Sequence[float]
) -> SharedEffects:
    """The model of one scale.

    Args:
        scores: (people, visits), NaN where not given; everybody has one.
        at_risk: visits a person could drop out at; drops: the one they did. group: numbers from 0.
        days: of the visits.

    A score is the mean of its group and visit, a random constant and slope of the person (normal,
    correlated) and an error. The log odds of dropping out at a visit are a constant of the visit,
    one of the group, and the association times what the random effects give there. Means are those
    of everybody had nobody dropped out. Integrals by adaptive Gauss-Hermite quadrature at the
    random effects the scores tell; errors from the outer products of the people's score vectors.

    Raises NotConvergedError: no maximum is found, or the information is singular.
    """
    from scipy.optimize import minimize

    given = ~np.isnan(scores)
    centre, scale = float(np.nanmean(scores)), float(np.nanstd(scores))
    n_groups = int(group.max()) + 1
    told = np.array([given[group == g].any(axis=0) for g in range(n_groups)])
    cell = np.where(told, np.cumsum(told).reshape(told.shape) - 1, -1)
    time = np.asarray(days, dtype=float) / max(max(days), 1.0)
    z = np.column_stack([np.ones(len(time)), time])
    filled = np.where(given, (scores - centre) / scale, 0.0)
    data = _Data(filled, given, at_risk, drops, group, z, cell, n_groups)
    start = np.zeros(data.n_cells + 4 + data.n_hazards + 1)
    for g, v in np.argwhere(told):
        start[cell[g, v]] = filled[group == g, v][given[group == g, v]].mean()
    start[data.n_cells : data.n_cells + 4] = (0.7, 0.0, 0.3, np.log(0.6))
    hazard = drops.sum(axis=0) / np.maximum(at_risk.sum(axis=0), 1)
    start[data.n_cells + 4 : data.n_cells + 4 + len(time)] = _log_odds(np.clip(hazard, 0.01, 0.99))

    def objective(parameters: Floats) -> tuple[float, Floats]:
        value, by_person = _likelihood(data, parameters)
        prior = _prior(data, parameters)
        return (
            -value + float(parameters @ (prior * parameters)) / 2,
            -by_person.sum(axis=0) + prior * parameters,
        )

    found: Any = minimize(
        objective, start, jac=True, method="L-BFGS-B",
        options={"maxiter": _MOST_STEPS, "ftol": 1e-11, "gtol": 1e-3},
    )  # fmt: skip
    if not found.success or not np.isfinite(found.fun):
        message = "the joint model did not converge"
        raise NotConvergedError(message)
    _, by_person = _likelihood(data, found.x)
    information = by_person.T @ by_person + np.diag(_prior(data, found.x))
    try:
        errors = np.sqrt(np.diagonal(np.linalg.inv(information)))
    except np.linalg.LinAlgError:
        errors = np.full(len(start), np.nan)
    if not np.isfinite(errors).all():
        message = "the joint model did not converge: its information is singular"
        raise NotConvergedError(message)
    return SharedEffects(
        mean=np.where(told, found.x[cell] * scale + centre, np.nan),
        std_error=np.where(told, errors[cell] * scale, np.nan),
        association=float(found.x[-1]),
        association_error=float(errors[-1]),
    )


def _prior(data: _Data, parameters: Floats) -> Floats:
    prior = np.zeros(len(parameters))
    prior[data.n_cells + 4 :] = PRECISION
    return prior


def _log_odds(share: Floats) -> Floats:
    return np.asarray(np.log(share / (1 - share)))


def _likelihood(data: _Data, parameters: Floats) -> tuple[float, Floats]:
    """The log-likelihood, and its slopes by person (people, parameters)."""
    c = data.n_cells
    beta, entries, sigma2 = parameters[:c], parameters[c : c + 3], np.exp(2 * parameters[c + 3])
    hazards, gamma = parameters[c + 4 : -1], parameters[-1]
    factor = np.array([[entries[0], 0.0], [entries[1], entries[2]]])
    precision = np.linalg.inv(factor @ factor.T + 1e-8 * np.eye(2))
    own_cell = data.cell[data.group]
    residual = np.where(data.given, data.scores - beta[np.maximum(own_cell, 0)], 0.0)
    zz = np.einsum("nj,jk,jl->nkl", data.given.astype(float), data.z, data.z, optimize=True)
    posterior = np.linalg.inv(precision + zz / sigma2)
    centre = np.einsum("nkl,nl->nk", posterior, residual @ data.z) / sigma2
    n_given = data.given.sum(axis=1)
    fit = np.einsum("nk,nkl,nl->n", centre, np.linalg.inv(posterior), centre, optimize=True)
    of_scores = (
        -n_given * np.log(2 * np.pi * sigma2) / 2
        + (np.linalg.slogdet(precision)[1] + np.linalg.slogdet(posterior)[1]) / 2
        - ((residual**2).sum(axis=1) / sigma2 - fit) / 2
    )
    nodes, node_weights = _nodes()
    effects = centre[:, None, :] + np.einsum("nkl,ql->nqk", np.linalg.cholesky(posterior), nodes)
    own = effects @ data.z.T  # people, nodes, visits
    n_visits = len(data.z)
    base = hazards[:n_visits] + np.append(0.0, hazards[n_visits:])[data.group][:, None]
    log_odds = base[:, None, :] + gamma * own
    sign = np.where(data.drops, -1.0, 1.0)[:, None, :]
    of_drop_out = -(np.logaddexp(0, sign * log_odds) * data.at_risk[:, None, :]).sum(axis=2)
    top = of_drop_out.max(axis=1, keepdims=True)
    weights = node_weights * np.exp(of_drop_out - top)
    total = weights.sum(axis=1, keepdims=True)
    value = float((of_scores + top[:, 0] + np.log(total[:, 0])).sum())
    weights = weights / total

    mean = np.einsum("nq,nqk->nk", weights, effects)
    second = np.einsum("nq,nqk,nql->nkl", weights, effects, effects, optimize=True)
    by_person = np.zeros((len(residual), len(parameters)))
    left = np.where(data.given, residual - mean @ data.z.T, 0.0)
    person, visit = np.nonzero(data.given)
    by_person[person, own_cell[person, visit]] = left[person, visit] / sigma2
    by_factor = (precision @ second @ precision - precision) @ factor
    by_person[:, c : c + 3] = by_factor[:, [0, 1, 1], [0, 0, 1]]
    spread = np.einsum("nkl,nkl->n", zz, second - mean[:, :, None] * mean[:, None, :])
    by_person[:, c + 3] = -n_given + ((left**2).sum(axis=1) + spread) / sigma2
    surprise = np.where(data.drops[:, None, :], 1.0, 0.0) - 1 / (1 + np.exp(-log_odds))
    surprise = surprise * data.at_risk[:, None, :] * weights[:, :, None]
    by_visit = surprise.sum(axis=1)
    by_person[:, c + 4 : c + 4 + n_visits] = by_visit
    for g in range(1, data.n_groups):
        of_group = data.group == g
        by_person[of_group, c + 3 + n_visits + g] = by_visit[of_group].sum(axis=1)
    by_person[:, -1] = (surprise * own).sum(axis=(1, 2))
    return value, by_person


def _nodes() -> tuple[Floats, Floats]:
    """The nodes (nodes^2, 2) of two independent standard normals, with their weights."""
    x, w = np.polynomial.hermite_e.hermegauss(NODES)
    w = w / w.sum()
    first, second = np.meshgrid(x, x, indexing="ij")
    return np.column_stack([first.ravel(), second.ravel()]), np.outer(w, w).ravel()
