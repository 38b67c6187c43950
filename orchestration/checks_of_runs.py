"""What runs found on the deliveries they used, as far as their results are kept: for the scorecard.

Belongs here: which delivery a check of a run is told of. Does not belong here: running a check, the
table (scorecard.py). Counts and names only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import ingestion
from expectations import catalogue

#: Stands for every source of a build, where rows of all are harmonised into one table.
OF_BUILD: Final = "all"
#: Stands for every source of the common extract format: the suites read them together.
OF_COMMON: Final = "common_extract"
Stage = Literal["raw", "dbt", "marts"]


class Delivery(NamedTuple):
    """A delivery by what runs name it with: the day first, so that the latest is the greatest."""

    day: str
    sha8: str
    source: str


def about(record: ingestion.DeliveryRecord) -> dict[str, Any]:
    """The columns that say which delivery a row is of."""
    return {
        "source": record.source,
        "delivery_date": record.delivery,
        "version": record.sha8,
        "status": record.status,
    }


def found(results: Path, records: Iterable[ingestion.DeliveryRecord]) -> list[dict[str, Any]]:
    """Rows of the scorecard, of two runs on the same deliveries those of the later.

    A run that used a delivery that is not among the records (a later one than asked for, or one
    that is gone) says nothing of a build, and nothing of that delivery.
    """
    known = {Delivery(str(one.delivery), one.sha8, one.source): one for one in records}
    rows = [
        *_of_raw(results, known),
        *_of_build(results, known, "marts", "expectation"),
        *_of_build(results, known, "dbt", "dbt_test"),
    ]
    key = ("source", "delivery_date", "version", "origin", "table_name", "check_name")
    return list({tuple(row[name] for name in key): row for row in rows}.values())


def _of_raw(
    results: Path, known: dict[Delivery, ingestion.DeliveryRecord]
) -> Iterator[dict[str, Any]]:
    """Expectations on what was delivered: of the latest delivery of their source."""
    for used, check in _checks(results, "raw"):
        source, _, table = check["table"].partition("__")
        last = max((one for one in used if one.source == source), default=None)
        if last is not None and last in known:
            yield {**about(known[last]), "table_name": table, **_told(check, "expectation")}
        elif source == OF_COMMON and known.keys() >= used:
            latest = max(used)
            yield {
                **_together(OF_COMMON, latest, latest.sha8),
                "table_name": table,
                **_told(check, "expectation"),
            }


def _of_build(
    results: Path, known: dict[Delivery, ingestion.DeliveryRecord], stage: Stage, origin: str
) -> Iterator[dict[str, Any]]:
    """Checks of harmonised tables, in which the rows of every source are together."""
    for used, check in _checks(results, stage):
        if known.keys() >= used:
            version = hashlib.sha256(json.dumps(sorted(used)).encode()).hexdigest()[:8]
            yield {
                **_together(OF_BUILD, max(used), version),
                "table_name": check["table"],
                **_told(check, origin),
            }


def _checks(results: Path, stage: Stage) -> Iterator[tuple[frozenset[Delivery], dict[str, Any]]]:
    """The checks of a stage that looked at something, runs in order, with what each run used."""
    categories = (
        {} if stage == "dbt" else {(one.table, one.name): one.category for one in catalogue(stage)}
    )
    ledgers = results.glob(f"*/checks-{stage}.json")
    for path in sorted(ledgers, key=lambda path: path.stat().st_mtime_ns):
        used = _used(path.with_name("inputs.json"))
        for check in json.loads(path.read_text()) if used else ():
            category = check.get("category") or categories.get((check["table"], check["check"]))
            looked = check["n_unexpected"] is not None if stage == "dbt" else check["n_rows"]
            if category and looked:  # else a check that is no more, a table that is empty
                yield used, {**check, "category": category}


def _used(inputs: Path) -> frozenset[Delivery]:
    if not inputs.is_file():
        return frozenset()
    deliveries = json.loads(inputs.read_text())["deliveries"]
    return frozenset(Delivery(one["delivery"], one["sha8"], one["source"]) for one in deliveries)


def _together(source: str, latest: Delivery, version: str) -> dict[str, Any]:
    return {
        "source": source,
        "delivery_date": date.fromisoformat(latest.day),
        "version": version,
        "status": "accepted",
    }


def _told(check: dict[str, Any], origin: str) -> dict[str, Any]:
    return {
        "origin": origin,
        "check_name": check["check"],
        "category": check["category"],
        "severity": check["severity"],
        "n_rows": check["n_rows"],
        "n_unexpected": check["n_unexpected"],
        "passed": check["status"] == "passed",
    }
