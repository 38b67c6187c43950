"""A person taken out of raw and quarantine: found, put on the deny list, rows rewritten away.

Build databases and releases are not ingestion's: whoever calls this takes the person out of those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import database, sql, storage
from ingestion.contracts import Contract
from ingestion.errors import IngestionError
from ingestion.exclusions import (
    Exclusion,
    Mode,
    digest,
    of_persons,
    pseudonym_columns,
    read_exclusions,
    write_entry,
)
from ingestion.raw_files import LINEAGE, QUARANTINE
from ingestion.readers.base import CHUNK_ROWS
from ingestion.records import DeliveryRecord, read_records, record_path

_OURS = {*LINEAGE.names, *QUARANTINE}


class UnknownPersonError(IngestionError):
    """No row of the home is of this person, and the deny list does not have them either."""


@dataclass(frozen=True)
class Forgotten:
    """What was done. `linked`: digests of what is of this person alone; `rows`: of raw and
    quarantine, seen for `exclude` and erased for `erase`."""

    linked: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class _File:
    """A raw or quarantine file, and its pseudonym columns."""

    path: Path
    source: str
    patients: list[str]
    others: list[str]


def forget(
    home: Path, contracts: Mapping[str, Contract], pseudonym: str, mode: Mode, at: datetime
) -> Forgotten:
    """Put a person on the deny list, and with `erase` take their rows out of raw and quarantine.

    `exclude`: no view shows the person from now on; the rows stay. `erase` cannot be undone.
    What was interrupted is completed by calling it again. UnknownPersonError: nothing was changed.
    """
    files = list(_files(home, contracts))
    before = read_exclusions(home).of(pseudonym)
    with database.connect() as con:
        rows = sum(_count(con, file, pseudonym) for file in files)
        if not rows and before is None:
            raise UnknownPersonError(
                f"No row in {home} is of this pseudonym: nothing was changed. Pseudonyms are those "
                "of marts.patient; a person has one per identity namespace."
            )
        known = set(before.linked) if before else set()
        linked = tuple(sorted(known | _linked(con, files, pseudonym)))
        if before and before.mode == "erase":
            mode = "erase"
        name = {"pseudonym": pseudonym} if mode == "exclude" else {"digest": digest(pseudonym)}
        key = _key_of(home)
        write_entry(home, Exclusion(at=at, mode=mode, linked=linked, key=key, **name))
        if mode == "erase":
            gone = {digest(pseudonym), *linked}
            rows = sum(_rewrite(con, file, gone) for file in files)
            for record in read_records(home):
                _recount(con, record, home)
    return Forgotten(linked, rows)


def _key_of(home: Path) -> str | None:
    """The fingerprint of the key that the pseudonyms of a home are made with."""
    return next((r.key_fingerprint for r in read_records(home) if r.tables), None)


def _files(home: Path, contracts: Mapping[str, Contract]) -> Iterator[_File]:
    for layer in ("raw", "quarantine"):
        for path in sorted((home / layer).glob("*/*/*.parquet")):
            if path.name.startswith("."):
                continue
            source, table = path.parts[-3:-1]
            names = [name for name in pq.read_schema(path).names if name not in _OURS]
            contract = contracts.get(source)
            if contract is not None and table in contract.tables:
                patients, others = pseudonym_columns(contract.tables[table], names)
            else:
                patients, others = names, []  # no contract tells: any column may name the person
            yield _File(path, source, patients, others)


def _count(con: duckdb.DuckDBPyConnection, file: _File, pseudonym: str) -> int:
    if not file.patients:
        return 0
    columns = ", ".join(sql.identifier(name) for name in file.patients)
    query = f"SELECT count(*) FROM read_parquet(?) WHERE ? IN ({columns})"
    return int(con.execute(query, [sql.plain_path(file.path), pseudonym]).fetchall()[0][0])


def _linked(con: duckdb.DuckDBPyConnection, files: list[_File], pseudonym: str) -> set[str]:
    """Digests of the other pseudonyms that stand beside this patient and beside no other one.

    A batch given to several patients, for one, is not of this person alone.
    """
    beside: dict[str, list[str]] = {}
    for file in files:
        for name in file.others if file.patients else ():
            patients = ", ".join(sql.identifier(patient) for patient in file.patients)
            beside.setdefault(file.source, []).append(
                f"SELECT {sql.identifier(name)} AS other, ? IN ({patients}) AS own "
                f"FROM read_parquet({sql.literal(sql.plain_path(file.path))}) "
                f"WHERE other IS NOT NULL AND coalesce({patients}) IS NOT NULL"
            )
    found: set[str] = set()
    for parts in beside.values():
        query = (
            f"SELECT other FROM ({' UNION ALL '.join(parts)}) GROUP BY other HAVING bool_and(own)"
        )
        rows = con.execute(query, [pseudonym] * len(parts)).fetchall()
        found |= {digest(row[0]) for row in rows}
    return found


def _rewrite(con: duckdb.DuckDBPyConnection, file: _File, gone: set[str]) -> int:
    """Write a file again without rows of the person; returns their number. Row order is kept."""
    condition = of_persons(file.patients, file.others, gone)
    if condition is None:
        return 0
    path = sql.plain_path(file.path)
    query = f"SELECT count(*) FROM read_parquet(?) WHERE {condition}"
    rows = int(con.execute(query, [path]).fetchall()[0][0])
    if rows:
        target = storage.ParquetFile(file.path, pq.read_schema(file.path))
        try:
            with pq.ParquetFile(file.path) as reader:
                for batch in reader.iter_batches(CHUNK_ROWS):
                    con.register("batch", pa.Table.from_batches([batch]))
                    kept = con.sql(f"SELECT * FROM batch WHERE NOT {condition}").to_arrow_table()
                    con.unregister("batch")
                    target.write(kept)
            target.commit()
        finally:
            target.discard()
    return rows


def _recount(con: duckdb.DuckDBPyConnection, record: DeliveryRecord, home: Path) -> None:
    """Bring a record in line with its files: what is in neither any more was erased."""
    raw = [home / "raw" / record.source / t / f"{record.stem}.parquet" for t in record.tables]
    if record.status == "rejected" or not all(path.exists() for path in raw):
        return
    kept = [home / "quarantine" / record.source / path.parent.name / path.name for path in raw]
    loaded = _by_file(con, raw)
    quarantined = _by_file(con, [path for path in kept if path.exists()])
    files = []
    for file in record.files:
        counts = {"loaded": loaded.get(file.name, 0), "quarantined": quarantined.get(file.name, 0)}
        counts["erased"] = file.read - sum(counts.values())
        files.append(file.model_copy(update=counts))
    if tuple(files) != record.files:
        changed = record.model_copy(update={"files": tuple(files)})
        path = record_path(home, record.source, record.stem)
        storage.write_text(path, changed.model_dump_json(indent=1) + "\n")


def _by_file(con: duckdb.DuckDBPyConnection, paths: list[Path]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for path in paths:
        query = "SELECT _file, count(*) FROM read_parquet(?) GROUP BY _file"
        counts |= dict(con.execute(query, [sql.plain_path(path)]).fetchall())
    return counts
