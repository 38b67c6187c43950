"""Sheets of a workbook that holds several tables: as if each lay in the folder, `book.xlsx/sheet`.

Belongs here: naming sheets and listing them. Does not: their rows (readers/workbook.py), nor which
table a sheet is (the contract says so).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

_ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods")


def is_workbook(name: str) -> bool:
    """Whether a file of this name is a workbook, compressed or not."""
    return name.lower().removesuffix(".gz").endswith(_ENDINGS)


def split_sheet(name: str) -> tuple[str, str | None]:
    """A delivered name as file and sheet; the sheet is None when a file is meant as a whole."""
    path = PurePosixPath(name)
    file = str(path.parent)
    return (file, path.name) if is_workbook(file) else (name, None)


def sheet_names(path: Path, name: str) -> tuple[str, ...]:
    """The sheets of a workbook, in its order. UnreadableFileError: it cannot be opened."""
    from ingestion.readers.streams import open_bytes, unreadable
    from ingestion.readers.workbook import open_book

    with unreadable(name), open_bytes(path) as stream:
        return tuple(open_book(stream.read(), name).sheet_names)
