"""Reading a curve at fixed times. Curves are estimated elsewhere."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Booleans, Floats, sum_at
from analyses.survival.groups import Groups, groups


def survival_at(curve: pd.DataFrame, horizons: float | Sequence[float]) -> pd.DataFrame:
    """A curve's value at each horizon: R's `summary(fit, times=horizons)`.

    `curve` comes from `kaplan_meier` or `cumulative_incidence`. Returns `[by,] horizon, n_at_risk,
    survival, std_error, ci_lower, ci_upper` (`[by,] cause, horizon, n_at_risk, incidence, ...`).
    Before the first time survival is 1 and incidence 0, with standard error 0 and limits equal to
    them. Beyond the last observed time the value is missing (NaN), unless nobody is left without an
    event (survival 0; incidences that sum to 1). `n_at_risk` is read from the next time in the
    curve, 0 beyond the last.
    """
    value = "incidence" if "incidence" in curve.columns else "survival"
    if "time" not in curve.columns or value not in curve.columns:
        raise AnalysisError("survival_at reads a curve of kaplan_meier or cumulative_incidence")
    wanted = np.atleast_1d(np.asarray(horizons, dtype=np.float64))
    if not np.all(np.isfinite(wanted) & (wanted >= 0)):
        raise AnalysisError("horizons must be finite numbers from 0 up")
    names = [str(column) for column in curve.columns[: list(curve.columns).index("time")]]
    by = groups(curve, names or None)
    time = curve["time"].to_numpy(dtype=float)
    order = np.lexsort((time, by.code))
    code, time = by.code[order], time[order]
    group, wanted = np.repeat(np.arange(by.count), len(wanted)), np.tile(wanted, by.count)
    scale = np.unique(np.concatenate([time, wanted]))
    key, sought = (
        group_code * len(scale) + np.searchsorted(scale, at)
        for group_code, at in ((code, time), (group, wanted))
    )
    at = np.searchsorted(key, sought, side="right") - 1
    following = np.searchsorted(key, sought, side="left")
    before = at < np.searchsorted(code, group)
    after = following == np.searchsorted(code, group, side="right")
    at_risk = curve["n_at_risk"].to_numpy(dtype=np.int64)[order]
    columns = {"horizon": wanted, "n_at_risk": np.where(after, 0, np.append(at_risk, 0)[following])}
    start = float(value == "survival")
    height = curve[value].to_numpy(dtype=float)[order]
    ends = height[np.searchsorted(code, np.arange(by.count), side="right") - 1]
    nobody_left = ends == 0 if value == "survival" else _ended(by, ends)
    # With nobody left there is nothing more to learn: the curve goes on as it is.
    unknown = after & ~nobody_left[group]
    for name in [value, "std_error", "ci_lower", "ci_upper"]:
        values = curve[name].to_numpy(dtype=float)[order]
        first = 0.0 if name == "std_error" else start
        columns[name] = np.where(
            before, first, np.where(unknown, np.nan, np.append(values, 0.0)[at])
        )
    return by.label(group, columns)


def _ended(by: Groups, incidence: Floats) -> Booleans:
    """Whether the last incidences of all causes leave nobody without an event."""
    outer = groups(by.levels, [str(name) for name in by.levels.columns if name != "cause"])
    total = sum_at(outer.code, outer.count, incidence)
    ended: Booleans = (total > 1 - 1e-12)[outer.code]
    return ended
