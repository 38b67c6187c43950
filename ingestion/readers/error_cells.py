"""Error cells of a workbook (`#N/A`, `#REF!`): where they are and what they say.

calamine gives them as empty cells. A formula that failed is no missing value: as text it is judged
like any other cell, and the row is quarantined where a number or a date should be.
"""

from __future__ import annotations

import html
import io
import re
import zipfile

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]+)"[^>]*>.{0,8192}?'
    rb"<(?:\w+:)?v>([^<]*)</",
    re.DOTALL,
)
_ANY_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\br="[A-Z]{1,3}([0-9]+)")[^>]*(?<!/)>(.{0,8192}?)</(?:\w+:)?c>',
    re.DOTALL,
)
_FORMULA, _VALUE = re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is>")


def sheet_xml(content: bytes, sheet: str) -> bytes:
    """The XML of a sheet of an XLSX; empty in other formats."""
    if not content.startswith(b"PK"):
        return b""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _part(archive, sheet)
            return archive.read(part) if part else b""
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError):
        return b""


def uncalculated_cells(data: bytes) -> list[int]:
    """The rows, from 0, of formulas of a sheet that no program calculated: they are read as empty.
    One entry a cell."""
    if b"<f" not in data and b":f" not in data:
        return []
    return [
        int(row) - 1 for row, inside in _ANY_CELL.findall(data)
        if _FORMULA.search(inside) and not _VALUE.search(inside)
    ]  # fmt: skip


def error_cells(data: bytes) -> dict[tuple[int, int], str]:
    """(row, column), from 0, -> the error, of the XML of a sheet."""
    if b't="e"' not in data:
        return {}
    return {
        (int(row) - 1, _column(letters)): html.unescape(text.decode("utf-8", "replace"))
        for letters, row, text in _CELL.findall(data)
    }


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file of the archive that holds a sheet."""
    links = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target")
        for tag in _LINK.findall(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
        if _attribute(tag, b"name") == sheet:
            target = links.get(_attribute(tag, rb"\w+:id"), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return html.unescape(found[1].decode("utf-8", "replace")) if found else ""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
