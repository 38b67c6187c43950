"""Great Expectations and statistical outcomes as Dagster asset checks.

No rule is stated here: the suites own plausibility, ``analyses`` owns its preconditions. This
module only gives them a Dagster shape, with counts and never values in the metadata.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from typing import Any, Literal

import dagster as dg

from expectations import CheckOutcome, catalogue
from orchestration.ledger import CheckRow

Layer = Literal["raw", "marts"]


def asset_key(layer: Layer, table: str) -> dg.AssetKey:
    return dg.AssetKey([layer, table])


def specs(layer: Layer, tables: Collection[str]) -> list[dg.AssetCheckSpec]:
    """One Dagster check per expectation on these tables; ERROR ones stop what is downstream."""
    return [
        dg.AssetCheckSpec(
            name=spec.name,
            asset=asset_key(layer, spec.table),
            description=spec.reason,
            blocking=spec.severity == "ERROR",
            metadata={"category": spec.category, "severity": spec.severity},
        )
        for spec in catalogue(layer)
        if spec.table in tables
    ]


def results(layer: Layer, outcomes: Iterable[CheckOutcome]) -> Iterator[dg.AssetCheckResult]:
    for outcome in outcomes:
        error = outcome.spec.severity == "ERROR"
        yield dg.AssetCheckResult(
            passed=outcome.passed,
            asset_key=asset_key(layer, outcome.spec.table),
            check_name=outcome.spec.name,
            severity=dg.AssetCheckSeverity.ERROR if error else dg.AssetCheckSeverity.WARN,
            metadata={
                "rows": outcome.n_rows,
                "unexpected": outcome.n_unexpected,
                **({"note": outcome.note} if outcome.note else {}),
            },
        )


def rows(layer: Layer, outcomes: Iterable[CheckOutcome]) -> list[CheckRow]:
    return [
        CheckRow(
            layer=layer,
            table=outcome.spec.table,
            check=outcome.spec.name,
            severity=outcome.spec.severity,
            status=outcome.status,
            n_rows=outcome.n_rows,
            n_unexpected=outcome.n_unexpected,
            share_unexpected=outcome.share_unexpected,
            reason=outcome.spec.reason,
        )
        for outcome in outcomes
    ]


def to_json(outcomes: Iterable[CheckOutcome]) -> list[dict[str, Any]]:
    """Outcomes by the name of their check, as the ledger keeps them."""
    return [
        {**asdict(outcome), "spec": [outcome.spec.table, outcome.spec.name]} for outcome in outcomes
    ]


def from_json(layer: Layer, items: Iterable[dict[str, Any]]) -> list[CheckOutcome]:
    known = {(spec.table, spec.name): spec for spec in catalogue(layer)}
    return [CheckOutcome(**{**item, "spec": known[tuple(item["spec"])]}) for item in items]
