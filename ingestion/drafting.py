"""A first contract drafted from sample files, for a person to finish: nothing drafted is
trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePath

import duckdb
import pyarrow as pa

from ingestion import common_extract, database, sql
from ingestion.contract_parts import CsvFormat
from ingestion.errors import DeliveryError, UnreadableFileError
from ingestion.fixed_columns import fixed_columns
from ingestion.identifiers import looks_direct
from ingestion.readers import NeedsCareError, Reader, open_reader
from ingestion.readers.fixed_width import FixedWidthReader
from ingestion.sql import DataType, TextFormat
from ingestion.tables import fold

_GUESSES: tuple[DataType, ...] = ("integer", "number", "date", "timestamp")
_BIRTH = re.compile(
    r"(birth|naissance)_?dat|dat[a-z]*_?((of|de)_)?(birth|naiss)|(^|_)(dob|ddn)(_|$)"
)
_MARK = r"(^|_)(n|no|num|numero|nr|number|id)(_|$)"
_KINDS = (
    ("patient", re.compile(r"(^|_)(ipp|nip|mrn|nir|ssn|patient|subject|participant)(_|$)")),
    ("treatment", re.compile(rf"(?=.*{_MARK}).*(treatment|traitement)")),
    ("batch", re.compile(rf"(?=.*{_MARK}).*(^|_)(batch|lot)")),
)
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
    """The YAML text of a contract that fits sample files, one table a file.

    Types are those that nearly every filled cell of the first rows fits. Columns whose name
    looks like a direct identifier are dropped, numbers of patients become pseudonyms, birth dates
    months. Files named as in the common extract format give the lines that format needs.
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
        return _HEAD.format(source=source) + "".join(_table(con, path) for path in files)
    finally:
        con.close()


def _is_common_extract(path: Path) -> bool:
    """Whether a file has the name and the required columns of a table of the common extract."""
    for table in common_extract.TABLES.values():
        if table.matches(path.name):
            headers = {fold(header) for header in _open(path).headers}
            return {column.header for column in table.columns if column.required} <= headers
    return False


def _open(path: Path) -> Reader:
    try:
        return open_reader(path, csv_format=CsvFormat())
    except (UnreadableFileError, OSError) as error:
        raise DeliveryError(f"{path}: cannot be drafted from; {error}") from error


def _table(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    fixed = fixed_columns(path)
    reader = FixedWidthReader(path, CsvFormat(), fixed) if fixed else _open(path)
    try:
        chunk = next(reader.chunks(), None)
    except NeedsCareError:
        chunk = None  # no type can be guessed: they are text, for the reader of the draft to set
    except (UnreadableFileError, OSError) as error:
        raise DeliveryError(f"{path}: cannot be drafted from; {error}") from error
    stem = re.sub(r"[\d_-]+$", "", PurePath(path.name).name.split(".", 1)[0])
    name = _name(stem) or "table_1"
    lines = [f"  {name}:", f"    files: {_quoted(_pattern(path.name))}"]
    columns, keys, seen = [], [], set[str]()
    for position, header in enumerate(reader.headers):
        canonical = _name(header) or f"column_{position + 1}"
        while canonical in seen:
            canonical += "_2"
        seen.add(canonical)
        values = chunk.columns[position] if chunk else pa.array([], pa.string())
        role, comment = _role(header, canonical, _type(con, values))
        if "kind: " in role and "batch" not in role:
            keys.append(canonical)
        place = f"header: {_quoted(header)}"
        if fixed:
            place = "start: {}, length: {}".format(*fixed.places[header])
        columns.append(f"      {canonical}: {{{place}, {role}}}{comment}")
    lines.append(f"    key: [{', '.join(keys)}]   # the columns that must be filled in every row")
    lines.append("    columns:")
    notes = [f"    # {note.message}" for note in reader.notes]
    if fixed:
        notes.append("    # a column ends where all lines are blank: name them, split what touches")
    return "\n".join([*notes, *lines, *columns]) + "\n"


def _role(header: str, canonical: str, data_type: str) -> tuple[str, str]:
    if _BIRTH.search(canonical):
        return "type: date, identifier: birth_month", "   # cut to the first of its month"
    if not re.search(r"nom|name|mail", canonical):
        for kind, pattern in _KINDS:
            if pattern.search(canonical):
                return f"type: text, required: true, identifier: pseudonym, kind: {kind}", ""
    if looks_direct(header):
        return "type: text, identifier: drop", "   # looks like a direct identifier"
    return f"type: {data_type}", ""


def _type(con: duckdb.DuckDBPyConnection, values: pa.Array) -> str:
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
