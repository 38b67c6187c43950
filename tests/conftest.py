"""Homes that whole runs have been made in, once a session: a run costs about a minute."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import write_home

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every machine, so that what passed here passes there; `make fuzz` looks for
# new ones.
settings.register_profile("repeatable", derandomize=True)
if "ATMP_RWE_FUZZ_EXAMPLES" not in os.environ:
    settings.load_profile("repeatable")


@dataclass(frozen=True)
class Ran:
    """A home, and what the run in it printed."""

    home: Path
    process: subprocess.CompletedProcess[str]

    @property
    def database(self) -> Path:
        return self.home / "release" / "current" / "atmp_rwe.duckdb"


# Runs and builds that several modules look into: one worker makes each, and has these modules.
SHARED = re.compile(r"\b(?:(demo|small): Ran|(harmonised): Harmonised)\b")


class ByRun(LoadScopeScheduling):
    """A module stays on one worker, with every other that looks into the same run."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid.split("::")[0])


@functools.cache
def _scope(module: str) -> str:
    shared = SHARED.search((ROOT / module).read_text(encoding="utf-8"))
    return (shared[1] or shared[2]) if shared else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByRun:
    return ByRun(config, log)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The demo on fewer patients, run with the network cut off."""
    home = tmp_path_factory.mktemp("demo") / "home"
    simulated = atmp_rwe(home, "simulate", "--patients", "240", "--seed", "7")
    assert simulated.returncode == 0, simulated.stderr
    process = atmp_rwe(home, "run")
    assert process.returncode == 0, process.stdout + process.stderr
    return Ran(home, process)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A home that holds one registry in the common extract format and nothing else."""
    home = tmp_path_factory.mktemp("small") / "home"
    write_home(home)
    process = atmp_rwe(home, "run")
    assert process.returncode == 0, process.stdout + process.stderr
    return Ran(home, process)
