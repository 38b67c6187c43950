"""Columns of a delivery whose cells no longer are of their type: the rows that carry them would be
lost one by one, though one thing is wrong with all of them.

Told from counts of filled and of unreadable cells; no row is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingestion.checking import Tally
from ingestion.records import FileRecord, Finding
from ingestion.tables import Table

LEAST = 3  # unreadable cells: fewer are slips of the pen
SHARE = 0.5  # of the filled cells: dirt is rarer by far, another type is in nearly all


def type_changes(
    tables: Mapping[str, Table], files: Mapping[str, FileRecord], tallies: Mapping[str, Tally]
) -> Iterator[Finding]:
    """A finding for each column of a file that changed its type; and for each that did so in the
    files of a table taken together, where each of them holds few rows.

    files, tallies: by the name of the file; a file without a tally was not read.
    """
    for name, table in tables.items():
        here = [file for file, tally in tallies.items() if files[file].table == name]
        for column, data_type in _typed(table).items():
            changed = False
            filled = unreadable = 0
            for file in here:
                counts = tallies[file].filled[column], tallies[file].unreadable[column]
                filled, unreadable = filled + counts[0], unreadable + counts[1]
                if _is_changed(*counts):
                    changed = True
                    yield _finding(name, column, data_type, *counts, file)
            if not changed and _is_changed(filled, unreadable):
                yield _finding(name, column, data_type, filled, unreadable, None)


def _typed(table: Table) -> dict[str, str]:
    return {column.name: column.data_type for column in table.stored}


def _is_changed(filled: int, unreadable: int) -> bool:
    return unreadable >= LEAST and unreadable >= SHARE * filled


def _finding(
    table: str, column: str, data_type: str, filled: int, unreadable: int, file: str | None
) -> Finding:
    where = file or f"the files of table {table}"
    message = (
        f"{where}: {column}: {unreadable} of {filled} filled cells cannot be read as {data_type}, "
        "so the column has another type than the contract says; have it exported as before "
        "(a date as a date, not as the number of a spreadsheet), or declare how it is written "
        "(`csv`, or `type` of the column)"
    )
    return Finding(
        severity="ERROR", rule="type_changed", table=table, column=column, file=file,
        count=unreadable, message=message,
    )  # fmt: skip
