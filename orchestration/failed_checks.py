"""What a person is told when a check of severity ERROR stopped a run: which source, which table.

Belongs here: the sentence. Does not: running checks (expectations), what stops (Dagster).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from expectations import CheckOutcome
from orchestration.ledger import CheckRow, Ledger

#: In the ledger: of each failed check of raw, the rows of each source.
SOURCES: Final = "failed-by-source"
#: Failed checks named in the sentence; the rest are counted.
NAMED: Final = 3
#: Layers whose failed checks stop a run; a rejected delivery is told, and the run goes on.
STOPPING: Final = frozenset({"raw", "marts", "dbt"})


def sources(
    parts: Mapping[tuple[str, str], Mapping[str, CheckOutcome]],
) -> list[dict[str, Any]]:
    """The counts of `expectations.by_source` as the ledger keeps them."""
    return [
        {
            "table": table,
            "check": check,
            "source": source,
            "n_rows": outcome.n_rows,
            "n_unexpected": outcome.n_unexpected,
        }
        for (table, check), outcomes in parts.items()
        for source, outcome in outcomes.items()
    ]


def sentence(ledger: Ledger) -> str:
    """What stopped the run, or nothing when no check of severity ERROR failed."""
    failed = [row for row in ledger.read_checks() if row.status == "failed"]
    stopping = [row for row in failed if row.layer in STOPPING]
    if not stopping:
        return ""
    told = ledger.read(SOURCES) if (ledger.folder / f"{SOURCES}.json").is_file() else []
    named = " ".join(_named(row, told) for row in stopping[:NAMED])
    more = f" And {len(stopping) - NAMED} more." if len(stopping) > NAMED else ""
    return (
        f"{len(stopping)} ERROR check{'s' * (len(stopping) != 1)} failed, so nothing was released "
        f"and the current release is unchanged. {named}{more} Mend the delivery or, if the "
        f"expectation is wrong, its suite; then run again.{_rejected(failed)}"
    )


def _named(row: CheckRow, told: list[dict[str, Any]]) -> str:
    parts = [
        part
        for part in told
        if (row.layer, part["table"], part["check"]) == ("raw", row.table, row.check)
        and part["n_unexpected"]
    ]
    of_source, _, table = row.table.partition("__")
    if not parts:
        where = f"{row.layer}.{row.table}"
        if table and row.layer == "raw":
            where = f"{of_source}, table {table} ({where})"
        return f"{where}: {row.check}, {_counts(row.n_unexpected, row.n_rows)}: {row.reason}"
    parts.sort(key=lambda part: -part["n_unexpected"])
    named = "; ".join(
        f"{part['source']}, table {table or row.table}: {row.check}, "
        f"{_counts(part['n_unexpected'], part['n_rows'])}"
        for part in parts
    )
    return f"{named} ({row.layer}.{row.table}): {row.reason}"


def _counts(unexpected: int | None, rows: int | None) -> str:
    return f"{unexpected or 0:,} of {rows or 0:,} rows"


def _rejected(failed: list[CheckRow]) -> str:
    """Deliveries that were rejected beside it: true, and not why the run stopped."""
    labels = sorted({"/".join(r.table.split("/")[:2]) for r in failed if r.layer == "landing"})
    if not labels:
        return ""
    many = len(labels) > 1
    return (
        f" (Besides, and not why the run stopped: {', '.join(labels)} "
        f"{'were' if many else 'was'} rejected; `atmp-rwe validate` says why.)"
    )
