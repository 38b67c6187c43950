"""Scores reduced to what a repeated-measures model needs: sums per pattern of missing visits.

People who answered the same visits share one inverse of the covariance, so that a model costs as
much as there are patterns, not people. No estimate is made here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyses.quality_of_life.answers import Booleans, Floats


@dataclass(frozen=True)
class Patterns:
    """Sums over the people of each pattern; visits they did not answer hold zeros.

    With P patterns, J visits and K person-level covariates: mask (P, J), n (P), zz = Z'Z (P, K, K),
    zy = Z'Y (P, K, J), yy = Y'Y (P, J, J).
    """

    mask: Booleans
    n: Floats
    zz: Floats
    zy: Floats
    yy: Floats

    @property
    def n_visits(self) -> int:
        """The number of visits."""
        return int(self.mask.shape[1])

    @property
    def n_covariates(self) -> int:
        """The number of person-level covariates, each of them with a coefficient per visit."""
        return int(self.zz.shape[1])

    @property
    def n_scores(self) -> int:
        """The number of scores given."""
        return int((self.n[:, None] * self.mask).sum())

    def answered_together(self) -> Floats:
        """The people who answered both visits of each pair (J, J); on the diagonal, each visit."""
        return np.asarray(np.einsum("p,pj,pl->jl", self.n, self.mask, self.mask))


def people_of_patterns(answered: Booleans) -> list[npt.NDArray[np.intp]]:
    """The rows of the people of each pattern, in the patterns' order."""
    packed = np.packbits(answered, axis=1)
    _, code = np.unique(packed, axis=0, return_inverse=True)
    order = np.argsort(code.ravel(), kind="stable")
    return np.split(order, np.cumsum(np.bincount(code.ravel()))[:-1])


def reduce_to_patterns(covariates: Floats, scores: Floats) -> Patterns:
    """The sums of people (rows) with covariates (N, K) and scores (N, J; NaN is not answered).

    Who answered no visit tells the model nothing and is left out.
    """
    answered = ~np.isnan(scores)
    someone = answered.any(axis=1)
    answered, covariates = answered[someone], covariates[someone]
    filled = np.where(answered, scores[someone], 0.0)
    slices = people_of_patterns(answered)
    people = [(covariates[rows], filled[rows]) for rows in slices]
    return Patterns(
        mask=answered[[rows[0] for rows in slices]],
        n=np.array([len(rows) for rows in slices], dtype=float),
        zz=np.array([z.T @ z for z, _ in people]),
        zy=np.array([z.T @ y for z, y in people]),
        yy=np.array([y.T @ y for _, y in people]),
    )
