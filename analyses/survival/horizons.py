"""Reading a curve at fixed times. Curves are estimated elsewhere."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats
from analyses.survival.groups import groups

_VALUES = ["std_error", "ci_lower", "ci_upper"]


def survival_at(curve: pd.DataFrame, horizons: float | Sequence[float]) -> pd.DataFrame:
    """A curve's value at each horizon: R's `summary(fit, times=horizons)`.

    `curve` comes from `kaplan_meier` or `cumulative_incidence`. Returns `[by,] horizon, n_at_risk,
    survival, std_error, ci_lower, ci_upper` (`[by,] cause, horizon, n_at_risk, incidence, ...`).
    Before the first time survival is 1 and incidence 0, with standard error 0 and limits equal to
    them. Beyond the last observed time the value is missing (NaN), unless survival is 0 there.
    `n_at_risk` is read from the next time in the curve, 0 beyond the last.
    """
    value = "incidence" if "incidence" in curve.columns else "survival"
    if "time" not in curve.columns or value not in curve.columns:
        raise AnalysisError("survival_at reads a curve of kaplan_meier or cumulative_incidence")
    wanted = np.atleast_1d(np.asarray(horizons, dtype=np.float64))
    if not np.all(np.isfinite(wanted) & (wanted >= 0)):
        raise AnalysisError("horizons must be finite numbers from 0 up")
    names = [str(column) for column in curve.columns[: list(curve.columns).index("time")]]
    by = groups(curve, names or None)
    blocks = [_read(curve[by.code == g], wanted, value) for g in range(by.count)]
    body = pd.concat(blocks, ignore_index=True) if blocks else _read(curve, wanted[:0], value)
    code = np.repeat(np.arange(by.count), len(wanted))
    return by.label(code, {str(name): body[name].to_numpy() for name in body.columns})


def _read(curve: pd.DataFrame, wanted: Floats, value: str) -> pd.DataFrame:
    curve = curve.sort_values("time")
    time = curve["time"].to_numpy(dtype=float)
    at = np.searchsorted(time, wanted, side="right") - 1
    following = np.searchsorted(time, wanted, side="left")
    at_risk = np.append(curve["n_at_risk"].to_numpy(dtype=np.int64), 0)[following]
    start = {value: float(value == "survival"), "std_error": 0.0}
    start["ci_lower"] = start["ci_upper"] = start[value]
    columns = {"horizon": wanted, "n_at_risk": at_risk}
    for name in [value, *_VALUES]:
        columns[name] = np.append(curve[name].to_numpy(dtype=float), start[name])[at]
    beyond = following == len(time)
    beyond &= (wanted > time.max()) if len(time) else True
    if value == "survival":
        beyond &= columns["survival"] > 0
    for name in [value, *_VALUES]:
        columns[name] = np.where(beyond, np.nan, columns[name])
    return pd.DataFrame(columns)
