"""Cells that a file holds and no person meant: formulas, errors, infinite numbers, keys twice."""

from __future__ import annotations

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.records import DeliveryRecord, Finding
from tests.lib.ingestion_site import Site
from tests.unit.ingestion.test_ingestion_formats import workbook

HEADER = ["patient_id", "sex", "birth_year", "vital_status", "last_contact_date"]
PERSON = ["1", "F", 1950, "alive", "2025-01-01"]


def found(record: DeliveryRecord, rule: str) -> list[Finding]:
    return [finding for finding in record.findings if finding.rule == rule]


def edited(content: bytes, old: str, new: str) -> bytes:
    """A workbook with a part of its sheet replaced."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(sink, "w") as after:
        for name in before.namelist():
            data = before.read(name).decode()
            assert old in data or "worksheets" not in name
            after.writestr(name, data.replace(old, new))
    return sink.getvalue()


@pytest.mark.parametrize("empty", ["<v></v>", "<v/>", ""])
def test_a_formula_that_nobody_calculated_is_told(site: Site, empty: str) -> None:
    book = workbook([HEADER, PERSON, ["2", *PERSON[1:]]])
    formula = f'<c r="C3"><f>1900+50</f>{empty}</c>'
    site.deliver({"patients.xlsx": edited(book, '<c r="C3"><v>1950</v></c>', formula)})
    (finding,) = found(site.check(), "formula_uncalculated")
    assert (finding.severity, finding.count, finding.file) == ("WARN", 1, "patients.xlsx")
    assert "row 2" in finding.message


def test_a_formula_with_its_value_is_a_value(site: Site) -> None:
    book = workbook([HEADER, PERSON])
    formula = '<c r="C2"><f>1900+50</f><v>1950</v></c>'
    site.deliver({"patients.xlsx": edited(book, '<c r="C2"><v>1950</v></c>', formula)})
    (record,) = site.load()
    assert not found(record, "formula_uncalculated")
    assert site.rows("raw", "patients")[0]["birth_year"] == "1950"


@pytest.mark.parametrize("error", ["#N/A", "#NULL!", " #REF! "])
def test_an_error_in_a_key_is_no_person(site: Site, error: str) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 0.9\n")
    line = ",".join(map(str, PERSON[1:]))
    rows = f"1,{line}\n{error},{line}\n3,{line.replace('alive', error)}\n"
    site.deliver({"patients.csv": ",".join(HEADER) + "\n" + rows})
    (record,) = site.load()
    assert (record.loaded, record.quarantined) == (2, 1)
    assert found(record, "key_missing")[0].row == 2
    told = {(f.column, f.severity, f.count) for f in found(record, "error_cell")}
    assert told == {("patient_id", "WARN", 1), ("vital_status", "WARN", 1)}


def test_an_infinite_number_is_no_year(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 0.9\n")
    sink = io.BytesIO()
    columns = {name: [PERSON[i], PERSON[i]] for i, name in enumerate(HEADER)}
    columns |= {"patient_id": ["1", "2"], "birth_year": [float("inf"), float("nan")]}
    pq.write_table(pa.table(columns), sink)
    site.deliver({"patients.parquet": sink.getvalue()})
    (record,) = site.load()
    assert (record.loaded, record.quarantined) == (1, 1)
    assert [f.column for f in found(record, "type")] == ["birth_year"]


def test_text_that_is_not_utf_8_is_said_of_parquet(site: Site) -> None:
    sink = io.BytesIO()
    columns: dict[str, list[object]] = {name: [PERSON[i]] for i, name in enumerate(HEADER)}
    table = pa.table(columns)
    wrong = pa.array([b"\xff\xfe"], pa.binary()).view(pa.string())
    pq.write_table(table.set_column(1, "sex", wrong), sink)
    site.deliver({"patients.parquet": sink.getvalue()})
    (finding,) = found(site.check(), "file_unreadable")
    assert "column 2 is not UTF-8" in finding.message


def test_an_object_with_a_key_twice_is_refused(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 0.9\n")
    rest = '"sex":"F","birth_year":1950,"vital_status":"alive","last_contact_date":"2025-01-01"}'
    lines = [f'{{"patient_id":"1",{rest}', f'{{"patient_id":"2","patient_id":"3",{rest}']
    for name, content in (
        ("patients.ndjson", "\n".join(lines)),
        ("patients.json", "[" + ",".join(lines) + "]"),
    ):
        folder = site.deliver({name: content})
        record = site.check()
        assert (record.read, record.quarantined) == (2, 1)
        (finding,) = found(record, "decode")
        assert "a key twice" in finding.message
        (folder / name).unlink()


def test_a_delivery_of_a_day_to_come_is_told(site: Site) -> None:
    site.deliver({"patients.csv": ",".join(HEADER) + "\n1,F,1950,alive,\n"}, day="2999-01-01")
    record = site.check()
    (finding,) = found(record, "future_date")
    assert (record.status, finding.severity) == ("accepted", "WARN")


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (["31/01/2025", "02/02/2025"], "%d/%m/%Y"),
        (["01/31/2025", "02/02/2025"], "%m/%d/%Y"),
        (["31/01/2025", "soon"], "reject_above"),
    ],
)
def test_dates_all_written_one_way_are_no_reason_to_accept_more_refusals(
    site: Site, dates: list[str], told: str
) -> None:
    rows = "".join(f"{i},F,1950,alive,{day}\n" for i, day in enumerate(dates))
    site.deliver({"patients.csv": ",".join(HEADER) + "\n" + rows})
    (finding,) = found(site.check(), "reject_above")
    assert told in finding.message
    assert ("reject_above" in finding.message) == (told == "reject_above")


def test_rows_of_one_person_that_contradict_each_other_are_told(site: Site) -> None:
    rows = [
        "1,F,1950,alive,2025-01-01", "1,M,1950,alive,2025-01-01",  # said both ways
        "2,F,1950,alive,2025-01-01", "2,F,1950,alive,2025-01-01",  # said twice
        "3,F,1950,alive,2025-01-01",
    ]  # fmt: skip
    more = ["3,F,1950,dead,2025-01-01", "4,F,1950,alive,2025-01-01"]  # in another file
    for name, lines in (("patients_1.csv", rows), ("patients_2.csv", more)):
        site.deliver({name: "\n".join([",".join(HEADER), *lines])})
    (finding,) = found(site.check(), "rows_contradict")
    assert (finding.severity, finding.column, finding.count) == ("WARN", "patient_id", 2)
