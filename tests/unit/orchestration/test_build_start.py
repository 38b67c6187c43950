"""What a build starts with, what dbt is told of it, and what its manifest says afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration import build_start


def test_dbt_is_told_for_its_own_time_only():
    with pytest.raises(RuntimeError), build_start.told_to_dbt(build_start.CHANGED):
        assert os.environ[build_start.VARIABLE] == "changed"
        raise RuntimeError
    assert build_start.VARIABLE not in os.environ


def test_compiled_sql_names_the_tables_of_everybody(tmp_path: Path):
    path = tmp_path / "manifest.json"
    read = 'select * from "building"."changed"."int_event" join "building"."seeds"."product"'
    nodes = {
        "a": {"name": "int_event", "schema": "intermediate", "compiled_code": None},
        "b": {"name": "toxicity", "schema": "marts", "compiled_code": read},
    }
    path.write_text(json.dumps({"nodes": nodes}))
    build_start.name_whole_tables(path)
    told = json.loads(path.read_text())["nodes"]["b"]["compiled_code"]
    assert told == read.replace('"changed"', '"intermediate"')


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Events and forms as they are told now (reported) and were in the build before (delivered)."""
    with duckdb.connect() as made:
        made.execute("create schema raw; create schema intermediate")
        made.execute("create table raw.changed_person (patient_id varchar)")
        for table, number in (("events", "event_id"), ("questionnaires", "questionnaire_id")):
            for state in ("reported", "delivered"):
                made.execute(
                    f"create table intermediate.int_{state}_{table} "
                    f"(source varchar, {number} varchar, patient_id varchar)"
                )
        yield made


@pytest.mark.parametrize("table", ["reported_events", "delivered_questionnaires"])
def test_whoever_shares_a_number_with_somebody_is_computed_anew_whoever_changed(
    con: duckdb.DuckDBPyConnection, table: str
):
    rows = [("s", "1", "A"), ("s", "1", "B"), ("s", "2", "B"), ("s", "2", "C"), ("s", "3", "D")]
    rows += [("s", "3", "D"), ("other", "3", "E"), ("s", None, "F"), ("s", None, "G")]
    con.executemany(f"insert into intermediate.int_{table} values (?, ?, ?)", rows)
    con.execute("insert into raw.changed_person values ('A')")
    build_start._add_namesakes(con)
    found = con.execute("select patient_id from raw.changed_person order by 1").fetchall()
    assert [person for (person,) in found] == ["A", "B", "C"]
