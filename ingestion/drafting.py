"""A first contract drafted from sample files, for a person to finish: nothing drafted is
trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion import common_extract, database, sql
from ingestion.contract_parts import CsvFormat
from ingestion.drafted_roles import Role, Sampled, roles
from ingestion.errors import DeliveryError, UnreadableFileError
from ingestion.fixed_columns import fixed_columns
from ingestion.readers import NeedsCareError, Reader, open_reader
from ingestion.readers.fixed_width import FixedWidthReader
from ingestion.sheets import is_workbook, sheet_names
from ingestion.sql import DataType, TextFormat
from ingestion.tables import fold

_GUESSES: tuple[DataType, ...] = ("integer", "number", "date", "timestamp")
_FITS = 0.95  # a few unreadable cells are dirt, not another type

_HEAD = """\
# Drafted from sample files: read every line before the first delivery is loaded.
# docs/guides/contracts.md explains the keys.
source: {source}            # the name of the folder landing/{source}/
title: {source}
format: delimited
delivery: snapshot          # increment: deliveries add to each other
registers_from: infusion    # or apheresis, decision: where following a patient begins
# identity: national_patient_number   # of sources with the same numbers
# csv: {{delimiter: ";", encoding: cp1252, decimal: ",", date_format: "%d/%m/%Y"}}
reject_above: 0.2
tables:
"""


def draft_contract(files: Sequence[Path]) -> str:
    """The YAML text of a contract that fits sample files, one table a file, or one a sheet where
    a workbook has several.

    Types are those that nearly every filled cell of the first rows fits. Columns whose name or
    cells look like a direct identifier are dropped, numbers of patients become pseudonyms, birth
    dates months; DECIDE in a comment marks a guess. Files named as in the common extract
    format give the lines that format needs.
    DeliveryError: no file, or a file that cannot be read.
    """
    if not files:
        raise DeliveryError("no sample file given; name one or more files of a delivery.")
    source = _name(files[0].resolve().parent.parent.name) or "my_registry"
    if all(_is_common_extract(path) for path in files):
        return (
            f"source: {source}   # the name of the folder landing/{source}/\n"
            "format: common_extract\n"
            "registers_from: infusion   # or apheresis, decision\n"
            "# identity: national_patient_number   # shared with sources using the same numbers\n"
        )
    con = database.connect()
    try:
        samples = [sample for path in files for sample in _samples(con, path)]
        judged = roles(con, [sample.columns for sample in samples])
        tables = [_table(sample, found) for sample, found in zip(samples, judged, strict=True)]
        return _HEAD.format(source=source) + "".join(tables)
    finally:
        con.close()


def _is_common_extract(path: Path) -> bool:
    """Whether a file has the name and the required columns of a table of the common extract."""
    for table in common_extract.TABLES.values():
        if table.matches(path.name):
            headers = {fold(header) for header in _open(path).headers}
            return {column.header for column in table.columns if column.required} <= headers
    return False


def _open(path: Path, sheet: str | None = None) -> Reader:
    try:
        return open_reader(
            path, csv_format=CsvFormat(), sheet=sheet or "", exact_sheet=sheet is not None
        )
    except (UnreadableFileError, OSError) as error:
        raise DeliveryError(f"{path}: cannot be drafted from; {error}") from error


@dataclass(frozen=True)
class _Sample:
    """A sample file, or a sheet of one: its columns, where they lie in lines of fixed width, what
    was sniffed."""

    path: Path
    sheet: str | None
    columns: list[Sampled]
    places: dict[str, tuple[int, int]] | None
    notes: list[str]


def _samples(con: duckdb.DuckDBPyConnection, path: Path) -> list[_Sample]:
    """A sample a sheet where a workbook has several; those without a row are left out."""
    sheets = _sheets(path) if is_workbook(path.name) else ()
    if len(sheets) < 2:
        return [_sample(con, path, None)]
    found = []
    empty: list[str] = []
    for sheet in sheets:
        try:
            found.append(_sample(con, path, sheet))
        except DeliveryError:
            empty.append(sheet)
    if not found:
        raise DeliveryError(f"{path}: cannot be drafted from; no sheet has a row.")
    found[0].notes.extend(f"the sheet {_quoted(sheet)} has no row: left out" for sheet in empty)
    return found


def _sheets(path: Path) -> tuple[str, ...]:
    try:
        return tuple(name.strip() for name in sheet_names(path, path.name))
    except (UnreadableFileError, OSError) as error:
        raise DeliveryError(f"{path}: cannot be drafted from; {error}") from error


def _sample(con: duckdb.DuckDBPyConnection, path: Path, sheet: str | None) -> _Sample:
    fixed = fixed_columns(path)
    reader = FixedWidthReader(path, CsvFormat(), fixed) if fixed else _open(path, sheet)
    try:
        chunk = next(reader.chunks(), None)
    except NeedsCareError:
        chunk = None  # no type can be guessed: they are text, for the reader of the draft to set
    except (UnreadableFileError, OSError) as error:
        raise DeliveryError(f"{path}: cannot be drafted from; {error}") from error
    columns, seen = [], set[str]()
    for position, header in enumerate(reader.headers):
        canonical = _name(header) or f"column_{position + 1}"
        while canonical in seen:
            canonical += "_2"
        seen.add(canonical)
        cells = chunk.columns[position] if chunk else pa.array([], pa.string())
        columns.append(Sampled(header, canonical, cells, _type(con, cells)))
    notes = [note.message for note in reader.notes]
    if fixed:
        notes.append("a column ends where all lines are blank: name them, split what touches")
    return _Sample(path, sheet, columns, dict(fixed.places) if fixed else None, notes)


def _table(sample: _Sample, roles: Sequence[Role]) -> str:
    stem = sample.sheet or re.sub(r"[\d_-]+$", "", sample.path.name.split(".", 1)[0])
    name = _name(stem) or "table_1"
    both = list(zip(sample.columns, roles, strict=True))
    keys = [c.name for c, role in both if role.kind not in (None, "batch") and role.is_required]
    lines = [f"  {name}:"]
    lines += [f"    # {note}" for note in sample.notes]
    if not any(role.kind == "patient" for role in roles):
        lines.append("    # DECIDE: no column was found that numbers patients; if one does:")
        lines.append("    # identifier: pseudonym, kind: patient")
    lines.append(f"    files: {_quoted(_pattern(sample.path.name))}")
    if sample.sheet is not None:
        lines.append(
            f"    sheet: {_quoted(sample.sheet)}   # or a pattern, of sheets that are alike"
        )
    lines.append(f"    key: [{', '.join(keys)}]   # the columns that must be filled in every row")
    lines.append("    columns:")
    for column, role in both:
        place = f"header: {_quoted(column.header)}"
        if sample.places:
            place = "start: {}, length: {}".format(*sample.places[column.header])
        comment = f"   # {role.comment}" if role.comment else ""
        lines.append(f"      {column.name}: {{{place}, {role.keys}}}{comment}")
    return "\n".join(lines) + "\n"


def _type(con: duckdb.DuckDBPyConnection, values: pa.Array) -> DataType:
    """The first type that reads nearly every filled cell; text when none is filled."""
    con.register("sample", pa.table({"cell": values}))
    filled = sql.filled("cell")
    tests = [f"count({filled})"]
    tests += [f"count({sql.typed('cell', guess, TextFormat())})" for guess in _GUESSES]
    # A number with a leading zero is a code, not a quantity.
    tests.append(f"count(*) FILTER (regexp_matches({filled}, '^0[0-9]'))")
    row = con.execute(f"SELECT {', '.join(tests)} FROM sample").fetchall()[0]
    con.unregister("sample")
    total, *fits, codes = row
    guesses = dict(zip(_GUESSES, fits, strict=True))
    if codes:
        guesses = {name: n for name, n in guesses.items() if name in ("date", "timestamp")}
    enough = max(1, _FITS * total)
    return next((name for name, n in guesses.items() if n >= enough), "text")


def _name(text: str) -> str:
    """A canonical name: ASCII, lower case, underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return name if not name[:1].isdigit() else f"column_{name}"


def _pattern(file_name: str) -> str:
    """The file name with what changes between deliveries, its numbers, left open."""
    return re.sub(r"\d[\d_-]*", "*", file_name)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
