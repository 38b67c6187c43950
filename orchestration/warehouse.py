"""The build databases of a home: the one being built, the last good one, and how to open them.

dbt writes ``building.duckdb``; a build that succeeded is renamed ``build-<run>.duckdb`` and never
written again, so every later stage reads a file nobody else holds.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.settings import Settings

#: Nothing is ever downloaded at run time: parquet, json and icu are compiled in.
Config = dict[str, str | bool | int | float | list[str]]
OFFLINE: Config = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
#: For building: what does not fit is put beside the database for a moment (as in profiles.yml).
BOUNDED: Config = {**OFFLINE, "memory_limit": "3GB"}


class WarehouseError(Exception):
    """There is no build to read."""


def start_build(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A new, empty working database, open for writing; what a failed build left is removed."""
    remove_unfinished(settings)
    return duckdb.connect(str(settings.building), config=BOUNDED)


def remove_unfinished(settings: Settings) -> None:
    """Make room for a new working database."""
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    for leftover in settings.warehouse.glob("building.duckdb*"):
        leftover.unlink()


def keep_build(settings: Settings, run_id: str) -> Path:
    """Give the finished working database its own name."""
    settings.rebuild_mark.unlink(missing_ok=True)
    return settings.building.rename(build_path(settings, run_id))


def build_path(settings: Settings, run_id: str) -> Path:
    return settings.warehouse / f"build-{run_id}.duckdb"


def last_build(settings: Settings) -> Path:
    """The newest good build. WarehouseError: there is none yet."""
    build = any_build(settings)
    if build is None:
        raise WarehouseError(f"{settings.warehouse} holds no build yet: run `atmp-rwe run` first.")
    return build


def any_build(settings: Settings) -> Path | None:
    """The newest good build, None before the first."""
    builds = settings.warehouse.glob("build-*.duckdb")
    return max(builds, key=lambda p: p.stat().st_mtime_ns, default=None)


def run_id_of(build: Path) -> str:
    return build.stem.removeprefix("build-")


def remove_old_builds(settings: Settings, keep: Path) -> None:
    """The last good build is kept; older ones hold nothing that cannot be rebuilt."""
    for build in settings.warehouse.glob("build-*.duckdb"):
        if build != keep:
            build.unlink()


def read(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that installs nothing."""
    return duckdb.connect(str(path), read_only=True, config=OFFLINE)
