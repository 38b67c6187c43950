"""The scorecard over time: every delivery ever loaded, what its contract and the suites found."""

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


def record(home: Path, day: date, sha8: str, *findings: Finding, status: str = "accepted") -> None:
    one = DeliveryRecord.model_validate(
        {
            "source": "epro",
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
    path = record_path(home, "epro", one.stem)
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


def test_one_row_is_one_check_of_one_delivery(settings: Settings) -> None:
    key = ["source", "delivery_date", "version", "table_name", "check_name"]
    assert not history(settings, None).duplicated(key).any()


def test_a_home_without_deliveries_has_an_empty_scorecard(tmp_path: Path) -> None:
    empty = history(Settings.from_environment({}, home=tmp_path, studies=None), None)
    assert isinstance(empty, pd.DataFrame)
    assert empty.empty


def test_every_rule_has_a_category_of_kahn() -> None:
    assert set(CONTRACT_CHECKS.values()) <= {"conformance", "completeness", "plausibility"}
