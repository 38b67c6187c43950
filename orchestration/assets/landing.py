"""Deliveries, and the immutable raw files loaded from them: one loading step per source.

What a delivery must look like, and what happens to a row that does not, is ``ingestion``'s.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

import ingestion
from orchestration import fingerprint, lock, selection
from orchestration.failures import sanitised
from orchestration.resources import Home
from orchestration.sources import Sources

OWNER = "team:data-engineering"
ACCEPTED = "delivery_accepted"
RECONCILED = "read_equals_loaded_plus_quarantined"
WITHDRAWN = "few_rows_withdrawn"
#: Share of a table's rows that a snapshot may leave out before somebody should look.
MAY_BE_WITHDRAWN = 0.2


def landing_assets(sources: Sources) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The inbox of each source (external) and the step that loads it."""
    assets: list[dg.AssetsDefinition | dg.AssetSpec] = []
    for source in sources.active:
        assets.append(_inbox(source, sources))
        assets.append(_loading_step(source, sources))
    return assets


def loaded_key(source: str, table: str) -> dg.AssetKey:
    return dg.AssetKey(["loaded", source, table])


def _inbox(source: str, sources: Sources) -> dg.AssetSpec:
    contract = sources.contracts[source]
    return dg.AssetSpec(
        dg.AssetKey(["landing", source]),
        description=f"What {contract.title or source} delivered, untouched.",
        group_name="landing",
        owners=[OWNER],
        kinds={"file"},
        metadata={"format": contract.format, "registers_from": contract.registers_from},
    )


def _loading_step(source: str, sources: Sources) -> dg.AssetsDefinition:
    contract = sources.contracts[source]
    tables = sources.tables(source)
    first = loaded_key(source, tables[0])

    @dg.multi_asset(
        name=f"load_{source}",
        specs=[
            dg.AssetSpec(
                loaded_key(source, table),
                deps=[dg.AssetKey(["landing", source])],
                description=f"Rows of `{table}` as {source} delivered them, pseudonymised.",
                group_name="loaded",
                owners=[OWNER],
                kinds={"python", "parquet"},
                code_version=fingerprint.of_code("ingestion"),
            )
            for table in tables
        ],
        check_specs=[
            dg.AssetCheckSpec(
                ACCEPTED, asset=first, description="Every delivery meets its contract."
            ),
            dg.AssetCheckSpec(
                RECONCILED,
                asset=first,
                blocking=True,
                description="Each row read lies in raw or in quarantine, by the count of their "
                "Parquet files; or it is, by law, erased, or refused with its delivery.",
            ),
            dg.AssetCheckSpec(
                WITHDRAWN,
                asset=first,
                description="The newest snapshot still has at least four in five rows of each "
                "table of the one before; with fewer, look whether a file was cut short.",
            ),
        ],
    )
    def load(
        context: dg.AssetExecutionContext, home: Home
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with sanitised(f"loading {source}"):
            settings = home.settings
            lock.hold(settings.home)
            records = ingestion.load_source(
                source,
                contract=contract,
                deliveries=ingestion.discover(settings.landing, sources.contracts),
                home=settings.home,
                key=ingestion.key_of_home(settings.home, settings.key_file),
                loaded_at=datetime.now(UTC),
            )
            selection.require_good_delivery(source, records)
            yield from _materialised(source, tables, records)
            yield from check_results(first, records, settings.home)

    return load


def _materialised(
    source: str, tables: tuple[str, ...], records: list[ingestion.DeliveryRecord]
) -> Iterator[dg.MaterializeResult[None]]:
    for table in tables:
        files = [file for record in records for file in record.files if file.table == table]
        yield dg.MaterializeResult(
            asset_key=loaded_key(source, table),
            metadata={
                "deliveries": len({record.delivery for record in records}),
                "rows_read": sum(file.read for file in files),
                "dagster/row_count": sum(file.loaded for file in files),
                "rows_quarantined": sum(file.quarantined for file in files),
                "rows_erased": sum(file.erased for file in files),
                "rows_refused": sum(file.refused for file in files),
            },
        )


def check_results(
    key: dg.AssetKey, records: list[ingestion.DeliveryRecord], home: Path
) -> Iterator[dg.AssetCheckResult]:
    rejected = [record for record in records if record.status == "rejected"]
    yield dg.AssetCheckResult(
        passed=not rejected,
        asset_key=key,
        check_name=ACCEPTED,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rejected": len(rejected), "deliveries": len(records)},
    )
    lost = sum(ingestion.rows_off(record, home) for record in records)
    yield dg.AssetCheckResult(
        passed=lost == 0, asset_key=key, check_name=RECONCILED, metadata={"rows_lost": lost}
    )
    shares = ingestion.withdrawn(records, home)
    yield dg.AssetCheckResult(
        passed=max(shares.values(), default=0) <= MAY_BE_WITHDRAWN,
        asset_key=key,
        check_name=WITHDRAWN,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={f"share_of_{table}": share for table, share in shares.items()},
    )
