"""The parsed dbt project of a home, made again only when the project changed.

Dagster needs the manifest before it can define assets, and parsing costs about ten seconds, so a
stamp of the project's content lies beside it.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

from orchestration import dbt_process, fingerprint
from orchestration.failures import tells_of_full_disk
from orchestration.resources import dbt_environment
from orchestration.settings import DBT_PROJECT, Settings


class DbtParseError(Exception):
    """The dbt project cannot be parsed."""


def ensure(settings: Settings) -> Path:
    """Path of a ``manifest.json`` that matches the project as it is now."""
    manifest = settings.dbt_target / "manifest.json"
    stamp = settings.dbt_target / "parsed.sha256"
    current = fingerprint.of_code("dbt_project")
    if not _is_whole(manifest):
        # What dbt parsed before may be as broken.
        (settings.dbt_target / "partial_parse.msgpack").unlink(missing_ok=True)
    elif stamp.exists() and stamp.read_text() == current:
        return manifest
    settings.dbt_target.mkdir(parents=True, exist_ok=True)
    run_dbt(settings, "parse")
    stamp.write_text(current)
    return manifest


def _is_whole(manifest: Path) -> bool:
    """Whether it can be read: dbt writes it in place, and may have been killed meanwhile."""
    try:
        json.loads(manifest.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return True


def run_dbt(settings: Settings, *arguments: str) -> None:
    """One dbt command in its own process; its last lines become the error."""
    command = [str(dbt_process.COMMAND), "--no-use-colors", "--no-version-check"]
    where = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    done = subprocess.run(
        [*command, *arguments, *where],
        env={**os.environ, **dbt_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stdout + done.stderr
        if tells_of_full_disk(said):
            raise OSError(errno.ENOSPC, "dbt could not write")
        # The frames of a traceback are indented; what dbt means to say is not.
        lines = [line for line in said.strip().splitlines() if line and not line[0].isspace()]
        raise DbtParseError(f"dbt {' '.join(arguments)} failed: {' '.join(lines[-3:])}")
