"""The dbt project as a whole: its unit tests, and a build in which no source delivered anything."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.lib.dbt_project import run_dbt
from tests.lib.raw_database import NO_DOWNLOADS, create_raw_database


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty build database, built with data tests and unit tests."""
    where = tmp_path_factory.mktemp("dbt_units")
    create_raw_database(where / "build.duckdb")
    done = run_dbt(where / "build.duckdb", "build")
    (where / "said.txt").write_text(done.stdout)
    return where


def test_every_unit_test_ran_and_nothing_warned(folder: Path):
    said = (folder / "said.txt").read_text()
    assert "unit tests" in said
    assert "WARN=0 ERROR=0 SKIP=0" in said


def test_a_home_without_deliveries_gives_empty_marts(folder: Path):
    with duckdb.connect(
        str(folder / "build.duckdb"), read_only=True, config=dict(NO_DOWNLOADS)
    ) as con:
        tables = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall()
        counts = {
            name: con.execute(f"select count(*) from marts.{name}").fetchone() for (name,) in tables
        }
    marts = Path("dbt_project/models/marts")
    assert set(counts) == {path.stem for path in marts.rglob("*.sql")}
    assert set(counts.values()) == {(0,)}
