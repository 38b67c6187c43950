"""Data Docs: whole, browsable from disk, loading nothing, saying what the outcomes say."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

import expectations
from expectations.spec import CheckSpec
from tests.lib.expectation_tables import empty, patients, spoil

AT = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def outcomes(shared: duckdb.DuckDBPyConnection) -> tuple[expectations.CheckOutcome, ...]:
    """Some met, some not, some without rows."""
    shared.begin()
    spoil(shared, "marts.patient", "birth_year = 1850", where=patients(1, 5))
    spoil(shared, "marts.patient", "death_date = DATE '2027-01-01'", where=patients(1, 2))
    spoil(shared, "raw.cart_registry__patients", "sex = NULL")
    empty(shared, "raw.common_extract__stays", "marts.covariate")
    tables = ["cart_registry__patients", "common_extract__stays"]
    found = expectations.validate("raw", shared, tables=tables)
    found += expectations.validate("marts", shared)
    shared.rollback()
    return found


@pytest.fixture(scope="module")
def site(
    outcomes: tuple[expectations.CheckOutcome, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "data_docs"
    assert expectations.write_data_docs(outcomes, folder, at=AT) == folder / "index.html"
    return folder


def pages(site: Path) -> dict[str, str]:
    return {p.relative_to(site).as_posix(): p.read_text("utf-8") for p in site.rglob("*.html")}


def test_there_are_two_pages_a_table_and_nothing_but_pages(site: Path):
    assert {p.suffix for p in site.rglob("*") if p.is_file()} == {".html"}
    tables = (
        "raw/cart_registry__patients",
        "raw/common_extract__stays",
        *(f"marts/{t}" for t in ("patient", "treatment", "time_to_event", "covariate")),
        "marts/questionnaire_score",
    )
    expected = {"index.html"}
    for table in tables:
        expected.add(f"expectations/{table}.html")
        expected.add(f"validations/{table}/checks/20260701T083000.000000Z/checks.html")
    assert set(pages(site)) == expected


def test_nothing_is_loaded_from_anywhere(site: Path):
    for name, text in pages(site).items():
        assert "default-src 'none'" in text, name
        assert not re.search(r"<(script|link|img|iframe|object|embed|base)\b", text, re.I), name
        assert not re.search(r"(src|srcset|action|background)\s*=", text, re.I), name
        assert not re.search(r"@import|url\(|https?:|//cdn|javascript:", text, re.I), name


def test_every_link_leads_somewhere(site: Path):
    links = 0
    for name, text in pages(site).items():
        for target in re.findall(r'href="([^"]*)"', text):
            path, _, fragment = html.unescape(target).partition("#")
            file = (site / name).parent / path if path else site / name
            assert file.is_file(), f"{name} -> {target}"
            assert not fragment or f'id="{fragment}"' in file.read_text("utf-8"), target
            links += 1
    assert links > 60


def test_pages_show_each_check_with_its_reason(
    site: Path, outcomes: tuple[expectations.CheckOutcome, ...]
):
    by_table = pages(site)
    for outcome in outcomes:
        path = outcome.spec.qualified_table.replace(".", "/")
        results = f"validations/{path}/checks/20260701T083000.000000Z/checks.html"
        for page in (by_table[f"expectations/{path}.html"], by_table[results]):
            assert f">{outcome.spec.name}</strong>" in page
            assert html.escape(outcome.spec.reason) in page
            assert "unexpected Exception" not in page


def test_pages_show_counts_and_notes(site: Path):
    by_name = pages(site)
    run = "checks/20260701T083000.000000Z/checks.html"
    patient = by_name[f"validations/marts/patient/{run}"]
    assert "5 unexpected values found. 25% of 20 total rows." in patient
    assert "no rows" in by_name[f"validations/raw/common_extract__stays/{run}"]
    registry = by_name[f"validations/raw/cart_registry__patients/{run}"]
    assert "no row to which it applies" in registry


def test_a_warning_leaves_its_table_succeeded_and_an_error_does_not(site: Path):
    run = "checks/20260701T083000.000000Z/checks.html"
    by_name = pages(site)
    assert "Failed" in by_name[f"validations/marts/patient/{run}"]
    assert "Succeeded" in by_name[f"validations/marts/treatment/{run}"]


def test_the_front_page_counts_and_lists_what_is_unmet(
    site: Path, outcomes: tuple[expectations.CheckOutcome, ...]
):
    index = pages(site)["index.html"]
    for status in ("passed", "warned", "failed"):
        count = sum(o.status == status for o in outcomes)
        assert f'<span class="{status}">{count} {status}</span>' in index
    for outcome in outcomes:
        assert (f"<td>{outcome.spec.name}</td>" in index) == (
            any(o.spec.name == outcome.spec.name and not o.passed for o in outcomes)
        )
    assert "raw.common_extract__stays</a>" in index


def test_signs_of_a_rule_are_shown_and_not_run(tmp_path: Path):
    spec = CheckSpec(
        name="odd",
        kind="holds",
        columns=("value",),
        severity="WARN",
        category="plausibility",
        reason="Less < than & <b>more</b> for $value and ${value}.",
        condition="value < 1 AND '$x' <> '<script>'",
        layer="marts",
        table="patient",
    )
    outcome = expectations.CheckOutcome(spec, False, 10, 3, 0.3)
    index = expectations.write_data_docs([outcome], tmp_path / "docs", at=AT)
    for text in pages(index.parent).values():
        assert "<script" not in text
        assert "<b>" not in text
        shown = html.unescape(text)
        assert "Less < than & <b>more</b> for $value and ${value}." in shown
    suite = html.unescape(pages(index.parent)["expectations/marts/patient.html"])
    assert "value < 1 AND '$x' <> '<script>'" in suite


def test_earlier_pages_are_replaced(
    tmp_path: Path, outcomes: tuple[expectations.CheckOutcome, ...]
):
    one = [o for o in outcomes if o.spec.table == "covariate"]
    other = [o for o in outcomes if o.spec.table == "common_extract__stays"]
    folder = tmp_path / "not" / "yet" / "there"
    expectations.write_data_docs(one, folder, at=AT)
    expectations.write_data_docs(other, folder, at=AT)
    assert not (folder / "expectations" / "marts").exists()
    assert [p.name for p in folder.parent.iterdir()] == ["there"]


def test_a_folder_of_other_things_is_refused(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(expectations.ExpectationsError, match="something else than Data Docs"):
        expectations.write_data_docs([], tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"
