"""A home carried over to the pseudonyms of a rotated key: raw, quarantine, deny list, records.

No identifier is needed: each pseudonym is replaced by what the later secrets make of it. What was
interrupted is completed by calling it again: each file says which key it is made with. Build
databases and releases are not ingestion's: whoever calls this deals with those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion import home_key, storage
from ingestion.contracts import Contract
from ingestion.errors import IngestionError, KeyFileError
from ingestion.exclusions import FILE as DENY_LIST
from ingestion.exclusions import Exclusion, digest, pseudonym_columns, read_exclusions
from ingestion.pseudonyms import PseudonymKey, carried_over, rotated
from ingestion.raw_files import LINEAGE, QUARANTINE
from ingestion.readers.base import CHUNK_ROWS
from ingestion.records import DeliveryRecord, read_records, record_path

_KEY = "atmp_rwe.key_fingerprint"
_OURS = {*LINEAGE.names, *QUARANTINE}
_PSEUDONYM = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class CarriedOver:
    """What was done: deliveries, files and persons of the deny list that have new pseudonyms."""

    deliveries: int
    files: int
    excluded: int


def lags_behind(home: Path, key: PseudonymKey) -> bool:
    """Whether anything stored has pseudonyms of the key as it was before a rotation.

    KeyFileError: something has pseudonyms of another key altogether.
    """
    return any(_since(found, key, home) for found in _fingerprints(home))


def carry_over(home: Path, contracts: Mapping[str, Contract], key: PseudonymKey) -> CarriedOver:
    """Give all that is stored the pseudonyms of `key`.

    KeyFileError: made with another key. IngestionError: a source has no contract to tell which
    of its columns are pseudonyms, or a file cannot be written; call it again when that is mended.
    """
    records = [r for r in read_records(home) if r.key_fingerprint != key.fingerprint]
    for record in records:
        _since(record.key_fingerprint, key, home)
        if record.tables and record.source not in contracts:
            raise IngestionError(
                f"{home / 'raw' / record.source}: no contract of this source is left to tell which "
                "of its columns are pseudonyms; put its contract back, then rotate again. Nothing "
                "of it was changed."
            )
    excluded = _carry_deny_list(home, key, records)
    files = 0
    for record in records:
        for path in _files(home, record):
            files += _carry_file(path, record, contracts[record.source], key, home)
        changed = record.model_copy(update={"key_fingerprint": key.fingerprint})
        target = record_path(home, record.source, record.stem)
        storage.write_text(target, changed.model_dump_json(indent=1) + "\n")
    return CarriedOver(len(records), files, excluded)


def _fingerprints(home: Path) -> set[str]:
    listed = {e.key for e in read_exclusions(home).entries if e.key}
    return listed | {r.key_fingerprint for r in read_records(home)}


def _since(fingerprint: str, key: PseudonymKey, home: Path) -> tuple[bytes, ...]:
    added = key.since(fingerprint)
    if added is None:
        raise KeyFileError(
            f"{key.path}: this is not the pseudonym key that {home} was made with (fingerprint "
            f"{fingerprint}, this one {key.fingerprint}), nor a rotation of it; put that key back "
            f"(and {home_key.FILE}, if it is gone from the home)."
        )
    return added


def _files(home: Path, record: DeliveryRecord) -> list[Path]:
    places = [
        home / layer / record.source / table / f"{record.stem}.parquet"
        for layer in ("raw", "quarantine")
        for table in record.tables
    ]
    return [path for path in places if path.exists()]


def _carry_file(
    path: Path, record: DeliveryRecord, contract: Contract, key: PseudonymKey, home: Path
) -> int:
    """Write a file again with its pseudonyms replaced; 0 when an earlier call did."""
    schema = pq.read_schema(path)
    added = _since(storage.noted(path, _KEY) or record.key_fingerprint, key, home)
    if not added:
        return 0
    names = [name for name in schema.names if name not in _OURS]
    declared = contract.tables.get(path.parent.name)
    patients, kinds = pseudonym_columns(declared, names) if declared else ([], [])
    others = set(names) - ({c.name for c in declared.stored} if declared else set())
    columns = [*patients, *kinds, *_undeclared_pseudonyms(path, sorted(others))]
    target = storage.ParquetFile(path, schema)
    target.note(_KEY, key.fingerprint)
    known: dict[str, str] = {}
    try:
        with pq.ParquetFile(path) as reader:
            for batch in reader.iter_batches(CHUNK_ROWS):
                table = pa.Table.from_batches([batch])
                for name in columns:
                    place = table.schema.get_field_index(name)
                    carried = _carried(table.column(name), added, known)
                    table = table.set_column(place, name, carried)
                target.write(table)
        target.commit()
    finally:
        target.discard()
    return 1


def _undeclared_pseudonyms(path: Path, names: Sequence[str]) -> list[str]:
    """Columns that an older contract declared: all that is filled looks like a pseudonym."""
    found = []
    for name in names:
        values = pc.unique(pq.read_table(path, columns=[name]).column(0)).to_pylist()
        filled = [value for value in values if value]
        if filled and all(_PSEUDONYM.fullmatch(value) for value in filled):
            found.append(name)
    return found


def _carried(values: pa.ChunkedArray, added: Sequence[bytes], known: dict[str, str]) -> pa.Array:
    encoded = pc.dictionary_encode(values.combine_chunks())
    for text in encoded.dictionary.to_pylist():
        if text not in known:
            known[text] = carried_over(text, added)
    made = pa.array([known[text] for text in encoded.dictionary.to_pylist()], pa.string())
    return made.take(encoded.indices)


def _carry_deny_list(home: Path, key: PseudonymKey, records: Sequence[DeliveryRecord]) -> int:
    """Replace the deny list by that of the new pseudonyms, in one step, before any row has one:
    an entry of the old ones would let the person back in."""
    before = read_exclusions(home).entries
    stored = {record.key_fingerprint for record in records}
    oldest = min(stored, key=key.fingerprints.index) if stored else key.fingerprint
    carried = []
    for entry in before:
        added = _since(entry.key or oldest, key, home)
        carried.append(_carried_entry(entry, added, key) if added else entry)
    changed = sum(new is not old for new, old in zip(carried, before, strict=True))
    if changed:
        lines = [entry.model_dump_json(exclude_none=True) for entry in carried]
        storage.write_text(home / DENY_LIST, "\n".join(lines) + "\n")
    return changed


def _carried_entry(entry: Exclusion, added: Sequence[bytes], key: PseudonymKey) -> Exclusion:
    def carried(told: str) -> str:
        """A pseudonym, from the SHA-256 of the one before."""
        pseudonym = ""
        for secret in added:
            pseudonym = rotated(secret, told)
            told = digest(pseudonym)
        return pseudonym

    person = carried(entry.person)
    named = {"pseudonym": person} if entry.pseudonym else {"digest": digest(person)}
    linked = tuple(sorted(digest(carried(told)) for told in entry.linked))
    return Exclusion(at=entry.at, mode=entry.mode, linked=linked, key=key.fingerprint, **named)
