"""One build from simulated deliveries of every source, for the modules that look into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lib.harmonised import Harmonised, harmonise


@pytest.fixture(scope="session")
def harmonised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harmonised]:
    """Two deliveries of 1,500 CAR-T patients and what goes with them."""
    made = harmonise(tmp_path_factory.mktemp("harmonised") / "home", patients=1500, seed=11)
    with made.con:
        yield made
