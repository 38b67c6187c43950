"""``atmp-rwe run``: the whole job through Dagster, with progress shown.

What can be known to fail is found first, before anything heavy is imported and before anything
is written.
"""

from __future__ import annotations

import argparse
import os
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import fingerprint, lock, manifest
from orchestration.commands.summary import show
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

DAGSTER_YAML = """\
telemetry:
  enabled: false
"""


def run(settings: Settings, options: argparse.Namespace) -> int:
    as_of = options.as_of.isoformat() if options.as_of else None
    mark = fingerprint.of_run(settings, as_of=as_of, like=options.like)
    released = manifest.current(settings.release)
    if released and released["fingerprint"] == mark:
        print(f"Nothing changed since release {released['release_id']}: nothing to do.")
        return show(settings, released)
    lock.hold(settings.home)
    try:
        _preflight(settings, options.like)
        _execute(settings, {"as_of": as_of or "", "like": options.like or "", "fingerprint": mark})
    finally:
        lock.release(settings.home)
    released = manifest.current(settings.release)
    assert released is not None, "a run that succeeded has a release"
    return show(settings, released)


def write_dagster_yaml(settings: Settings) -> None:
    """Dagster's own settings: no telemetry."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    (settings.dagster_home / "dagster.yaml").write_text(DAGSTER_YAML)


def _preflight(settings: Settings, like: str | None) -> None:
    """Everything a person can have got wrong, found in a second or two."""
    import ingestion
    from orchestration import selection, study_files
    from orchestration.sources import Sources

    sources = Sources.of(settings)
    ingestion.discover(settings.landing, sources.contracts)
    if like:
        selection.deliveries_of(settings, like)
    study_files.load(settings)
    key = ingestion.load_key(settings.key_file, create=True)
    if key.created:
        print(
            f"A new pseudonym key was made: {settings.key_file}. Keep a copy in a safe place: "
            "without it later deliveries cannot be matched with earlier ones."
        )


def _execute(settings: Settings, choice: dict[str, str]) -> None:
    from orchestration.resources import prepare_environment

    print("Starting (the first run of a home also parses the dbt project) ...", flush=True)
    prepare_environment(settings)
    write_dagster_yaml(settings)

    import dagster as dg

    from orchestration.definitions import build_defs
    from orchestration.jobs import evaluate_everything

    job = build_defs(settings).resolve_job_def(evaluate_everything.name)
    config: dict[str, Any] = {
        "ops": {"raw_views": {"config": choice}},
        "loggers": {"progress": {}},
    }
    instances = dg.DagsterInstance.from_config(str(settings.dagster_home))
    # dbt prints a line per node; the progress logger prints one per asset, past this.
    with instances as instance, Path(os.devnull).open("w") as sink, redirect_stdout(sink):
        try:
            job.execute_in_process(instance=instance, run_config=config, raise_on_error=True)
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except dg.DagsterError as error:
            raise _cause(error) from error


def _cause(error: dg.DagsterError) -> BaseException:
    """The error of the step itself, out of Dagster's wrapping."""
    inner: BaseException = error
    while (cause := getattr(inner, "user_exception", None) or inner.__cause__) is not None:
        inner = cause
    return inner
