"""The scorecard over time: what contract, suites and dbt tests found in every delivery loaded."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from expectations import catalogue
from ingestion.records import DeliveryRecord, FileRecord, Finding, record_path
from orchestration.scorecard import CONTRACT_CHECKS, TABLE, history
from orchestration.settings import Settings

OLD, REFUSED, NEW = date(2025, 6, 30), date(2025, 12, 31), date(2026, 6, 30)


def record(
    home: Path,
    day: date,
    sha8: str,
    *findings: Finding,
    status: str = "accepted",
    source: str = "epro",
) -> None:
    one = DeliveryRecord.model_validate(
        {
            "source": source,
            "delivery": day,
            "sha8": sha8,
            "status": status,
            "synthetic": True,
            "loaded_at": datetime(2026, 7, 1, tzinfo=UTC),
            "key_fingerprint": "k",
            "files": (FileRecord(name="a.ndjson", table="answers", sha256="0", bytes=1, read=100),),
            "findings": findings,
        }
    )
    path = record_path(home, source, one.stem)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(one.model_dump_json())


def run(home: Path, name: str, day: date, sha8: str, n_unexpected: int) -> None:
    folder = home / "results" / name
    folder.mkdir(parents=True)
    used = [{"source": "epro", "delivery": day.isoformat(), "sha8": sha8}]
    (folder / "inputs.json").write_text(json.dumps({"deliveries": used}))
    check = {
        "table": "epro__answers",
        "check": "instrument_given",
        "severity": "WARN",
        "status": "passed" if n_unexpected == 0 else "warned",
        "n_rows": 100,
        "n_unexpected": n_unexpected,
    }
    gone = {**check, "check": "a_check_that_is_no_more"}
    empty = {**check, "check": "completed_date_given", "n_rows": 0}
    (folder / "checks-raw.json").write_text(json.dumps([check, gone, empty]))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    record(tmp_path, OLD, "aaaaaaaa")
    bad = Finding(severity="WARN", rule="type", message="-", count=30)
    worse = Finding(severity="ERROR", rule="reject_above", message="-", count=30)
    record(tmp_path, REFUSED, "bbbbbbbb", bad, worse, status="rejected")
    note = Finding(severity="INFO", rule="file_repeated", message="-")
    record(tmp_path, NEW, "cccccccc", note)
    run(tmp_path, "first", OLD, "aaaaaaaa", 7)
    run(tmp_path, "second", NEW, "cccccccc", 0)
    return Settings.from_environment({}, home=tmp_path, studies=None)


def test_every_delivery_has_every_rule_of_its_contract(settings: Settings) -> None:
    told = history(settings, None)
    contract = told[told["origin"] == "contract"]
    assert list(told.columns) == [name for name, _, _ in TABLE.columns]
    assert contract.groupby("delivery_date").size().to_dict() == dict.fromkeys(
        (OLD, REFUSED, NEW), len(CONTRACT_CHECKS)
    )
    assert contract.loc[contract["delivery_date"] != REFUSED, "passed"].all()


def test_a_refused_delivery_is_there_with_what_it_was_refused_for(settings: Settings) -> None:
    told = history(settings, None)
    refused = told[(told["status"] == "rejected") & ~told["passed"].astype(bool)]
    rows = refused[["check_name", "severity", "n_rows", "n_unexpected"]]
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        ("reject_above", "ERROR", 100, 30),
        ("type", "WARN", 100, 30),
    ]


def test_expectations_are_told_of_the_delivery_they_were_met_on(settings: Settings) -> None:
    told = history(settings, None)
    met = told[told["origin"] == "expectation"]
    assert met["source"].eq("epro").all()
    rows = met[["delivery_date", "check_name", "category", "n_unexpected", "passed"]]
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        (OLD, "instrument_given", "completeness", 7, False),
        (NEW, "instrument_given", "completeness", 0, True),
    ]


def test_a_later_run_on_the_same_delivery_replaces_the_earlier(settings: Settings) -> None:
    run(settings.home, "third", OLD, "aaaaaaaa", 3)
    told = history(settings, None)
    old = told[(told["origin"] == "expectation") & (told["delivery_date"] == OLD)]
    assert old["n_unexpected"].tolist() == [3]


def test_a_release_as_of_a_day_knows_nothing_later(settings: Settings) -> None:
    assert set(history(settings, REFUSED)["delivery_date"]) == {OLD, REFUSED}


def test_nor_of_the_sources_that_are_checked_together(settings: Settings) -> None:
    """Those of the common extract format are told of by the latest delivery a run used."""
    checks = [
        {
            "table": "common_extract__treatments",
            "check": spec.name,
            "severity": "WARN",
            "status": "passed",
            "n_rows": 100,
            "n_unexpected": 0,
        }
        for spec in catalogue("raw")
        if spec.table == "common_extract__treatments"
    ]
    for name in ("first", "second"):
        (settings.results / name / "checks-raw.json").write_text(json.dumps(checks[:1]))
    for as_of, days in ((REFUSED, [OLD]), (None, [OLD, NEW])):
        told = history(settings, as_of)
        met = told[told["origin"] == "expectation"]
        assert met["source"].eq("common_extract").all()
        assert met["delivery_date"].tolist() == days


def harmonised(home: Path, name: str, used: dict[str, tuple[date, str]], n_unexpected: int) -> None:
    """A run that built tables from deliveries of several sources and tested them."""
    folder = home / "results" / name
    folder.mkdir(parents=True)
    deliveries = [
        {"source": source, "delivery": day.isoformat(), "sha8": sha8}
        for source, (day, sha8) in used.items()
    ]
    (folder / "inputs.json").write_text(json.dumps({"deliveries": deliveries}))
    test = {
        "table": "patient",
        "check": "known_patient_patient",
        "severity": "WARN",
        "status": "passed" if n_unexpected == 0 else "warned",
        "n_rows": None,
        "n_unexpected": n_unexpected,
        "category": "conformance",
    }
    skipped = {**test, "check": "skipped", "status": "failed", "n_unexpected": None}
    before_categories = {**test, "check": "older", "category": None}
    (folder / "checks-dbt.json").write_text(json.dumps([test, skipped, before_categories]))
    mart = {
        "table": "patient",
        "check": "has_rows",
        "severity": "ERROR",
        "status": "passed",
        "n_rows": 40,
        "n_unexpected": 0,
    }
    (folder / "checks-marts.json").write_text(json.dumps([mart]))


def of_build(told: pd.DataFrame, origin: str) -> pd.DataFrame:
    return told[(told["source"] == "all") & (told["origin"] == origin)]


@pytest.fixture
def two_builds(settings: Settings) -> Settings:
    """The second build is of one delivery more, which is not the latest of its sources."""
    other = REFUSED
    record(settings.home, other, "dddddddd", source="pmsi")
    harmonised(settings.home, "b1", {"epro": (OLD, "aaaaaaaa")}, 4)
    used = {"epro": (NEW, "cccccccc"), "pmsi": (other, "dddddddd")}
    harmonised(settings.home, "b2", used, 0)
    return settings


def test_dbt_tests_are_told_of_all_deliveries_of_a_build_by_the_latest(
    two_builds: Settings,
) -> None:
    tests = of_build(history(two_builds, None), "dbt_test")
    rows = tests[["delivery_date", "table_name", "check_name", "category", "severity"]]
    told = ("patient", "known_patient_patient", "conformance", "WARN")
    assert [tuple(row) for row in rows.itertuples(index=False)] == [(OLD, *told), (NEW, *told)]
    assert tests["n_unexpected"].tolist() == [4, 0]
    assert tests["passed"].tolist() == [False, True]
    assert tests["n_rows"].isna().all()


def test_so_are_the_expectations_on_marts(two_builds: Settings) -> None:
    met = of_build(history(two_builds, None), "expectation")
    assert met["table_name"].tolist() == ["patient", "patient"]
    assert met["n_rows"].tolist() == [40, 40]
    [category] = {
        one.category
        for one in catalogue("marts")
        if (one.table, one.name) == ("patient", "has_rows")
    }
    assert met["category"].eq(category).all()


def test_a_build_of_the_same_deliveries_replaces_and_of_others_does_not(
    two_builds: Settings,
) -> None:
    home = two_builds.home
    harmonised(home, "b3", {"epro": (OLD, "aaaaaaaa")}, 3)
    harmonised(home, "b4", {"epro": (NEW, "cccccccc")}, 2)
    tests = of_build(history(two_builds, None), "dbt_test")
    assert tests[tests["delivery_date"] == OLD]["n_unexpected"].tolist() == [3]
    new = tests[tests["delivery_date"] == NEW]
    assert sorted(new["n_unexpected"]) == [0, 2]
    assert new["version"].nunique() == 2


def test_a_build_with_a_delivery_after_the_day_asked_for_is_not_told(two_builds: Settings) -> None:
    told = history(two_builds, REFUSED)
    assert of_build(told, "dbt_test")["delivery_date"].tolist() == [OLD]
    assert of_build(told, "expectation")["delivery_date"].tolist() == [OLD]


def test_one_row_is_one_check_of_one_delivery(two_builds: Settings) -> None:
    key = ["source", "delivery_date", "version", "table_name", "check_name"]
    assert not history(two_builds, None).duplicated(key).any()


def test_a_home_without_deliveries_has_an_empty_scorecard(tmp_path: Path) -> None:
    empty = history(Settings.from_environment({}, home=tmp_path, studies=None), None)
    assert isinstance(empty, pd.DataFrame)
    assert empty.empty


def test_every_rule_has_a_category_of_kahn() -> None:
    assert set(CONTRACT_CHECKS.values()) <= {"conformance", "completeness", "plausibility"}
