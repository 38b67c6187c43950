"""Dagster resources: the data directory, and dbt bound to it.

Only configuration that Dagster should show and tests may override; no logic.
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration import dbt_process
from orchestration.settings import DBT_PROJECT, Settings


class Home(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The data directory of this code location."""

    home: str
    landing: str
    key_file: str
    profile: str = "internal"

    @classmethod
    def of(cls, settings: Settings) -> Home:
        return cls(
            home=str(settings.home),
            landing=str(settings.landing),
            key_file=str(settings.key_file),
            profile=settings.profile,
        )

    @property
    def settings(self) -> Settings:
        return Settings(
            Path(self.home), Path(self.landing), Path(self.key_file), profile=self.profile
        )


def default_resources(settings: Settings) -> dict[str, object]:
    """The resources of a home; ``build_defs`` takes overrides for tests."""
    return {
        "home": Home.of(settings),
        "dbt": DbtCliResource(
            project_dir=str(DBT_PROJECT),
            profiles_dir=str(DBT_PROJECT),
            dbt_executable=str(dbt_process.COMMAND),
            global_config_flags=["--no-use-colors", "--no-version-check"],
        ),
    }


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What dbt is told through its environment: paths of the home, and no telemetry."""
    return {
        "ATMP_RWE_BUILD_DATABASE": str(settings.building),
        "DBT_TARGET_PATH": str(settings.dbt_target),
        "DBT_LOG_PATH": str(settings.dbt_target),
        # Every statement, at the level `debug`, takes a sixth of a small build.
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def prepare_environment(settings: Settings) -> None:
    """Set what dbt, Dagster and Great Expectations read from the environment of this process."""
    os.environ.update(dbt_environment(settings))
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
