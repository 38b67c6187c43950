"""How every delivery ever loaded fared: the scorecard of data quality over time.

Belongs here: bringing together what contracts found in each delivery (refused ones too) and what
the expectations found when a run used it. Does not belong here: any rule. Counts and names only.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

import ingestion
from analyses.results.columns import Table
from expectations import catalogue
from orchestration.settings import Settings

#: What a contract checks in each delivery, by the category of Kahn et al. (eGEMs 2016;4:1244).
CONTRACT_CHECKS: Final = {
    "column_missing": "completeness",
    "column_unknown": "conformance",
    "code_unlisted": "conformance",
    "decode": "conformance",
    "empty": "completeness",
    "file_missing": "completeness",
    "file_unknown": "conformance",
    "file_unreadable": "conformance",
    "header_missing": "conformance",
    "key_missing": "completeness",
    "ragged": "conformance",
    "reject_above": "conformance",
    "rows_lost": "completeness",
    "type": "conformance",
    "type_changed": "conformance",
}
NAME = "delivery_scorecard"
TABLE = Table(
    "Data quality of every delivery ever loaded, accepted or refused: what its contract found, and "
    "what the expectations found when a run last used it. One row per source, delivery, version, "
    "table and check.",
    (
        ("source", "VARCHAR", "The source; common_extract: every source of that format together."),
        ("delivery_date", "DATE", "Date of the delivery."),
        ("version", "VARCHAR", "Version (sha8) of the delivery."),
        ("status", "VARCHAR", "accepted or rejected, as a whole."),
        ("origin", "VARCHAR", "contract (checked at the door) or expectation (checked in a run)."),
        ("table_name", "VARCHAR", "Table checked; all: the delivery as a whole."),
        ("check_name", "VARCHAR", "Rule of the contract, or expectation of the suite."),
        ("category", "VARCHAR", "conformance, completeness or plausibility (Kahn 2016)."),
        ("severity", "VARCHAR", "ERROR or WARN; of a contract's rule that found nothing, NULL."),
        ("n_rows", "BIGINT", "Rows looked at; for a contract, rows read."),
        ("n_unexpected", "BIGINT", "Of these, or of the files or columns, those that fail."),
        ("passed", "BOOLEAN", "Whether the check passed."),
    ),
)
_KEY = ["source", "delivery_date", "version", "table_name", "check_name"]


def history(settings: Settings, as_of: date | None) -> pd.DataFrame:
    """The rows of TABLE for every delivery dated up to `as_of` (None: all)."""
    records = [
        record
        for record in ingestion.read_records(settings.home)
        if as_of is None or record.delivery <= as_of
    ]
    rows = [row for record in records for row in _of_contract(record)]
    rows += _of_expectations(settings.results, records)
    frame = pd.DataFrame(rows, columns=[name for name, _, _ in TABLE.columns])
    return frame.sort_values(_KEY, ignore_index=True)


def _of_contract(record: ingestion.DeliveryRecord) -> Iterator[dict[str, Any]]:
    """Every rule of the contract, also those that found nothing."""
    told = [finding for finding in record.findings if finding.severity != "INFO"]
    for rule in sorted(CONTRACT_CHECKS.keys() | {finding.rule for finding in told}):
        found = [finding for finding in told if finding.rule == rule]
        severities = {finding.severity for finding in found}
        yield {
            **_about(record),
            "origin": "contract",
            "table_name": "all",
            "check_name": rule,
            "category": CONTRACT_CHECKS.get(rule, "conformance"),
            "severity": "ERROR" if "ERROR" in severities else "WARN" if found else None,
            "n_rows": record.read,
            "n_unexpected": sum(finding.count or 1 for finding in found),
            "passed": not found,
        }


def _of_expectations(
    results: Path, records: Iterable[ingestion.DeliveryRecord]
) -> list[dict[str, Any]]:
    """What the runs whose results are kept found on raw; of two runs on a delivery, the later."""
    known = {(record.source, str(record.delivery), record.sha8): record for record in records}
    categories = {(spec.table, spec.name): spec.category for spec in catalogue("raw")}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    ledgers = sorted(results.glob("*/checks-raw.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in ledgers:
        used = _used(path.with_name("inputs.json"))
        for check in json.loads(path.read_text()):
            source, _, table = check["table"].partition("__")
            record = known.get((source, *used.get(source, ("", ""))))
            about = _about(record) if record is not None else _of_common(source, used, known)
            category = categories.get((check["table"], check["check"]))
            if about is None or category is None or check["n_rows"] in (None, 0):
                continue  # a check that is no more, a delivery that is gone, a table that is empty
            row = {
                **about,
                "origin": "expectation",
                "table_name": table,
                "check_name": check["check"],
                "category": category,
                "severity": check["severity"],
                "n_rows": check["n_rows"],
                "n_unexpected": check["n_unexpected"],
                "passed": check["status"] == "passed",
            }
            found[tuple(row[name] for name in _KEY)] = row
    return list(found.values())


def _about(record: ingestion.DeliveryRecord) -> dict[str, Any]:
    return {
        "source": record.source,
        "delivery_date": record.delivery,
        "version": record.sha8,
        "status": record.status,
    }


def _of_common(
    source: str, used: dict[str, tuple[str, str]], known: Container[tuple[str, str, str]]
) -> dict[str, Any] | None:
    """Sources of the common extract format are checked together: by the latest of the run."""
    if source != "common_extract" or not all((name, *of) in known for name, of in used.items()):
        return None
    last, version = max(used.values(), default=("", ""))
    if not last:
        return None
    return {
        "source": source,
        "delivery_date": date.fromisoformat(last),
        "version": version,
        "status": "accepted",
    }


def _used(inputs: Path) -> dict[str, tuple[str, str]]:
    """Date and version of the latest delivery of each source that a run used."""
    if not inputs.is_file():
        return {}
    deliveries = json.loads(inputs.read_text())["deliveries"]
    return {
        source: max((d["delivery"], d["sha8"]) for d in deliveries if d["source"] == source)
        for source in {d["source"] for d in deliveries}
    }
