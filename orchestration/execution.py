"""Executing the whole job in this process, with progress shown and failures said plainly."""

from __future__ import annotations

import json
import os
import uuid
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from orchestration import failed_checks
from orchestration.ledger import Ledger
from orchestration.resources import prepare_environment
from orchestration.settings import Settings

DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: orchestration.event_log
  class: KeptConnections
  config:
    base_dir: {events}
"""


class ChecksFailedError(Exception):
    """A check of severity ERROR stopped the run."""


def write_dagster_yaml(settings: Settings) -> None:
    """Dagster's own settings: no telemetry, no invitation to send an address elsewhere."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    # Where Dagster itself would keep them; a path in JSON is one in YAML, whatever it contains.
    events = json.dumps(str(settings.dagster_home / "history" / "runs"))
    (settings.dagster_home / "dagster.yaml").write_text(DAGSTER_YAML.format(events=events))


def execute(settings: Settings, choice: dict[str, str]) -> None:
    """Run the job on the deliveries of this choice (see ``raw.Choice``).

    Raises the error of the step that failed, or ``ChecksFailedError``.
    """
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
    run_id = str(uuid.uuid4())
    instances = dg.DagsterInstance.from_config(str(settings.dagster_home))
    # dbt prints a line per node; the progress logger prints one per asset, past this.
    with instances as instance, Path(os.devnull).open("w") as sink, redirect_stdout(sink):
        try:
            job.execute_in_process(
                instance=instance, run_config=config, raise_on_error=True, run_id=run_id
            )
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except dg.DagsterError as error:
            cause = _cause(error)
            # A blocking check ends a run with an error of Dagster's own, without a cause.
            stopped = "" if cause is not error else failed_checks.sentence(Ledger(settings, run_id))
            if stopped:
                raise ChecksFailedError(stopped) from None
            raise cause from error


def _cause(error: BaseException) -> BaseException:
    """The error of the step itself, out of Dagster's wrapping."""
    inner = error
    while (cause := getattr(inner, "user_exception", None) or inner.__cause__) is not None:
        inner = cause
    return inner
