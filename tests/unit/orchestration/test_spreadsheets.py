"""No CSV that leaves a home holds a cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analyses import results
from orchestration.cli import main
from orchestration.released_tables import write_csv
from orchestration.spreadsheets import as_text

FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "=a\r=1+1",
    "＝1+1",
)
HARMLESS = ("tisagenlecleucel", "-3.5", "+5", "-1e-05", "1-2", "a=b", "", None, -3.5, 7)


def shown(value: str) -> str:
    """A formula as it is written: with a quote before it, and no bare carriage return."""
    return "'" + value.replace("\r", "\n")


@pytest.mark.parametrize("value", FORMULAS)
def test_a_formula_is_text(value: str) -> None:
    assert as_text(value) == shown(value)


@pytest.mark.parametrize("value", HARMLESS)
def test_anything_else_is_as_it_was(value: object) -> None:
    assert as_text(value) == value


def test_no_row_begins_within_a_cell() -> None:
    assert as_text("a\r=1+1") == as_text("a\r\n=1+1") == "a\n=1+1"


@pytest.mark.parametrize("kind", ["object", "string"])
def test_the_tables_of_a_release(tmp_path: Path, kind: str) -> None:
    frame = results.empty("attrition")
    frame["reason"] = pd.Series(FORMULAS, dtype=kind)
    write_csv(tmp_path / "tables", {"attrition": frame})
    with (tmp_path / "tables" / "attrition.csv").open(newline="", encoding="utf-8") as handle:
        told = [row["reason"] for row in csv.DictReader(handle)]
    assert told == [shown(value) for value in FORMULAS]


def test_the_answer_to_a_query(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "release" / "current"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "atmp_rwe.duckdb")) as con:
        con.execute("CREATE TABLE t (code VARCHAR, n DOUBLE)")
        con.executemany("INSERT INTO t VALUES (?, -1.5)", [[value] for value in FORMULAS])
    arguments = ["--home", str(tmp_path), "query", 'SELECT code AS "=a", n FROM t']
    assert main([*arguments, "--format", "csv"]) == 0
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == ["'=a", "n"]
    assert rows == [[shown(value), "-1.5"] for value in FORMULAS]
