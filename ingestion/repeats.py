"""Files delivered again, byte for byte: recognised by their digest.

Within a delivery, and in an increment, a repeated file is not loaded again: it says nothing new,
and an old increment sent once more by mistake would undo what came since. A snapshot stands for
itself: its files are loaded, and the repetition is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ingestion.contracts import Contract
from ingestion.deliveries import Delivery, version
from ingestion.records import DeliveryRecord, FileRecord, Finding
from ingestion.tables import Table


def earlier_files(
    records: Iterable[DeliveryRecord], delivery: Delivery, contract: Contract
) -> dict[tuple[str, str], str]:
    """(table, sha256) -> `source/date/file` of what earlier deliveries of the source brought.

    Only of those loaded under the contract as it is now: under another one the same bytes may have
    become other rows.
    """
    found: dict[tuple[str, str], str] = {}
    for record in sorted(records, key=lambda r: (r.delivery, r.loaded_at)):
        if record.source != delivery.source or record.delivery >= delivery.date:
            continue
        files = [(file.name, file.sha256, file.bytes) for file in record.files]
        if record.status == "accepted" and version(contract, files) == record.sha8:
            for file in record.files:
                if file.table and file.read:
                    found.setdefault((file.table, file.sha256), f"{record.label}/{file.name}")
    return found


def without_repeats(
    table: Table,
    files: Sequence[FileRecord],
    contract: Contract,
    earlier: Mapping[tuple[str, str], str],
) -> tuple[list[Finding], list[str]]:
    """What to say of the files of one table, and the names of those to read."""
    findings: list[Finding] = []
    fresh: dict[str, str] = {}  # digest -> name
    for file in files:
        before = earlier.get((table.name, file.sha256))
        if file.sha256 in fresh:
            message = f"the same bytes as {fresh[file.sha256]} beside it: not loaded twice"
        elif before and contract.delivery == "increment":
            message = f"the same bytes as {before}: not loaded again"
        else:
            fresh[file.sha256] = file.name
            message = f"the same bytes as {before}; a snapshot stands for itself, so it is loaded"
            if before is None:
                continue
        findings.append(
            Finding(
                severity="INFO",
                rule="file_repeated",
                message=f"{file.name}: {message}",
                table=table.name,
                file=file.name,
            )
        )
    return findings, list(fresh.values())
