"""Everything Dagster knows about a data directory, assembled in one place."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping

import dagster as dg

from orchestration import automation, dbt_manifest, study_files
from orchestration.assets.evaluations import evaluation_assets
from orchestration.assets.harmonised import harmonised_assets, marts_keys
from orchestration.assets.landing import landing_assets
from orchestration.assets.raw import raw_assets
from orchestration.assets.release import release_assets
from orchestration.jobs import evaluate_everything
from orchestration.progress import progress_logger
from orchestration.resources import default_resources, prepare_environment
from orchestration.settings import Settings
from orchestration.sources import Sources


def build_defs(
    settings: Settings, *, resource_overrides: Mapping[str, object] | None = None
) -> dg.Definitions:
    """Definitions of one home: its sources, the dbt project, its studies, its releases."""
    # Code links are what reviewers browse by; their interface is called beta and says so each time.
    warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*([Cc]ode|source_code).*")
    sources = Sources.of(settings)
    studies = study_files.load(settings)
    manifest = dbt_manifest.ensure(settings)
    assets = [
        *landing_assets(sources),
        *raw_assets(sources, studies),
        *harmonised_assets(manifest),
        *evaluation_assets(studies),
        release_assets(studies, marts_keys(manifest)),
    ]
    return dg.Definitions(
        assets=dg.with_source_code_references(assets),
        jobs=[evaluate_everything],
        schedules=[automation.weekly],
        sensors=[automation.delivery_sensor(settings)],
        loggers={"progress": progress_logger},
        resources={**default_resources(settings), **(resource_overrides or {})},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The entry point of the Dagster UI and of ``dg``: the home that the environment names."""
    settings = Settings.from_environment(os.environ)
    prepare_environment(settings)
    return build_defs(settings)
