"""Plausible tables for each test: shared and rolled back, or its own where an error is provoked."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.lib.expectation_tables import database


@pytest.fixture(scope="session")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    with database() as connection:
        yield connection


@pytest.fixture
def con(shared: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables to be changed at will: the changes are undone after the test."""
    shared.begin()
    yield shared
    shared.rollback()


@pytest.fixture
def own() -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables of one test: an error of DuckDB would end the transaction of the shared ones."""
    with database() as connection:
        yield connection
