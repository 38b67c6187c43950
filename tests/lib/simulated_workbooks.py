"""Sheets of simulated workbooks read without the project's reader, as a stranger would read them.

An error cell, which calamine gives as an empty one, is found in the XML.
"""

import re
import zipfile
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

Row = dict[str, Any]


def sheet(path: Path, name: str) -> list[Row]:
    """The rows of one sheet by their headers; empty cells are empty texts."""
    header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()
    return [dict(zip([str(h) for h in header], row, strict=True)) for row in rows]


def distinct(rows: list[Row]) -> list[Row]:
    """The rows without exact copies."""
    return [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in rows)]


def error_cells(path: Path) -> int:
    """How many cells of the workbook hold an error."""
    with zipfile.ZipFile(path) as book:
        return sum(
            len(re.findall(r'<c r="[A-Z]+[0-9]+" t="e">', book.read(name).decode()))
            for name in book.namelist()
            if name.startswith("xl/worksheets/")
        )
