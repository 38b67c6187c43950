"""The counts layer: patients reduced to counts per distinct time, and counts read back.

A count table is a frame `[by,] time, n_at_risk, n_event, n_censored`, and with weights
`weighted_at_risk, weighted_event` after them. Estimators on counts take exactly these.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints
from analyses.survival.columns import numbers, refuse, times
from analyses.survival.frames import rows_of, rows_with_cause
from analyses.survival.groups import By, Groups, groups
from analyses.survival.risk_sets import RiskSets, Rows


def risk_table(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    weight: str | None = None,
    by: By = None,
) -> pd.DataFrame:
    """Counts at each distinct event or censoring time.

    Returns `[by,] time, n_at_risk, n_event, n_censored`: people at risk just before `time`, and
    those who leave at it; with `weight` also `weighted_at_risk, weighted_event`. No row is made
    for time 0. Delayed entry: at risk in (entry, time].
    """
    return table_of(rows_of(frame, time=time, event=event, entry=entry, weight=weight, by=by))


def table_of(rows: Rows) -> pd.DataFrame:
    """The count table of checked rows."""
    sets = rows.risk_sets()
    table = table_of_sets(sets)
    if rows.weight is not None:
        weighted = rows.risk_sets(weighted=True)
        table["weighted_at_risk"] = weighted.n_at_risk
        table["weighted_event"] = weighted.n_event
    return table


def table_of_sets(sets: RiskSets) -> pd.DataFrame:
    """The count table of risk sets of people."""
    return sets.groups.label(
        sets.group,
        {
            "time": sets.time,
            "n_at_risk": whole(sets.n_at_risk),
            "n_event": whole(sets.n_event),
            "n_censored": whole(sets.n_censored),
        },
    )


def cause_table(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    cause: str = "cause",
    entry: str | None = None,
    by: By = None,
    causes: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Counts of each cause at each distinct event or censoring time, for competing risks.

    Returns `[by,] cause, time, n_at_risk, n_event`; every group has every cause of `causes`
    (default: those seen anywhere in the frame), so that no curve is missing for want of an event.
    """
    rows, of_row = rows_with_cause(frame, time=time, cause=cause, entry=entry, by=by)
    sets = rows.risk_sets()
    wanted = wanted_causes(of_row, causes)
    events = [np.bincount(rows.place[of_row == c], minlength=len(sets.time)) for c in wanted]
    return long_table(sets, wanted, {"n_event": [whole(e.astype(float)) for e in events]})


def wanted_causes(of_row: Ints, causes: Sequence[int] | None) -> list[int]:
    """Causes to report: those asked for, else those seen."""
    seen = [int(c) for c in np.unique(of_row) if c > 0]
    if causes is None:
        return seen
    unlisted = int(np.count_nonzero(~np.isin(of_row, [0, *causes])))
    if unlisted:
        raise AnalysisError(f"{unlisted} of {len(of_row)} rows end in a cause that is not listed")
    return list(causes)


def long_table(
    sets: RiskSets, causes: Sequence[int], columns: dict[str, list[Floats] | list[Ints]]
) -> pd.DataFrame:
    """One block a group and cause: `[by,] cause, time, n_at_risk`, then `columns`, a list each."""
    n, k = len(sets.time), len(causes)
    stacked = {
        name: np.concatenate(parts) if parts else np.empty(0) for name, parts in columns.items()
    }
    order = np.lexsort(
        (np.tile(np.arange(n), k), np.repeat(np.arange(k), n), np.tile(sets.group, k))
    )
    body = {
        "cause": np.repeat(np.asarray(causes, dtype=np.int64), n),
        "time": np.tile(sets.time, k),
        "n_at_risk": np.tile(whole(sets.n_at_risk), k),
        **stacked,
    }
    return sets.groups.label(
        np.tile(sets.group, k)[order].astype(np.int64),
        {name: values[order] for name, values in body.items()},
    )


def whole(values: Floats) -> Ints:
    """Sums of people are whole numbers."""
    return np.rint(values).astype(np.int64)


def grouping(counts: pd.DataFrame) -> tuple[Groups, list[str]]:
    """Groups of a count table: the columns before `time` (and before `cause`)."""
    before = [str(column) for column in counts.columns]
    if "time" not in before:
        raise AnalysisError("a count table has a column 'time': make it with risk_table")
    names = [name for name in before[: before.index("time")] if name != "cause"]
    return groups(counts, names or None), names


def _rises(group: Ints, time: Floats) -> bool:
    """Whether rows are sorted by group and time, and no time stands twice in a group."""
    later = group[1:] > group[:-1]
    return bool(np.all(later | ((group[1:] == group[:-1]) & (time[1:] > time[:-1]))))


def read_counts(counts: pd.DataFrame) -> tuple[pd.DataFrame, Groups, Floats, Floats]:
    """A count table sorted by group and time, its groups, and the counts at risk and of events.

    Weighted counts are used when they are there. They must be whole: limits under other weights
    need the rows (`kaplan_meier` with `weight`).
    """
    by, _ = grouping(counts)
    time, ordered = times(counts, "time"), counts
    if not _rises(by.code, time):
        ordered = counts.iloc[np.lexsort((time, by.code))].reset_index(drop=True)
        by = Groups(levels=by.levels, code=np.sort(by.code))
        again = ordered.assign(_group=by.code).duplicated(["_group", "time"]).to_numpy()
        refuse("time", again, "not distinct")
    weighted = "weighted_at_risk" in ordered.columns
    at_risk = numbers(ordered, "weighted_at_risk" if weighted else "n_at_risk")
    event = numbers(ordered, "weighted_event" if weighted else "n_event")
    if weighted:
        refuse("weighted_at_risk", at_risk != np.floor(at_risk), "not whole")
    refuse("n_event", (event < 0) | (event > at_risk), "negative or above those at risk")
    return ordered, by, at_risk, event
