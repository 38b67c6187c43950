"""How many rows of a table came, went or changed between deliveries, by the key of the table.

Rows are reduced to 64-bit hashes first, so a large table costs memory for two numbers a key; whole
rows are looked at for changed keys only. A collision, about one in 10^6 for 10^7 keys, hides one
change.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from ingestion import database, sql
from ingestion.raw_files import LINEAGE
from ingestion.tables import Table

MEMORY = "1GB"
Counts = dict[tuple[str, str | None], int]


def compare(
    table: Table, before: Sequence[Path], now: Sequence[Path], *, removal: bool, scratch: Path
) -> Counts:
    """Counts by (change, column): rows_added, rows_removed (with `removal`), rows_changed, and
    cells_changed of each column.

    before: raw files, of which the latest delivery of each key counts; now: those of one delivery.
    A table without a key is compared by whole rows: a changed row is one removed and one added.
    scratch: a folder where what does not fit into memory is put for a moment.
    """
    names = _common(before, now)
    key = [name for name in table.version_key if name in names]
    with database.connect() as con:
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute("SET temp_directory = ?", [str(scratch / "warehouse" / "drift.tmp")])
        for name, files in (("before_rows", before), ("now_rows", now)):
            con.execute(f"CREATE VIEW {name} AS {_rows(files, names, key)}")
        for name in ("before", "now"):
            con.execute(
                f"""CREATE TABLE {name} AS
                SELECT k, arg_max(n, _delivery) AS n, arg_max(sign, _delivery) AS sign FROM (
                    SELECT k, _delivery, count(*) AS n, sum({_hash(names)}) AS sign
                    FROM {name}_rows GROUP BY ALL)
                GROUP BY k"""
            )
        counts = _counts(con, keyed=bool(key), removal=removal)
        if counts["rows_changed", None]:
            counts |= _cells(con, [name for name in names if name not in key])
    return counts


def _common(before: Sequence[Path], now: Sequence[Path]) -> list[str]:
    """Columns that all files hold: others are a change of columns, not of rows."""
    schemas = [pq.read_schema(path).names for path in (*before, *now)]
    return [n for n in schemas[0] if n not in LINEAGE.names and all(n in s for s in schemas)]


def _hash(names: Sequence[str]) -> str:
    return f"hash({', '.join(sql.identifier(name) for name in names) or 'NULL'})"


def _rows(files: Sequence[Path], names: Sequence[str], key: Sequence[str]) -> str:
    columns = ", ".join(["_delivery", *(sql.identifier(name) for name in names)])
    if not files:
        empty = ", ".join(f"NULL::VARCHAR AS {sql.identifier(name)}" for name in names)
        source = f"(SELECT NULL::DATE AS _delivery, {empty or 'NULL AS nothing'} WHERE FALSE)"
    else:
        listed = ", ".join(sql.literal(sql.plain_path(path)) for path in files)
        source = f"read_parquet([{listed}], union_by_name = true)"
    return f"SELECT {columns}, {_hash(key or names)} AS k FROM {source}"


def _counts(con: duckdb.DuckDBPyConnection, *, keyed: bool, removal: bool) -> Counts:
    more = "0" if keyed else "greatest(now.n - before.n, 0)"
    less = "0" if keyed else "greatest(before.n - now.n, 0)"
    changed = "before.sign <> now.sign" if keyed else "FALSE"
    row = con.execute(
        f"""SELECT coalesce(sum(CASE WHEN before.k IS NULL THEN now.n ELSE {more} END), 0),
            coalesce(sum(CASE WHEN now.k IS NULL THEN before.n ELSE {less} END), 0),
            count(*) FILTER ({changed})
        FROM before FULL JOIN now USING (k)"""
    ).fetchall()[0]
    counts: Counts = {("rows_added", None): int(row[0]), ("rows_changed", None): int(row[2])}
    if removal:
        counts["rows_removed", None] = int(row[1])
    return counts


def _cells(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> Counts:
    """For each column, in how many changed keys the set of its values changed: a key with two rows
    that has one now changed only where the two differed."""
    con.execute(
        "CREATE TABLE changed AS SELECT k FROM before JOIN now USING (k) "
        "WHERE before.sign <> now.sign"
    )
    quoted = [sql.identifier(name) for name in names]
    sums = ", ".join(f"sum(DISTINCT hash({name})) AS {name}" for name in quoted)
    lasts = ", ".join(f"arg_max({name}, _delivery) AS {name}" for name in quoted)
    signs = [
        f"""SELECT k, {lasts} FROM (SELECT k, _delivery, {sums} FROM {rows} SEMI JOIN changed
            USING (k) GROUP BY k, _delivery) GROUP BY k"""
        for rows in ("before_rows", "now_rows")
    ]
    tests = ", ".join(f"count(*) FILTER (b.{name} <> n.{name})" for name in quoted)
    row = con.execute(
        f"SELECT {tests or 'NULL'} FROM ({signs[0]}) AS b JOIN ({signs[1]}) AS n USING (k)"
    ).fetchall()[0]
    return {("cells_changed", name): int(n) for name, n in zip(names, row, strict=False)}
