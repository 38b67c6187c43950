"""One simulated home for the tests of this folder."""

from pathlib import Path

import pytest

from simulation import SimulationSummary, simulate


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate(tmp_path_factory.mktemp("simulated"), patients=500, seed=7)


@pytest.fixture(scope="session")
def home(summary: SimulationSummary) -> Path:
    return summary.home
