"""Kaplan-Meier curves. The product itself is in `product_limit`, summaries of a curve elsewhere."""

import numpy as np
import pandas as pd

from analyses.survival.arrays import Floats
from analyses.survival.bands import BandKind, BandTransform, simultaneous_bands
from analyses.survival.counts import read_counts, table_of
from analyses.survival.frames import rows_of
from analyses.survival.groups import By, names_of
from analyses.survival.jackknife import Influences
from analyses.survival.limits import ConfidenceType, confidence_limits
from analyses.survival.product_limit import (
    LIFELINES_MOST_GROUPS,
    greenwood,
    survival,
    survival_by_lifelines,
)
from analyses.survival.risk_sets import Rows
from analyses.survival.truncation import truncate_curve


def kaplan_meier(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    weight: str | None = None,
    by: By = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
    min_at_risk: int | None = None,
    bands: BandKind | None = None,
    band_transform: BandTransform = "log-log",
    robust: bool = False,
) -> pd.DataFrame:
    """Kaplan-Meier survival with pointwise limits: R's `survfit(Surv(time, event) ~ by)`.

    Parameters: `time` a duration (not negative), `event` 0 or 1, `entry` delayed entry (at risk in
    (entry, time]; 0 or less is from the origin), `weight` case weights when all are whole, else
    probability weights, `by` a column or several, `min_at_risk` ends the curve with the last time
    at which so many people are at risk (`truncate_curve`), `bands` adds the simultaneous
    `band_lower, band_upper` of `simultaneous_bands` (missing outside its stretch), `robust` takes
    whole weights as probability weights too (R's `robust = TRUE`).

    Returns `[by,] time, n_at_risk, n_event, n_censored, survival, std_error, ci_lower, ci_upper`,
    and with `weight` also `weighted_at_risk, weighted_event`: one row a group and distinct event
    or censoring time, no row for time 0. Counts are of people (rows of weight 0 are nobody).
    `std_error` is on the probability scale: Greenwood (1926), or the infinitesimal jackknife
    when weights are not whole or with `robust`. At survival 1 both limits are 1; at survival 0 the
    standard error is 0 and the limits are missing (NaN, the only missing values there are).

    Raises `AnalysisError` naming the column and the number of rows.
    """
    rows = rows_of(frame, time=time, event=event, entry=entry, weight=weight, by=by)
    robust = robust or rows.weight_is_no_count
    counts = table_of(rows)
    curve = _estimate(rows, robust=robust)
    found = _with_limits(counts, *curve, confidence=confidence, conf_type=conf_type)
    if bands is not None:
        # With weights that are no counts `simultaneous_bands` refuses.
        band = simultaneous_bands(
            counts, kind=bands, transform=band_transform, confidence=confidence
        )
        columns = [*names_of(by), "time"]
        limits = band[[*columns, "band_lower", "band_upper"]]
        found = found.merge(limits, on=columns, how="left", validate="one_to_one")
    return found if min_at_risk is None else truncate_curve(found, min_at_risk)


def kaplan_meier_from_counts(
    counts: pd.DataFrame,
    *,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
) -> pd.DataFrame:
    """`kaplan_meier` of a count table (`risk_table`, `counts_from_duckdb`): the same columns."""
    ordered, by, at_risk, events = read_counts(counts)
    estimate = survival(at_risk, events, by.code)
    std_error = estimate * np.sqrt(greenwood(at_risk, events, by.code))
    return _with_limits(ordered, estimate, std_error, confidence=confidence, conf_type=conf_type)


def _estimate(rows: Rows, *, robust: bool) -> tuple[Floats, Floats]:
    sets = rows.risk_sets(weighted=rows.weight is not None)
    at_risk, events, group = sets.n_at_risk, sets.n_event, sets.group
    if rows.entry is None and not robust and 0 < rows.groups.count <= LIFELINES_MOST_GROUPS:
        estimate = survival_by_lifelines(sets.time, events, sets.n_censored, group)
    else:
        estimate = survival(at_risk, events, group)
    if not robust:
        return estimate, estimate * np.sqrt(greenwood(at_risk, events, group))
    variance = Influences.of(rows, group).survival_variance(at_risk, events, estimate, rows.event)
    return estimate, np.sqrt(variance)


def _with_limits(
    counts: pd.DataFrame,
    estimate: Floats,
    std_error: Floats,
    *,
    confidence: float,
    conf_type: ConfidenceType,
) -> pd.DataFrame:
    lower, upper = confidence_limits(
        estimate, std_error, confidence=confidence, conf_type=conf_type, certain=1.0
    )
    weighted = [c for c in counts.columns if c in ("weighted_at_risk", "weighted_event")]
    estimates = {
        "survival": estimate, "std_error": std_error, "ci_lower": lower, "ci_upper": upper
    }  # fmt: skip
    kept = {name: counts[name].copy() for name in counts.columns if name not in weighted}
    # Columns of millions of rows are not put together into blocks.
    return pd.DataFrame(
        {**kept, **estimates, **{name: counts[name].copy() for name in weighted}},
        index=counts.index,
        copy=False,
    )
