"""One variable's missing values drawn from the others: numbers by matching, levels by regression.

Belongs here: the models of a chained equation. Does not belong here: the chain (imputation.py).
"""

from typing import Any

import numpy as np

from analyses.survival.arrays import Floats, Ints

DONORS = 5
# Ridges, relative to the information of a standardised predictor: they keep a separated level
# finite and matter to nothing else (van Buuren 2018, section 3.2: 1e-5 for numbers).
RIDGE, LEVEL_RIDGE = 1e-5, 1e-2
MOST_STEPS, TOLERANCE = 30, 1e-6

Values = np.ndarray[Any, np.dtype[Any]]
Random = np.random.Generator


def draw_numbers(known: Values, x: Floats, x_missing: Floats, random: Random) -> Values:
    """Predictive mean matching (Rubin 1986; Little 1988): a known value of one of the 5 rows whose
    fitted mean is nearest to the mean drawn for the missing row."""
    y = known.astype(np.float64)
    one, one_missing = _with_constant(x), _with_constant(x_missing)
    square = one.T @ one
    square += RIDGE * np.diag(np.diag(square))
    fitted = np.linalg.solve(square, one.T @ y)
    residual = y - one @ fitted
    freedom = max(len(y) - one.shape[1], 1)
    deviation = np.sqrt(residual @ residual / random.chisquare(freedom))
    root = np.linalg.cholesky(np.linalg.inv(square))
    drawn = fitted + deviation * (root @ random.standard_normal(len(fitted)))
    return known[_donors(one @ fitted, one_missing @ drawn, random)]


def draw_levels(known: Values, x: Floats, x_missing: Floats, random: Random) -> Values:
    """Levels from a multinomial regression whose coefficients are drawn about their estimate."""
    levels, code = np.unique(known.astype(str), return_inverse=True)
    first = {level: known[np.flatnonzero(code == place)[0]] for place, level in enumerate(levels)}
    one, one_missing = _with_constant(x), _with_constant(x_missing)
    estimate, covariance = _multinomial(one, code.astype(np.int64), len(levels))
    root = np.linalg.cholesky(covariance)
    drawn = estimate + (root @ random.standard_normal(len(root))).reshape(estimate.shape)
    share = _shares(one_missing, drawn).cumsum(axis=1)
    place = (random.random(len(one_missing))[:, None] > share[:, :-1]).sum(axis=1)
    found = np.empty(len(one_missing), dtype=object)
    found[:] = [first[levels[number]] for number in place]
    return found


def _with_constant(x: Floats) -> Floats:
    return np.column_stack([np.ones(len(x)), x])


def _donors(fitted: Floats, wanted: Floats, random: Random) -> Ints:
    """For each mean wanted, one of the rows whose fitted mean is among the nearest."""
    order = np.argsort(fitted, kind="stable")
    ranked, count = fitted[order], min(DONORS, len(fitted))
    place = np.searchsorted(ranked, wanted)
    # The nearest are among so many on either side.
    window = place[:, None] + np.arange(-count, count)[None, :]
    inside = np.clip(window, 0, len(ranked) - 1)
    distance = np.abs(ranked[inside] - wanted[:, None])
    distance[(window < 0) | (window >= len(ranked))] = np.inf
    near = np.argsort(distance, axis=1, kind="stable")[:, :count]
    chosen = near[np.arange(len(wanted)), random.integers(0, count, size=len(wanted))]
    donors: Ints = order[inside[np.arange(len(wanted)), chosen]]
    return donors


def _multinomial(x: Floats, code: Ints, size: int) -> tuple[Floats, Floats]:
    """Coefficients (a row a level but the first) and their covariance, by Newton's method."""
    terms = x.shape[1]
    beta = np.zeros((size - 1, terms))
    observed = (code[:, None] == np.arange(1, size)[None, :]).astype(np.float64)
    penalty = np.full(terms, LEVEL_RIDGE)
    penalty[0] = 1e-6
    covariance = np.eye((size - 1) * terms)
    for _ in range(MOST_STEPS):
        share = _shares(x, beta)[:, 1:]
        gradient = (observed - share).T @ x - penalty * beta
        information = np.zeros(((size - 1) * terms, (size - 1) * terms))
        for a in range(size - 1):
            for b in range(size - 1):
                weight = share[:, a] * ((a == b) - share[:, b])
                block = (x * weight[:, None]).T @ x
                information[a * terms : (a + 1) * terms, b * terms : (b + 1) * terms] = block
        information += np.diag(np.tile(penalty, size - 1))
        covariance = np.linalg.inv(information)
        step = (covariance @ gradient.ravel()).reshape(beta.shape)
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        beta = beta + step
        if np.abs(step).max() < TOLERANCE:
            break
    return beta, (covariance + covariance.T) / 2


def _shares(x: Floats, beta: Floats) -> Floats:
    """Probability of each level of each row."""
    score = np.column_stack([np.zeros(len(x)), x @ beta.T])
    score -= score.max(axis=1, keepdims=True)
    share = np.exp(score)
    total: Floats = share / share.sum(axis=1, keepdims=True)
    return total
