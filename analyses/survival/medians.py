"""Median survival and median follow-up, with limits. Curves are in `kaplan_meier`."""

import numpy as np
import pandas as pd

from analyses.survival.arrays import Floats
from analyses.survival.columns import indicator
from analyses.survival.counts import grouping, risk_table
from analyses.survival.groups import By, Groups
from analyses.survival.kaplan_meier import kaplan_meier, kaplan_meier_from_counts
from analyses.survival.limits import ConfidenceType

# R's: a product that should be exactly one half is allowed this much rounding.
TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def median_survival(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    by: By = None,
    entry: str | None = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Median survival with Brookmeyer-Crowley limits: R's `print(survfit(...))`.

    Returns `[by,] median, ci_lower, ci_upper`: where the curve and its pointwise limits reach one
    half; where one of them is exactly one half over an interval, the middle of the interval.
    What is not reached is missing (NaN). `weight` and `robust` are those of `kaplan_meier`.
    """
    if weight is None and not robust:
        counts = risk_table(frame, time=time, event=event, entry=entry, by=by)
        return median_from_counts(counts, confidence=confidence, conf_type=conf_type)
    curve = kaplan_meier(
        frame,
        time=time,
        event=event,
        entry=entry,
        weight=weight,
        by=by,
        confidence=confidence,
        conf_type=conf_type,
        robust=robust,
    )
    return _medians(curve)


def median_from_counts(
    counts: pd.DataFrame, *, confidence: float = 0.95, conf_type: ConfidenceType = "log-log"
) -> pd.DataFrame:
    """`median_survival` of a count table."""
    return _medians(kaplan_meier_from_counts(counts, confidence=confidence, conf_type=conf_type))


def _medians(curve: pd.DataFrame) -> pd.DataFrame:
    by, _ = grouping(curve)
    time = curve["time"].to_numpy(dtype=float)
    columns = {
        name: _first_half(time, curve[of].to_numpy(dtype=float), by)
        for name, of in (("median", "survival"), ("ci_lower", "ci_lower"), ("ci_upper", "ci_upper"))
    }
    return by.label(np.arange(by.count), columns)


def follow_up_median(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    by: By = None,
    entry: str | None = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Median follow-up by reverse Kaplan-Meier (Schemper and Smith 1996): the end of observation
    is the event, the event ends it early. R's `survfit(Surv(time, 1 - event) ~ by)`.

    Returns `[by,] median, ci_lower, ci_upper` as `median_survival` does.
    """
    reversed_frame = frame.assign(**{event: ~indicator(frame, event)})
    return median_survival(
        reversed_frame,
        time=time,
        event=event,
        by=by,
        entry=entry,
        confidence=confidence,
        conf_type=conf_type,
        weight=weight,
        robust=robust,
    )


def _first_half(time: Floats, height: Floats, by: Groups) -> Floats:
    """Where each group's falling step function reaches one half: `minmin` of R's `survmean`."""
    found = np.full(by.count, np.nan)
    low = np.flatnonzero(height < 0.5 + TOLERANCE)
    group, first = np.unique(by.code[low], return_index=True)
    found[group] = time[low[first]]
    for place in low[first][np.abs(height[low[first]] - 0.5) < TOLERANCE]:
        below = low[(by.code[low] == by.code[place]) & (height[low] < height[place] - TOLERANCE)]
        if len(below):
            found[by.code[place]] = (time[place] + time[below[0]]) / 2
    return found
