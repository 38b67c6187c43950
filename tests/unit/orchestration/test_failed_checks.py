"""What is said of a run that a check stopped, and of a source that nothing reads."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

import expectations
from orchestration import failed_checks, unread_sources
from orchestration.commands import summary
from orchestration.commands import validate as verb
from orchestration.ledger import CheckRow, Ledger
from orchestration.settings import Settings
from orchestration.sources import Sources

STATUS = CheckRow(
    *("raw", "common_extract__patients", "vital_status_known", "ERROR", "failed"),
    *(640, 40, 0.0625, "A status that cannot be read would count as alive."),
)
REJECTED = CheckRow(
    *("landing", "chu_nord/2026-10-31/patients", "column_missing: sex", "ERROR", "failed"),
    *(None, 0, None, "patients.csv: column sex is missing"),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({}, home=tmp_path)


def test_the_source_and_table_of_a_failing_check_are_named(settings: Settings) -> None:
    ledger = Ledger(settings, "run")
    ledger.write_checks("raw", [STATUS])
    part = {"table": STATUS.table, "check": STATUS.check}
    ledger.write(
        failed_checks.SOURCES,
        [
            {**part, "source": "grand", "n_rows": 600, "n_unexpected": 0},
            {**part, "source": "petit", "n_rows": 40, "n_unexpected": 40},
        ],
    )
    said = failed_checks.sentence(ledger)
    assert "1 ERROR check failed" in said
    assert "petit, table patients: vital_status_known, 40 of 40 rows (raw.common_extract__" in said
    assert "grand" not in said


def test_a_rejected_delivery_is_told_apart_from_what_stopped_the_run(settings: Settings) -> None:
    ledger = Ledger(settings, "run")
    ledger.write_checks("landing", [REJECTED])
    assert failed_checks.sentence(ledger) == ""
    ledger.write_checks("raw", [replace(STATUS, table="cart_registry__follow_up")])
    said = failed_checks.sentence(ledger)
    assert "1 ERROR check failed" in said
    assert "cart_registry, table follow_up (raw.cart_registry__follow_up): vital_status_kn" in said
    assert said.index("chu_nord") > said.index("not why the run stopped")


def test_outcomes_by_source_add_up_to_the_outcome(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA raw")
    con.execute(
        "CREATE TABLE raw.code_map (source TEXT, code_list TEXT, code TEXT, mapped_code TEXT)"
    )
    columns = ("sex", "birth_year", "birth_month", "residence_department", "vital_status")
    columns += ("death_date", "death_cause", "registration_date", "last_contact_date")
    con.execute(
        "CREATE TABLE raw.common_extract__patients AS SELECT s.source AS _source, "
        "'2026-01-01' AS _delivery, s.source || n AS patient_id, "
        + ", ".join(f"NULL::VARCHAR AS {name}" for name in columns)
        + " FROM (VALUES ('petit', 4), ('grand', 6)) AS s(source, size), range(size) AS r(n)"
    )
    con.execute(
        "UPDATE raw.common_extract__patients SET vital_status = "
        "CASE WHEN _source = 'petit' THEN 'gone' ELSE 'alive' END"
    )
    outcomes = expectations.validate("raw", con, tables=["common_extract__patients"])
    (failed,) = (one for one in outcomes if one.spec.name == "vital_status_known")
    parts = expectations.by_source(con, [failed])["common_extract__patients", "vital_status_known"]
    assert {name: (one.n_unexpected, one.n_rows) for name, one in parts.items()} == {
        "grand": (0, 6),
        "petit": (4, 4),
    }
    assert (failed.n_unexpected, failed.n_rows) == (4, 10)


def test_a_rejected_delivery_is_no_diagnostic(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = {"severity": "ERROR", "message": "patients.csv: column sex is missing."}
    rejected = {"source": "chu_nord", "delivery": "2026-10-31", "findings": [finding]}
    released = {
        "release_id": "R",
        "synthetic": False,
        "profile": "internal",
        "deliveries": [],
        "rejected": [rejected],
        "studies": [],
        "checks": {"passed": 0, "warned": 0, "failed": 2},
        "failed_checks": ["chu_nord/2026-10-31/patients: column_missing: sex", "a: few_events"],
    }
    assert summary.show(settings, released) == summary.REJECTED
    said = capsys.readouterr().out
    assert said.count("a diagnostic:") == 1 and "FAILED      a: few_events" in said
    assert "REJECTED    chu_nord 2026-10-31: patients.csv: column sex is missing." in said


@pytest.mark.parametrize("format_line", ["", "format: common_extract\n"])
def test_a_source_that_no_model_reads_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str], format_line: str
) -> None:
    folder = settings.landing / "clinique_d" / "2026-01-31"
    folder.mkdir(parents=True)
    (folder / "patients.csv").write_text(
        "patient_id,sex,vital_status,last_contact_date,birth_year\n"
    )
    (settings.home / "contracts").mkdir()
    tables = (
        ""
        if format_line
        else "format: delimited\ntables:\n  patients:\n    files: patients.csv\n"
        "    key: [patient_id]\n"
        "    columns:\n      patient_id: {identifier: pseudonym, kind: patient}\n"
    )
    (settings.home / "contracts" / "clinique_d.yml").write_text(
        f"source: clinique_d\n{format_line}{tables}"
    )
    sources = Sources.of(settings)
    assert unread_sources.unread(sources) == (() if format_line else ("clinique_d",))

    verb.run(settings, argparse.Namespace(folder=None))
    said = "add dbt_project/models/staging/clinique_d"
    assert (said in capsys.readouterr().out) is (not format_line)
    assert [row.check for row in unread_sources.check_rows(sources)] == (
        [] if format_line else ["read_by_a_model"]
    )


def test_every_source_of_the_project_is_read(settings: Settings) -> None:
    for name in Sources.of(settings).contracts:
        (settings.landing / name).mkdir(parents=True)
    assert len(Sources.of(settings).active) > 5
    assert unread_sources.unread(Sources.of(settings)) == ()
