"""Great Expectations and statistical outcomes as Dagster asset checks.

No rule is stated here: the suites own plausibility, ``analyses`` owns its preconditions. This
module only gives them a Dagster shape, with counts and never values in the metadata.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import dagster as dg

from expectations import CheckOutcome, CheckSpec
from orchestration.ledger import CheckRow


def asset_key(layer: str, table: str) -> dg.AssetKey:
    return dg.AssetKey([layer, table])


def specs(
    layer: str, catalogue: Iterable[CheckSpec], tables: Collection[str]
) -> list[dg.AssetCheckSpec]:
    """One Dagster check per expectation on these tables; ERROR ones stop what is downstream."""
    return [
        dg.AssetCheckSpec(
            name=spec.name,
            asset=asset_key(layer, spec.table),
            description=spec.reason,
            blocking=spec.severity == "ERROR",
            metadata={"category": spec.category, "severity": spec.severity},
        )
        for spec in catalogue
        if spec.table in tables
    ]


def results(layer: str, outcomes: Iterable[CheckOutcome]) -> Iterator[dg.AssetCheckResult]:
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


def rows(layer: str, outcomes: Iterable[CheckOutcome]) -> list[CheckRow]:
    return [
        CheckRow(
            layer=layer,
            table=outcome.spec.table,
            check=outcome.spec.name,
            severity=outcome.spec.severity,
            status="passed" if outcome.passed else _failed(outcome.spec.severity),
            n_rows=outcome.n_rows,
            n_unexpected=outcome.n_unexpected,
            share_unexpected=outcome.share_unexpected,
            reason=outcome.spec.reason,
        )
        for outcome in outcomes
    ]


def _failed(severity: str) -> str:
    return "failed" if severity == "ERROR" else "warned"
