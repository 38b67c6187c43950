"""What a public release tells of its inputs and checks: names of ours, and no number of few people.

Belongs here: deliveries and check outcomes as the manifest and the report of a public release show
them. Does not belong here: the result tables (analyses.disclosure), what an internal release shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from analyses.disclosure import SuppressionPolicy, fit_count
from orchestration import freshness
from orchestration.ledger import CheckRow

#: What is kept of a delivery and of its files; every other value is withheld, its key stays.
OF_DELIVERY: Final = frozenset(
    {
        *("source", "delivery", "sha8", "status", "synthetic", "loaded_at", "key_fingerprint"),
        *("tables", "files"),
    }
)
OF_FILE: Final = frozenset({"table", "sha256"})
#: Layers whose rows are rows of people; the checks of an evaluation count diagnostics.
OF_PEOPLE: Final = frozenset({"landing", "raw", "marts", "dbt"})
CONTRACT_REASON: Final = "A rule of the source's contract; an internal release says what was found."
STATED: Final = {
    "counts": "1 to threshold - 1 withheld, with whatever gives them back",
    "curves": "curves, and what is read from them, are estimated on counts in steps of the "
    "threshold; numbers of events are whole steps; NULL after the last one",
    "estimates": "three significant digits",
    "labels": "of fewer people than the threshold: withheld; codes in no code list: unlisted_<n>",
    "deliveries": "rows, file names and headers withheld",
    "checks": "rows withheld, unexpected ones rounded to the threshold",
}


def deliveries(described: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Deliveries without rows, file names and headers.

    Their rows would tell the size of a withheld group by subtraction; a name or a header may hold a
    person's. Every key of the internal manifest is there: null, or empty, where withheld.
    """
    return [
        {
            **_withheld(one, OF_DELIVERY),
            "files": [_withheld(file, OF_FILE) for file in one["files"]],
        }
        for one in described
    ]


def misplaced(found: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """What was not read, without names of files and folders and where they lie."""
    return [{**one, "name": "", "message": CONTRACT_REASON} for one in found]


def checks(rows: Iterable[CheckRow], policy: SuppressionPolicy) -> list[CheckRow]:
    """Check outcomes without the rows they looked at, few unexpected ones, or words of a file.

    What the contracts found is told by rule and table alone: columns and messages name headers,
    files and rows.
    """
    shown: dict[CheckRow, None] = {}
    for row in rows:
        if row.layer in OF_PEOPLE:
            row = replace(
                row,
                n_rows=None,
                n_unexpected=fit_count(row.n_unexpected, policy),
                share_unexpected=None,
            )
        if row.layer == "landing" and row.check != freshness.CHECK:
            rule = row.check.partition(": ")[0]
            row = replace(row, check=rule, n_unexpected=None, reason=CONTRACT_REASON)
        shown[row] = None
    return list(shown)


def stated(policy: SuppressionPolicy) -> dict[str, Any]:
    """The suppression policy as the manifest states it."""
    return {**asdict(policy), **STATED}


def _withheld(record: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    return {key: value if key in kept else _nothing(value) for key, value in record.items()}


def _nothing(value: object) -> object:
    """Null, or an empty list or mapping in the place of one: readers go on as they do."""
    return type(value)() if isinstance(value, list | dict) else None
