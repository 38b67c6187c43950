"""Runs the dbt project on a database file, in a process of its own.

Here: the one way tests call dbt, with target and logs in a temporary folder so that nothing is
written beside the models. Not here: what the database holds (tests/lib/raw_database.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def run_dbt(database: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `dbt <arguments>` and fails with dbt's own words when dbt does."""
    environment = {
        **os.environ,
        "ATMP_RWE_BUILD_DATABASE": str(database),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dbt.cli.main import cli; cli()",
            *arguments,
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(folder / "target"),
            "--log-path",
            str(folder / "logs"),
        ],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"dbt {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
    return done
