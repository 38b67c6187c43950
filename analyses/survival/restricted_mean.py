"""Restricted mean survival time: the area under Kaplan-Meier up to a horizon."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints, cumulative_sum, sum_at
from analyses.survival.counts import read_counts, table_of
from analyses.survival.frames import rows_of
from analyses.survival.groups import By, Groups
from analyses.survival.jackknife import Influences
from analyses.survival.limits import normal_quantile
from analyses.survival.product_limit import greenwood_terms, survival


def restricted_mean(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    horizon: float | Sequence[float],
    by: By = None,
    entry: str | None = None,
    confidence: float = 0.95,
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Mean time lived up to `horizon` (one or several): R's `print(survfit(...), rmean=horizon)`.

    Returns `[by,] horizon, rmst, std_error, ci_lower, ci_upper`. The variance is the sum over
    event times of (area under the curve from there to the horizon)^2 d / (n (n - d)); limits are
    rmst -+ z std_error. Beyond the last observed time with survival above 0 the area is not
    known, and all four are missing (NaN). `weight` and `robust` are those of `kaplan_meier`: whole
    weights stand for rows repeated so often; others, and `robust`, give the variance of the
    infinitesimal jackknife.
    """
    rows = rows_of(frame, time=time, event=event, entry=entry, weight=weight, by=by)
    if not robust and not rows.weight_is_no_count:
        counts = table_of(rows)
        return restricted_mean_from_counts(counts, horizon=horizon, confidence=confidence)
    horizons = _horizons(horizon)
    sets = rows.risk_sets(weighted=rows.weight is not None)
    curve = survival(sets.n_at_risk, sets.n_event, sets.group)
    of_times = replace(rows.groups, code=sets.group)
    influences = Influences.of(rows, sets.group)
    parts = []
    for tau in horizons:
        mean, beyond = _area(sets.time, curve, of_times, tau)
        variance = influences.area_variance(sets.n_at_risk, sets.n_event, beyond, rows.event)
        parts.append((mean, variance))
    return _labelled(rows.groups, horizons, parts, confidence)


def restricted_mean_from_counts(
    counts: pd.DataFrame, *, horizon: float | Sequence[float], confidence: float = 0.95
) -> pd.DataFrame:
    """`restricted_mean` of a count table."""
    ordered, by, at_risk, event = read_counts(counts)
    horizons = _horizons(horizon)
    curve = survival(at_risk, event, by.code)
    terms = greenwood_terms(at_risk, event)
    duration = ordered["time"].to_numpy(dtype=float)
    parts = []
    for tau in horizons:
        mean, beyond = _area(duration, curve, by, tau)
        parts.append((mean, sum_at(by.code, by.count, beyond**2 * terms)))
    return _labelled(by, horizons, parts, confidence)


def _labelled(
    by: Groups, horizons: Floats, parts: list[tuple[Floats, Floats]], confidence: float
) -> pd.DataFrame:
    """Mean and variance of each group at each horizon, as a frame with limits."""
    z = normal_quantile(confidence)
    area = np.array([mean for mean, _ in parts]).T.ravel()
    variances = np.array([np.where(np.isnan(mean), np.nan, found) for mean, found in parts])
    error = np.sqrt(variances.T.ravel())
    return by.label(
        np.repeat(np.arange(by.count), len(horizons)),
        {
            "horizon": np.tile(horizons, by.count),
            "rmst": area,
            "std_error": error,
            "ci_lower": area - z * error,
            "ci_upper": area + z * error,
        },
    )


def _horizons(horizon: float | Sequence[float]) -> Floats:
    horizons = np.atleast_1d(np.asarray(horizon, dtype=np.float64))
    if not np.all(np.isfinite(horizons) & (horizons > 0)):
        raise AnalysisError("horizon must be a finite number above 0")
    return horizons


def _area(time: Floats, curve: Floats, by: Groups, horizon: float) -> tuple[Floats, Floats]:
    """Area under each group's curve up to the horizon, and what of it lies beyond each time."""
    group: Ints = by.code
    first = np.append(True, group[1:] != group[:-1])[: len(group)]
    last = np.append(group[1:] != group[:-1], True)[: len(group)]
    end = np.where(last, np.inf, np.append(time[1:], np.inf)[: len(group)])
    width = np.maximum(np.minimum(end, horizon) - np.minimum(time, horizon), 0.0)
    area = width * curve
    before = sum_at(group[first], by.count, np.minimum(time[first], horizon))
    total = before + sum_at(group, by.count, area)
    # Area to the right of each time: a running sum from the end of the group.
    beyond = cumulative_sum(area[::-1], group[::-1])[::-1]
    unknown = (time[last] < horizon) & (curve[last] > 0)
    total[group[last][unknown]] = np.nan
    return total, beyond * (time <= horizon)
