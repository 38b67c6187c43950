"""Derivatives by differences of the fourth order, and the maximum of a smooth function with them.

Belongs here: numerics. Does not belong here: any likelihood. Differences are taken in whitened
coordinates, in which the function is near -z'z / 2: steps are then shares of a standard error, and
the rounding error of a second derivative is about 1e-10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analyses.survival.arrays import Floats

STEP = 0.05  # in whitened coordinates
_ROUNDS = 40
# Twice the rise still to be had; below the second, rounding may be all that is left of it.
_DECREMENT, _ROUNDING = 1e-14, 1e-10
#: Curvature may span so many orders of magnitude before a model counts as not identified.
_MOST_SPREAD = 1e-10

Function = Callable[[Floats], float]


@dataclass(frozen=True)
class Maximum:
    """`root`: a matrix whose square is the covariance. `problem` says why it did not converge."""

    at: Floats
    value: float
    root: Floats
    problem: str = ""

    @property
    def covariance(self) -> Floats:
        """Inverse of the observed information."""
        return np.asarray(self.root @ self.root.T)


def maximise(function: Function, start: Floats, *, rounds: int = _ROUNDS) -> Maximum:
    """Newton's method after a simplex search; never raises for want of convergence."""
    with np.errstate(all="ignore"):
        return _maximum(function, start, rounds)


def _maximum(function: Function, start: Floats, rounds: int) -> Maximum:
    at = _search(function, np.asarray(start, dtype=np.float64))
    root = np.diag(np.full(len(at), 0.05))
    problem = f"no maximum within {rounds} steps"
    before = np.inf
    for _ in range(rounds):
        here = at

        def moved(z: Floats, here: Floats = here, root: Floats = root) -> float:
            return function(here + root @ z)

        slope, curvature = gradient(moved, len(at)), hessian(moved, len(at))
        if not (np.isfinite(slope).all() and np.isfinite(curvature).all()):
            problem = "the likelihood is not finite around the estimate"
            break
        values, vectors = np.linalg.eigh(-curvature)
        if values[-1] <= 0:
            problem = "the likelihood has no peak there"
            break
        flat = values < values[-1] * _MOST_SPREAD
        whitened = np.where(flat, values[-1], np.abs(values))
        step = vectors @ ((vectors.T @ slope) / whitened)
        decrement = float(slope @ step)
        was_round = bool(np.all(np.abs(values - 1) < 0.1))
        settled = decrement < _DECREMENT or before / 10 < decrement < _ROUNDING
        before = decrement
        if settled and was_round and not flat.any():
            return Maximum(at, function(at), root @ (vectors / np.sqrt(values)) @ vectors.T)
        if flat.any() and decrement < 1e-8:
            problem = "the data do not tell the parameters apart"
            break
        at = here + root @ _shortened(moved, step)
        root = root @ (vectors / np.sqrt(whitened))
        if not np.isfinite(root).all() or np.max(np.abs(root)) > 1e6:
            problem = "an estimate runs to its bound"
            break
    return Maximum(at, function(at), np.full((len(at), len(at)), np.nan), problem)


def gradient(function: Function, size: int, step: float = STEP) -> Floats:
    """First derivatives at 0."""
    found = np.empty(size)
    for place in range(size):
        found[place] = _first(function, _unit(size, place), step)
    return found


def hessian(function: Function, size: int, step: float = STEP) -> Floats:
    """Second derivatives at 0, the mixed ones by polarisation."""
    middle = function(np.zeros(size))
    found = np.empty((size, size))
    for place in range(size):
        found[place, place] = _second(function, middle, _unit(size, place), step)
    for row in range(size):
        for column in range(row):
            both = (_unit(size, row) + _unit(size, column)) / np.sqrt(2)
            along = _second(function, middle, both, step)
            mixed = along - (found[row, row] + found[column, column]) / 2
            found[row, column] = found[column, row] = mixed
    return found


def jacobian(function: Callable[[Floats], Floats], size: int, step: float = STEP) -> Floats:
    """First derivatives at 0 of a vector: one column a coordinate."""
    columns = []
    for place in range(size):
        unit = _unit(size, place)
        near = function(step * unit) - function(-step * unit)
        far = function(2 * step * unit) - function(-2 * step * unit)
        columns.append((8 * near - far) / (12 * step))
    return np.column_stack(columns)


def _first(function: Function, along: Floats, step: float) -> float:
    near = function(step * along) - function(-step * along)
    far = function(2 * step * along) - function(-2 * step * along)
    return (8 * near - far) / (12 * step)


def _second(function: Function, middle: float, along: Floats, step: float) -> float:
    near = function(step * along) + function(-step * along)
    far = function(2 * step * along) + function(-2 * step * along)
    return (16 * near - far - 30 * middle) / (12 * step**2)


def _unit(size: int, place: int) -> Floats:
    unit = np.zeros(size)
    unit[place] = 1.0
    return unit


def _shortened(function: Function, step: Floats) -> Floats:
    """The step, halved until it leads up."""
    best = function(np.zeros_like(step))
    # Far steps are not to be believed: the function is near quadratic only around the maximum.
    step = step * min(1.0, 10.0 / max(float(np.max(np.abs(step))), 1e-300))
    for _ in range(30):
        if function(step) >= best - 1e-12 * abs(best):
            return step
        step = step / 2
    return np.zeros_like(step)


def _search(function: Function, start: Floats) -> Floats:
    from scipy.optimize import minimize

    def loss(at: Floats) -> float:
        value = function(at)
        return -value if np.isfinite(value) else 1e50

    if not np.isfinite(function(start)):
        return start
    with np.errstate(all="ignore"):
        options = {"maxfev": 150 * len(start), "xatol": 1e-3, "fatol": 1e-3}
        found = minimize(loss, start, method="Nelder-Mead", options=options)
    best: Floats = found.x if loss(found.x) <= loss(start) else start
    return best
