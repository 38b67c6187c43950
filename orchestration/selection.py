"""Which deliveries a run uses, and how a manifest remembers them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import ingestion
from orchestration.ledger import CheckRow
from orchestration.settings import Settings

_OF_UNDECLARED = frozenset({"column_unknown", "column_dropped", "column_twice"})


class NoDeliveryError(Exception):
    """A source has nothing that can be used."""


class UnknownReleaseError(Exception):
    """``--like`` names a release that this home does not have."""


def choose(
    settings: Settings,
    contracts: dict[str, ingestion.Contract],
    *,
    as_of: date | None,
    like: str | None,
) -> ingestion.Selection:
    """The deliveries of a run: the latest good ones, those up to a date, or a past release's."""
    records = ingestion.read_records(settings.home)
    chosen = ingestion.select(
        records,
        contracts,
        landing_deliveries=ingestion.discover(settings.landing, contracts),
        as_of=as_of,
        like=deliveries_of(settings, like) if like else None,
    )
    if not chosen.records:
        raise NoDeliveryError(f"No source has a good delivery dated up to {as_of}.")
    return chosen


def require_good_delivery(source: str, records: list[ingestion.DeliveryRecord]) -> None:
    """Raise unless some delivery of this source can be used; say why the last ones cannot.

    Of a source whose first delivery is still being copied there is nothing to say yet.
    """
    if not records or any(record.status == "accepted" for record in records):
        return
    last = records[-1]
    reasons = "; ".join(f.message for f in last.findings if f.severity == "ERROR")
    raise NoDeliveryError(
        f"{last.label}: rejected, and {source} has no earlier good delivery: {reasons}. Mend "
        "the delivery or its contract, then run again."
    )


def deliveries_of(settings: Settings, release_id: str) -> list[tuple[str, str, str]]:
    """(source, delivery date, sha8) of every delivery a past release was made from."""
    deliveries = manifest_of(settings, release_id)["deliveries"]
    return [(d["source"], d["delivery"], d["sha8"]) for d in deliveries]


def manifest_of(settings: Settings, release_id: str) -> dict[str, Any]:
    """The manifest of a past release; UnknownReleaseError names those there are."""
    path = settings.release / release_id / "manifest.json"
    if not path.is_file():
        known = sorted(p.parent.name for p in settings.release.glob("*Z-*/manifest.json"))
        listed = ", ".join(known[-5:]) or "none yet"
        raise UnknownReleaseError(
            f"{settings.release} has no release {release_id!r}; the latest are: {listed}."
        )
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def describe(chosen: ingestion.Selection, as_of: str, like: str) -> dict[str, Any]:
    """What the manifest says about the inputs: deliveries, their files and counts."""
    return {
        "as_of": as_of or None,
        "like": like or None,
        "deliveries": [_described(record) for record in chosen.records],
        "rejected": [_described(record) for record in chosen.rejected],
        "synthetic": any(record.synthetic for record in chosen.records),
    }


def check_rows(chosen: ingestion.Selection) -> list[CheckRow]:
    """What the contracts found in the deliveries of a run: a row per delivery, table and rule."""
    grouped: dict[tuple[str, str, str, str], list[ingestion.Finding]] = defaultdict(list)
    for record in (*chosen.records, *chosen.rejected):
        for finding in without_headers(record).findings:
            if finding.severity != "INFO":
                table = f"{record.label}/{finding.table}" if finding.table else record.label
                grouped[table, finding.rule, finding.severity, finding.column or ""].append(finding)
    return [
        CheckRow(
            layer="landing",
            table=table,
            check=f"{rule}: {column}" if column else rule,
            severity=severity,
            status="failed" if severity == "ERROR" else "warned",
            n_rows=None,
            n_unexpected=sum(finding.count or 0 for finding in findings),
            share_unexpected=None,
            reason=f"{findings[0].file or table}: {findings[0].message}"
            + (f" (and {len(findings) - 1} more files)" if len(findings) > 1 else ""),
        )
        for (table, rule, severity, column), findings in grouped.items()
    ]


def misplaced(
    settings: Settings, contracts: Mapping[str, ingestion.Contract]
) -> list[dict[str, str]]:
    """What lies in the landing folder and was not read, for the manifest."""
    return [asdict(one) for one in ingestion.misplaced(settings.landing, contracts)]


def misplaced_rows(found: Iterable[Mapping[str, str]]) -> list[CheckRow]:
    """A check row for each thing in the landing folder that is no delivery."""
    return [
        CheckRow(
            layer="landing",
            table=one["source"] or "landing",
            check="misplaced",
            severity="ERROR",
            status="failed",
            n_rows=None,
            n_unexpected=None,
            share_unexpected=None,
            reason=one["message"],
        )
        for one in found
    ]


def _described(record: ingestion.DeliveryRecord) -> dict[str, Any]:
    counts = ("read", "loaded", "quarantined", "erased", "refused")
    totals = {name: getattr(record, name) for name in counts}
    return {**without_headers(record).model_dump(mode="json"), **totals}


def without_headers(record: ingestion.DeliveryRecord) -> ingestion.DeliveryRecord:
    """The record with a number in the place of each header that no contract declares: a header may
    be a name of a person, and what a run writes of it leaves the home.

    Numbered from 1 in the order of a file's undeclared columns.
    """
    numbers: dict[tuple[str | None, str | None], dict[str, str]] = defaultdict(dict)
    findings = []
    for finding in record.findings:
        if finding.rule in _OF_UNDECLARED and finding.column:
            known = numbers[finding.table, finding.file]
            shown = known.setdefault(finding.column, f"undeclared column {len(known) + 1}")
            message = finding.message.replace(f"undeclared column {finding.column}", shown)
            message = message.replace(finding.column, shown)
            finding = finding.model_copy(update={"column": shown, "message": message})
        findings.append(finding)
    files = []
    for file in record.files:
        known = numbers.get((file.table, file.name), {})
        columns = {
            known.get(header, name): known.get(header, header)
            for name, header in file.columns.items()
        }
        files.append(file.model_copy(update={"columns": columns}))
    return record.model_copy(update={"findings": tuple(findings), "files": tuple(files)})
