"""The counts layer in DuckDB: patients are reduced where they are, and only counts come out.

The same tables as `counts.risk_table` and `counts.cause_table`, from a relation.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.survival.arrays import Booleans, Floats, Ints, sum_at
from analyses.survival.counts import long_table, table_of_sets
from analyses.survival.groups import By, free_names_of, groups
from analyses.survival.risk_sets import RiskSets


def counts_from_duckdb(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    *,
    time: str = "time",
    event: str = "event",
    cause: str | None = None,
    entry: str | None = None,
    by: By = None,
) -> pd.DataFrame:
    """The count table of a relation: `risk_table`'s columns, or with `cause` `cause_table`'s.

    `relation` is SQL that gives rows: a table's name or a query; the other names are its columns.
    Raises `AnalysisError` with the column and the number of rows, as reading a frame does.
    """
    source = relation if relation.split() == [relation] else f"({relation})"
    names = free_names_of(by)
    outcome = event if cause is None else cause
    keys = "".join(f"{_quoted(name)}, " for name in names)
    # Checked after they are counted: one pass over the rows instead of two.
    exits = con.execute(
        f"select {keys}{_quoted(time)}::double as _time, {_quoted(outcome)}::double as _outcome,"
        f" count(*) as _n from {source} group by all"
    ).df()
    _check(exits, time, outcome, is_cause=cause is not None)
    late = exits.iloc[:0]
    if entry is not None:
        _check_entries(con, source, time, entry)
        late = con.execute(
            f"select {keys}{_quoted(entry)}::double as _time, 0::double as _outcome,"
            f" count(*) as _n from {source} where {_quoted(entry)} > 0 group by all"
        ).df()
    return _table(exits, late, names, cause is not None)


def _table(
    exits: pd.DataFrame, late: pd.DataFrame, names: Sequence[str], by_cause: bool
) -> pd.DataFrame:
    both = groups(pd.concat([exits, late], ignore_index=True) if len(late) else exits, names)
    code, late_code = both.code[: len(exits)], both.code[len(exits) :]
    rank, times = pd.factorize(exits["_time"].to_numpy(dtype=float), sort=True)
    size = max(len(times), 1)
    place, observed = pd.factorize(code * size + rank, sort=True)
    observed = np.asarray(observed, dtype=np.int64)
    place = place.astype(np.int64)
    number = exits["_n"].to_numpy(dtype=float)
    outcome = exits["_outcome"].to_numpy(dtype=np.int64)
    order = np.lexsort((late["_time"].to_numpy(dtype=float), late_code))
    sets = RiskSets(
        groups=both,
        group=observed // size,
        time=np.asarray(times, dtype=float)[observed % size],
        n_event=sum_at(place, len(observed), np.where(outcome > 0, number, 0.0)),
        n_exit=sum_at(place, len(observed), number),
        entry_group=late_code[order],
        entry_time=late["_time"].to_numpy(dtype=float)[order],
        entry_count=late["_n"].to_numpy(dtype=float)[order],
    )
    if not by_cause:
        return table_of_sets(sets)
    causes = [int(c) for c in np.unique(outcome) if c > 0]
    events: list[Ints] = [
        np.rint(sum_at(place, len(observed), np.where(outcome == c, number, 0.0))).astype(np.int64)
        for c in causes
    ]
    return long_table(sets, causes, {"n_event": events})


def _check(exits: pd.DataFrame, time: str, outcome: str, *, is_cause: bool) -> None:
    """Everything that would have no meaning in the rows counted."""
    t, e, number = (exits[name].to_numpy(dtype=float) for name in ("_time", "_outcome", "_n"))
    _refuse(time, np.isnan(t), "missing", number)
    _refuse(time, t < 0, "negative", number)
    _refuse(time, np.isinf(t), "infinite", number)
    _refuse(outcome, np.isnan(e), "missing", number)
    if is_cause:
        _refuse(outcome, (e < 0) | (e != np.floor(e)), "not a whole number from 0 up", number)
    else:
        _refuse(outcome, (e != 0) & (e != 1), "neither 0 nor 1", number)


def _refuse(column: str, bad: Booleans, what: str, number: Floats) -> None:
    if bad.any():
        count = int(number[bad].sum())
        raise AnalysisError(f"column '{column}' is {what} in {rows(count)} of {number.sum():.0f}")


def _check_entries(con: duckdb.DuckDBPyConnection, source: str, time: str, entry: str) -> None:
    """Entries are compared with the end of their own row."""
    t, s = f"{_quoted(time)}::double", f"{_quoted(entry)}::double"
    rules = [("missing", f"{s} is null or isnan({s})"), ("infinite", f"isinf({s})")]
    rules += [(f"not before '{time}'", f"{s} > 0 and {s} >= {t}")]
    counted = ", ".join(f"count(*) filter (where {condition})" for _, condition in rules)
    # fetchall, not fetchone: an unfinished result would block the connection.
    [(total, *counts)] = con.execute(f"select count(*), {counted} from {source}").fetchall()
    for (what, _), count in zip(rules, counts, strict=True):
        if count:
            raise AnalysisError(f"column '{entry}' is {what} in {rows(count)} of {total}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
