"""Several tables in one workbook, a sheet each, and questions renumbered from sheet to sheet."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ingestion
from simulation.workbook import ErrorCell, write_workbook
from tests.lib.ingestion_site import Site

CONTRACT = """
source: registry
format: delimited
reject_above: 0.5
tables:
  patients:
    files: "export*.xlsx"
    sheet: Patients
    key: [patient_id]
    columns:
      patient_id: {header: ID, required: true, identifier: pseudonym, kind: patient}
      sex: {header: SEX}
  forms:
    files: "export*.xlsx"
    sheet: "Follow-up *"
    key: [patient_id]
    columns:
      patient_id: {header: ID, required: true, identifier: pseudonym, kind: patient}
      crs_grade: {header: Q3, type: integer}
      icans_grade: {header: Q4, type: integer}
      ecog: {header: Q9, type: integer}
revisions:
  - {sheet: "* v2", table: forms, renamed: {Q3: Q4, Q4: Q5}, added: [Q9]}
"""
DATED = CONTRACT.replace('sheet: "* v2", table', "from: 2026-01-01, table")


def frame(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


def book(tmp_path: Path, **changed: pd.DataFrame | None) -> bytes:
    """A workbook of patients and of two revisions of a form; None leaves a sheet out."""
    sheets = {
        "Patients": frame(ID=["A", "B"], SEX=["F", "M"]),
        "Follow-up v1": frame(ID=["A", "B"], Q3=[1, 2], Q4=[3, 4]),
        "Follow-up v2": frame(ID=["A", "B", None], Q4=[5, "x", 0], Q5=[6, 7, 0], Q9=[0, 1, 2]),
    }
    given = {name.replace("_", " ").replace("Follow ", "Follow-"): f for name, f in changed.items()}
    path = tmp_path / "book.xlsx"
    write_workbook(path, {n: f for n, f in (sheets | given).items() if f is not None})
    return path.read_bytes()


def answers(site: Site) -> list[tuple[Any, ...]]:
    return site.query(
        "SELECT _file, _row, crs_grade, icans_grade, ecog FROM raw.registry__forms "
        "ORDER BY _file, _row"
    )


def test_each_sheet_is_a_file_of_its_table(site: Site, tmp_path: Path) -> None:
    site.contract(CONTRACT)
    site.deliver({"export_2026.xlsx": book(tmp_path, Notes=frame(TEXT=["see manual"]))})
    (record,) = site.load()
    assert record.status == "accepted"
    assert {f.name: (f.table, f.read, f.loaded, f.quarantined) for f in record.files} == {
        "export_2026.xlsx/Patients": ("patients", 2, 2, 0),
        "export_2026.xlsx/Follow-up v1": ("forms", 2, 2, 0),
        "export_2026.xlsx/Follow-up v2": ("forms", 3, 1, 2),
        "export_2026.xlsx/Notes": (None, 0, 0, 0),
    }
    assert [(f.rule, f.file) for f in record.findings if f.rule == "file_unknown"] == [
        ("file_unknown", "export_2026.xlsx/Notes")
    ]


def test_a_renumbered_question_is_read_from_its_own_number(site: Site, tmp_path: Path) -> None:
    site.contract(CONTRACT)
    site.deliver({"export.xlsx": book(tmp_path)})
    site.load()
    assert answers(site) == [
        ("export.xlsx/Follow-up v1", 1, 1, 3, None),
        ("export.xlsx/Follow-up v1", 2, 2, 4, None),
        ("export.xlsx/Follow-up v2", 1, 5, 6, 0),
    ]


@pytest.mark.parametrize(("day", "crs"), [("2025-06-30", "Q3"), ("2026-06-30", "Q4")])
def test_questions_renumbered_at_a_date_are_read_as_of_the_delivery(
    site: Site, tmp_path: Path, day: str, crs: str
) -> None:
    site.contract(DATED)
    icans = {"Q3": "Q4", "Q4": "Q5"}[crs]
    form = frame(ID=["A"]).assign(**{crs: [1], icans: [3]})
    content = book(tmp_path, **{"Follow-up_v1": form, "Follow-up_v2": None})
    site.deliver({"export.xlsx": content}, day=day)
    site.load()
    assert [row[2:4] for row in answers(site)] == [(1, 3)]


def test_a_question_that_is_missing_is_not_read_from_its_neighbour(
    site: Site, tmp_path: Path
) -> None:
    """In the second form Q4 is the CRS and not, as in the first one, the ICANS."""
    site.contract(DATED)
    form = frame(ID=["A"], Q4=[1], Q9=[0])
    content = book(tmp_path, **{"Follow-up_v1": form, "Follow-up_v2": None})
    site.deliver({"export.xlsx": content}, day="2026-06-30")
    (record,) = site.load()
    assert [row[2:] for row in answers(site)] == [(1, None, 0)]
    assert [(f.rule, f.column) for f in record.findings] == [("column_missing", "icans_grade")]


def test_a_table_without_its_sheet_rejects_the_delivery(site: Site, tmp_path: Path) -> None:
    site.contract(CONTRACT)
    site.deliver({"export.xlsx": book(tmp_path, Patients=None)})
    record = site.check()
    assert record.status == "rejected"
    assert "no sheet Patients in a file export*.xlsx" in record.findings[0].message


def test_an_error_cell_is_no_missing_value(site: Site, tmp_path: Path) -> None:
    """Excel shows #N/A: as a number it quarantines the row, as a text it is kept as it is."""
    site.contract(CONTRACT)
    form = frame(ID=["A", "B", "C"], Q3=[1, ErrorCell("#N/A"), None], Q4=[0, 0, 0])
    people = frame(ID=["A", "B"], SEX=["F", ErrorCell("#REF!")])
    site.deliver({"export.xlsx": book(tmp_path, **{"Follow-up_v1": form, "Patients": people})})
    (record,) = site.load()
    told = [f for f in record.findings if f.file == "export.xlsx/Follow-up v1"]
    (refused,) = [f for f in told if f.rule != "error_cell"]
    assert [(f.column, f.count) for f in record.findings if f.rule == "error_cell"] == [
        ("sex", 1),
        ("crs_grade", 1),
    ]
    assert (refused.rule, refused.column, refused.row, refused.count) == ("type", "crs_grade", 2, 1)
    assert site.query("SELECT sex FROM raw.registry__patients ORDER BY _row") == [
        ("F",),
        ("#REF!",),
    ]


