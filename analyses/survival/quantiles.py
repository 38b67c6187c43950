"""Quantiles of survival with limits. The median of a printed curve is in `medians`."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats
from analyses.survival.counts import grouping
from analyses.survival.groups import By
from analyses.survival.kaplan_meier import kaplan_meier, kaplan_meier_from_counts
from analyses.survival.limits import ConfidenceType
from analyses.survival.medians import TOLERANCE


def quantiles(
    frame: pd.DataFrame,
    *,
    probabilities: float | Sequence[float] = (0.25, 0.5, 0.75),
    time: str = "time",
    event: str = "event",
    by: By = None,
    entry: str | None = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Times by which shares of the patients have had the event: R's `quantile(survfit(...))`.

    Returns `[by,] probability, quantile, ci_lower, ci_upper`: the first time at which 1 - survival
    (and 1 - each limit) reaches the probability; where it stays there exactly, the middle of that
    interval, also when follow-up ends in it (there `median_survival`, like R's printed median,
    gives its start). What is not reached is missing (NaN). `weight` and `robust` are those of
    `kaplan_meier`.
    """
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
    return quantiles_of_curve(curve, probabilities=probabilities)


def quantiles_from_counts(
    counts: pd.DataFrame,
    *,
    probabilities: float | Sequence[float] = (0.25, 0.5, 0.75),
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
) -> pd.DataFrame:
    """`quantiles` of a count table."""
    curve = kaplan_meier_from_counts(counts, confidence=confidence, conf_type=conf_type)
    return quantiles_of_curve(curve, probabilities=probabilities)


def quantiles_of_curve(
    curve: pd.DataFrame, *, probabilities: float | Sequence[float] = (0.25, 0.5, 0.75)
) -> pd.DataFrame:
    """`quantiles` of curves with their limits, as `kaplan_meier` gives them."""
    wanted = np.atleast_1d(np.asarray(probabilities, dtype=np.float64))
    if not np.all((wanted >= 0) & (wanted <= 1)):
        raise AnalysisError("probabilities of quantiles must lie between 0 and 1")
    by, _ = grouping(curve)
    found: dict[str, list[Floats]] = {"quantile": [], "ci_lower": [], "ci_upper": []}
    for code in range(by.count):
        mine = by.code == code
        time = np.append(0.0, curve["time"].to_numpy(dtype=float)[mine])
        for name, of in zip(found, ("survival", "ci_lower", "ci_upper"), strict=True):
            gone = np.append(0.0, 1.0 - curve[of].to_numpy(dtype=float)[mine])
            found[name].append(_reached(time, gone, wanted))
    columns = {
        name: np.concatenate(parts) if parts else np.empty(0) for name, parts in found.items()
    }
    return by.label(
        np.repeat(np.arange(by.count), len(wanted)),
        {"probability": np.tile(wanted, by.count), **columns},
    )


def _reached(time: Floats, gone: Floats, wanted: Floats) -> Floats:
    """Where a rising step function that starts at 0 reaches each level."""
    known = ~np.isnan(gone)
    at = time[known]
    # The function rises; a hair of rounding between steps must not make a new one.
    height = np.maximum.accumulate(gone[known])
    first = np.searchsorted(height, wanted - TOLERANCE, side="left")
    beyond = np.searchsorted(height, wanted + TOLERANCE, side="left")
    steps = np.append(at, np.nan)
    end = np.where((beyond == len(at)) & (first < len(at)) & known[-1], at[-1], steps[beyond])
    middle: Floats = (steps[first] + end) / 2
    return np.where(wanted == 0, at[0], middle)
