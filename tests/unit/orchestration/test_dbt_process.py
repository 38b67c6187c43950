"""dbt does not outlive the run that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration import dbt_process
from orchestration.resources import default_resources
from orchestration.settings import Settings

CHILD = """
import time
from orchestration.dbt_process import end_with_parent
end_with_parent()
print("up", flush=True)
time.sleep(120)
"""
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends it on Linux alone")
@pytest.mark.parametrize("is_stopped", [False, True], ids=["working", "stopped"])
def test_it_ends_when_the_run_is_killed(is_stopped: bool) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    if is_stopped:
        os.kill(child, signal.SIGSTOP)
    parent.kill()
    parent.wait()
    end = time.monotonic() + 30
    while is_running(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(child)


def test_it_is_the_dbt_of_the_models_and_installed(tmp_path: Path) -> None:
    resources = default_resources(Settings(tmp_path, tmp_path, tmp_path / "key"))
    assert resources["dbt"].dbt_executable == str(dbt_process.COMMAND)  # type: ignore[attr-defined]
    said = subprocess.run(
        [dbt_process.COMMAND, "--version"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "installed" in said.stdout
