"""What becomes known after the origin: landmark analyses, and rows split where it changes.

Comparing people by what happens to them later gives those it happened to the time they had to live
until it did (immortal time). Belongs here: the two ways round it, as rows for the other estimators.
Does not belong here: the estimators.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.arrays import Floats
from analyses.survival.kaplan_meier import kaplan_meier
from analyses.survival.limits import ConfidenceType


def landmark_rows(
    frame: pd.DataFrame,
    *,
    at: float,
    state_time: str,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    state: str = "state",
) -> pd.DataFrame:
    """Who is still at risk after `at`, the clock begun anew there (Anderson, Cain and Gelber 1983).

    `state_time`: when the state is reached, missing when it is not seen to be. Returns the rows
    with `time` beyond `at`, their `time` (and `entry`) less `at`, and a column `state`: 1 when it
    was reached at `at` or before, else 0, whatever happens later. Who has the event, or leaves
    observation, by `at` is in no group.
    """
    if not (np.isfinite(at) and at > 0):
        raise AnalysisError("a landmark is a finite time above 0")
    _free(frame, (state,))
    duration = columns.times(frame, time)
    columns.indicator(frame, event)
    reached = _reached(frame, state_time)
    later = duration > at
    changed = {time: duration[later] - at, state: (reached[later] <= at).astype(float)}
    if entry is not None:
        start = columns.entries(frame, entry, duration, time)
        changed[entry] = np.maximum(start[later] - at, 0.0)
    kept = frame[later].reset_index(drop=True).assign(**changed)
    return kept.assign(**{state: kept[state].astype(np.int64)})


def counting_rows(
    frame: pd.DataFrame,
    *,
    states: Mapping[str, str],
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    start: str = "start",
) -> pd.DataFrame:
    """Each row split where a state is reached: counting-process rows (`start`, `time`].

    `states`: a new 0/1 column for each, and the column with the time it is reached (missing: not
    seen to be). A state counts strictly after its time, so that an event on the same day is one
    without it. The event is on the last row of each. For `cox(entry="start")`; people follow on
    themselves, and need no cluster as they have one event at most.
    """
    _free(frame, (*states, start))
    duration = columns.times(frame, time)
    happened = columns.indicator(frame, event)
    begin = np.zeros(len(frame))
    if entry is not None:
        begin = columns.entries(frame, entry, duration, time)
    reached = {name: _reached(frame, column) for name, column in states.items()}
    cuts = np.array([begin, *reached.values()])
    inside = (cuts > begin) & (cuts < duration)
    inside[0] = True
    row = np.nonzero(inside)[1]
    cut = cuts[inside]
    order = np.lexsort((cut, row))
    row, cut = row[order], cut[order]
    fresh = np.append(True, (row[1:] != row[:-1]) | (cut[1:] != cut[:-1]))[: len(row)]
    row, cut = row[fresh], cut[fresh]
    is_last = np.append(row[1:] != row[:-1], True)[: len(row)]
    ends = np.where(is_last, duration[row], np.append(cut[1:], 0.0)[: len(row)])
    split = frame.iloc[row].reset_index(drop=True)
    changed = {
        start: cut,
        time: ends,
        event: (happened[row] & is_last).astype(np.int64),
        # At the origin a state reached there counts; later it counts strictly after its time.
        **{name: (at[row] <= cut).astype(np.int64) for name, at in reached.items()},
    }
    return split.assign(**changed)


def simon_makuch(
    frame: pd.DataFrame,
    *,
    state_time: str,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    state: str = "state",
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
) -> pd.DataFrame:
    """Survival of people while they are in the state, and while they are not yet (Simon and Makuch
    1984): `kaplan_meier` in which a person changes group when the state is reached.

    Returns the columns of `kaplan_meier` by `state` (0, 1). It is the curve of a population that
    changes, not the survival of a person who will, or will not, reach the state; few at risk early
    in state 1 make it fall for want of people.
    """
    rows = counting_rows(frame, states={state: state_time}, time=time, event=event, entry=entry)
    return kaplan_meier(
        rows,
        time=time,
        event=event,
        entry="start",
        by=state,
        confidence=confidence,
        conf_type=conf_type,
    )


def _reached(frame: pd.DataFrame, name: str) -> Floats:
    """Times of a state, infinite where it is not reached."""
    column = columns.present(frame, name)
    known = column.notna().to_numpy()
    values = np.full(len(frame), np.inf)
    values[known] = columns.numbers(frame[known], name)
    columns.refuse(name, values < 0, "negative")
    return values


def _free(frame: pd.DataFrame, names: Sequence[str]) -> None:
    taken = [name for name in names if name in frame.columns]
    if taken:
        raise AnalysisError(f"column '{taken[0]}' is in the frame already: give another name")
