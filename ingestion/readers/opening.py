"""Which reader reads a file: chosen by the ending of its name, compression left aside."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePath

from ingestion.contract_parts import CsvFormat
from ingestion.errors import UnreadableFileError
from ingestion.readers.base import Reader
from ingestion.readers.streams import unreadable
from ingestion.tables import FixedWidth

KINDS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".parquet": "parquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".sas7bdat": "statistical",
    ".xpt": "statistical",
    ".dta": "statistical",
    ".sav": "statistical",
    ".zsav": "statistical",
    ".por": "statistical",
}


def kind_of(file_name: str) -> str | None:
    """The kind of reader for a file name, None when there is none."""
    suffixes = [suffix.lower() for suffix in PurePath(file_name).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return KINDS.get(suffixes[-1]) if suffixes else None


def is_text(file_name: str) -> bool:
    """Whether a file that can be read holds numbers as text, delimited or at fixed places."""
    return kind_of(file_name) in (None, "delimited")


def open_reader(
    path: Path,
    *,
    csv_format: CsvFormat,
    known: Collection[str] = (),
    sheet: str = "",
    exact_sheet: bool = False,
    fhir: bool = False,
    careful: bool = False,
    fixed: FixedWidth | None = None,
) -> Reader:
    """Open a delivered file.

    known: folded headers the contract expects, which help to sniff the delimiter; sheet: the sheet
    to take from a workbook that has one of that name; exact_sheet: refuse a workbook without it;
    careful: read delimited text row by row; fixed: the places of the columns of text without
    delimiters, whatever the ending of its name.
    UnreadableFileError: the file is no such file, or not whole.
    """
    kind = kind_of(path.name)
    with unreadable(path.name):
        if fhir:
            from ingestion.readers.fhir import FhirReader

            return FhirReader(path)
        if fixed and kind in (None, "delimited"):
            from ingestion.readers.fixed_width import FixedWidthReader

            return FixedWidthReader(path, csv_format, fixed)
        if kind == "delimited":
            from ingestion.readers.delimited import DelimitedReader

            return DelimitedReader(path, csv_format, known, careful=careful)
        if kind == "parquet":
            from ingestion.readers.parquet import ParquetReader

            return ParquetReader(path)
        if kind == "ndjson":
            from ingestion.readers.ndjson import NdjsonReader

            return NdjsonReader(path, known)
        if kind == "workbook":
            from ingestion.readers.workbook import WorkbookReader

            return WorkbookReader(path, sheet, exact=exact_sheet)
        if kind == "statistical":
            from ingestion.readers.statistical import StatisticalReader

            return StatisticalReader(path, csv_format.encoding)
    endings = " ".join(KINDS)
    raise UnreadableFileError(
        f"{path.name}: not a format that is read ({endings}, or these in .gz or .zip)."
    )
