"""A row that is lost on the way is noticed, wherever it was lost, and nothing of it is stored."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

import ingestion
from ingestion import IngestionError, storage
from ingestion.errors import RowsLostError
from ingestion.quick_look import QuickLook
from ingestion.readers.base import Chunks
from ingestion.readers.delimited import DelimitedReader
from ingestion.readers.fixed_width import FixedWidthReader
from ingestion.readers.parquet import ParquetReader
from ingestion.readers.statistical import StatisticalReader
from ingestion.readers.workbook import WorkbookReader
from tests.lib.ingestion_site import Site
from tests.unit.ingestion.test_ingestion_formats import workbook

HEADER = ["patient_id", "sex", "birth_year", "vital_status", "last_contact_date"]
ROWS = [[str(i), "F", "1950", "alive", "2025-01-01"] for i in range(6)]
FIXED = """\
source: registry
format: delimited
tables:
  patients:
    files: "patients*"
    header_lines: 1
    columns:
      patient_id: {start: 1, length: 2, required: true, identifier: pseudonym, kind: patient}
      sex: {start: 3, length: 1}
"""


def csv_file(_: Path) -> tuple[str, bytes]:
    return "patients.csv", "".join(f"{','.join(row)}\n" for row in [HEADER, *ROWS]).encode()


def parquet_file(_: Path) -> tuple[str, bytes]:
    columns = dict(zip(HEADER, map(list, zip(*ROWS, strict=True)), strict=True))
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return "patients.parquet", sink.getvalue()


def workbook_file(_: Path) -> tuple[str, bytes]:
    return "patients.xlsx", workbook([HEADER, *ROWS])


def stata_file(folder: Path) -> tuple[str, bytes]:
    path = folder / "patients.dta"
    pyreadstat.write_dta(pd.DataFrame(ROWS, columns=HEADER), str(path))
    return path.name, path.read_bytes()


def fixed_file(_: Path) -> tuple[str, bytes]:
    return "patients.txt", b"a line above\n 1F\n 2M\n\n 3F\n"


def without_a_row(chunks: Callable[[Any], Chunks]) -> Callable[[Any], Chunks]:
    """A reader's `chunks` that loses the last row of the first chunk."""

    def fewer(reader: object) -> Chunks:
        for number, chunk in enumerate(chunks(reader)):
            if number == 0:
                columns = tuple(column[:-1] for column in chunk.columns)
                yield replace(chunk, columns=columns, rows=chunk.rows[:-1])
            else:
                yield chunk

    return fewer


def stored(site: Site) -> list[Path]:
    return [p for layer in ("raw", "quarantine") for p in (site.home / layer).rglob("*.parquet")]


@pytest.mark.parametrize(
    ("made", "reader"),
    [
        (csv_file, DelimitedReader),
        (parquet_file, ParquetReader),
        (workbook_file, WorkbookReader),
        (stata_file, StatisticalReader),
        (fixed_file, FixedWidthReader),
    ],
)
def test_a_row_that_a_reader_loses_rejects_the_delivery(
    site: Site,
    made: Callable[[Path], tuple[str, bytes]],
    reader: type[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if made is fixed_file:
        site.contract(FIXED)
    name, content = made(site.root)
    site.deliver({name: content})
    assert site.check().status == "accepted"
    monkeypatch.setattr(reader, "chunks", without_a_row(reader.chunks))
    (record,) = site.load()
    (finding,) = [found for found in record.findings if found.severity == "ERROR"]
    assert (finding.rule, finding.file, finding.count) == ("rows_lost", name, 1)
    assert f"{record.read} rows were read, but the file holds {record.read + 1}" in finding.message
    assert (record.status, record.loaded, stored(site)) == ("rejected", 0, [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n \n", "\n\n\n"])
def test_blank_lines_and_any_line_ends_lose_no_row(site: Site, end: str, last: str) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 1\n")
    lines = ["", ",".join(HEADER), "", *(",".join(row) for row in ROWS[:4]), "", "1,F,1950"]
    site.deliver({"patients.csv": ("\n".join(lines) + last).replace("\n", end)})
    (record,) = site.load()
    refused = 2 if " " in last else 1  # a line of space is a row of one field
    counts = (record.status, record.read, record.loaded, record.quarantined)
    assert counts == ("accepted", 4 + refused, 4, refused)


def test_a_row_that_is_lost_while_it_is_judged_stops_the_load(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.deliver(dict([csv_file(site.root)]))
    split = QuickLook.split

    def fewer(look: QuickLook, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        sure, doubtful = split(look, rows)
        return sure[1:], doubtful

    monkeypatch.setattr(QuickLook, "split", fewer)
    for step in (site.load, site.check):
        with pytest.raises(RowsLostError, match=r"patients\.csv: 6 rows were read and 5 judged"):
            step()
    assert (stored(site), ingestion.read_records(site.home)) == ([], [])


@pytest.mark.parametrize(("layer", "given"), [("raw", 6), ("quarantine", 2)])
def test_a_row_that_is_lost_while_it_is_written_stops_the_load_until_it_is_not(
    site: Site, layer: str, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 1\n")
    name, content = csv_file(site.root)
    site.deliver({name: content + b"7,F\n,F,1950,alive,\n"})
    write = storage.ParquetFile.write

    def fewer(file: storage.ParquetFile, table: pa.Table) -> None:
        write(file, table[1:] if layer in file.path.parts else table)

    with monkeypatch.context() as patched:
        patched.setattr(storage.ParquetFile, "write", fewer)
        message = f"table patients: {given} rows were given to {layer} and {given - 1} lie there"
        with pytest.raises(IngestionError, match=message):
            site.load()
    assert (stored(site), ingestion.read_records(site.home)) == ([], [])
    (record,) = site.load()
    assert (record.loaded, record.quarantined) == (6, 2)


@pytest.mark.parametrize("layer", ["raw", "quarantine"])
def test_the_check_of_a_run_counts_what_lies_on_disk(site: Site, layer: str) -> None:
    from orchestration.assets.landing import RECONCILED, check_results

    site.contract("source: registry\nformat: common_extract\nreject_above: 0.5\n")
    name, content = csv_file(site.root)
    site.deliver({name: content + b"7,F\n,F,1950,alive,\n"})
    site.deliver({name: content + b"7,F\n" * 9}, day="2026-02-28")
    records = site.load()
    assert [record.status for record in records] == ["accepted", "rejected"]

    def result() -> dg.AssetCheckResult:
        results = check_results(dg.AssetKey("loaded"), records, site.home)
        return next(found for found in results if found.check_name == RECONCILED)

    assert result().passed
    (path,) = (site.home / layer).rglob("*.parquet")
    table = pq.read_table(path)
    pq.write_table(table[1:], path)
    assert not result().passed
    assert result().metadata["rows_lost"].value == 1
    path.unlink()
    assert result().metadata["rows_lost"].value == len(table)