@pytest.mark.parametrize("content", [b"PK not a workbook", b"", b"\0" * 100])
def test_a_workbook_that_cannot_be_opened_rejects_the_delivery(site: Site, content: bytes) -> None:
    site.contract(CONTRACT)
    site.deliver({"export.xlsx": content})
    record = site.check()
    assert record.status == "rejected"
    assert "export.xlsx: not a whole workbook" in record.findings[0].message


def test_a_workbook_in_an_archive_has_sheets_too(site: Site, tmp_path: Path) -> None:
    site.contract(CONTRACT)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("export.xlsx", book(tmp_path))
    site.deliver({"sent.zip": packed.getvalue()})
    (record,) = site.load()
    assert [f.name for f in record.files if f.table == "patients"] == [
        "sent.zip/export.xlsx/Patients"
    ]
    assert record.loaded == 5


def test_a_workbook_sent_twice_is_loaded_once(site: Site, tmp_path: Path) -> None:
    site.contract(CONTRACT)
    content = book(tmp_path)
    site.deliver({"export_1.xlsx": content, "export_2.xlsx": content})
    (record,) = site.load()
    assert record.loaded == 5
    assert sum(f.rule == "file_repeated" for f in record.findings) == 3


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('sheet: "* v2", table', "table", "a revision has `from`"),
        ('sheet: "* v2", table', 'from: 2026-01-01, sheet: "* v2", table', "one of them"),
        ('    sheet: "Follow-up *"\n', "", "needs `sheet` on the table `forms`"),
    ],
)
def test_a_revision_says_from_which_day_or_in_which_sheet(
    site: Site, wrong: str, right: str, said: str
) -> None:
    site.contract(CONTRACT.replace(wrong, right))
    with pytest.raises(ingestion.ContractError, match=r"registry\.yml, line") as error:
        _ = site.contracts
    assert said in str(error.value)


def test_a_workbook_that_expands_out_of_proportion_is_refused(site: Site) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (1 << 27))
    assert len(sink.getvalue()) < 1 << 18
    site.contract(CONTRACT)
    site.deliver({"export.xlsx": sink.getvalue()})
    (record,) = site.load()
    assert record.status == "rejected"
    errors = [f.message for f in record.findings if f.severity == "ERROR"]
    assert any("the workbook expands out of proportion" in error for error in errors), errors


def test_rows_of_another_sheet_of_the_same_columns_are_counted_and_told(
    site: Site, tmp_path: Path
) -> None:
    people = frame(patient_id=["A", "B"], sex=["F", "M"], birth_year=[1950, 1951])
    people = people.assign(vital_status="alive", last_contact_date="2025-01-01")
    path = tmp_path / "book.xlsx"
    write_workbook(path, {"2024": people, "2025": people, "Notes": frame(TEXT=["see"])})
    site.deliver({"patients.xlsx": path.read_bytes()})
    record = site.check()
    assert record.read == 2
    (finding,) = [f for f in record.findings if f.rule == "sheet_unread"]
    assert (finding.severity, finding.count) == ("WARN", 2)
