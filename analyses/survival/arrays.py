"""Array types and operations within groups. No statistics."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


# pandas sums with compensation, which long runs need; its third of a millisecond a call is most of
# the time of a fit to a few hundred rows.
SHORT = 10_000


def cumulative_sum(values: Floats, group: Ints) -> Floats:
    """Running sum within each group; `group` is sorted."""
    if 0 < len(group) <= SHORT and group[0] == group[-1]:
        total: Floats = np.cumsum(values, dtype=np.float64)
        return total
    return _as_floats(pd.Series(values).groupby(group, sort=False).cumsum())


def cumulative_product(values: Floats, group: Ints) -> Floats:
    """Running product within each group; `group` is sorted."""
    if 0 < len(group) <= SHORT and group[0] == group[-1]:
        product: Floats = np.cumprod(values, dtype=np.float64)
        return product
    return _as_floats(pd.Series(values).groupby(group, sort=False).cumprod())


def previous(values: Floats, group: Ints, first: float) -> Floats:
    """The value of the row before within the group, and `first` on a group's first row."""
    shifted = np.empty_like(values)
    shifted[1:] = values[:-1]
    shifted[starts_of_groups(group)] = first
    return shifted


def starts_of_groups(group: Ints) -> Ints:
    """Positions at which a new group begins; `group` is sorted."""
    if len(group) == 0:
        return np.empty(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1]).astype(np.int64)


def sum_at(position: Ints, size: int, values: Floats | None = None) -> Floats:
    """Sum of `values` (of ones when left out) at each of `size` positions."""
    total: Floats = np.bincount(position, weights=values, minlength=size).astype(np.float64)
    return total


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient, 0 where the denominator is 0."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    quotient: Floats = np.zeros(shape, dtype=np.float64)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient


def _as_floats(series: Any) -> Floats:
    values: Floats = series.to_numpy(dtype=np.float64)
    return values
