"""Step curves taken out of a results table, one per stratum, and looked up at any time.

Belongs here: reading `survival_curve` and `cumulative_incidence` rows. Does not: estimating
anything, nor drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

EARLY = 0.25
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StepCurve:
    """One right-continuous step curve; arrays of equal length, sorted by `time` (days).

    `start` is the value before the first row: 1 for survival, 0 for incidence. `lower`, `upper`
    and `at_risk` are NaN where the table has NULL or lacks the column. `smooth`: no steps, but
    straight lines from row to row, and nothing before the first (a modelled curve, a hazard).
    `truncated`: people are at risk after the last row, nobody knows how many.
    """

    name: str
    start: float
    time: Floats
    value: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats
    n_event: Floats
    n_censored: Floats
    smooth: bool = False
    truncated: bool = False

    @property
    def last(self) -> float:
        """The last observed time in days."""
        return float(self.time[-1]) if len(self.time) else 0.0

    @property
    def last_event(self) -> float:
        """The time of the last event in days, 0 when there was none."""
        happened = self.time[self.n_event > 0]
        return float(happened[-1]) if len(happened) else 0.0

    def values_at(self, days: Floats, column: Floats | None = None) -> Floats:
        """The curve (or one of its limits) at `days`; NaN after the last observed time."""
        source = self.value if column is None else column
        if self.smooth:
            nothing = np.full(len(days), np.nan)
            if not len(self.time):
                return nothing
            return np.interp(days, self.time, source, left=np.nan, right=np.nan)
        steps = np.concatenate(([self.start], source))
        found = steps[np.searchsorted(self.time, days, side="right")]
        return np.where(days > self.last, np.nan, found)

    def at_risk_at(self, days: Floats) -> Floats:
        """People at risk just before `days`, as R's summary.survfit: the next row's count."""
        padded = np.concatenate((self.at_risk, [np.nan if self.truncated else 0.0]))
        return padded[np.searchsorted(self.time, days, side="left")]


def step_curves(
    frame: pd.DataFrame,
    value: str,
    *,
    by: str = "stratum",
    order: Sequence[str] = (),
    smooth: bool = False,
) -> tuple[StepCurve, ...]:
    """The curves of a table, one per level of `by`, in `order` (then alphabetical).

    `frame`: columns time_days (or time), `value`, and, where known, `by`, ci_lower, ci_upper,
    n_at_risk, n_event, n_censored. Survival starts at 1, anything else at 0; `smooth` curves are
    no steps. Raises ValueError naming a column that is needed and missing.
    """
    time = "time_days" if "time_days" in frame.columns else "time"
    for needed in (time, value):
        if needed not in frame.columns:
            raise ValueError(f"a curve needs the column {needed!r}; the table has none")
    if by not in frame.columns:
        return (_curve("overall", frame, time, value, smooth=smooth),)
    levels = frame[by].astype(str)
    known = {name: place for place, name in enumerate(order)}
    names = sorted(levels.unique(), key=lambda name: (known.get(name, len(known)), name))
    return tuple(_curve(name, frame[levels == name], time, value, smooth=smooth) for name in names)


def end_of_interest(curves: Sequence[StepCurve]) -> float:
    """The day at which an axis of these curves ends: their last, or a little after their last event
    when that is in the first quarter of the follow-up."""
    last = max((c.last for c in curves), default=1.0)
    last_event = max((c.last_event for c in curves), default=0.0)
    if 0 < last_event < EARLY * last:
        return min(last, max(30.0, last_event * 1.25))
    return last


def _curve(
    name: str, rows: pd.DataFrame, time: str, value: str, *, smooth: bool = False
) -> StepCurve:
    rows = rows.sort_values(time, kind="stable")

    def column(label: str, missing: float) -> Floats:
        if label not in rows.columns:
            return np.full(len(rows), missing)
        return np.asarray(pd.to_numeric(rows[label]).to_numpy("float64", na_value=np.nan))

    return StepCurve(
        name=name,
        start=1.0 if value == "survival" else 0.0,
        time=column(time, np.nan),
        value=column(value, np.nan),
        lower=column("ci_lower", np.nan),
        upper=column("ci_upper", np.nan),
        at_risk=column("n_at_risk", np.nan),
        n_event=column("n_event", 0.0),
        n_censored=column("n_censored", 0.0),
        smooth=smooth,
    )
