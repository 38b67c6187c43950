"""Rows counted three times: as they are read, as they are judged, as they lie on disk.

None of the counts is made from another, so a row that is lost on the way makes two of them differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.checking import Tally
from ingestion.errors import RowsLostError
from ingestion.readers import Reader
from ingestion.records import DeliveryRecord, FileRecord, Finding

_DEFECT = "nothing was loaded; this is a defect of the program or of the disk: run again, report it"


def lost_by_reader(reader: Reader, read: int, file: str, table: str) -> Iterator[Finding]:
    """A finding on a file that holds another number of rows than were read of it."""
    lost = reader.lost(read)
    if lost:
        message = (
            f"{file}: {read} rows were read, but the file holds {read + lost}; it is damaged, or "
            "this is a defect of the program: have it exported again, and report it if that does "
            "not help"
        )
        yield Finding(
            severity="ERROR", rule="rows_lost", table=table, file=file, count=abs(lost),
            message=message,
        )  # fmt: skip


def require_all_judged(tally: Tally, file: str) -> None:
    """RowsLostError: a row that was read is neither loaded nor quarantined nor erased."""
    judged = tally.loaded + tally.quarantined + tally.erased
    if judged != tally.read:
        raise RowsLostError(f"{file}: {tally.read} rows were read and {judged} judged; {_DEFECT}.")


def require_all_written(table: str, written: tuple[int, int], files: Iterable[FileRecord]) -> None:
    """RowsLostError: the raw and the quarantine file of a table do not hold the rows that were
    counted for them."""
    for layer, there, counted in zip(
        ("raw", "quarantine"), written, _counted(table, files), strict=True
    ):
        if there != counted:
            raise RowsLostError(
                f"table {table}: {counted} rows were given to {layer} and {there} lie there; "
                f"{_DEFECT}."
            )


def rows_off(record: DeliveryRecord, home: Path) -> int:
    """By how many rows the counts of a record differ from each other and from the raw and
    quarantine files of its tables."""
    parts = record.loaded + record.quarantined + record.erased + record.refused
    off = abs(record.read - parts)
    for table in {file.table for file in record.files if file.table}:
        for layer, counted in zip(
            ("raw", "quarantine"), _counted(table, record.files), strict=True
        ):
            path = home / layer / record.source / table / f"{record.stem}.parquet"
            off += abs(counted - (rows_in(path) if path.exists() else 0))
    return off


def rows_in(path: Path) -> int:
    """The rows of a Parquet file, as its footer says."""
    return int(pq.read_metadata(path).num_rows)


def _counted(table: str, files: Iterable[FileRecord]) -> tuple[int, int]:
    here = [file for file in files if file.table == table]
    return sum(file.loaded for file in here), sum(file.quarantined for file in here)
