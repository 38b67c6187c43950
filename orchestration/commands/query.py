"""``atmp-rwe query``: read-only SQL on the current release."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from orchestration import manifest
from orchestration.settings import Settings
from orchestration.spreadsheets import as_text
from orchestration.tabular import printable, table

#: What lays a text out: the only control characters that leave a CSV or an error.
LAYOUT = "\n\r\t"


class QueryError(Exception):
    """The query cannot be answered."""


def run(settings: Settings, options: argparse.Namespace) -> int:
    import duckdb

    con = connect(settings)
    try:
        cursor = con.execute(options.sql)
        if cursor is None or cursor.description is None:
            raise QueryError("There is no statement to answer: give one SQL statement.")
        names = [column[0] for column in cursor.description or []]
        rows = cursor.fetchall() if names else []
    except duckdb.Error as error:
        raise QueryError(printable(str(error), LAYOUT)) from None
    finally:
        con.close()
    if options.format == "csv":
        rows = [tuple(_quiet(value) for value in row) for row in rows]
    _print(_distinct([printable(name) for name in names]), rows, options.format)
    return 0


def _quiet(value: object) -> object:
    return printable(value, LAYOUT) if isinstance(value, str) else value


def _distinct(names: list[str]) -> list[str]:
    """Names of a result's columns, told apart where a query gives one twice."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return distinct


def database(settings: Settings) -> Path:
    """The current release's file."""
    folder = manifest.current_folder(settings.release)
    if folder is None:
        raise QueryError(f"{settings.home} has no release yet: run `atmp-rwe run` first.")
    return folder / "atmp_rwe.duckdb"


def connect(settings: Settings) -> Any:
    """Read-only, and without a way to read or write any other file.

    The settings are locked: one of them (a log in a file) would end the process. There is no folder
    for temporary files, to which DuckDB would let a query write.
    """
    import duckdb

    from orchestration.warehouse import OFFLINE, Config

    config: Config = {
        **OFFLINE,
        "enable_external_access": "false",
        "temp_directory": "",
        "lock_configuration": "true",
    }
    return duckdb.connect(str(database(settings)), read_only=True, config=config)


def _print(names: list[str], rows: list[tuple[Any, ...]], style: str) -> None:
    if style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(map(as_text, names))
        writer.writerows(map(as_text, row) for row in rows)
    elif style == "json":
        records = [dict(zip(names, row, strict=True)) for row in rows]
        print(json.dumps(records, default=str, indent=1))
    else:
        print(table([dict(zip(names, row, strict=True)) for row in rows]))
