"""Every fact of a code list says where it was taken from, when, and whether it was checked."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyses.interoperability.omop.specification import constant_rows
from tests.lib.dbt_project import PROJECT

LISTS = sorted((PROJECT / "seeds" / "codelists").glob("*.csv"))
PROVENANCE = {"source", "checked_on", "valid_from", "valid_to", "verified"}
#: A product has two facts beside its names, each with a source of its own.
FACTS = ("", "status_", "holder_")
#: What is no source, because nobody can look it up there.
NAMES_NOTHING = re.compile(r"^(brand name|short or other name|product (page|list)|news\b.*)$", re.I)
FROM_MEMORY = re.compile(r"\bmemory\b|\[M\]", re.I)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def facts(path: Path) -> Iterator[tuple[str, str, bool]]:
    """(row, source, verified) of every fact; the row is named by what stands in its first cells."""
    for number, row in enumerate(rows(path), start=2):
        where = f"{path.name}, line {number}: {' '.join(list(row.values())[:2])}"
        for fact in FACTS:
            told = row.get(f"{fact}verified")
            if told is None or (fact == "status_" and not row["eu_status"]):
                continue
            if fact == "holder_" and not row["holder"]:
                continue
            assert told in ("true", "false"), f"{where}: {fact}verified is neither true nor false"
            yield where, row[f"{fact}source"], told == "true"


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_list_says_where_its_facts_are_from(path: Path) -> None:
    assert set(rows(path)[0]) >= PROVENANCE


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_source_can_be_looked_up(path: Path) -> None:
    # One word is a brand or a publisher, not a place where the fact stands.
    for where, source, _ in facts(path):
        assert len(source.split()) > 1, where
        assert not NAMES_NOTHING.match(source), where


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_what_is_from_memory_is_not_verified(path: Path) -> None:
    for where, source, verified in facts(path):
        assert not (verified and FROM_MEMORY.search(source)), where


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_what_is_verified_was_checked_on_a_day(path: Path) -> None:
    for number, row in enumerate(rows(path), start=2):
        where = f"{path.name}, line {number}"
        if row["verified"] == "true":
            assert row["checked_on"], where
        if row["checked_on"]:
            dt.date.fromisoformat(row["checked_on"])


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_fact_does_not_end_before_it_begins(path: Path) -> None:
    for number, row in enumerate(rows(path), start=2):
        told = [row["valid_from"] or "0001-01-01", row["valid_to"] or "9999-12-31"]
        days = [dt.date.fromisoformat(day) for day in told]
        assert days == sorted(days), f"{path.name}, line {number}"


def test_a_code_of_an_alias_is_told_like_the_code_itself() -> None:
    """An ATC code stands in two lists: as the product's and as a spelling that is read."""
    told = {row["atc"]: row for row in rows(PROJECT / "seeds" / "codelists" / "product_atc.csv")}
    aliases = rows(PROJECT / "seeds" / "codelists" / "alias.csv")
    shared = [row for row in aliases if row["alias"] in told]
    assert len(shared) > 10
    for row in shared:
        same = {name: told[row["alias"]][name] for name in PROVENANCE}
        assert {name: row[name] for name in PROVENANCE} == same, row["alias"]
        assert row["id"] == told[row["alias"]]["product"], row["alias"]


def test_a_concept_of_the_export_is_told_like_in_the_code_list() -> None:
    lists = {row["concept_id"]: row for row in rows(PROJECT / "seeds/codelists/omop_concept.csv")}
    constants = constant_rows()
    shared = [row for row in constants if row["concept_id"] in lists]
    assert {row["name"] for row in shared} >= {"male", "female"}
    for row in shared:
        same = lists[row["concept_id"]]
        assert (row["source"], row["verified"]) == (same["source"], same["verified"]), row["name"]
    for row in constants:
        assert not (row["verified"] == "true" and FROM_MEMORY.search(row["source"])), row["name"]
