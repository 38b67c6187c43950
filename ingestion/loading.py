"""A delivery taken in: its files found, read, checked, and written to raw and quarantine, all or
nothing.

What a row must be is in `checking`, what a file must have in `layout`; here they are put in order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingestion import home_key, storage
from ingestion.contracts import Contract
from ingestion.deliveries import Delivery
from ingestion.drift import columns_before, update_drift
from ingestion.errors import KeyFileError
from ingestion.exclusions import read_exclusions
from ingestion.intake import Intake
from ingestion.pseudonyms import PseudonymKey
from ingestion.records import DeliveryRecord, read_records, record_path
from ingestion.repeats import earlier_files


def load_source(
    source: str,
    *,
    contract: Contract,
    deliveries: Sequence[Delivery],
    home: Path,
    key: PseudonymKey,
    loaded_at: datetime,
) -> list[DeliveryRecord]:
    """Load the deliveries of one source that the home does not have yet; return the record of each.

    A delivery is known by its date and `sha8`; one that is loaded already is left as it is. A
    rejected one leaves raw and quarantine untouched and has a record that says why. Raw and
    quarantine files are written before the record, so a crash in between loads the delivery again.
    What changed from delivery to delivery is kept beside the records (`drift`).
    KeyFileError: the home was made with another key. IngestionError: the home cannot be written.
    """
    known = {(r.source, r.stem): r for r in read_records(home)}
    _same_key(known.values(), key, home)
    for kind in ("raw", "quarantine"):
        storage.clear_temporary(home / kind / source)
    erased = read_exclusions(home).erased
    records = []
    for delivery in deliveries:
        if delivery.source != source:
            continue
        record = known.get((source, f"{delivery.date.isoformat()}.{delivery.sha8}"))
        if record is None or not _complete(record, home):
            earlier = earlier_files(known.values(), delivery, contract)
            before = columns_before(known.values(), delivery)
            record = Intake(delivery, contract, key, loaded_at, home, erased, earlier, before).run()
            known[source, record.stem] = record
            path = record_path(home, source, record.stem)
            storage.write_text(path, record.model_dump_json(indent=1) + "\n")
        records.append(record)
    update_drift(contract, read_records(home), home)
    return records


def check_delivery(
    delivery: Delivery, contract: Contract, earlier: Iterable[DeliveryRecord] = ()
) -> DeliveryRecord:
    """Do the same checks and write nothing. The record has an empty `key_fingerprint`.

    earlier: records of other deliveries, to tell columns that are not delivered any more.
    """
    passing = PseudonymKey(Path(), "", created=False, secret=secrets.token_bytes(32))
    before = columns_before(earlier, delivery)
    return Intake(delivery, contract, passing, datetime.now(UTC), before=before).run()


def _complete(record: DeliveryRecord, home: Path) -> bool:
    return all(
        (home / "raw" / record.source / table / f"{record.stem}.parquet").exists()
        for table in record.tables
    )


def _same_key(records: Iterable[DeliveryRecord], key: PseudonymKey, home: Path) -> None:
    others = {r.key_fingerprint for r in records if r.tables}
    others |= {entry.key for entry in read_exclusions(home).entries if entry.key}
    others.discard(key.fingerprint)
    if not others:
        return
    if all(key.since(other) is not None for other in others):
        raise KeyFileError(
            f"{key.path}: the pseudonym key was rotated, and {home} still has the pseudonyms of "
            "before; run `atmp-rwe key rotate`, which completes that."
        )
    raise KeyFileError(
        f"{key.path}: this is not the pseudonym key that {home} was made with (fingerprint "
        f"{', '.join(sorted(others))}, this one {key.fingerprint}), so the same patient "
        "would become two, and persons on the deny list would come back; put that key back (and "
        f"{home_key.FILE}, if it is gone from the home), or load all deliveries anew into an "
        "empty home (docs/guides/key.md)."
    )
