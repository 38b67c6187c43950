"""Curves made fit to show: no step of fewer than k events, nobody's censoring.

Belongs here: the disclosure-controlled curve. Does not belong here: drawing it (analyses.figures).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.disclosure.counts import DEFAULT_THRESHOLD

_TIMES = ("time_days", "time")
_PEOPLE = ("n_at_risk", "n_censored", "weighted_at_risk", "weighted_event")


def disclosed_curve(
    curve: pd.DataFrame, k: int = DEFAULT_THRESHOLD, *, horizons: Sequence[float] = ()
) -> pd.DataFrame:
    """The curve with steps of at least k events each, without numbers at risk or censored.

    curve: rows of results.survival_curve or results.cumulative_incidence, or what the estimators
    return; the columns before the time (`time_days` or `time`) tell the curves apart. Events are
    gathered until there are k: the step stands at the time of the last of them, with the curve's
    own value and limits there. What is left at the end, fewer than k events, is dropped. A curve
    with fewer than k events, or of fewer than k people, has no row.

    horizons: days at which the curve should have its exact value. What is left before one joins the
    step before it, if there is one since the horizon before; else it is carried over.

    Returns the columns of `curve` but n_at_risk, n_censored and weighted ones; n_event is that of
    the whole step.
    """
    if k < 1:
        raise ValueError(f"k is {k}: a step needs at least 1 event")
    time = next(name for name in _TIMES if name in curve.columns)
    keys = list(curve.columns[: list(curve.columns).index(time)])
    rows = curve.reset_index(drop=True)
    if keys and len(rows):
        curves = [group for _, group in rows.groupby(keys, sort=False, dropna=False)]
    else:
        curves = [rows]
    steps: dict[int, int] = {}
    for group in curves:
        steps |= _steps(group.sort_values(time), time, k, sorted(horizons))
    shown = rows.loc[sorted(steps)]
    shown = shown.assign(n_event=[steps[row] for row in shown.index])
    withheld = [name for name in _PEOPLE if name in shown.columns]
    return shown.drop(columns=withheld).reset_index(drop=True)


def _steps(group: pd.DataFrame, time: str, k: int, horizons: Sequence[float]) -> dict[int, int]:
    """Row -> events of the steps of one curve."""
    if "n_at_risk" in group.columns and len(group) and group["n_at_risk"].max() < k:
        return {}
    happened = group[group["n_event"] > 0]
    part = np.searchsorted(np.asarray(horizons, dtype=float), happened[time].to_numpy(dtype=float))
    steps: dict[int, int] = {}
    gathered, row = 0, -1
    for number in range(len(horizons) + 1):
        step = -1
        for row, count in happened.loc[part == number, "n_event"].items():
            gathered += int(count)
            if gathered >= k:
                step, steps[row], gathered = row, gathered, 0
        if gathered and step >= 0 and number < len(horizons):
            # The horizon closes the part: its last step takes in what is left.
            steps[row] = steps.pop(step) + gathered
            gathered = 0
    return steps
