"""The counts layer in DuckDB: patients are reduced where they are, and only counts come out.

The same tables as `counts.risk_table` and `counts.cause_table`, from a relation.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.survival.arrays import Ints, sum_at
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
    _check(con, source, time, event if cause is None else None, cause, entry)
    outcome = _quoted(cause if cause is not None else event)
    keys = "".join(f"{_quoted(name)}, " for name in names)
    exits = con.execute(
        f"select {keys}{_quoted(time)}::double as _time, {outcome}::bigint as _outcome,"
        f" count(*) as _n from {source} group by all"
    ).df()
    late = exits.iloc[:0]
    if entry is not None:
        late = con.execute(
            f"select {keys}{_quoted(entry)}::double as _time, 0::bigint as _outcome,"
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


def _check(
    con: duckdb.DuckDBPyConnection,
    source: str,
    time: str,
    event: str | None,
    cause: str | None,
    entry: str | None,
) -> None:
    """One pass over the relation for everything that would have no meaning."""
    t = f"{_quoted(time)}::double"
    rules = [(time, "missing", f"{t} is null")]
    rules += [(time, "negative", f"{t} < 0"), (time, "infinite", f"not isfinite({t})")]
    if event is not None:
        e = f"{_quoted(event)}::double"
        rules += [
            (event, "missing", f"{e} is null"),
            (event, "neither 0 nor 1", f"{e} not in (0, 1)"),
        ]
    if cause is not None:
        c = f"{_quoted(cause)}::double"
        rules += [
            (cause, "missing", f"{c} is null"),
            (cause, "not a whole number from 0 up", f"{c} < 0 or {c} <> floor({c})"),
        ]
    if entry is not None:
        s = f"{_quoted(entry)}::double"
        rules += [(entry, "missing", f"{s} is null"), (entry, "infinite", f"not isfinite({s})")]
        rules += [(entry, f"not before '{time}'", f"{s} > 0 and {s} >= {t}")]
    counted = ", ".join(f"count(*) filter (where {condition})" for _, _, condition in rules)
    # fetchall, not fetchone: an unfinished result would block the connection.
    [(total, *counts)] = con.execute(f"select count(*), {counted} from {source}").fetchall()
    for (column, what, _), count in zip(rules, counts, strict=True):
        if count:
            raise AnalysisError(f"column '{column}' is {what} in {rows(count)} of {total}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
