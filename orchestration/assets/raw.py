"""Raw files of the chosen deliveries as typed views in a new build database, and their checks.

After this step dbt finds one typed relation per table, whatever was delivered; before dbt starts,
the raw expectations have been met or the run has stopped.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import dagster as dg

import expectations
import ingestion
from ingestion import common_extract
from orchestration import checks, fingerprint, freshness, lock, selection, warehouse
from orchestration.assets.landing import OWNER, loaded_key
from orchestration.failures import sanitised
from orchestration.ledger import Ledger
from orchestration.resources import Home
from orchestration.sources import Sources

LAYER: Final = "raw"
COMMON_EXTRACT = "common_extract"


class Choice(dg.Config):
    """Which deliveries a run uses; empty means the latest good one of each source."""

    as_of: str = ""
    like: str = ""
    #: Taken by the caller before the first delivery was read; empty: taken at this step.
    fingerprint: str = ""


def raw_assets(sources: Sources) -> list[dg.AssetsDefinition]:
    """One step: choose deliveries, register views, check them."""
    specs = list(_specs(sources))
    tables = {spec.key.path[-1] for spec in specs}
    checked = tables & {spec.table for spec in expectations.catalogue(LAYER)}

    @dg.multi_asset(
        name="raw_views",
        specs=specs,
        check_specs=[*checks.specs(LAYER, checked), freshness.spec()],
    )
    def raw_views(
        context: dg.AssetExecutionContext, config: Choice, home: Home
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with sanitised("registering raw views"):
            settings = home.settings
            lock.hold(settings.home)
            mark = config.fingerprint or fingerprint.of_run(
                settings, as_of=config.as_of or None, like=config.like or None
            )
            chosen = selection.choose(
                settings,
                sources.contracts,
                as_of=date.fromisoformat(config.as_of) if config.as_of else None,
                like=config.like or None,
            )
            con = warehouse.start_build(settings)
            try:
                ingestion.register(con, sources.contracts, chosen, settings.home)
                counts = {table: _count(con, table) for table in sorted(tables)}
                outcomes = expectations.validate(LAYER, con, tables=checked)
            finally:
                con.close()
            ledger = Ledger(settings, context.run_id)
            ledger.write(
                "inputs",
                {**selection.describe(chosen, config.as_of, config.like), "fingerprint": mark},
            )
            ledger.write(f"outcomes-{LAYER}", checks.to_json(outcomes))
            today = date.fromisoformat(config.as_of) if config.as_of else date.today()
            found = freshness.ages(sources.contracts, chosen, today)
            ledger.write_checks(
                "landing", [*selection.check_rows(chosen), *freshness.check_rows(found)]
            )
            ledger.write_checks(LAYER, checks.rows(LAYER, outcomes))
            for spec in specs:
                rows = {"dagster/row_count": counts[spec.key.path[-1]]}
                yield dg.MaterializeResult(asset_key=spec.key, metadata=rows)
            yield from checks.results(LAYER, outcomes)
            yield freshness.result(found)

    return [raw_views]


def _specs(sources: Sources) -> Iterator[dg.AssetSpec]:
    common: dict[str, list[dg.AssetKey]] = {table: [] for table in common_extract.TABLES}
    for source in sources.active:
        for table in sources.tables(source):
            yield _spec(f"{source}__{table}", [loaded_key(source, table)], f"`{table}` of {source}")
            if sources.contracts[source].format == COMMON_EXTRACT:
                common[table].append(loaded_key(source, table))
    for table, deps in common.items():
        about = f"`{table}` of every source that delivers the common extract format"
        yield _spec(f"{COMMON_EXTRACT}__{table}", deps, about)
    every = [
        loaded_key(source, table) for source in sources.active for table in sources.tables(source)
    ]
    yield _spec("source_registry", every, "The sources of this run and their cut-off dates")
    yield _spec("code_map", every, "The code maps that the contracts declare")


def _spec(name: str, deps: list[dg.AssetKey], about: str) -> dg.AssetSpec:
    details: dict[str, Any] = {"group_name": LAYER, "owners": [OWNER], "kinds": {"duckdb"}}
    return dg.AssetSpec(
        dg.AssetKey([LAYER, name]),
        deps=deps,
        description=f"{about}, typed, from the deliveries this run uses.",
        code_version=fingerprint.of_code("ingestion"),
        **details,
    )


def _count(con: Any, table: str) -> int:
    row = con.execute(f'select count(*) from raw."{table}"').fetchone()
    return int(row[0])
