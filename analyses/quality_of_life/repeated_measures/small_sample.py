"""What the coefficients' uncertainty owes to a covariance that was itself estimated.

Four standard errors, and Satterthwaite's degrees of freedom with each. Nothing is estimated here
but uncertainty; the coefficients are the likelihood's.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from analyses.quality_of_life.answers import Floats
from analyses.quality_of_life.repeated_measures.likelihood import Likelihood, duplication
from analyses.quality_of_life.repeated_measures.robust import (
    People,
    freedom_of_people,
    robust_covariance,
)

StandardError = Literal["robust", "observed", "expected", "kenward_roger"]


class Uncertainty:
    """Standard errors and degrees of freedom of combinations of coefficients.

    `robust` is the sandwich of the people's own scores, right whatever their law: of skewed
    utilities the other three are too small. `observed` inverts the observed information of
    coefficients and covariance together, as data missing at random need (Kenward & Molenberghs,
    Stat Sci 1998;13:236-247): the expected information of them is not block diagonal then, and
    errors that ignore it are too small however many people there are. `expected` inverts that of
    the coefficients alone, as nlme's gls does. `kenward_roger` enlarges the latter for small
    samples (Biometrics 1997;53:983-997; the covariance is linear in its parameters, so that the
    term in second derivatives is zero).

    Degrees of freedom: Satterthwaite's, the variance of sigma from the observed information, for
    `kenward_roger` from the expected one; of a single combination they are then Kenward and
    Roger's. Of `robust` they are no more than its people give (Bell and McCaffrey's).
    """

    def __init__(
        self, at: Likelihood, std_error: StandardError, people: People | None = None
    ) -> None:
        """At the maximum of the likelihood; LinAlgError where its information is singular.

        people: those fitted, whom `robust` needs.
        """
        adjusts = std_error == "kenward_roger"
        information = at.expected_information if adjusts else at.observed_information
        self._variance_of_sigma = np.linalg.inv(information)
        self._at = at
        self._people = people if std_error == "robust" else None
        self.covariance = at.phi
        if std_error == "robust":
            if people is None:
                message = "a robust error needs the people"
                raise TypeError(message)
            self.covariance = robust_covariance(at, people)
        elif adjusts:
            self.covariance = self._kenward_roger()
        elif std_error == "observed":
            moved = at.cross @ at.phi
            self.covariance = at.phi + moved.T @ self._variance_of_sigma @ moved

    def of(self, combinations: Floats) -> tuple[Floats, Floats]:
        """Standard error and degrees of freedom of each row (n, J*K) of weights."""
        variance = np.einsum("ni,ij,nj->n", combinations, self.covariance, combinations)
        unadjusted = np.einsum("ni,ij,nj->n", combinations, self._at.phi, combinations)
        moved = combinations @ self._at.phi
        slope = np.einsum("ni,kij,nj->nk", moved, self._at.slopes, moved, optimize=True)
        spread = np.einsum("nk,kl,nl->n", slope, self._variance_of_sigma, slope)
        freedom = 2 * unadjusted**2 / spread
        if self._people is not None:
            freedom = np.minimum(freedom, freedom_of_people(self._at, self._people, combinations))
        return np.sqrt(variance), freedom

    def _kenward_roger(self) -> Floats:
        """phi + 2 phi [sum W_kl (X'V^-1 V_k V^-1 V_l V^-1 X - slopes_k phi slopes_l)] phi."""
        at, w = self._at, self._variance_of_sigma
        n_visits, size = at.patterns.n_visits, len(at.phi)
        d = duplication(n_visits)
        by_entries = (d @ w @ d.T).reshape((n_visits,) * 4)
        m = at.weights
        middle = np.einsum("uvwx,pvw->pux", by_entries, m, optimize=True)
        spread = np.einsum("pab,pij->aibj", m @ middle @ m, at.patterns.zz, optimize=True)
        weighted = np.einsum("kl,lij->kij", w, at.slopes, optimize=True)
        twice = np.einsum("kij,jh,khg->ig", at.slopes, at.phi, weighted, optimize=True)
        return np.asarray(at.phi + 2 * at.phi @ (spread.reshape(size, size) - twice) @ at.phi)
