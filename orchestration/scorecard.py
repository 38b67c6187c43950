"""How every delivery ever loaded fared: the scorecard of data quality over time.

Belongs here: the table, and what contracts found in each delivery, refused ones too. Does not
belong here: any rule; what runs found on what they used (checks_of_runs). Counts and names only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import pandas as pd

import ingestion
from analyses.results.columns import Table
from orchestration import checks_of_runs
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
        (
            "source",
            "VARCHAR",
            "The source; common_extract: every source of that format together; all: every source.",
        ),
        ("delivery_date", "DATE", "Date of the delivery; of a build, of its latest."),
        (
            "version",
            "VARCHAR",
            "Version (sha8) of the delivery; of a build, a hash of those of all.",
        ),
        ("status", "VARCHAR", "accepted or rejected, as a whole."),
        (
            "origin",
            "VARCHAR",
            "contract (checked at the door), expectation or dbt_test (checked in a run).",
        ),
        (
            "table_name",
            "VARCHAR",
            "Table checked; all: the delivery as a whole; several: those a dbt test compares.",
        ),
        ("check_name", "VARCHAR", "Rule of the contract, expectation of the suite, or dbt test."),
        ("category", "VARCHAR", "conformance, completeness or plausibility (Kahn 2016)."),
        ("severity", "VARCHAR", "ERROR or WARN; of a contract's rule that found nothing, NULL."),
        (
            "n_rows",
            "BIGINT",
            "Rows looked at; for a contract, rows read; for a dbt test NULL: it counts failures.",
        ),
        (
            "n_unexpected",
            "BIGINT",
            "Of these, or of the files or columns, those that fail; of a dbt test, rows returned.",
        ),
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
    rows += checks_of_runs.found(settings.results, records)
    frame = pd.DataFrame(rows, columns=[name for name, _, _ in TABLE.columns])
    return frame.sort_values(_KEY, ignore_index=True)


def _of_contract(record: ingestion.DeliveryRecord) -> Iterator[dict[str, Any]]:
    """Every rule of the contract, also those that found nothing."""
    told = [finding for finding in record.findings if finding.severity != "INFO"]
    for rule in sorted(CONTRACT_CHECKS.keys() | {finding.rule for finding in told}):
        found = [finding for finding in told if finding.rule == rule]
        severities = {finding.severity for finding in found}
        yield {
            **checks_of_runs.about(record),
            "origin": "contract",
            "table_name": "all",
            "check_name": rule,
            "category": CONTRACT_CHECKS.get(rule, "conformance"),
            "severity": "ERROR" if "ERROR" in severities else "WARN" if found else None,
            "n_rows": record.read,
            "n_unexpected": sum(finding.count or 1 for finding in found),
            "passed": not found,
        }
