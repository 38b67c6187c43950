"""The home that the tests of ingestion deliver into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lib.ingestion_site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A home with the contract of one source, `registry`, in the common extract format."""
    site = Site(tmp_path)
    site.contract()
    return site
