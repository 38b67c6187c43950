"""Workbooks (XLSX and its kin) through python-calamine: one sheet, its first filled row the
header."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.readers.base import CHUNK_ROWS, Chunk, Chunks, Note, text_array
from ingestion.readers.error_cells import error_cells, sheet_xml, uncalculated_cells
from ingestion.readers.streams import open_bytes

_MAX_EXPANDED = 1 << 31
_MAX_RATIO = 200


class WorkbookReader:
    """A sheet of a workbook: the one of this name when there is one, else the first.

    exact: there must be one of this name.
    """

    def __init__(self, path: Path, sheet: str, *, exact: bool = False) -> None:
        with open_bytes(path) as stream:
            content = stream.read()
        names, rows, uncalculated, alike = _sheet(content, path.name, sheet, exact=exact)
        self._rows = [(n, row) for n, row in enumerate(rows) if any(cell != "" for cell in row)]
        if not self._rows:
            raise UnreadableFileError(f"{path.name}: the sheet is empty; deliver it again.")
        header_row, header = self._rows.pop(0)
        self._first = header_row
        texts = [_text(cell) or "" for cell in header]
        while texts and not texts[-1]:
            texts.pop()
        self.headers = tuple(texts)
        self.notes = (
            (Note("sniffed", f"first of {len(names)} sheets read"),) if len(names) > 1 else ()
        )
        self._warnings = tuple(_warnings([n - header_row for n in uncalculated], alike))

    def chunks(self) -> Chunks:
        """The filled rows; numbers count from the row below the header."""
        width = len(self.headers)
        if self._warnings:
            nothing = (pa.array([], pa.string()),) * width
            yield Chunk(nothing, pa.array([], pa.int64()), notes=self._warnings)
        for start in range(0, len(self._rows), CHUNK_ROWS):
            part = self._rows[start : start + CHUNK_ROWS]
            cells = [
                text_array([_text(row[i]) if i < len(row) else None for _, row in part])
                for i in range(width)
            ]
            yield Chunk(tuple(cells), pa.array([n - self._first for n, _ in part], pa.int64()))

    def lost(self, read: int, /) -> int:
        """By the filled rows of the sheet."""
        return len(self._rows) - read


def open_book(content: bytes, name: str) -> Any:
    """The workbook in these bytes. UnreadableFileError: it is none, not whole or locked, or it
    expands out of proportion."""
    from python_calamine import CalamineWorkbook

    _refuse_bomb(content, name)
    with _whole(name):
        return CalamineWorkbook.from_filelike(io.BytesIO(content))


def _sheet(
    content: bytes, name: str, wanted: str, *, exact: bool
) -> tuple[list[str], list[list[Any]], list[int], int]:
    """The names of the sheets where the first was taken, its rows, the rows of formulas without a
    value, and the number of rows that lie in other sheets of the same first row."""
    book = open_book(content, name)
    with _whole(name):
        names = list(book.sheet_names)
        match = next((n for n in names if n.strip().casefold() == wanted.casefold()), None)
        if match is None and exact:
            raise UnreadableFileError(f"{name}: has no sheet {wanted}; deliver it again.")
        found = match if match is not None else names[0]
        rows = book.get_sheet_by_name(found).to_python(skip_empty_area=False)
        alike = 0
        for other in names if match is None else ():
            if other != found:
                theirs = _filled(book.get_sheet_by_name(other).to_python(skip_empty_area=False))
                alike += len(theirs) - 1 if theirs[:1] == _filled(rows)[:1] and theirs else 0
    data = sheet_xml(content, found)
    for (row, column), text in error_cells(data).items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return ([] if match is not None else names), rows, uncalculated_cells(data), alike


def _filled(rows: list[list[Any]]) -> list[list[Any]]:
    return [row for row in rows if any(cell != "" for cell in row)]


def _warnings(uncalculated: list[int], alike: int) -> Iterator[Note]:
    wrong = [row for row in uncalculated if row > 0]
    if wrong:
        cells = "1 formula has" if len(wrong) == 1 else f"{len(wrong)} formulas have"
        message = (
            f"{cells} no value saved with it and is read as empty (first: row {min(wrong)}); open "
            "the workbook in a spreadsheet program, save it, and deliver it again"
        )
        yield Note("formula_uncalculated", message, len(wrong))
    if alike:
        message = (
            f"{alike} rows lie in other sheets with the same columns and are not read; deliver one "
            "sheet, or name the sheets in the contract (`sheet`)"
        )
        yield Note("sheet_unread", message, alike)


@contextmanager
def _whole(name: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        # calamine panics on some broken files, with an exception outside Exception.
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError, UnreadableFileError)):
            raise
        raise UnreadableFileError(
            f"{name}: not a whole workbook, or locked by a password; save it again and deliver it."
        ) from None


def _refuse_bomb(content: bytes, name: str) -> None:
    if not content.startswith(b"PK"):
        return
    try:
        sizes = [item.file_size for item in zipfile.ZipFile(io.BytesIO(content)).infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # calamine says so
    if sum(sizes) > min(_MAX_EXPANDED, max(_MAX_RATIO * len(content), 1 << 26)):
        raise UnreadableFileError(
            f"{name}: the workbook expands out of proportion; deliver the table as CSV."
        )


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds() / 3600)
    return str(value)
