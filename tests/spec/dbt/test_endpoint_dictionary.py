"""The endpoint dictionary as it is read by people: its words, its page and where it comes from."""

from __future__ import annotations

import csv
import datetime as dt
import re

import pytest

from tests.lib.dbt_project import PROJECT

SEEDS = PROJECT / "seeds"
PROVENANCE = ("source", "checked_on", "valid_from", "valid_to", "verified")


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def page() -> list[str]:
    return (PROJECT.parent / "docs" / "endpoints.md").read_text().splitlines()


def row_of(*cells: str) -> str:
    return f"| {' | '.join(cell or '-' for cell in cells)} |"


def test_the_page_says_from_what_each_step_of_the_road_is_inferred(page: list[str]):
    road = page[page.index("## The road to the infusion") : page.index("## Endpoints")]
    told = [line.split("`")[1] for line in road if line.startswith("| `")]
    steps = sorted(seed("population_step"), key=lambda row: int(row["step"]))
    assert told == [row["population"] for row in steps]


def test_the_page_repeats_the_endpoints(page: list[str]):
    """docs/endpoints.md shows what the SQL reads; a line that is missing there is printed."""
    for row in seed("endpoints"):
        clock = row["starts_from"].replace("_", " ")
        assert (
            row_of(f"`{row['endpoint']}`", row["event"], row["competing"], clock, row["note"])
            in page
        )


def test_the_page_repeats_the_evidence(page: list[str]):
    for row in seed("endpoint_evidence"):
        evidence = f"{row['evidence_kind']} `{row['evidence_code']}`"
        evidence += f" of detail `{row['detail']}`" if row["detail"] else ""
        evidence += f", grade {row['min_grade']} or more" if row["min_grade"] != "0" else ""
        boundary = row["boundary"].replace("_", " ")
        line = [f"`{row['endpoint']}`", row["precedence"], row["role"], row["component"], evidence]
        assert row_of(*line, boundary, row["scope"]) in page


def test_the_page_repeats_what_censors(page: list[str]):
    """One line an endpoint, its rules in the order that decides on one day."""
    rules = sorted(seed("endpoint_censoring"), key=lambda row: int(row["precedence"]))
    for endpoint in (row["endpoint"] for row in seed("endpoints")):
        cells = {
            applies: ", ".join(
                f"{row['takes']} (`{row['censoring_reason']}`)"
                for row in rules
                if (row["endpoint"], row["applies"]) == (endpoint, applies)
            )
            for applies in ("always", "option")
        }
        assert row_of(f"`{endpoint}`", cells["always"], cells["option"]) in page


def test_the_page_repeats_traces_and_tolerances(page: list[str]):
    for row in seed("last_contact_trace"):
        assert (
            row_of(f"`{row['trace']}`", row["role"], row["after_delivery"], row["definition"])
            in page
        )
    for row in seed("tolerance"):
        assert row_of(f"`{row['id']}`", f"{row['value']} {row['unit']}", row["definition"]) in page


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.csv")), ids=lambda path: path.stem)
def test_every_rule_says_where_it_comes_from_and_since_when_it_holds(path):
    for row in seed(path.stem):
        assert all(column in row for column in PROVENANCE), path.name
        assert row["source"].strip() and row["verified"] in {"true", "false"}, row
        for column in ("checked_on", "valid_from", "valid_to"):
            assert not row[column] or dt.date.fromisoformat(row[column]), row
        assert row["valid_from"], row


#: What a piece of evidence is called in the words of the dictionary, where it has its own name.
HAPPENED = {
    ("event", "progression"): "progression",
    ("response", "progressive"): "progression",
    ("event", "relapse"): "relapse",
    ("response", "relapsed"): "relapse",
    ("event", "next_treatment"): "next treatment",
    ("infusion", "any"): "next treatment",
    ("death", "any"): "death",
}


def named(words: str) -> set[str]:
    """Those of these names that a definition has; what follows `without` is what is not meant."""
    meant = words.split(" without ")[0]
    return {name for name in HAPPENED.values() if re.search(rf"\b{name}\b", meant)}


def stems(words: str) -> set[str]:
    """First letters of the words: `bleed` and `bleeding episode` share one."""
    return {word[:5] for word in re.findall(r"[a-z]+", words.lower())}


@pytest.mark.parametrize("endpoint", seed("endpoints"), ids=lambda row: row["endpoint"])
def test_the_words_of_an_endpoint_are_those_of_its_evidence(endpoint: dict[str, str]):
    evidence = [r for r in seed("endpoint_evidence") if r["endpoint"] == endpoint["endpoint"]]
    roles = {role: [r for r in evidence if r["role"] == role] for role in ("own", "competing")}
    if endpoint["endpoint"] == "death_by_cause":
        # Each cause competes with the others: of one piece of evidence, a death.
        assert endpoint["has_competing"] == "true" and not roles["competing"]
    else:
        assert (endpoint["has_competing"] == "true") == bool(roles["competing"])
        assert bool(endpoint["competing"]) == bool(roles["competing"])
    for column, role in (("event", "own"), ("competing", "competing")):
        found = {(row["evidence_kind"], row["evidence_code"]) for row in roles[role]}
        assert named(endpoint[column]) == {HAPPENED[one] for one in found if one in HAPPENED}
        for row in roles[role]:
            if (row["evidence_kind"], row["evidence_code"]) not in HAPPENED:
                words = stems(f"{endpoint[column]} {endpoint['note']}")
                assert stems(row["component"].replace("_", " ")) & words, row
