"""Counts of a curve in steps of k people: what every public estimate of a curve is made from.

Belongs here: the count table in which no event and nobody's leaving is told alone. Does not belong
here: estimates on it (release_curves.py), steps of an exact curve (curves.py).

The k events of a step, and the k people of a step who leave, are spread evenly between the day of
the step before and their own, as OpenSAFELY interpolates between rounded steps. Whatever is then
estimated is a function of the days on which every k-th event and every k-th leaving happened, and
of the number at the start: one person more or less within a step changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.disclosure.counts import round_counts

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
EXACT = ("time", "n_at_risk", "n_event")


@dataclass(frozen=True)
class GroupedCounts:
    """The count table of one curve, and its steps.

    table: `time, n_at_risk, n_event, n_censored`, or with causes `cause, time, n_at_risk, n_event`
    (every cause at every time). steps: `[cause,] time, n_event`, events a multiple of k.
    """

    table: pd.DataFrame
    steps: pd.DataFrame

    @property
    def known_until(self) -> float:
        """The day of the last step: after it, fewer than k events are not told."""
        return float(self.steps["time"].max()) if len(self.steps) else 0.0


def grouped_counts(curve: pd.DataFrame, k: int, *, start: int | None = None) -> GroupedCounts:
    """Counts of a curve without competing events.

    curve: `time, n_at_risk, n_event, n_censored` of one curve, every distinct time. start: people
    at the start where that number is shown; else the nearest multiple of k.
    """
    exact = curve.sort_values("time")
    time = exact["time"].to_numpy(dtype=float)
    units = _units(time, exact["n_event"].to_numpy(dtype=float).cumsum(), k)
    at_risk = _at_risk(units, exact, k, start, exact["n_event"] + exact["n_censored"])
    table = pd.DataFrame({"time": units, "n_at_risk": at_risk, "n_event": 1, "n_censored": 0})
    # Units of one moment (events of day 0, or more than k on one day) are one row of the table.
    table = table.groupby("time", as_index=False).agg(
        n_at_risk=("n_at_risk", "max"), n_event=("n_event", "sum"), n_censored=("n_censored", "sum")
    )
    return GroupedCounts(table, _steps(units, k))


def grouped_causes(curves: pd.DataFrame, k: int, *, start: int | None = None) -> GroupedCounts:
    """Counts of the curves of competing causes: `cause, time, n_at_risk, n_event` of one stratum.

    Causes of fewer than k events are counted together: those steps end the risk of the others, and
    are not among the steps.
    """
    totals = curves.groupby("cause")["n_event"].sum()
    pooled = [cause for cause, total in totals.items() if total < k]
    exact = curves.groupby("time", as_index=False).agg(
        n_at_risk=("n_at_risk", "first"), n_event=("n_event", "sum")
    )
    of: dict[str | None, Floats] = {}
    for cause in [*totals.index.difference(pooled), None]:
        mine = curves["cause"].isin(pooled) if cause is None else curves["cause"] == cause
        events = curves[mine].groupby("time")["n_event"].sum().reindex(exact["time"], fill_value=0)
        of[cause] = _units(exact["time"].to_numpy(dtype=float), events.to_numpy().cumsum(), k)
    units = np.sort(np.concatenate(list(of.values())))
    at_risk = _at_risk(units, exact, k, start, exact["n_event"])
    moments, first = np.unique(units, return_index=True)
    parts = [
        pd.DataFrame(
            {
                "cause": "" if cause is None else cause,
                "time": moments,
                "n_at_risk": at_risk[first],
                "n_event": np.searchsorted(mine, moments, "right")
                - np.searchsorted(mine, moments, "left"),
            }
        )
        for cause, mine in of.items()
    ]
    steps = [_steps(mine, k).assign(cause=cause) for cause, mine in of.items() if cause is not None]
    columns = ["cause", "time", "n_event"]
    told = pd.concat(steps, ignore_index=True) if steps else pd.DataFrame(columns=columns)
    return GroupedCounts(pd.concat(parts, ignore_index=True), told[columns])


def _units(time: Floats, cumulative: Floats, k: int) -> Floats:
    """Times of single units: each k of them between the day of the step before and their own."""
    number = int(cumulative[-1] // k) if len(cumulative) else 0
    days = time[np.searchsorted(cumulative, k * np.arange(1, number + 1))]
    before = np.append(0.0, days)[:number]
    share = np.arange(1, k + 1) / k
    units: Floats = (before[:, None] + (days - before)[:, None] * share).ravel()
    # The last unit of a step is at its day to the last digit.
    units[k - 1 :: k] = days
    return units


def _steps(units: Floats, k: int) -> pd.DataFrame:
    days, number = np.unique(units[k - 1 :: k], return_counts=True)
    return pd.DataFrame({"time": days, "n_event": number * k})


def _at_risk(
    units: Floats, exact: pd.DataFrame, k: int, start: int | None, leaving: pd.Series
) -> Floats:
    """People at risk just before each unit of an event: never fewer than the events to come, and
    more where somebody is left after the last step: the curve ends at 0 when it does so."""
    time = exact["time"].to_numpy(dtype=float)
    people = exact["n_at_risk"].to_numpy(dtype=float)
    # Without delayed entry who is left after a time is at risk at the next one.
    last = max(people[-1] - float(leaving.iloc[-1]), 0.0) if len(people) else 0.0
    first = people[0] if len(people) else 0.0
    gone = first - np.append(people[1:], last)
    days, signs = _changes(time, gone, k)
    number = float(round_counts(pd.Series([int(first)]), k).iloc[0]) if start is None else start
    left = np.append(0.0, np.cumsum(signs))[np.searchsorted(days, units, side="left")]
    to_come = len(units) - np.searchsorted(units, units, side="left")
    at_risk: Floats = np.maximum(number - left, to_come + _rest(units, exact, k))
    return at_risk


def _rest(units: Floats, exact: pd.DataFrame, k: int) -> int:
    """People left by the last step: none, or the middle of what a step may leave."""
    if not len(units):
        return 0
    row = exact[exact["time"] == units[-1]].iloc[0]
    return 0 if row["n_at_risk"] <= row["n_event"] else max(k // 2, 1)


def _changes(time: Floats, gone: Floats, k: int) -> tuple[Floats, Floats]:
    """Times at which single units leave (1) or, under delayed entry, come (-1), k at a time."""
    days: list[Floats] = []
    signs: list[Floats] = []
    level, before = 0.0, 0.0
    share = np.arange(1, k + 1) / k
    for at, number in zip(time, gone, strict=True):
        while abs(number - level) >= k:
            sign = 1.0 if number > level else -1.0
            days.append(before + (at - before) * share)
            signs.append(np.full(k, sign))
            level, before = level + sign * k, at
    if not days:
        return np.empty(0), np.empty(0)
    return np.concatenate(days), np.concatenate(signs)
