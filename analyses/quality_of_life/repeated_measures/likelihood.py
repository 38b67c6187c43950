"""The restricted likelihood of a multivariate normal with missing visits, and its derivatives.

Scores of a person at the visits they answered are normal around B' z with the unstructured
covariance `sigma` common to all. Everything is a sum over patterns; the search for the maximum is
`reml`, what follows from it `small_sample`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.repeated_measures.patterns import Patterns


def duplication(n_visits: int) -> Floats:
    """From the entries of a covariance on and below the diagonal to all of them (J*J, J(J+1)/2)."""
    rows, columns = np.tril_indices(n_visits)
    matrix = np.zeros((n_visits, n_visits, len(rows)))
    matrix[rows, columns, range(len(rows))] = 1.0
    matrix[columns, rows, range(len(rows))] = 1.0
    return matrix.reshape(n_visits**2, len(rows))


@dataclass(frozen=True)
class Likelihood:
    """The restricted likelihood at one covariance (J, J), which must be positive definite.

    estimable (J*K) tells which coefficients the data can speak of, visit by visit and within a
    visit covariate by covariate; the others stay 0 and count in nothing. numpy.linalg.LinAlgError
    is raised where a matrix is singular.
    """

    patterns: Patterns
    estimable: Booleans
    sigma: Floats

    @cached_property
    def _inverse(self) -> tuple[Floats, Floats]:
        """Per pattern the inverse of its part of sigma, zeros elsewhere, and the log determinant.

        Visits not answered become rows of the identity, so that all patterns are inverted at once.
        """
        both = self.patterns.mask[:, :, None] & self.patterns.mask[:, None, :]
        padded = np.where(both, self.sigma, np.eye(len(self.sigma)))
        factors = np.linalg.cholesky(padded)
        log_determinant = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        return np.where(both, np.linalg.inv(padded), 0.0), log_determinant

    @property
    def weights(self) -> Floats:
        """M, the inverse covariance of each pattern (P, J, J)."""
        return self._inverse[0]

    @cached_property
    def information_of_coefficients(self) -> Floats:
        """X'V^-1X of the estimable coefficients."""
        size = len(self.estimable)
        whole = np.einsum("pjl,pkm->jklm", self.weights, self.patterns.zz, optimize=True)
        return np.asarray(whole.reshape(size, size)[np.ix_(self.estimable, self.estimable)])

    @cached_property
    def phi(self) -> Floats:
        """The model-based covariance of all coefficients (J*K, J*K), 0 where not estimable."""
        phi = np.zeros((len(self.estimable),) * 2)
        phi[np.ix_(self.estimable, self.estimable)] = np.linalg.inv(
            self.information_of_coefficients
        )
        return phi

    @cached_property
    def coefficients(self) -> Floats:
        """The generalised least-squares coefficients (J*K), 0 where not estimable."""
        right = np.einsum("pjl,pkl->jk", self.weights, self.patterns.zy, optimize=True).ravel()
        return np.asarray(self.phi @ right)

    @cached_property
    def _residuals(self) -> tuple[Floats, Floats]:
        """Per pattern the sums r r' (P, J, J) and r z' (P, J, K); unanswered visits not cleared."""
        b = self.coefficients.reshape(self.patterns.n_visits, -1)
        cross = b @ self.patterns.zy
        squares = self.patterns.yy - cross - cross.swapaxes(1, 2) + b @ self.patterns.zz @ b.T
        return squares, self.patterns.zy.swapaxes(1, 2) - b @ self.patterns.zz

    @cached_property
    def value(self) -> float:
        """The restricted log-likelihood, with the constants of nlme's logLik."""
        _, log_determinants = self._inverse
        _, of_coefficients = np.linalg.slogdet(self.information_of_coefficients)
        squares, _ = self._residuals
        n_free = self.patterns.n_scores - int(self.estimable.sum())
        twice = (
            n_free * np.log(2 * np.pi)
            + self.patterns.n @ log_determinants
            + of_coefficients
            + np.einsum("pjl,plj->", self.weights, squares, optimize=True)
        )
        return float(-twice / 2)

    @cached_property
    def _sandwiches(self) -> tuple[Floats, Floats]:
        """M R M with R = sum r r', and M H M, the part coefficients take away (P, J, J)."""
        squares, _ = self._residuals
        n_visits, n_covariates = self.patterns.n_visits, self.patterns.n_covariates
        phi = self.phi.reshape(n_visits, n_covariates, n_visits, n_covariates)
        used = np.einsum("akbm,pkm->pab", phi, self.patterns.zz, optimize=True)
        m = self.weights
        return m @ squares @ m, m @ used @ m

    @cached_property
    def gradient(self) -> Floats:
        """Of `value` by the entries of sigma on and below the diagonal."""
        of_scores, of_coefficients = self._sandwiches
        expected = self.patterns.n[:, None, None] * self.weights
        by_entry = (of_scores + of_coefficients - expected).sum(axis=0) / 2
        return np.asarray(by_entry.ravel() @ duplication(self.patterns.n_visits))

    @cached_property
    def slopes(self) -> Floats:
        """X'V^-1 V_k V^-1X for each entry k of sigma (entries, J*K, J*K).

        So that phi @ slopes[k] @ phi is the derivative of phi. Not estimable coefficients are not
        cleared: phi does it.
        """
        n_visits, size = self.patterns.n_visits, len(self.estimable)
        by_entry = np.einsum(
            "pau,pvb,pij->uvaibj", self.weights, self.weights, self.patterns.zz, optimize=True
        )
        flat = by_entry.reshape(n_visits**2, size * size)
        return np.asarray((duplication(n_visits).T @ flat).reshape(-1, size, size))

    def _pairs(self, outer: Floats) -> Floats:
        """Sum over patterns of outer[x, u] M[v, w], at entries (u, v) and (w, x), symmetrised."""
        n_visits = self.patterns.n_visits
        flat = outer.reshape(len(outer), -1).T @ self.weights.reshape(len(outer), -1)
        tensor = flat.reshape((n_visits,) * 4)  # x, u, v, w
        matrix = tensor.transpose(1, 2, 3, 0).reshape(n_visits**2, n_visits**2)
        d = duplication(n_visits)
        return np.asarray(d.T @ matrix @ d)

    @cached_property
    def _trace(self) -> Floats:
        """tr(P V_k P V_l), with P the projection of the restricted likelihood."""
        _, of_coefficients = self._sandwiches
        expected = self.patterns.n[:, None, None] * self.weights
        moved = self.phi @ self.slopes
        flat = moved.reshape(len(moved), -1)
        turned = moved.swapaxes(1, 2).reshape(len(moved), -1)
        return self._pairs(expected - 2 * of_coefficients) + flat @ turned.T

    @property
    def expected_information(self) -> Floats:
        """Of the entries of sigma on and below the diagonal."""
        return self._trace / 2

    @cached_property
    def cross(self) -> Floats:
        """X'V^-1 V_k V^-1 r for each entry k of sigma (entries, J*K).

        Minus phi @ cross[k] is the derivative of the coefficients by that entry. It is 0 on average
        where scores are missing whatever they were, and not where they are missing by the scores
        before them.
        """
        _, with_covariates = self._residuals
        by_entry = np.einsum(
            "pau,pvi->uvai", self.weights, self.weights @ with_covariates, optimize=True
        )
        n_visits = self.patterns.n_visits
        return np.asarray(duplication(n_visits).T @ by_entry.reshape(n_visits**2, -1))

    @cached_property
    def observed_information(self) -> Floats:
        """Minus the second derivatives of `value` by these entries."""
        of_scores, _ = self._sandwiches
        taken = self.cross @ self.phi @ self.cross.T
        return np.asarray(self._pairs(of_scores) - taken - self._trace / 2)
