"""Result frames made to fit their table, and stored as Parquet.

Belongs here: casting, writing, reading. Does not belong here: the columns themselves (tables.py)
and what of them may leave the house (analyses.disclosure).
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analyses.results.columns import Table
from analyses.results.tables import RESULT_TABLES

_OFFLINE: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class ResultError(ValueError):
    """A frame that does not fit its result table, or a results folder that cannot be used."""


@dataclass(frozen=True)
class Evaluation:
    """The outcome of one study: every table of RESULT_TABLES, and a few headline numbers."""

    study_id: str
    tables: dict[str, pd.DataFrame]
    headlines: dict[str, float | int | str | None] = field(default_factory=dict)


def empty(name: str) -> pd.DataFrame:
    """The table without rows, with its columns and types."""
    return _empty(name).copy()


@functools.cache
def _empty(name: str) -> pd.DataFrame:
    return conform(name, pd.DataFrame(columns=list(_spec(name).names)))


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with exactly the table's columns, in order and cast; ResultError otherwise."""
    table = _spec(name)
    missing = [column for column in table.names if column not in frame.columns]
    unknown = [str(column) for column in frame.columns if column not in table.names]
    if missing or unknown:
        raise ResultError(
            f"results.{name}: missing columns {missing or 'none'}, unknown columns "
            f"{unknown or 'none'}"
        )
    cast = {column: _cast(name, column, kind, frame[column]) for column, kind, _ in table.columns}
    return pd.DataFrame(cast, columns=list(table.names)).reset_index(drop=True)


def write(evaluation: Evaluation, folder: Path) -> None:
    """One <table>.parquet per result table in `folder`, which appears whole or not at all."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with duckdb.connect(config=_OFFLINE) as con:
            for name in RESULT_TABLES:
                frame = evaluation.tables.get(name)
                _copy(con, name, empty(name) if frame is None else conform(name, frame), staging)
        # A temporary folder is the owner's alone: readers of the folder around it read this one.
        staging.chmod(folder.parent.stat().st_mode & 0o777)
        _swap(staging, folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables that `write` left in `folder`, every name of RESULT_TABLES present."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ResultError(f"{folder}: no such results folder; run the study first")
    tables: dict[str, pd.DataFrame] = {}
    with duckdb.connect(config=_OFFLINE) as con:
        for name in RESULT_TABLES:
            path = folder / f"{name}.parquet"
            if path.is_file():
                query = con.execute("SELECT * FROM read_parquet(?)", [str(path)])
                tables[name] = conform(name, query.df())
            else:
                tables[name] = empty(name)
    return tables


def _spec(name: str) -> Table:
    if name not in RESULT_TABLES:
        raise ResultError(f"results.{name}: no such table; known: {', '.join(RESULT_TABLES)}")
    return RESULT_TABLES[name]


def _cast(name: str, column: str, kind: str, values: pd.Series) -> pd.Series:
    try:
        if kind == "VARCHAR":
            text = values.astype("object")
            return text.where(text.notna(), None)
        if kind == "DOUBLE":
            # Not reached is NULL, never infinite (conventions of the released tables).
            numbers = pd.to_numeric(values).astype("Float64").astype("float64")
            return numbers.where(numbers.abs() != float("inf"))
        if kind == "BOOLEAN":
            return values.astype("boolean")
        return pd.to_numeric(values).astype("Float64").astype("Int64")
    except (TypeError, ValueError):
        raise ResultError(f"results.{name}: column {column} does not fit {kind}") from None


def _copy(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, folder: Path) -> None:
    columns = ", ".join(
        f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind, _ in _spec(name).columns
    )
    con.register("result_frame", frame)
    con.execute(
        f"COPY (SELECT {columns} FROM result_frame) TO '{_quoted(folder / name)}.parquet' "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    con.unregister("result_frame")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _swap(staging: Path, folder: Path) -> None:
    """Put `staging` in the place of `folder`; an older result is moved aside, then removed."""
    if not folder.exists():
        staging.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(aside / "old")
    try:
        staging.rename(folder)
    except OSError:
        (aside / "old").rename(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
