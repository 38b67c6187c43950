"""The tables of a release: the DuckDB file that epidemiologists open, and the CSV files.

Written for older readers too: storage version 1.2 can be read by every DuckDB since then.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from analyses.results import RESULT_TABLES
from orchestration.warehouse import OFFLINE

STORAGE_VERSION = "v1.2.0"
#: A spreadsheet takes a cell that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_database(
    path: Path, build: Path, study_folders: Iterable[Path]
) -> dict[str, pd.DataFrame]:
    """Copy the marts and gather the results of every study into one commented file.

    Returns the result tables as they were written.
    """
    con = duckdb.connect(config=OFFLINE)
    try:
        con.execute(f"attach {text(build)} as build (read_only)")
        con.execute(f"attach {text(path)} as release (storage_version '{STORAGE_VERSION}')")
        con.execute("create schema release.marts")
        con.execute("create schema release.results")
        _copy_marts(con)
        folders = list(study_folders)
        results = {name: _gather(con, name, folders) for name in RESULT_TABLES}
        con.execute("checkpoint release")
        con.execute("detach release")
    finally:
        con.close()
    return results


def write_csv(folder: Path, results: dict[str, pd.DataFrame]) -> None:
    """One CSV a result table; text that a spreadsheet would run is written as text."""
    folder.mkdir()
    for name, frame in results.items():
        safe = frame.copy()
        for column in safe.select_dtypes("object").columns:
            safe[column] = safe[column].map(_as_text)
        safe.to_csv(folder / f"{name}.csv", index=False)


def text(value: object) -> str:
    """A value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _as_text(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _copy_marts(con: duckdb.DuckDBPyConnection) -> None:
    tables = con.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = 'build' and schema_name = 'marts' order by table_name"
    ).fetchall()
    for table, comment in tables:
        target = f'release.marts."{table}"'
        con.execute(f'create table {target} as from build.marts."{table}" order by all')
        _comment(con, "table", target, comment)
        columns = con.execute(
            "select column_name, comment from duckdb_columns() where database_name = 'build' "
            "and schema_name = 'marts' and table_name = ? order by column_index",
            [table],
        ).fetchall()
        for column, column_comment in columns:
            _comment(con, "column", f'{target}."{column}"', column_comment)


def _gather(con: duckdb.DuckDBPyConnection, name: str, folders: list[Path]) -> pd.DataFrame:
    table = RESULT_TABLES[name]
    target = f'release.results."{name}"'
    columns = ", ".join(f'"{column}" {kind}' for column, kind, _ in table.columns)
    con.execute(f"create table {target} ({columns})")
    files = [folder / f"{name}.parquet" for folder in folders]
    if files:
        listed = ", ".join(text(file) for file in files)
        con.execute(f"insert into {target} by name from read_parquet([{listed}])")
    _comment(con, "table", target, table.description)
    for column, _, comment in table.columns:
        _comment(con, "column", f'{target}."{column}"', comment)
    return con.execute(f"from {target}").df()


def _comment(con: duckdb.DuckDBPyConnection, kind: str, target: str, comment: str | None) -> None:
    if comment:
        con.execute(f"comment on {kind} {target} is {text(comment)}")
