"""Whether each source has delivered when its contract expects it to.

Belongs here: the comparison of the last delivery with the day of the run, as `dbt source freshness`
makes it for databases. Does not belong here: which deliveries a run uses. It never stops a run and
never changes a result: what is late is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import dagster as dg

import ingestion
from orchestration.ledger import CheckRow

CHECK: Final = "delivered_in_time"
ASSET: Final = dg.AssetKey(["raw", "source_registry"])


@dataclass(frozen=True)
class Age:
    """How old the last delivery of a source is on the day of a run, and how old it may be."""

    source: str
    delivery: date
    days: int
    expected_every_days: int

    @property
    def late(self) -> bool:
        return self.days > self.expected_every_days


def ages(
    contracts: Mapping[str, ingestion.Contract], chosen: ingestion.Selection, today: date
) -> list[Age]:
    """The age of every source whose contract says `expected_every_days`, by source.

    today: the day the run looks at the data from: its `--as-of`, else the day it is made.
    """
    return [
        Age(source, records[-1].delivery, (today - records[-1].delivery).days, expected)
        for source, records in sorted(chosen.current.items())
        if records and (expected := contracts[source].expected_every_days) is not None
    ]


def check_rows(found: list[Age]) -> list[CheckRow]:
    """A row per source, as the manifest and the report show it."""
    return [
        CheckRow(
            layer="landing",
            table=one.source,
            check=CHECK,
            severity="WARN",
            status="warned" if one.late else "passed",
            n_rows=None,
            n_unexpected=None,
            share_unexpected=None,
            reason=f"The last delivery is of {one.delivery}, {one.days} days before; the contract "
            f"expects one every {one.expected_every_days} days.",
        )
        for one in found
    ]


def spec() -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        CHECK,
        asset=ASSET,
        description="Every source has delivered within the days its contract expects.",
        metadata={"category": "completeness", "severity": "WARN"},
    )


def result(found: list[Age]) -> dg.AssetCheckResult:
    """One Dagster check over all sources, with the days of those that are late."""
    late = {f"days_since_delivery/{one.source}": one.days for one in found if one.late}
    return dg.AssetCheckResult(
        passed=not late,
        asset_key=ASSET,
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"sources_with_an_expected_interval": len(found), **late},
    )
