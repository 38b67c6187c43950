"""What the cheap tests let pass is what the row-by-row judgement lets pass, to the last cell."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion import home_key, quick_look, sql, type_changes
from ingestion.quick_look import all_readable
from ingestion.sql import DataType, TextFormat
from tests.lib.fuzzing import beside
from tests.lib.ingestion_site import Site

CLINIC = """\
source: registry
format: delimited
csv: {{delimiter: ";", decimal: ",", date_format: "{dates}"}}
reject_above: 1
tables:
  visits:
    files: "visits*.csv"
    key: [patient, visit]
    columns:
      patient: {{header: NO, required: true, identifier: pseudonym, kind: patient}}
      visit: {{header: VISITE, required: true}}
      born: {{header: NAISSANCE, type: date, identifier: birth_month}}
      seen: {{header: VU, type: timestamp}}
      weight: {{header: POIDS, type: number}}
      grade: {{header: GRADE, type: integer}}
      alive: {{header: VIVANT, type: boolean}}
"""
HEADER = "NO;VISITE;NAISSANCE;VU;POIDS;GRADE;VIVANT;AUTRE"
moments = st.sampled_from(
    ["2025-02-01", "2025-02-30", "2025-02-01 10:00", "2025-02-01T10:00:59", "2025-02-01 10:00:00.5",
     "01/02/2025", "0999-01-01", "2025-02-01 24:00", "2025-02-01Z", " 2025-02-01 ", "soon", "",
     "2025-02-01 10+01"]
)  # fmt: skip
numbers = st.sampled_from(
    ["1", "-1", "+1", "1.5", "1,5", "1 234,5", "1e3", "1e999", "1e-400", "nan", "inf", "0x10", "",
     "1_0", ".5", "5.", " 7", "3.0", "2147483648", "999999999", "٣", "\u00a0", "1d2"]
)  # fmt: skip
words = st.sampled_from(["a", "", " ", "\t", "\u00a0", "=1+1", "née", "oui", "0", "faux", "maybe"])
line = st.tuples(words, words, moments, moments, numbers, numbers, words, words)


def load(folder: Path, content: str, dates: str) -> dict[str, Any]:
    site = Site(folder)
    site.contract(CLINIC.format(dates=dates))
    site.deliver({"visits.csv": content})
    site.key_path.parent.mkdir(mode=0o700)
    site.key_path.write_text("ab" * 32)
    site.key_path.chmod(0o600)
    (site.home / home_key.FILE).write_text("cd" * 16)
    (record,) = site.load()
    return {
        "files": record.files,
        "findings": record.findings,
        "raw": site.rows("raw", "visits"),
        "quarantine": site.rows("quarantine", "visits"),
    }


@beside(10)
@given(lines=st.lists(line, min_size=1, max_size=12), dates=st.sampled_from(["%d/%m/%Y", "%Y%m%d"]))
def test_a_look_and_a_judgement_agree(lines: list[tuple[str, ...]], dates: str) -> None:
    content = "\n".join([HEADER, *(";".join(cells) for cells in lines)]) + "\n"
    found = []
    for rows in (0, 5_000):
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(quick_look, "FEW", rows)
            patch.setattr(type_changes, "LEAST", 1_000)  # what is refused for it is not on disk
            found.append(load(Path(folder), content, dates))
    assert found[0] == found[1]


kinds = st.sampled_from(["integer", "number", "date", "timestamp", "text"])


@beside(30)
@given(texts=st.lists(st.one_of(moments, numbers, st.text(max_size=6)), max_size=3), kind=kinds)
@example(texts=["1e-400"], kind="number")
def test_what_passes_can_be_read(texts: list[str], kind: DataType) -> None:
    cells = pa.chunked_array([pa.array([text or None for text in texts], pa.string())])
    if not all_readable(cells, kind):
        return
    for form in (TextFormat(), TextFormat(",", "%d/%m/%Y"), TextFormat(".", None), sql.ISO):
        with duckdb.connect() as con:
            con.register("given", pa.table({"cell": cells}))
            read = sql.typed("cell", kind, form)
            query = f"SELECT count(*) FROM given WHERE cell IS NOT NULL AND {read} IS NULL"
            blank = "AND trim(cell) <> ''" if kind == "text" else ""
            assert con.execute(f"{query} {blank}").fetchall() == [(0,)]


def test_tidy_columns_pass_without_a_closer_look() -> None:
    tidy: dict[DataType, list[str | None]] = {
        "integer": ["0", "12", None],
        "number": ["0", "1.5", "-2e3", None],
        "date": ["2025-01-01", None, "2025-01-01 10:00:00"],
        "timestamp": ["2025-01-01T10:00", None],
    }
    for kind, cells in tidy.items():
        assert all_readable(pa.chunked_array([pa.array(cells, pa.string())]), kind)


def test_rows_stay_in_order_when_some_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_look, "FEW", 0)
    rows = [f"{i};v{i};1950-03-17;2025-01-01;{'1 0' if i % 3 else 5};1;1;" for i in range(30)]
    rows[7] = rows[7].replace("2025-01-01", "soon")
    found = load(tmp_path, "\n".join([HEADER, *rows]) + "\n", "%d/%m/%Y")
    assert [row["_row"] for row in found["raw"]] == [n for n in range(1, 31) if n != 8]
    assert {row["born"] for row in found["raw"]} == {"1950-03-01"}
    assert [row["_rule"] for row in found["quarantine"]] == ["type"]
