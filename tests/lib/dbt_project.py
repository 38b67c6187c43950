"""Runs the dbt project on a database file, in a process of its own.

Here: the one way tests call dbt, with target and logs in a temporary folder so that nothing is
written beside the models. Not here: what the database holds (tests/lib/raw_database.py).

The database is named relative to its folder and the target folder is shared by the test modules of
a session: the profile then looks the same to dbt each time, and it parses the project only once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def target_folder(database: Path) -> Path:
    """Where dbt leaves manifest.json and run_results.json: beside the database's folder."""
    return database.parent.parent / "dbt_target"


def run_dbt(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `dbt <arguments>` on `database` and fails with dbt's own words when dbt does."""
    environment = {
        **os.environ,
        "ATMP_RWE_BUILD_DATABASE": database.name,
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from orchestration.dbt_process import main; main()",
            *arguments,
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(target_folder(database)),
            "--log-path",
            str(database.parent / "logs"),
        ],
        env=environment,
        cwd=database.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"dbt {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
    return done
