"""Tables that are empty, missing or not as agreed, and the choice of tables."""

from __future__ import annotations

import duckdb
import pytest

import expectations
from expectations.validation import NO_ROWS
from tests.lib.expectation_tables import TABLES, empty, patients, spoil


def outcome(
    con: duckdb.DuckDBPyConnection, layer: expectations.spec.Layer, table: str, name: str
) -> expectations.CheckOutcome:
    outcomes = expectations.validate(layer, con, tables=[table])
    return next(o for o in outcomes if o.spec.name == name)


def test_empty_deliveries_pass_and_say_so(con: duckdb.DuckDBPyConnection):
    empty(con, *(table for table in TABLES if table.startswith("raw.")))
    outcomes = expectations.validate("raw", con)
    assert [o.spec for o in outcomes] == list(expectations.catalogue("raw"))
    assert {(o.passed, o.note, o.n_rows) for o in outcomes} == {(True, NO_ROWS, 0)}


def test_marts_without_patients_or_treatments_are_an_error(con: duckdb.DuckDBPyConnection):
    empty(con, *(table for table in TABLES if table.startswith("marts.")))
    unmet = [o for o in expectations.validate("marts", con) if not o.passed]
    assert [(o.spec.table, o.spec.name, o.spec.severity, o.status) for o in unmet] == [
        ("patient", "has_rows", "ERROR", "failed"),
        ("treatment", "has_rows", "ERROR", "failed"),
    ]
    assert {o.note for o in unmet} == {NO_ROWS}


def test_a_table_without_a_source_still_has_its_other_checks(con: duckdb.DuckDBPyConnection):
    # Patients of a source that is not registered: no delivery date to compare with.
    empty(con, "marts.source")
    late = outcome(con, "marts", "patient", "death_date_not_after_delivery")
    assert (late.passed, late.n_rows, late.note) == (True, 0, "no row to which it applies")
    assert outcome(con, "marts", "patient", "sex_is_known").n_rows == 20


def test_a_missing_table_is_one_sentence(own: duckdb.DuckDBPyConnection):
    own.execute("DROP TABLE marts.covariate")
    with pytest.raises(expectations.ExpectationsError) as error:
        expectations.validate("marts", own)
    assert str(error.value) == (
        "There is no table marts.covariate to check: dbt builds it before checks are run."
    )
    # The others can still be asked for.
    assert expectations.validate("marts", own, tables=["patient"])


def test_a_missing_column_fails_the_checks_that_read_it(con: duckdb.DuckDBPyConnection):
    con.execute("ALTER TABLE raw.cart_registry__patients DROP COLUMN sex")
    outcomes = expectations.validate("raw", con, tables=["cart_registry__patients"])
    unmet = {o.spec.name: o.note for o in outcomes if not o.passed}
    assert unmet == {"sex_known": "there is no column sex"}


def test_what_cannot_be_worked_out_fails_without_a_value(own: duckdb.DuckDBPyConnection):
    own.execute("ALTER TABLE marts.patient ALTER death_date TYPE VARCHAR")
    spoil(own, "marts.patient", "death_date = 'SOONSOON'", where=patients(1, 1))
    outcomes = expectations.validate("marts", own, tables=["patient"])
    unmet = {o.spec.name: o.note for o in outcomes if not o.passed}
    assert unmet == {
        "death_date_not_after_delivery": "could not be worked out (ConversionException)",
        "death_date_not_after_delivery_in_bulk": "could not be worked out (ConversionException)",
        "age_at_death_plausible": "could not be worked out (BinderException)",
    }
    assert "SOONSOON" not in repr(outcomes)


def test_tables_can_be_chosen_by_either_name(con: duckdb.DuckDBPyConnection):
    for names in (["covariate", "patient"], ["marts.patient", "marts.covariate"]):
        outcomes = expectations.validate("marts", con, tables=names)
        assert list(dict.fromkeys(o.spec.table for o in outcomes)) == ["patient", "covariate"]
    assert expectations.validate("marts", con, tables=[]) == ()


def test_an_unknown_table_is_named(con: duckdb.DuckDBPyConnection):
    with pytest.raises(expectations.ExpectationsError, match=r"declared for marts\.patients:"):
        expectations.validate("marts", con, tables=["patients"])


def test_another_database_of_the_connection_is_not_mistaken(own: duckdb.DuckDBPyConnection):
    own.execute("ATTACH ':memory:' AS other")
    own.execute("CREATE SCHEMA other.marts")
    own.execute("CREATE TABLE other.marts.covariate AS FROM marts.covariate")
    own.execute("DROP TABLE marts.covariate")
    with pytest.raises(expectations.ExpectationsError, match=r"no table marts\.covariate"):
        expectations.validate("marts", own, tables=["covariate"])


def test_codes_of_a_contract_are_understood(con: duckdb.DuckDBPyConnection):
    # The fixture maps V to alive; without the map the status of the living cannot be read.
    known = outcome(con, "raw", "common_extract__patients", "vital_status_known")
    assert (known.passed, known.n_unexpected) == (True, 0)
    empty(con, "raw.code_map")
    unknown = outcome(con, "raw", "common_extract__patients", "vital_status_known")
    assert (unknown.passed, unknown.n_unexpected, unknown.status) == (False, 10, "failed")


def test_typed_yes_and_no_are_understood(own: duckdb.DuckDBPyConnection):
    own.execute(
        "ALTER TABLE raw.cart_registry__follow_up ALTER progression TYPE BOOLEAN "
        "USING progression = 'O'"
    )
    spoil(own, "raw.cart_registry__follow_up", "progression_date = NULL", where=patients(1, 3))
    assert outcome(own, "raw", "cart_registry__follow_up", "progression_known").passed
    dated = outcome(own, "raw", "cart_registry__follow_up", "progression_has_date")
    assert (dated.n_rows, dated.n_unexpected) == (20, 3)


def test_the_database_is_only_read(con: duckdb.DuckDBPyConnection):
    def rows() -> dict[str, object]:
        return {
            t: con.execute(f"SELECT count(*), sum(hash(x)) FROM {t} AS x").fetchone()
            for t in TABLES
        }

    before = rows()
    expectations.validate("marts", con)
    assert rows() == before
