"""Raw files of the chosen deliveries as typed views in a new build database, and their checks.

After this step dbt finds one typed relation per table, whatever was delivered; before dbt starts,
the raw expectations have been met or the run has stopped.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import dagster as dg

import expectations
from ingestion import common_extract
from orchestration import (
    build_start,
    checks,
    failed_checks,
    fingerprint,
    freshness,
    lock,
    selection,
    study_files,
    unread_sources,
)
from orchestration.assets.landing import OWNER, loaded_key
from orchestration.failures import sanitised
from orchestration.ledger import Ledger
from orchestration.resources import Home
from orchestration.sources import Sources
from orchestration.study_files import StudyFile

LAYER: Final = "raw"
COMMON_EXTRACT = "common_extract"


class Choice(dg.Config):
    """Which deliveries a run uses; empty means the latest good one of each source."""

    as_of: str = ""
    like: str = ""
    #: Taken by the caller before the first delivery was read; empty: taken at this step.
    fingerprint: str = ""


def raw_assets(sources: Sources, studies: tuple[StudyFile, ...]) -> list[dg.AssetsDefinition]:
    """One step: choose deliveries, see which studies they feed, register views, check them."""
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
            left_out = study_files.left_out(
                studies,
                chosen.current,
                as_of=config.as_of or None,
                like=config.like or None,
            )
            past = selection.manifest_of(settings, config.like) if config.like else None
            con = build_start.begin(settings, sources.contracts, chosen)
            try:
                counts = {table: _count(con, table) for table in sorted(tables)}
                outcomes = expectations.validate(LAYER, con, tables=checked)
                failed = [one for one in outcomes if one.status == "failed"]
                parts = expectations.by_source(con, failed)
            finally:
                con.close()
            aside = selection.misplaced(settings, sources.contracts)
            ledger = Ledger(settings, context.run_id)
            ledger.write(
                "inputs",
                {
                    **selection.describe(chosen, config.as_of, config.like),
                    "misplaced": aside,
                    "left_out": left_out,
                    "differs": study_files.differing(studies, past) if past else [],
                    "fingerprint": mark,
                },
            )
            ledger.write(f"outcomes-{LAYER}", checks.to_json(outcomes))
            today = date.fromisoformat(config.as_of) if config.as_of else date.today()
            found = freshness.ages(sources.contracts, chosen, today)
            ledger.write_checks(
                "landing",
                [
                    *selection.check_rows(chosen),
                    *selection.misplaced_rows(aside),
                    *freshness.check_rows(found),
                    *unread_sources.check_rows(sources),
                ],
            )
            ledger.write_checks(LAYER, checks.rows(LAYER, outcomes))
            ledger.write(failed_checks.SOURCES, failed_checks.sources(parts))
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
    yield _spec("changed_person", every, "Persons told otherwise than to the build started from")
    yield _spec("former_person_link", every, "Links between numbers in the build started from")
    yield _spec("former_told", every, "Kinds of events told to the build started from")


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
