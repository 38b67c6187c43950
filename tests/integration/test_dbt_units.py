"""The dbt project as a whole: its unit tests, and a build in which no source delivered anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

import ingestion
from ingestion import common_extract
from orchestration.assets.harmonised import Translator
from orchestration.column_lineage import BuiltTables
from orchestration.settings import BUILT_IN_CONTRACTS
from tests.lib.dbt_project import run_dbt, target_folder
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


#: Where a row came from: every raw view has these beside the columns of its contract.
PROVENANCE = {"_source", "_delivery", "_file", "_row"}
#: What a source does not deliver stands as a constant: NULL, or what its own column means.
CONSTANT = r"(cast\(null as [^\n]+\)|\bnull|'[^'\n]*') as {column}\b"


def test_every_staging_column_leads_to_a_column_of_a_contract(folder: Path):
    """Staging renames, casts and unpivots: it invents nothing, and reads no other model."""
    contracts = ingestion.load_contracts([BUILT_IN_CONTRACTS])
    delivered = {
        (f"{source}__{name}", column)
        for source, contract in contracts.items()
        for name, table in contract.tables.items()
        for column in {*(one.name for one in table.columns), *PROVENANCE}
    }
    delivered |= {
        (f"common_extract__{name}", column)
        for name, table in common_extract.TABLES.items()
        for column in {*(one.name for one in table.columns), *PROVENANCE}
    }
    manifest = json.loads((target_folder(folder / "build.duckdb") / "manifest.json").read_text())
    tables = BuiltTables(folder / "build.duckdb", manifest, Translator().get_asset_key)
    staged = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1:2] == ["staging"]
    ]
    for node in staged:
        if node["fqn"][2] == "deliveries":
            continue
        told = tables.metadata(node["unique_id"])["dagster/column_lineage"].deps_by_column
        assert told, node["name"]
        for column, parents in told.items():
            where = f"{node['name']}.{column}"
            origins = {(one.asset_key.path[-1], one.column_name) for one in parents}
            assert origins <= delivered, f"{where}: {origins - delivered}"
            if not origins:
                constant = CONSTANT.format(column=column)
                assert re.search(constant, node["compiled_code"], re.IGNORECASE), (
                    f"{where} is of no contract's column"
                )
