"""Restricted mean survival time: the area under Kaplan-Meier up to a horizon."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints, cumulative_sum, sum_at
from analyses.survival.counts import read_counts, risk_table
from analyses.survival.groups import By, Groups
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
) -> pd.DataFrame:
    """Mean time lived up to `horizon` (one or several): R's `print(survfit(...), rmean=horizon)`.

    Returns `[by,] horizon, rmst, std_error, ci_lower, ci_upper`. The variance is the sum over
    event times of (area under the curve from there to the horizon)^2 d / (n (n - d)); limits are
    rmst -+ z std_error. Beyond the last observed time with survival above 0 the area is not
    known, and all four are missing (NaN).
    """
    counts = risk_table(frame, time=time, event=event, entry=entry, by=by)
    return restricted_mean_from_counts(counts, horizon=horizon, confidence=confidence)


def restricted_mean_from_counts(
    counts: pd.DataFrame, *, horizon: float | Sequence[float], confidence: float = 0.95
) -> pd.DataFrame:
    """`restricted_mean` of a count table."""
    ordered, by, at_risk, event = read_counts(counts)
    horizons = _horizons(horizon)
    z = normal_quantile(confidence)
    curve = survival(at_risk, event, by.code)
    terms = greenwood_terms(at_risk, event)
    duration = ordered["time"].to_numpy(dtype=float)
    parts = [_area(duration, curve, terms, by, tau) for tau in horizons]
    area = np.array([mean for mean, _ in parts]).T.ravel()
    error = np.sqrt(np.array([variance for _, variance in parts]).T.ravel())
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


def _area(
    time: Floats, curve: Floats, terms: Floats, by: Groups, horizon: float
) -> tuple[Floats, Floats]:
    """Area under each group's curve up to the horizon, and its variance."""
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
    variance = sum_at(group, by.count, beyond**2 * terms * (time <= horizon))
    unknown = (time[last] < horizon) & (curve[last] > 0)
    total[group[last][unknown]] = np.nan
    return total, np.where(np.isnan(total), np.nan, variance)
