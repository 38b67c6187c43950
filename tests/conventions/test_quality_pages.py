"""Pages that name checks and codes name those that exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from expectations import catalogue
from orchestration.scorecard import CONTRACT_CHECKS
from tests.lib.code_list_page import page
from tests.lib.dbt_project import PROJECT

CHECKOUT = Path(__file__).resolve().parents[2]
GENERIC = {"relationships", "accepted_values"}
#: Tables and columns that the page mentions beside checks.
TABLES = {"marts.unmapped_code", "marts.quality_scorecard", "patient"}


def _dqd_rows() -> list[list[str]]:
    text = (CHECKOUT / "docs" / "dqd-coverage.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_check_that_covers_a_check_type_of_ohdsi_exists() -> None:
    known = {spec.name for layer in ("raw", "marts") for spec in catalogue(layer)}
    known |= {path.stem for path in (PROJECT / "tests").glob("*.sql")}
    known |= {path.stem for path in (PROJECT / "macros" / "tests").glob("*.sql")}
    known |= CONTRACT_CHECKS.keys() | GENERIC | TABLES
    for check_type, _, covered, by in _dqd_rows():
        named = re.findall("`([^`]+)`", by)
        assert set(named) <= known, check_type
        assert named or covered == "no", check_type


def test_each_of_the_27_check_types_is_there_once_and_the_sum_is_right() -> None:
    rows = _dqd_rows()
    assert len({check_type for check_type, *_ in rows}) == len(rows) == 27
    categories = {category for _, category, _, _ in rows}
    assert categories == {"conformance", "completeness", "plausibility"}
    count = Counter(covered for _, _, covered, _ in rows)
    said = f"{count['yes']} are covered, {count['partly']} in part, {count['no']} not."
    assert said in (CHECKOUT / "docs" / "dqd-coverage.md").read_text(encoding="utf-8")


def test_every_expectation_has_a_category_of_kahn_and_a_reason() -> None:
    specs = [spec for layer in ("raw", "marts") for spec in catalogue(layer)]
    for spec in specs:
        assert spec.category in {"conformance", "completeness", "plausibility"}, spec.name
        assert spec.reason.endswith("."), spec.name


def test_the_page_of_code_lists_is_that_of_the_lists() -> None:
    assert (CHECKOUT / "docs" / "code-lists.md").read_text(encoding="utf-8") == page()
