"""Simulated deliveries, dirt included, through ingestion and dbt.

The harmonised clocks of the CAR-T registry equal, for every treatment, what a perfect reader of the
same delivery finds, and the dirt is counted where it was resolved.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pytest

import ingestion
from simulation import simulate
from tests.lib.dbt_project import run_dbt
from tests.lib.raw_database import NO_DOWNLOADS

CONTRACTS = Path(__file__).resolve().parents[2] / "expectations" / "contracts"


class Built(NamedTuple):
    """A harmonised build and the truth beside it."""

    con: duckdb.DuckDBPyConnection
    truth: pd.DataFrame
    dirt: dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    home = tmp_path_factory.mktemp("truth")
    simulate(home, patients=600, seed=11, deliveries=2)
    key = ingestion.load_key(home / "pseudonym.key", create=True)
    database = _load(home, key)
    run_dbt(database, "build", "--exclude", "resource_type:unit_test")
    truth = pd.read_parquet(max((home / "truth" / "cart_registry").glob("*.parquet")))
    truth["treatment"] = [
        key.pseudonym("cart_registry", "treatment", number) for number in truth["treatment_id"]
    ]
    counts = json.loads((home / "truth" / "dirt.json").read_text())["counts"]
    with duckdb.connect(str(database), read_only=True, config=dict(NO_DOWNLOADS)) as con:
        yield Built(con, truth, counts[max(counts)])


def _load(home: Path, key: ingestion.PseudonymKey) -> Path:
    contracts = ingestion.load_contracts([CONTRACTS])
    deliveries = ingestion.discover(home / "landing", contracts)
    for source in sorted({delivery.source for delivery in deliveries}):
        ingestion.load_source(
            source,
            contract=contracts[source],
            deliveries=[delivery for delivery in deliveries if delivery.source == source],
            home=home,
            key=key,
            loaded_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        )
    selection = ingestion.select(
        ingestion.read_records(home),
        contracts,
        landing_deliveries=deliveries,
        as_of=None,
        like=None,
    )
    database = home / "build.duckdb"
    with duckdb.connect(str(database), config=dict(NO_DOWNLOADS)) as con:
        ingestion.register(con, contracts, selection, home)
    return database


@pytest.mark.parametrize("analysis_set", ["infused", "intention_to_treat"])
@pytest.mark.parametrize("endpoint", ["overall_survival", "progression_free_survival"])
def test_every_clock_equals_the_truth(built: Built, analysis_set: str, endpoint: str):
    name = f"{analysis_set}.{endpoint}"
    true = built.truth.dropna(subset=[f"{name}.event"]).set_index("treatment")
    found = (
        built.con.execute(
            """
            select treatment_id, time_days, event, cause from marts.time_to_event
            where source = 'cart_registry' and endpoint = ? and analysis_set = ?
            """,
            [endpoint, analysis_set],
        )
        .df()
        .set_index("treatment_id")
    )
    assert sorted(found.index) == sorted(true.index)
    true = true.loc[found.index]
    assert found["time_days"].tolist() == true[f"{name}.days"].astype(int).tolist()
    assert found["event"].tolist() == true[f"{name}.event"].astype(int).tolist()
    if f"{name}.cause" in true:
        assert found["cause"].fillna("").tolist() == true[f"{name}.cause"].tolist()


def test_worst_grades_equal_the_truth(built: Built):
    found = built.con.execute(
        """
        select treatment_id, event_type, max(grade) as grade from marts.toxicity
        where source = 'cart_registry' and event_type in ('crs', 'icans') group by all
        """
    ).df()
    wide = found.pivot(index="treatment_id", columns="event_type", values="grade")
    true = built.truth.set_index("treatment")[["crs_grade", "icans_grade"]]
    read = wide.reindex(true.index).fillna(0).astype(int)
    assert read["crs"].tolist() == true["crs_grade"].astype(int).tolist()
    assert read["icans"].tolist() == true["icans_grade"].astype(int).tolist()


def test_planted_dirt_is_counted_where_it_was_resolved(built: Built):
    def number(sql: str) -> Any:
        row = built.con.execute(sql).fetchone()
        return row and row[0]

    cart, rare = built.dirt["cart_registry"], built.dirt["gene_therapy_registry"]
    assert (
        number(
            "select count(*) from marts.source_conflict where field = 'death_date'"
            " and other_source = 'cart_registry'"
        )
        == cart["death_told_twice"]
    )
    assert (
        number(
            "select count(*) from marts.source_conflict where field = 'death_date'"
            " and other_source = 'gene_therapy_registry'"
        )
        == rare["death_differs_between_registries"]
    )
    for code_list in ("product_code", "response", "death_cause"):
        found = number(
            "select n_rows from marts.unmapped_code where source = 'cart_registry'"
            f" and code_list = '{code_list}'"
        )
        # An exact copy of a dirty row is never planted, so rows are patients.
        assert found == cart[f"unknown_code.{code_list}"], code_list


def test_a_person_of_both_registries_is_one_person(built: Built):
    row = built.con.execute(
        "select count(*) from (select patient_id from marts.patient group by all"
        " having count(distinct source) = 2)"
    ).fetchone()
    assert row is not None
    assert row[0] == built.dirt["gene_therapy_registry"]["also_in_cart_registry"]
