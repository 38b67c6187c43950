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
from ingestion.sheets import split_sheet
from ingestion.tables import Table


def earlier_files(
    records: Iterable[DeliveryRecord], delivery: Delivery, contract: Contract
) -> dict[tuple[str, str], str]:
    """(table, digest of the content) -> `source/date/file` of what earlier deliveries brought.

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
                    found.setdefault((file.table, _content(file)), f"{record.label}/{file.name}")
    return found


def without_repeats(
    table: Table,
    files: Sequence[FileRecord],
    contract: Contract,
    earlier: Mapping[tuple[str, str], str],
) -> tuple[list[Finding], list[str]]:
    """What to say of the files of one table, and the names of those to read."""
    findings: list[Finding] = []
    fresh: dict[str, str] = {}  # content -> name
    for file in files:
        content = _content(file)
        before = earlier.get((table.name, content))
        if content in fresh:
            message = f"the same bytes as {fresh[content]} beside it: not loaded twice"
        elif before and contract.delivery == "increment":
            message = f"the same bytes as {before}: not loaded again"
        else:
            fresh[content] = file.name
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


def _content(file: FileRecord) -> str:
    """What tells the bytes of a table apart: of a sheet, its workbook and its name."""
    sheet = split_sheet(file.name)[1]
    return file.sha256 if sheet is None else f"{file.sha256}/{sheet}"
