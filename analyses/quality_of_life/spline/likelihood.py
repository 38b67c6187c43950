"""The restricted likelihood of a linear mixed model, on sums per person.

A score is B(t) beta of the person's group + z(t) b + error, b normal with covariance
sigma^2 L L', L lower triangular; z is a constant, or a constant and the time. The search for the
maximum and what follows from it are `model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analyses.quality_of_life.answers import Floats


@dataclass(frozen=True)
class Sums:
    """Sums over the scores, of each person (N) or group (G), with m columns of B and q of Z.

    People are in the order of their groups; starts: the first of each group, and N. bb (G, m, m),
    by (G, m), bz (m, N, q), zz (N, q, q), zy (N, q), yy.
    """

    bb: Floats
    by: Floats
    bz: Floats
    zz: Floats
    zy: Floats
    yy: float
    starts: np.ndarray
    n_scores: int


@dataclass(frozen=True)
class Profile:
    """The likelihood at one L: twice its negative logarithm, with nlme's constants.

    beta (G, m); unscaled (G, m, m): the covariance of beta over sigma squared; sigma2; weights (N,
    q, q): L (I + L'Z'ZL)^-1 L', by which everything of a person is reduced.
    """

    deviance: float
    beta: Floats
    unscaled: Floats
    sigma2: float
    weights: Floats


def sums_of(basis: Floats, z: Floats, y: Floats, person: np.ndarray, group: np.ndarray) -> Sums:
    """The sums; `person` numbers the rows from 0 in ascending order, and so does `group` people."""
    first = np.flatnonzero(np.diff(person, prepend=-1))
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    of_group = first[starts]
    bz = np.add.reduceat(basis[:, :, None] * z[:, None, :], first, axis=0)
    return Sums(
        bb=np.add.reduceat(basis[:, :, None] * basis[:, None, :], of_group, axis=0),
        by=np.add.reduceat(basis * y[:, None], of_group, axis=0),
        bz=np.ascontiguousarray(bz.transpose(1, 0, 2)),
        zz=np.add.reduceat(z[:, :, None] * z[:, None, :], first, axis=0),
        zy=np.add.reduceat(z * y[:, None], first, axis=0),
        yy=float(y @ y),
        starts=np.append(starts, len(first)),
        n_scores=len(y),
    )


def lower(theta: Floats, q: int) -> Floats:
    """L of its entries on and below the diagonal."""
    matrix = np.zeros((q, q))
    matrix[np.tril_indices(q)] = theta
    return matrix


def profile(sums: Sums, theta: Floats, sigma2: float | None = None) -> Profile:
    """The likelihood at these entries of L, at its best sigma squared if none is given."""
    q = sums.zz.shape[1]
    factor = lower(theta, q)
    inner = np.eye(q) + factor.T @ sums.zz @ factor
    weights = factor @ _inverse(inner) @ factor.T
    of_people = float(np.log(np.linalg.det(inner)).sum())
    turned = np.einsum("mnq,nqr->mnr", sums.bz, weights)
    information, right = sums.bb.copy(), sums.by.copy()
    for group, (start, end) in enumerate(pairwise(sums.starts)):
        # One product of matrices over the people of a group: the cost of a step lies here.
        part = turned[:, start:end].reshape(len(turned), -1)
        information[group] -= part @ sums.bz[:, start:end].reshape(len(turned), -1).T
        right[group] -= part @ sums.zy[start:end].ravel()
    unscaled = np.asarray(np.linalg.inv(information), dtype=np.float64)
    beta = np.einsum("gij,gj->gi", unscaled, right)
    reduced = np.einsum("nqr,nr->nq", weights, sums.zy)
    squares = sums.yy - float((sums.zy * reduced).sum()) - float((beta * right).sum())
    n_free = sums.n_scores - beta.size
    s2 = squares / n_free if sigma2 is None else sigma2
    _, of_beta = np.linalg.slogdet(information)
    deviance = n_free * np.log(2 * np.pi * s2) + squares / s2 + of_people + float(of_beta.sum())
    return Profile(float(deviance), beta, unscaled, float(s2), weights)


def _inverse(matrices: Floats) -> Floats:
    """The inverses of many symmetric matrices of one or two rows."""
    if matrices.shape[1] == 1:
        return np.asarray(1 / matrices)
    a, b, d = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 1]
    turned = np.stack([np.stack([d, -b], axis=-1), np.stack([-b, a], axis=-1)], axis=1)
    return np.asarray(turned / (a * d - b * b)[:, None, None])
