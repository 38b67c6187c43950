"""What changed from one delivery of a source to the next, kept as JSON beside its record.

Counts and column names only. The comparison of rows is `row_drift`'s; which delivery comes before
which, and which columns came, went or changed their header, is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ingestion import row_drift, storage
from ingestion.contracts import Contract
from ingestion.deliveries import Delivery
from ingestion.records import DeliveryRecord
from ingestion.tables import Table, fold

#: Columns of the history as a table, with their DuckDB types and what they mean.
COLUMNS = (
    ("source", "VARCHAR", "The source."),
    ("delivery", "DATE", "Date of the delivery."),
    ("version", "VARCHAR", "Version (sha8) of the delivery."),
    ("previous_delivery", "DATE", "Date of the delivery it is compared with."),
    ("previous_version", "VARCHAR", "Version (sha8) of that delivery."),
    ("table_name", "VARCHAR", "Table of the source."),
    ("column_name", "VARCHAR", "Column, where the change is one of a column."),
    (
        "change",
        "VARCHAR",
        "column_added, _missing, _renamed; rows_added, _removed, _changed, by key; cells_changed",
    ),
    ("n_rows", "BIGINT", "How many; NULL for changes of columns."),
    ("header_before", "VARCHAR", "For column_renamed: the header before."),
    ("header", "VARCHAR", "For column_renamed and column_added: the header now."),
)


class Change(BaseModel):
    """One thing that changed; the fields are those of `COLUMNS`."""

    model_config = ConfigDict(frozen=True)

    table_name: str
    change: str
    column_name: str | None = None
    n_rows: int | None = None
    header_before: str | None = None
    header: str | None = None


class Drift(BaseModel):
    """All that changed between two consecutive deliveries; nothing, when `changes` is empty."""

    model_config = ConfigDict(frozen=True)

    source: str
    delivery: date
    version: str
    previous_delivery: date
    previous_version: str
    changes: tuple[Change, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One row a change, its columns those of `COLUMNS`."""
        about = self.model_dump(exclude={"changes"})
        names = [name for name, _, _ in COLUMNS]
        rows = [{**about, **change.model_dump()} for change in self.changes]
        return [{name: row[name] for name in names} for row in rows]


def update_drift(contract: Contract, records: Iterable[DeliveryRecord], home: Path) -> None:
    """Compare each accepted delivery of the source with the one before it, once.

    A snapshot is compared with the version before it, be it a correction or an earlier date; an
    increment with all that came before, and nothing is ever removed by it. A delivery that arrives
    late changes what the next one is compared with: that is compared anew.
    """
    accepted = [
        record
        for record in sorted(records, key=lambda r: (r.delivery, r.loaded_at, r.sha8))
        if record.source == contract.source and record.status == "accepted"
    ]
    for index, record in enumerate(accepted[1:], start=1):
        before = accepted[index - 1]
        path = _path(home, record)
        known = _read(path)
        if known and (known.previous_delivery, known.previous_version) == (
            before.delivery,
            before.sha8,
        ):
            continue
        earlier = [before] if contract.delivery == "snapshot" else _latest(accepted[:index])
        found = Drift(
            source=record.source,
            delivery=record.delivery,
            version=record.sha8,
            previous_delivery=before.delivery,
            previous_version=before.sha8,
            changes=tuple(_changes(contract, earlier, record, home)),
        )
        storage.write_text(path, found.model_dump_json(indent=1, exclude_none=True) + "\n")


def columns_before(records: Iterable[DeliveryRecord], delivery: Delivery) -> dict[str, set[str]]:
    """Table -> columns of the last accepted delivery of the source before this one's date."""
    earlier = [
        r
        for r in records
        if (r.source, r.status) == (delivery.source, "accepted") and r.delivery < delivery.date
    ]
    found: dict[str, set[str]] = {}
    if earlier:
        for file in max(earlier, key=lambda r: (r.delivery, r.loaded_at)).files:
            if file.table:
                found.setdefault(file.table, set()).update(file.columns)
    return found


def read_drift(home: Path) -> list[Drift]:
    """The drift history of a home, by source, date and version."""
    found = [_read(path) for path in (home / "raw").glob("*/*.drift.json")]
    return sorted((d for d in found if d), key=lambda d: (d.source, d.delivery, d.version))


def withdrawn(records: Iterable[DeliveryRecord], home: Path) -> dict[str, float]:
    """Table -> share of the rows of the snapshot before that the newest one no longer has.

    Tables that lost none are left out. Registers withdraw few people: a large share is more often
    a file that was cut short, which its size alone does not tell.
    """
    accepted = sorted(
        (record for record in records if record.status == "accepted"),
        key=lambda r: (r.delivery, r.loaded_at, r.sha8),
    )
    newest = _read(_path(home, accepted[-1])) if accepted else None
    if newest is None:
        return {}
    of_before = (newest.previous_delivery, newest.previous_version)
    before = [r for r in accepted if (r.delivery, r.sha8) == of_before]
    had: dict[str, int] = {}
    for file in (file for record in before for file in record.files if file.table):
        had[file.table or ""] = had.get(file.table or "", 0) + file.loaded
    return {
        change.table_name: min((change.n_rows or 0) / had[change.table_name], 1.0)
        for change in newest.changes
        if change.change == "rows_removed" and had.get(change.table_name)
    }


def _path(home: Path, record: DeliveryRecord) -> Path:
    return home / "raw" / record.source / f"{record.stem}.drift.json"


def _read(path: Path) -> Drift | None:
    """A comparison that was kept; one that cannot be read is made again."""
    try:
        return Drift.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _latest(records: Sequence[DeliveryRecord]) -> list[DeliveryRecord]:
    """The last version of each date."""
    return list({record.delivery: record for record in records}.values())


def _changes(
    contract: Contract, earlier: Sequence[DeliveryRecord], record: DeliveryRecord, home: Path
) -> Iterator[Change]:
    for table in contract.tables.values():
        yield from _of_columns(table, earlier[-1], record)
        before = _files(table, earlier, home)
        now = _files(table, [record], home)
        removal = contract.delivery == "snapshot"
        if now or (before and removal):
            counts = row_drift.compare(table, before, now, removal=removal, scratch=home)
            for (change, column), rows in counts.items():
                if rows:
                    yield Change(
                        table_name=table.name, change=change, column_name=column, n_rows=rows
                    )


def _files(table: Table, records: Sequence[DeliveryRecord], home: Path) -> list[Path]:
    paths = [
        home / "raw" / r.source / table.name / f"{r.stem}.parquet"
        for r in records
        if table.name in r.tables
    ]
    return [path for path in paths if path.exists()]


def _of_columns(table: Table, earlier: DeliveryRecord, record: DeliveryRecord) -> Iterator[Change]:
    before, now = (_headers(table, r) for r in (earlier, record))
    if not before or not now:
        return
    for name in sorted(now.keys() - before.keys()):
        yield Change(
            table_name=table.name, change="column_added", column_name=name, header=now[name]
        )
    for name in sorted(before.keys() - now.keys()):
        yield Change(table_name=table.name, change="column_missing", column_name=name)
    for name in sorted(before.keys() & now.keys()):
        if fold(before[name]) != fold(now[name]):
            yield Change(
                table_name=table.name,
                change="column_renamed",
                column_name=name,
                header_before=before[name],
                header=now[name],
            )


def _headers(table: Table, record: DeliveryRecord) -> dict[str, str]:
    return {
        name: header
        for file in record.files
        if file.table == table.name
        for name, header in file.columns.items()
    }
