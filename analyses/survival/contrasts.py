"""Differences and ratios between groups, with limits: restricted means and survival at a day.

Groups are independent, so variances add. What is contrasted is estimated elsewhere.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats
from analyses.survival.horizons import survival_at
from analyses.survival.kaplan_meier import kaplan_meier
from analyses.survival.limits import normal_p_value, normal_quantile
from analyses.survival.restricted_mean import restricted_mean

Horizons = float | Sequence[float]


def restricted_mean_difference(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    horizon: Horizons,
    by: str,
    reference: object = None,
    entry: str | None = None,
    confidence: float = 0.95,
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Restricted mean of each group less that of the `reference` group (default: the first level).

    Returns `[by], reference, horizon, difference, std_error, ci_lower, ci_upper, p_value`, a row a
    group and horizon; limits and p-value are normal. The variance is that of `restricted_mean`
    (survRM2's). Missing where either mean is, and the p-value where the standard error is 0.
    `weight` and `robust` are those of `restricted_mean`.
    """
    means = restricted_mean(
        frame,
        time=time,
        event=event,
        horizon=horizon,
        by=by,
        entry=entry,
        weight=weight,
        robust=robust,
    )
    return difference_of(means, "rmst", by=by, reference=reference, confidence=confidence)


def restricted_mean_ratio(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    horizon: Horizons,
    by: str,
    reference: object = None,
    entry: str | None = None,
    confidence: float = 0.95,
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Restricted mean of each group divided by that of the `reference` group.

    Returns `[by], reference, horizon, ratio, std_error (of its logarithm), ci_lower, ci_upper,
    p_value`, normal on the scale of the logarithm by the delta method, as survRM2 does. `weight`
    and `robust` are those of `restricted_mean`.
    """
    means = restricted_mean(
        frame,
        time=time,
        event=event,
        horizon=horizon,
        by=by,
        entry=entry,
        weight=weight,
        robust=robust,
    )
    return ratio_of(means, "rmst", by=by, reference=reference, confidence=confidence)


def survival_difference(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    horizon: Horizons,
    by: str,
    reference: object = None,
    entry: str | None = None,
    confidence: float = 0.95,
    weight: str | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Kaplan-Meier survival of each group at a horizon less that of the `reference` group.

    Returns `[by], reference, horizon, difference, std_error, ci_lower, ci_upper, p_value`: plain
    limits and a normal p-value from Greenwood's standard errors, which is the fixed-time test of
    Klein et al. (Stat Med 2007) without transformation. Missing where either survival is. `weight`
    and `robust` are those of `kaplan_meier`.
    """
    curve = kaplan_meier(
        frame, time=time, event=event, entry=entry, weight=weight, by=by, robust=robust
    )
    at = survival_at(curve, horizon)
    return difference_of(at, "survival", by=by, reference=reference, confidence=confidence)


def difference_of(
    estimates: pd.DataFrame,
    value: str,
    *,
    by: str,
    reference: object = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Each group's `value` less the reference's at the same horizon.

    `estimates` has `[by], horizon, value, std_error`, as `restricted_mean` and `survival_at` give
    them. Returns `[by], reference, horizon, difference, std_error, ci_lower, ci_upper, p_value`.
    """
    if estimates.empty:
        raise AnalysisError("a difference between groups needs rows: the frame has none")
    base = estimates[by].iloc[0] if reference is None else reference
    is_base = (estimates[by] == base).to_numpy()
    if not is_base.any():
        raise AnalysisError(f"column '{by}' has no level equal to the reference given")
    against = estimates[is_base].set_index("horizon")[[value, "std_error"]]
    others = estimates[~is_base].reset_index(drop=True)
    matched = against.reindex(others["horizon"])
    difference: Floats = others[value].to_numpy(dtype=float) - matched[value].to_numpy(dtype=float)
    error = np.hypot(others["std_error"].to_numpy(dtype=float), matched["std_error"].to_numpy())
    width = normal_quantile(confidence) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = np.where(error > 0, normal_p_value(difference / error), np.nan)
    return pd.DataFrame(
        {
            by: others[by],
            "reference": [base] * len(others),
            "horizon": others["horizon"],
            "difference": difference,
            "std_error": error,
            "ci_lower": difference - width,
            "ci_upper": difference + width,
            "p_value": p_value,
        }
    )


def ratio_of(
    estimates: pd.DataFrame,
    value: str,
    *,
    by: str,
    reference: object = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Each group's `value` divided by the reference's at the same horizon, by the delta method.

    As `difference_of`; returns `ratio` in the place of the difference, and the standard error of
    its logarithm. A group whose value is 0 has no ratio.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = estimates["std_error"] / estimates[value]
        log = estimates.assign(**{value: np.log(estimates[value]), "std_error": relative})
    found = difference_of(
        log[np.isfinite(log[value]) | log[value].isna()],
        value,
        by=by,
        reference=reference,
        confidence=confidence,
    )
    limits = {name: np.exp(found[name]) for name in ("difference", "ci_lower", "ci_upper")}
    return found.assign(**limits).rename(columns={"difference": "ratio"})
