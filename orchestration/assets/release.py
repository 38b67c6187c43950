"""The release: one DuckDB file, one report, tables as CSV, Data Docs and a manifest."""

from collections.abc import Iterator

import dagster as dg

from orchestration import fingerprint, lock, publication, warehouse
from orchestration.assets.evaluations import result_key
from orchestration.failures import sanitised
from orchestration.ledger import Ledger
from orchestration.resources import Home
from orchestration.study_files import StudyFile

OWNER = "team:data-engineering"
PARTS = {
    "database": ("duckdb", "Marts and results in one file, every table and column commented."),
    "report": ("html", "Every study on one self-contained page."),
    "tables": ("csv", "Results, one file a table."),
    "data_docs": ("html", "Great Expectations Data Docs: counts and shares only."),
    "docs": ("html", "Every definition and its lineage: dbt's documentation on one page."),
    "manifest": ("json", "What the release was made from, and by what."),
}


def release_assets(studies: tuple[StudyFile, ...], marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """One step that writes a release beside the others and then swaps ``current`` to it."""
    deps = [result_key(file.study.id, "diagnostic") for file in studies] + marts

    @dg.multi_asset(
        name="publish_release",
        specs=[
            dg.AssetSpec(
                dg.AssetKey(["release", part]),
                deps=deps,
                description=description,
                group_name="release",
                owners=[OWNER],
                kinds={kind},
                code_version=fingerprint.of_code("orchestration"),
            )
            for part, (kind, description) in PARTS.items()
        ],
    )
    def publish_release(
        context: dg.AssetExecutionContext, home: Home
    ) -> Iterator[dg.MaterializeResult[None]]:
        with sanitised("publishing"):
            settings = home.settings
            lock.hold(settings.home)
            build = warehouse.last_build(settings)
            released = publication.publish(
                settings, build, Ledger(settings, warehouse.run_id_of(build)), studies
            )
            warehouse.remove_old_builds(settings, keep=build)
            for part in PARTS:
                yield dg.MaterializeResult(
                    asset_key=dg.AssetKey(["release", part]), metadata={"release_id": released.name}
                )

    return publish_release
