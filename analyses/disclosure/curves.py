"""Curves made fit to show: no step of fewer than k events, nobody's censoring.

Belongs here: the disclosure-controlled curve. Does not belong here: drawing it (analyses.figures).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.policy import DEFAULT_THRESHOLD

_TIMES = ("time_days", "time")
_PEOPLE = ("n_at_risk", "n_censored", "weighted_at_risk", "weighted_event")


def disclosed_curve(curve: pd.DataFrame, k: int = DEFAULT_THRESHOLD) -> pd.DataFrame:
    """The curve with steps of at least k events each, without numbers at risk or censored.

    curve: rows of results.survival_curve or results.cumulative_incidence, or what the estimators
    return; the columns before the time (`time_days` or `time`) tell the curves apart. Events are
    gathered until there are k: the step stands at the time of the last of them, with the curve's
    own value and limits there. What is left at the end, fewer than k events, is dropped. A curve
    with fewer than k events, or of fewer than k people, has no row. The values are exact: for
    pictures. At full precision they tell who was censored between the steps (release_curves.py).

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
        steps |= _steps(group.sort_values(time), k)
    shown = rows.loc[sorted(steps)]
    shown = shown.assign(n_event=[steps[row] for row in shown.index])
    withheld = [name for name in _PEOPLE if name in shown.columns]
    return shown.drop(columns=withheld).reset_index(drop=True)


def _steps(group: pd.DataFrame, k: int) -> dict[int, int]:
    """Row -> events of the steps of one curve."""
    if "n_at_risk" in group.columns and len(group) and group["n_at_risk"].max() < k:
        return {}
    steps: dict[int, int] = {}
    gathered = 0
    for row, count in group.loc[group["n_event"] > 0, "n_event"].items():
        gathered += int(count)
        if gathered >= k:
            steps[row], gathered = gathered, 0
    return steps
