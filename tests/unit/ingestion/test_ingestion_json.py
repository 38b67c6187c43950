"""JSON documents in every shape they are exported in: the same rows from each."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.lib.ingestion_site import Site

TRIALS = """\
source: registry
format: delimited
tables:
  trials:
    files: "trials*.json"
    key: [trial]
    columns:
      trial: {header: number, required: true}
      title: {}
      opened: {header: openedOn, type: date}
      enrolled: {type: integer}
      sites: {}
"""
ITEMS: list[dict[str, Any]] = [
    {"number": "T1", "title": "née", "openedOn": "2025-01-02", "enrolled": 12, "sites": ["a", "b"]},
    {"number": "T2", "title": None, "enrolled": 3.0, "sites": [{"city": "X"}]},
]
ROWS = [("T1", "née", "2025-01-02", 12, '["a", "b"]'), ("T2", None, None, 3, '[{"city": "X"}]')]
VIEW = "SELECT trial, title, opened::VARCHAR, enrolled, sites FROM raw.registry__trials ORDER BY 1"


def shape(name: str) -> str:
    wrapped = {"generated": "2026-01-01", "count": 2, "sponsors": [], "trials": ITEMS}
    return {
        "array": json.dumps(ITEMS),
        "indented array": json.dumps(ITEMS, indent=2),
        "wrapped": json.dumps(wrapped),
        "indented wrapped": json.dumps(wrapped, indent=2),
        "lines": "\n".join(json.dumps(item) for item in ITEMS),
        "marked": "\ufeff" + json.dumps(wrapped, indent=1),
    }[name]


@pytest.mark.parametrize(
    "name", ["array", "indented array", "wrapped", "indented wrapped", "lines", "marked"]
)
def test_every_shape_gives_the_same_rows(site: Site, name: str) -> None:
    site.contract(TRIALS)
    site.deliver({"trials.json.gz": gzip.compress(shape(name).encode())})
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    assert (record.read, record.loaded) == (2, 2)
    assert site.query(VIEW) == ROWS


def test_one_object_with_the_columns_of_the_table_is_one_row(site: Site) -> None:
    site.contract(TRIALS)
    site.deliver({"trials.json": json.dumps(ITEMS[1], indent=2)})
    site.load()
    assert site.query(VIEW) == ROWS[1:]


@pytest.mark.parametrize("content", ['{"trials": [', "[1, 2", '{"a": ', "{", "[" * 100_000])
def test_half_a_document_is_refused(site: Site, content: str) -> None:
    site.contract(TRIALS)
    site.deliver({"trials.json": content})
    (found, *_) = [f for f in site.check().findings if f.severity == "ERROR"]
    assert found.rule == "file_unreadable"
    assert "not whole JSON" in found.message or "no JSON object" in found.message


def test_what_is_no_object_in_an_array_is_quarantined(site: Site) -> None:
    site.contract(TRIALS + "reject_above: 1\n")
    site.deliver({"trials.json": json.dumps([ITEMS[0], 7, None, ITEMS[1]])})
    (record,) = site.load()
    assert (record.read, record.loaded, record.quarantined) == (4, 2, 2)
    assert [r["_rule"] for r in site.rows("quarantine", "trials")] == ["decode", "decode"]


def test_half_of_a_character_in_keys_and_cells_is_no_crash(site: Site) -> None:
    site.contract(TRIALS)
    text = '[{"number": "T1", "title": "x\\ud800", "\\ud83d": 1, "\\ude00": 2}]'
    site.deliver({"trials.json": text})
    (record,) = site.load()
    assert record.status == "accepted"
    assert "\\ud8" not in record.model_dump_json()
    assert site.query(VIEW) == [("T1", "x?", None, None, None)]


def test_a_header_with_a_nul_is_kept_under_another_name(site: Site) -> None:
    """Arrow ends a name at a NUL: the column would have none, and its rows could not be judged."""
    site.contract(TRIALS + "reject_above: 1\n")
    odd = {"number": "T2", "enrolled": "many", "x": 1, "\0": "kept", "\ufffd": "too"}
    site.deliver({"trials.json": json.dumps([*ITEMS[:1], odd, {**odd, "enrolled": 1}])})
    (record,) = site.load()
    assert (record.read, record.loaded, record.quarantined) == (3, 2, 1)
    (row,) = [row for row in site.rows("raw", "trials") if row["trial"] == "T2"]
    assert {name for name, cell in row.items() if cell in ("kept", "too")} == {
        "\ufffd",
        "delivered_\ufffd",
    }
