"""A release as OMOP CDM 5.4: what a person becomes, what a code maps to, what is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckcdm.achilles import run_achilles
from duckcdm.omop import cdm_fields, create_parquet_views

from analyses.interoperability import ExportError, export_omop
from analyses.interoperability.omop.specification import constants, fields
from tests.lib import omop_site

RELEASED = dt.date(2026, 7, 1)


def export(to: Path, con: duckdb.DuckDBPyConnection, **more: Any) -> dict[str, Any]:
    return export_omop(con, to, release_id="r1", released_on=RELEASED, **more)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("plain") / "omop"
    export(to, omop_site.connect())
    return to


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mapped")
    athena = omop_site.write_athena(folder / "athena")
    export(folder / "omop", omop_site.connect(), vocabulary=athena)
    return folder / "omop"


def rows(folder: Path, table: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    path = folder / f"{table}.parquet"
    return duckdb.execute(
        f"SELECT {columns} FROM read_parquet('{path}') WHERE {where} ORDER BY ALL"
    ).fetchall()


def test_the_columns_are_those_ohdsi_publishes():
    published = cdm_fields(versions=("5.4",))
    for table, columns in fields().items():
        assert [(column.name, column.type) for column in columns] == published[table], table


def test_every_analysis_of_achilles_runs_and_counts_the_people(plain: Path):
    con = duckdb.connect()
    create_parquet_views(con, str(plain), "cdm", versions=("5.4",), log=None)
    done, failed = run_achilles(
        con, cdm_schema="cdm", cdm_version="5.4", small_cell_count=0, log=None
    )
    assert len(done) > 100
    assert failed == []
    persons = con.execute(
        "SELECT count_value FROM results.achilles_results WHERE analysis_id = 1"
    ).fetchall()
    assert persons == [(2,)]


def test_a_person_whom_two_sources_know_is_one(plain: Path):
    told = rows(plain, "person", "person_source_value, gender_concept_id, year_of_birth")
    assert told == [(omop_site.A, 8532, 1960), (omop_site.B, 8507, 2019)]


def test_who_has_no_year_of_birth_is_left_out_and_counted(plain: Path):
    done = json.loads((plain / "export.json").read_text())
    assert done["persons_left_out"] == 1
    assert rows(plain, "drug_exposure", "drug_source_value") == [("axicabtagene_ciloleucel",)]


def test_an_infusion_told_twice_is_one_and_lies_in_its_stay(plain: Path):
    told = rows(plain, "drug_exposure", "drug_exposure_start_date, visit_occurrence_id, lot_number")
    assert told == [(dt.date(2022, 1, 10), 1, "f" * 32)]


def test_a_toxicity_is_a_condition_and_its_grade_an_observation_of_it(plain: Path):
    conditions = dict(
        rows(plain, "condition_occurrence", "condition_source_value, condition_occurrence_id")
    )
    assert conditions.keys() == {"crs", "dlbcl", "sma"}
    grades = rows(
        plain,
        "observation",
        "observation_source_value, value_as_number, observation_event_id, "
        "obs_event_field_concept_id",
        "observation_source_value LIKE 'grade%'",
    )
    assert grades == [("grade:astct_2019", 2.0, conditions["crs"], constants()["condition_field"])]


def test_every_other_fact_is_somewhere(plain: Path):
    assert rows(plain, "procedure_occurrence", "procedure_source_value") == [
        ("apheresis",),
        ("transfusion",),
    ]
    assert rows(plain, "measurement", "measurement_source_value, value_as_number") == [
        ("eq-5d-5l:utility", 0.85),
        ("ldh", 410.0),
        ("temperature", 39.1),
    ]
    told = rows(plain, "observation", "observation_source_value, value_source_value")
    assert {name for name, _ in told} == {
        "grade:astct_2019",
        "not_infused_reason",
        "relapse",
        "response:lugano",
        "seizure",
        "severity",
    }
    assert rows(plain, "death", "death_date, cause_source_value") == [
        (dt.date(2022, 6, 1), "infection")
    ]


def test_a_treatment_is_an_episode_within_that_of_its_disease(plain: Path):
    told = rows(
        plain,
        "episode",
        "episode_source_value, episode_concept_id, episode_parent_id IS NOT NULL",
    )
    disease, regimen = constants()["disease_episode"], constants()["treatment_episode"]
    assert told == [
        ("axicabtagene_ciloleucel", regimen, True),
        ("dlbcl", disease, False),
        ("sma", disease, False),
    ]


def test_a_period_reaches_from_the_first_fact_to_the_last_contact(plain: Path):
    assert rows(
        plain,
        "observation_period",
        "observation_period_start_date, observation_period_end_date",
    ) == [
        (dt.date(2020, 1, 5), dt.date(2026, 1, 10)),
        (dt.date(2021, 11, 15), dt.date(2022, 6, 1)),
    ]


def test_without_a_vocabulary_codes_keep_their_source_value(plain: Path):
    told = rows(plain, "condition_occurrence", "DISTINCT condition_concept_id")
    assert told == [(0,)]
    assert rows(plain, "cdm_source", "vocabulary_version, cdm_version") == [("none", "v5.4")]


def test_a_vocabulary_maps_codes_to_standard_concepts(mapped: Path):
    assert rows(mapped, "drug_exposure", "drug_concept_id, drug_source_concept_id") == [
        (omop_site.RXNORM, omop_site.ATC_NEW)
    ]
    assert rows(
        mapped,
        "condition_occurrence",
        "condition_concept_id, condition_source_concept_id",
        "condition_source_value = 'dlbcl'",
    ) == [(omop_site.SNOMED, omop_site.ICD)]
    assert rows(
        mapped,
        "measurement",
        "measurement_concept_id, unit_concept_id",
        "measurement_source_value = 'temperature'",
    ) == [(omop_site.TEMPERATURE, omop_site.DEGREE)]
    assert rows(mapped, "cdm_source", "vocabulary_version") == [("v5.0 TEST",)]


def test_codes_that_nobody_has_checked_are_named(mapped: Path):
    """ICD-10 codes are from memory in the project's list; the ATC code in use was checked."""
    told = json.loads((mapped / "export.json").read_text())["unverified_codes"]
    assert "ICD10 C83.3" in told
    assert not [code for code in told if code.startswith("ATC L01XL03")]


