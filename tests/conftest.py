"""Homes that whole runs have been made in, once a session: a run costs about a minute."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import write_home


@dataclass(frozen=True)
class Ran:
    """A home, and what the run in it printed."""

    home: Path
    process: subprocess.CompletedProcess[str]

    @property
    def database(self) -> Path:
        return self.home / "release" / "current" / "atmp_rwe.duckdb"


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
