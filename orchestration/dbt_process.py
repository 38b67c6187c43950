"""The command `atmp-rwe-dbt`: dbt, in a process that ends with the run that started it.

A run that is killed outright cannot end its dbt, which would go on to write into the database that
the next run builds. On Linux the system ends it; elsewhere it goes on to its end.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from pathlib import Path

#: The command, beside the Python that runs.
COMMAND = Path(sys.executable).with_name("atmp-rwe-dbt")
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the system kill this process when the thread that started it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """dbt's own command line. The database is closed before the process ends: what was written lies
    in the file, and in no log of changes beside it."""
    end_with_parent()
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import cli

    try:
        cli()
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
