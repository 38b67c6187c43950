"""Who counts as changed between two builds, from marks and dates of small tables."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from ingestion.person_marks import changed_persons

OLD, NEW = "2026-01-31", "2026-02-28"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The same source in both builds, with one person who is long out of follow-up."""
    with duckdb.connect() as made:
        made.execute("create schema raw")
        for kind in ("", "former_"):
            made.execute(
                f"""create table raw.{kind}source_registry as select 'registry' as source,
                'infusion' as registers_from, null::varchar as "identity",
                'snapshot' as delivery_mode, date '{OLD}' as delivery_date,
                'common_extract' as format"""
            )
            made.execute(
                f"""create table raw.{kind}person_mark (source varchar, patient_id varchar,
                mark ubigint, last_date date)"""
            )
            tell(made, kind, "same", 1, "2025-06-01")
        made.execute("create table raw.former_person_link (patient_id varchar, person_id varchar)")
        yield made


def tell(
    con: duckdb.DuckDBPyConnection, kind: str, person: str | None, mark: int, day: str | None
) -> None:
    con.execute(
        f"insert into raw.{kind}person_mark values ('registry', ?, ?, ?)", [person, mark, day]
    )


def changed(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {person for (person,) in con.execute(changed_persons()).fetchall()}


def test_nobody_changed_when_the_same_is_told(con: duckdb.DuckDBPyConnection):
    assert changed(con) == set()


def test_added_withdrawn_and_corrected_persons_changed(con: duckdb.DuckDBPyConnection):
    tell(con, "", "added", 2, None)
    tell(con, "former_", "withdrawn", 3, None)
    tell(con, "former_", "corrected", 4, None)
    tell(con, "", "corrected", 5, None)
    assert changed(con) == {"added", "withdrawn", "corrected"}


@pytest.mark.parametrize("earlier_is", ["former_", ""])
def test_a_date_on_or_after_the_earlier_cut_off_makes_a_person_changed(
    con: duckdb.DuckDBPyConnection, earlier_is: str
):
    """Whether a later cut-off came or an earlier one came back."""
    later = "" if earlier_is else "former_"
    con.execute(f"update raw.{later}source_registry set delivery_date = date '{NEW}'")
    for person, day in (("before", "2026-01-30"), ("on", OLD), ("after", "2026-02-02")):
        tell(con, "", person, 6, day)
        tell(con, "former_", person, 6, day)
    assert changed(con) == {"on", "after"}


def test_a_date_told_under_another_number_of_the_person_counts(con: duckdb.DuckDBPyConnection):
    """A contact told by one source ends a clock of another, whose cut-off moved."""
    con.execute(f"update raw.source_registry set delivery_date = date '{NEW}'")
    con.execute(
        "insert into raw.former_person_link values ('elsewhere', 'here'), ('third', 'here')"
    )
    for kind in ("", "former_"):
        tell(con, kind, "here", 6, "2025-12-01")
        for person, day in (("elsewhere", "2026-05-01"), ("third", "2025-01-01")):
            con.execute(
                f"insert into raw.{kind}person_mark values ('another', ?, 7, ?)", [person, day]
            )
    assert changed(con) == {"here"}


def test_rows_that_name_nobody_concern_everybody_of_their_source(con: duckdb.DuckDBPyConnection):
    tell(con, "", None, 7, None)
    tell(con, "former_", None, 8, None)
    assert changed(con) == {"same"}


def test_what_the_contract_says_of_a_source_concerns_everybody_of_it(
    con: duckdb.DuckDBPyConnection,
):
    con.execute("update raw.source_registry set registers_from = 'apheresis'")
    assert changed(con) == {"same"}
