"""Every check is met by plausible tables, and not met by the rows it is there for."""

from __future__ import annotations

import duckdb
import pytest

import expectations
from expectations.spec import Layer
from tests.lib.expectation_tables import patients, rows, spoil
from tests.unit.expectations import (
    spoilt_common_extract,
    spoilt_companions,
    spoilt_historical,
    spoilt_marts,
    spoilt_omop,
    spoilt_raw,
    spoilt_trials,
)
from tests.unit.expectations.spoilt_raw import Scene

SCENES: list[tuple[Layer, Scene]] = [
    *(("raw", scene) for scene in spoilt_raw.SCENES),
    *(("raw", scene) for scene in spoilt_historical.SCENES),
    *(("raw", scene) for scene in spoilt_omop.SCENES),
    *(("raw", scene) for scene in spoilt_trials.SCENES),
    *(("raw", scene) for scene in spoilt_companions.SCENES),
    *(("raw", scene) for scene in spoilt_common_extract.SCENES),
    *(("marts", scene) for scene in spoilt_marts.SCENES),
]


# Tables whose rows are told apart by their number, since none names a column `patient_id`.
NOT_OF_PATIENTS = (
    *("trials__trials", "omop__person", "omop__drug_exposure", "omop__measurement"),
    *("omop__observation_period", "pharmacy__batches", "pmsi__units"),
)
COPIES = "rows_told_once"
COPIED = [spec.table for spec in expectations.catalogue("raw") if spec.name == COPIES]


@pytest.mark.parametrize("layer", ["raw", "marts"])
def test_plausible_tables_meet_every_check(con: duckdb.DuckDBPyConnection, layer: Layer):
    outcomes = expectations.validate(layer, con)
    assert [o.spec for o in outcomes] == list(expectations.catalogue(layer))
    assert [(o.spec.table, o.spec.name) for o in outcomes if not o.passed] == []
    assert all(o.n_unexpected == 0 and o.share_unexpected == 0 for o in outcomes)


@pytest.mark.parametrize(
    ("layer", "scene"), SCENES, ids=[f"{s[0]}-{'-'.join(sorted(s[2]))[:50]}" for _, s in SCENES]
)
def test_spoilt_rows_are_noticed(con: duckdb.DuckDBPyConnection, layer: Layer, scene: Scene):
    table, changes, expected = scene
    for change, first, last in changes:
        which = rows if table in NOT_OF_PATIENTS else patients
        spoil(con, f"{layer}.{table}", change, where=which(first, last))
    outcomes = expectations.validate(layer, con, tables=[table])
    assert {o.spec.name for o in outcomes if not o.passed} == expected
    assert all(o.n_unexpected > 0 for o in outcomes if not o.passed)


def test_every_delivered_table_is_looked_through_for_copies():
    assert list(dict.fromkeys(spec.table for spec in expectations.catalogue("raw"))) == COPIED


@pytest.mark.parametrize("table", COPIED)
def test_copied_rows_are_counted_without_their_originals(
    con: duckdb.DuckDBPyConnection, table: str
):
    """Also in another file; a row that differs in one cell is no copy."""
    name = f"raw.{table}"
    copy = f"INSERT INTO {name} SELECT * REPLACE ({{}}) FROM {name} WHERE {{}}"
    con.execute(copy.format("_row + 100 AS _row", rows(1, 2)))
    con.execute(copy.format("_row + 200 AS _row, 'another.csv' AS _file", rows(3, 3)))
    (found,) = (
        o for o in expectations.validate("raw", con, tables=[table]) if o.spec.name == COPIES
    )
    assert (found.n_rows, found.n_unexpected, found.status) == (23, 3, "warned")
    first = next(c for (c,) in con.execute(f"SELECT column_name FROM (DESCRIBE {name})").fetchall())
    spoil(con, name, f"{first} = md5('another')", where=rows(101, 101))
    (found,) = (
        o for o in expectations.validate("raw", con, tables=[table]) if o.spec.name == COPIES
    )
    assert found.n_unexpected == 2


def test_each_check_is_seen_to_fail():
    seen = {(layer, scene[0], name) for layer, scene in SCENES for name in scene[2]}
    seen |= {("raw", table, COPIES) for table in COPIED}
    layers: tuple[Layer, ...] = ("raw", "marts")
    declared = {
        (layer, spec.table, spec.name)
        for layer in layers
        for spec in expectations.catalogue(layer)
        if spec.kind != "rows"  # seen in test_validate
    }
    assert declared == seen


def test_counts_are_of_the_rows_a_check_applies_to(con: duckdb.DuckDBPyConnection):
    spoil(con, "marts.patient", "death_date = DATE '2027-01-01'", where=patients(1, 2))
    spoil(con, "marts.patient", "birth_year = NULL", where=patients(1, 5))
    outcomes = {o.spec.name: o for o in expectations.validate("marts", con, tables=["patient"])}
    # Ten of the twenty are dead.
    late = outcomes["death_date_not_after_delivery"]
    assert (late.n_rows, late.n_unexpected, late.share_unexpected) == (10, 2, 0.2)
    missing = outcomes["birth_year_given"]
    assert (missing.n_rows, missing.n_unexpected, missing.share_unexpected) == (20, 5, 0.25)
    assert outcomes["birth_year_plausible"].n_rows == 15
    assert outcomes["has_rows"].n_rows == 20


def test_a_few_strays_do_not_warn():
    with_thousand = expectation_database(1000)
    spoil(with_thousand, "marts.patient", "birth_year = 1850", where=patients(1, 10))
    assert unmet(with_thousand) == set()
    spoil(with_thousand, "marts.patient", "birth_year = 1850", where=patients(11, 11))
    assert unmet(with_thousand) == {"birth_year_plausible"}


def expectation_database(n: int) -> duckdb.DuckDBPyConnection:
    from tests.lib.expectation_tables import database

    con = database(n)
    spoil(con, "marts.patient", "death_date = NULL, vital_status = 'alive'")
    return con


def unmet(con: duckdb.DuckDBPyConnection) -> set[str]:
    outcomes = expectations.validate("marts", con, tables=["patient"])
    return {o.spec.name for o in outcomes if not o.passed}
