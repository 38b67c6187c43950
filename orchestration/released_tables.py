"""The tables of a release: the DuckDB file that epidemiologists open, and the CSV files.

Written for older readers too: storage version 1.2 can be read by every DuckDB since then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from analyses import results
from analyses.results import RESULT_TABLES
from analyses.results.columns import Table
from orchestration import scorecard
from orchestration.spreadsheets import as_text
from orchestration.warehouse import OFFLINE

STORAGE_VERSION = "v1.2.0"


def gather(study_folders: Iterable[Path]) -> dict[str, pd.DataFrame]:
    """The result tables of every study together; a table that no study filled is empty."""
    read = [results.read(folder) for folder in study_folders]
    tables = {}
    for name in RESULT_TABLES:
        filled = [tables_of[name] for tables_of in read if len(tables_of[name])]
        tables[name] = pd.concat(filled, ignore_index=True) if filled else results.empty(name)
    return tables


def write_database(
    path: Path,
    build: Path | None,
    tables: dict[str, pd.DataFrame],
    history: pd.DataFrame | None = None,
) -> None:
    """Write results, and the marts and history of a build where given, into one commented file."""
    con = duckdb.connect(config=OFFLINE)
    try:
        con.execute(f"attach {text(path)} as release (storage_version '{STORAGE_VERSION}')")
        if build is not None:
            con.execute(f"attach {text(build)} as build (read_only)")
            _copy_marts(con)
            _copy_history(con)
        if history is not None:
            _write_table(con, f"marts.{scorecard.NAME}", scorecard.TABLE, history)
        con.execute("create schema release.results")
        for name, frame in tables.items():
            _write_table(con, f"results.{name}", RESULT_TABLES[name], frame)
        con.execute("checkpoint release")
        con.execute("detach release")
    finally:
        con.close()


def write_csv(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """One CSV a result table; text that a spreadsheet would run is written as text."""
    folder.mkdir()
    for name, frame in tables.items():
        safe = frame.copy()
        for column in safe.select_dtypes(["object", "string"]).columns:
            safe[column] = safe[column].map(as_text)
        safe.to_csv(folder / f"{name}.csv", index=False)


def text(value: object) -> str:
    """A value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def copy_without(
    con: duckdb.DuckDBPyConnection, origin: str, conditions: Mapping[str, str]
) -> None:
    """Copy every table of the attached database `origin` into `release`, as it is but for the rows
    that meet the condition of their table (`"schema"."table"` -> SQL)."""
    for schema, table in _tables(con, origin):
        con.execute(f'create schema if not exists release."{schema}"')
        condition = conditions.get(f'"{schema}"."{table}"', "false")
        _copy_table(con, origin, (schema, table), (schema, table), f"where not {condition}")


def _copy_marts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema release.marts")
    for schema, table in _tables(con, "build"):
        if schema == "marts":
            _copy_table(con, "build", (schema, table), (schema, table), "order by all")


def _copy_history(con: duckdb.DuckDBPyConnection) -> None:
    """What changed between deliveries: exact counts, so for internal releases."""
    source, target = ("raw", "delivery_change"), ("marts", "delivery_change")
    _copy_table(con, "build", source, target, "order by all")


def _tables(con: duckdb.DuckDBPyConnection, origin: str) -> list[tuple[str, str]]:
    return con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? order by all",
        [origin],
    ).fetchall()


def _copy_table(
    con: duckdb.DuckDBPyConnection,
    origin: str,
    source: tuple[str, str],
    target: tuple[str, str],
    clause: str,
) -> None:
    """Copy one table with its comments into `release`."""
    old, new = (".".join(f'"{part}"' for part in name) for name in (source, target))
    con.execute(f"create table release.{new} as from {origin}.{old} {clause}")
    place = f"where database_name = '{origin}' and schema_name = ? and table_name = ?"
    about = con.execute(f"select comment from duckdb_tables() {place}", source).fetchall()
    _comment(con, "table", f"release.{new}", about[0][0])
    columns = con.execute(
        f"select column_name, comment from duckdb_columns() {place} order by column_index", source
    ).fetchall()
    for column, comment in columns:
        _comment(con, "column", f'release.{new}."{column}"', comment)


def _write_table(
    con: duckdb.DuckDBPyConnection, name: str, table: Table, frame: pd.DataFrame
) -> None:
    target = "release." + ".".join(f'"{part}"' for part in name.split("."))
    columns = ", ".join(f'"{column}" {kind}' for column, kind, _ in table.columns)
    con.execute(f"create table {target} ({columns})")
    con.register("rows_to_write", frame)
    con.execute(f"insert into {target} by name from rows_to_write")
    con.unregister("rows_to_write")
    _comment(con, "table", target, table.description)
    for column, _, comment in table.columns:
        _comment(con, "column", f'{target}."{column}"', comment)


def _comment(con: duckdb.DuckDBPyConnection, kind: str, target: str, comment: str | None) -> None:
    if comment:
        con.execute(f"comment on {kind} {target} is {text(comment)}")