def test_an_infusion_of_before_the_code_changed_has_the_old_code(tmp_path: Path):
    treatments = [
        {**one, "infusion_date": "2021-06-01"} if one["treatment_id"] in ("t1", "x1") else one
        for one in omop_site.ROWS["treatment"]
    ]
    athena = omop_site.write_athena(tmp_path / "athena")
    export(tmp_path / "omop", omop_site.connect(treatment=treatments), vocabulary=athena)
    assert rows(tmp_path / "omop", "drug_exposure", "drug_source_concept_id") == [
        (omop_site.ATC_OLD,)
    ]


def test_the_same_release_gives_the_same_bytes(plain: Path, tmp_path: Path):
    export(tmp_path / "again", omop_site.connect())
    for path in sorted(plain.iterdir()):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_duckdb_file_holds_the_same_with_the_model_s_constraints(plain: Path, tmp_path: Path):
    done = export(tmp_path / "db", omop_site.connect(), file_format="duckdb")
    with duckdb.connect(str(tmp_path / "db" / "omop_cdm.duckdb"), read_only=True) as con:
        for table, number in done["tables"].items():
            assert con.execute(f"SELECT count(*) FROM {table}").fetchall() == [(number,)]
        nullable = con.execute(
            "SELECT is_nullable FROM duckdb_columns() WHERE column_name = 'gender_concept_id'"
        ).fetchall()
    assert nullable == [(False,)]


def test_a_release_without_newer_marts_is_exported_without_them(tmp_path: Path):
    con = omop_site.connect()
    con.execute("DROP TABLE marts.observation")
    assert export(tmp_path / "omop", con)["marts_missing"] == ["observation"]


def test_an_empty_release_gives_empty_tables(tmp_path: Path):
    con = omop_site.connect(**{name: [] for name in omop_site.ROWS})
    done = export(tmp_path / "omop", con)
    assert done["tables"]["person"] == 0


def test_what_is_there_is_not_overwritten(plain: Path):
    with pytest.raises(ExportError, match="is there already"):
        export(plain, omop_site.connect())


def test_a_release_without_patients_is_refused(tmp_path: Path):
    con = duckdb.connect()
    with pytest.raises(ExportError, match="no patient-level tables"):
        export(tmp_path / "omop", con)
    assert not (tmp_path / "omop").exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: (f / "CONCEPT.csv").unlink(), "lacks CONCEPT.csv"),
        (lambda f: (f / "CONCEPT.csv").write_text("concept_id\tname\n1\tx\n"), "lacks the column"),
        (lambda f: (f / "CONCEPT.csv").write_bytes(b"\xff\xfe\x00"), "CONCEPT.csv"),
    ],
)
def test_a_folder_that_is_not_athena_s_is_refused(tmp_path: Path, spoil: Any, says: str):
    athena = omop_site.write_athena(tmp_path / "athena")
    spoil(athena)
    with pytest.raises(ExportError, match=says):
        export(tmp_path / "omop", omop_site.connect(), vocabulary=athena)
