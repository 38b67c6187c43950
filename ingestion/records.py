"""The record of a delivery: what was read, loaded and refused, kept as JSON beside raw.

A delivery counts as loaded when its record is there: it is written last. Counts, file and column
names only, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ingestion.errors import IngestionError

Severity = Literal["ERROR", "WARN", "INFO"]


class Finding(BaseModel):
    """Something to know about a delivery. `row` is the first row concerned (1 = first after the
    header)."""

    model_config = ConfigDict(frozen=True)

    severity: Severity
    rule: str
    message: str
    table: str | None = None
    column: str | None = None
    file: str | None = None
    row: int | None = None
    count: int | None = None


class FileRecord(BaseModel):
    """One delivered file: read = loaded + quarantined + erased + refused, always. `erased`: rows of
    persons who were taken out for good; `refused`: those of a rejected delivery, stored nowhere."""

    model_config = ConfigDict(frozen=True)

    name: str
    table: str | None
    sha256: str
    bytes: int
    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    erased: int = 0
    refused: int = 0
    columns: dict[str, str] = {}  # canonical name -> header as delivered; undeclared ones, too


class DeliveryRecord(BaseModel):
    """What became of one delivery. In a rejected one nothing is loaded or quarantined: all rows
    are refused."""

    model_config = ConfigDict(frozen=True)

    source: str
    delivery: date
    sha8: str
    status: Literal["accepted", "rejected"]
    synthetic: bool
    loaded_at: datetime
    key_fingerprint: str
    files: tuple[FileRecord, ...] = ()
    tables: tuple[str, ...] = ()  # those with a raw file
    findings: tuple[Finding, ...] = ()

    @property
    def read(self) -> int:
        """Rows read, over all files."""
        return sum(file.read for file in self.files)

    @property
    def loaded(self) -> int:
        """Rows loaded, over all files."""
        return sum(file.loaded for file in self.files)

    @property
    def quarantined(self) -> int:
        """Rows quarantined, over all files."""
        return sum(file.quarantined for file in self.files)

    @property
    def erased(self) -> int:
        """Rows of erased persons, over all files."""
        return sum(file.erased for file in self.files)

    @property
    def refused(self) -> int:
        """Rows refused with their delivery, over all files."""
        return sum(file.refused for file in self.files)

    @property
    def label(self) -> str:
        """`source/date`, as messages name a delivery."""
        return f"{self.source}/{self.delivery.isoformat()}"

    @property
    def stem(self) -> str:
        """`<date>.<sha8>`: the name its raw and quarantine files share."""
        return f"{self.delivery.isoformat()}.{self.sha8}"


def record_path(home: Path, source: str, stem: str) -> Path:
    """Where the record of a delivery is kept."""
    return home / "raw" / source / f"{stem}.json"


def read_records(home: Path) -> list[DeliveryRecord]:
    """All records of a home, by source, delivery date, time of loading and version."""
    records = []
    for path in sorted((home / "raw").glob("*/*.json")):
        if path.name.startswith(".") or path.name.endswith(".drift.json"):
            continue
        try:
            records.append(DeliveryRecord.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError) as error:
            raise IngestionError(
                f"{path}: not a delivery record; delete it, and the delivery is loaded again."
            ) from error
    return sorted(records, key=lambda r: (r.source, r.delivery, r.loaded_at, r.sha8))


def findings_table(records: Iterable[DeliveryRecord]) -> list[dict[str, Any]]:
    """The findings of records as rows for people: worst first within a delivery; a file without a
    finding has one row, so that every file and its counts are seen.

    Keys: source, delivery, status, file, table, column, row, read, loaded, quarantined, severity,
    rule, message.
    """
    order = {"ERROR": 0, "WARN": 1, "INFO": 2}
    rows: list[dict[str, Any]] = []
    for record in records:
        files = {file.name: file for file in record.files}
        named = {finding.file for finding in record.findings}
        blank = [
            Finding(severity="INFO", rule="ok", message="no finding", table=f.table, file=f.name)
            for f in record.files
            if f.name not in named
        ]
        for finding in sorted([*record.findings, *blank], key=lambda f: order[f.severity]):
            rows.append(_row(record, finding, files.get(finding.file or "")))
    return rows


def _row(record: DeliveryRecord, finding: Finding, file: FileRecord | None) -> dict[str, Any]:
    return {
        "source": record.source,
        "delivery": record.delivery.isoformat(),
        "status": record.status,
        "file": finding.file,
        "table": finding.table or (file.table if file else None),
        "column": finding.column,
        "row": finding.row,
        "read": file.read if file else None,
        "loaded": file.loaded if file else None,
        "quarantined": file.quarantined if file else None,
        "severity": finding.severity,
        "rule": finding.rule,
        "message": finding.message,
    }
