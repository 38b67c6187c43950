"""Queries on a release: it alone is read, nothing is written, and no answer moves the terminal."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration import cli

ESCAPE = "chr(27) || '[2J' || chr(8238)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "release" / "current"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "atmp_rwe.duckdb")) as con:
        con.execute("create schema results")
        con.execute("create table results.baseline as select 38 as n")
    return tmp_path / "home"


def query(home: Path, sql: str, *more: str) -> int:
    return cli.main(["--home", str(home), "query", sql, *more])


def test_a_query_reads_the_release(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert query(home, "from results.baseline") == 0
    assert capsys.readouterr().out.split() == ["n", "--", "38"]


@pytest.mark.parametrize(
    "sql",
    [
        "call enable_logging(storage='file', storage_config={{'path': '{folder}/log'}}); select 1",
        "call enable_logging(storage_path='{folder}/log'); select 1",
        "set temp_directory = '{folder}'; select 1",
        "set enable_external_access = true",
        "copy (select 1) to '{folder}/x.csv'",
        "copy (select 1) to '{temporary}/x.csv'",
        "attach '{temporary}/other.duckdb' as other",
        "from read_text('{folder}/secret.txt')",
    ],
)
def test_a_query_that_reaches_a_file_is_answered_by_a_sentence(
    home: Path, tmp_path: Path, sql: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    # Where DuckDB keeps its temporary files of this database, and lets a query write.
    temporary = home / "release" / "current" / "atmp_rwe.duckdb.tmp"
    temporary.mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert query(home, sql.format(folder=tmp_path, temporary=temporary)) == 1
    shown = capsys.readouterr()
    assert "secret" not in shown.out
    assert "atmp-rwe:" in shown.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_no_answer_moves_the_terminal(
    home: Path, style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(home, f'select {ESCAPE} as "a\x1b[2J"', "--format", style) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[2J" in shown


def test_no_error_moves_the_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert query(home, f"select cast({ESCAPE} as integer)") == 1
    assert "\x1b" not in capsys.readouterr().err


def test_a_text_keeps_its_lines_in_a_csv(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert query(home, "select 'one' || chr(10) || 'two' as a", "--format", "csv") == 0
    assert capsys.readouterr().out == 'a\n"one\ntwo"\n'
