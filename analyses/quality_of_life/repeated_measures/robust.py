"""The covariance of the coefficients that the scores themselves show, whatever their law.

The sum of squares of what each person does to the coefficients, through the covariance too. The
model has only to be right about the means and about who is missing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.repeated_measures.likelihood import Likelihood, duplication
from analyses.quality_of_life.repeated_measures.patterns import people_of_patterns


class People(NamedTuple):
    """covariates (N, K) and scores (N, J; NaN is not answered) of who answered any visit."""

    covariates: Floats
    scores: Floats


def robust_covariance(at: Likelihood, people: People) -> Floats:
    """The sandwich of the coefficients (J*K, J*K), at the maximum of the likelihood.

    The middle is of the scores of coefficients and covariance together (see ``influences``), the
    outside their observed information: a sandwich that holds the covariance fixed, as of an
    estimating equation, is too small where scores are missing by those before them. A person counts
    by 1 / (1 - leverage), which makes the variance of a mean of complete scores that of a sample
    (MacKinnon & White, J Econom 1985;29:305-325, HC2).

    Source: White, Econometrica 1982;50:1-25; Yuan & Bentler, Sociol Methodol 2000;30:165-200.
    """
    found = influences(at, people) / np.sqrt(_left(people))[:, None]
    return np.asarray(found.T @ found)


def freedom_of_people(at: Likelihood, people: People, combinations: Floats) -> Floats:
    """Degrees of freedom of the sandwich's variance of each row (n, J*K) of weights.

    Of a sum of independent squares with the model's expectations (Bell & McCaffrey, Surv Methodol
    2002;28:169-181): with complete scores n - 1 for a mean, and Welch's for a difference of groups.
    """
    left = _left(people)
    answered = ~np.isnan(people.scores)
    expected, squares = np.zeros(len(combinations)), np.zeros(len(combinations))
    for weights, rows in zip(at.weights, people_of_patterns(answered), strict=True):
        for place, moved in enumerate(combinations @ at.phi):
            turned = people.covariates[rows] @ moved.reshape(len(weights), -1).T
            of_person = np.einsum("nj,jl,nl->n", turned, weights, turned)
            expected[place] += of_person.sum()
            squares[place] += (of_person**2 / left[rows]).sum()
    return expected**2 / squares


def _left(people: People) -> Floats:
    """1 - leverage of each person among all."""
    z = people.covariates
    leverage = np.einsum("nk,kl,nl->n", z, np.linalg.pinv(z.T @ z), z)
    return np.asarray(np.maximum(1 - leverage, 1 / len(z)))


def influences(at: Likelihood, people: People) -> Floats:
    """What a little more weight of a person adds to the coefficients (N, J*K).

    phi u - phi C' S^-1 (s - C phi u), with u and s the person's scores of coefficients and of the
    covariance, C the information they share and S that of the covariance: the upper part of the
    inverse of the joint observed information times (u, s).
    """
    n_people, n_visits = people.scores.shape
    of_means = np.empty((n_people, len(at.phi)))
    of_sigma = np.empty((n_people, n_visits * (n_visits + 1) // 2))
    d = duplication(n_visits)
    b = at.coefficients.reshape(n_visits, -1)
    answered: Booleans = ~np.isnan(people.scores)
    # In the order of the patterns that the likelihood has been summed over.
    for weights, rows in zip(at.weights, people_of_patterns(answered), strict=True):
        z = people.covariates[rows]
        turned = np.where(answered[rows], people.scores[rows] - z @ b.T, 0.0) @ weights
        of_means[rows] = (turned[:, :, None] * z[:, None, :]).reshape(len(rows), -1)
        squares = turned[:, :, None] * turned[:, None, :] - weights
        of_sigma[rows] = squares.reshape(len(rows), -1) @ d / 2
    # The restricted likelihood's own term is nobody's: without it the scores add up to it.
    of_sigma -= of_sigma.mean(axis=0)
    moved = of_means @ at.phi
    told = np.linalg.solve(at.observed_information, at.cross @ at.phi)
    return np.asarray(moved - (of_sigma - moved @ at.cross.T) @ told)
