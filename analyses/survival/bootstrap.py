"""Bootstrap of a difference of restricted means, all replicates at once.

The analytic difference is in `contrasts`; the bootstrap is for what has no variance of its own
(weights, adjusted curves) and for small groups, where its percentiles show the skew.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, divide
from analyses.survival.frames import rows_of
from analyses.survival.risk_sets import Rows

# Resampled counts are one array of replicates by distinct times: so many numbers at a time.
MOST_NUMBERS = 20_000_000


@dataclass(frozen=True)
class BootstrapResult:
    """`difference` of all people; `std_error`, and percentile limits, of the `replicates` in which
    it is known. `n_missing`: replicates in which a group's last time, with survivors, was before
    the horizon."""

    difference: float
    std_error: float
    ci_lower: float
    ci_upper: float
    replicates: Floats
    n_missing: int


def bootstrap_restricted_mean_difference(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    horizon: float,
    by: str,
    reference: object = None,
    weight: str | None = None,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> BootstrapResult:
    """Restricted mean of a group less that of the reference, people resampled within groups.

    `by` has two levels; `reference` is the first by default. `weight`: any weights, which go with
    their people (they are not estimated anew in a replicate). The same `seed` gives the same
    replicates. Raises `AnalysisError` as `restricted_mean` does, and unless there are two groups.
    """
    if not (np.isfinite(horizon) and horizon > 0):
        raise AnalysisError("horizon must be a finite number above 0")
    if replicates < 2 or not 0 < confidence < 1:
        raise AnalysisError("a bootstrap needs 2 replicates, and confidence between 0 and 1")
    rows = rows_of(frame, time=time, event=event, weight=weight, by=by)
    levels = list(rows.groups.levels[by])
    if len(levels) != 2:
        raise AnalysisError(f"a difference is of two groups: column '{by}' has {len(levels)}")
    base = levels[0] if reference is None else reference
    if base not in levels:
        raise AnalysisError(f"column '{by}' has no level equal to the reference given")
    generator = np.random.default_rng(seed)
    sign = 1.0 if base == levels[0] else -1.0
    first, second = (_means(rows, code, horizon, replicates, generator) for code in (0, 1))
    difference = sign * (second - first)
    known = difference[1:][~np.isnan(difference[1:])]
    if len(known) < 2:
        raise AnalysisError("the horizon is beyond the data in all but one of the replicates")
    tail = 100 * (1 - confidence) / 2
    lower, upper = np.percentile(known, [tail, 100 - tail])
    return BootstrapResult(
        difference=float(difference[0]),
        std_error=float(known.std(ddof=1)),
        ci_lower=float(lower),
        ci_upper=float(upper),
        replicates=known,
        n_missing=replicates - len(known),
    )


def _means(
    rows: Rows, code: int, horizon: float, replicates: int, generator: np.random.Generator
) -> Floats:
    """Restricted means of a group: of everybody, then of each replicate."""
    mine = rows.groups.code == code
    time, event = rows.time[mine], rows.event[mine]
    weight = np.ones(len(time)) if rows.weight is None else rows.weight[mine]
    scale, place = np.unique(time, return_inverse=True)
    # Twice the position of a person's time, plus 1 for a censoring.
    cell = place * 2 + ~event
    size = 2 * len(scale)
    everybody = np.bincount(cell, weights=weight, minlength=size).astype(np.float64)
    found = [_area(scale, everybody[None, :], horizon)]
    block = max(1, MOST_NUMBERS // max(size, len(time)))
    for start in range(0, replicates, block):
        shape = (min(block, replicates - start), len(time))
        drawn = generator.integers(0, len(time), size=shape, dtype=np.int32)
        place_of = cell[drawn] + np.arange(shape[0])[:, None] * size
        counted = np.bincount(
            place_of.ravel(),
            weights=None if rows.weight is None else weight[drawn].ravel(),
            minlength=shape[0] * size,
        ).astype(np.float64)
        found.append(_area(scale, counted.reshape(-1, size), horizon))
    return np.concatenate(found)


def _area(scale: Floats, left: Floats, horizon: float) -> Floats:
    """Area under each row's curve; `left` holds events and censorings of each time by turns."""
    event = left[:, ::2]
    leaving = event + left[:, 1::2]
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    curve = np.cumprod(1.0 - divide(event, at_risk), axis=1)
    edges = np.minimum(np.append(scale, np.inf), horizon)
    area = edges[0] + curve @ np.diff(edges)
    last = scale[len(scale) - 1 - np.argmax(leaving[:, ::-1] > 0, axis=1)]
    unknown = (last < horizon) & (curve[:, -1] > 1e-12)
    means: Floats = np.where(unknown, np.nan, area)
    return means
