"""Parquet, NDJSON, FHIR and workbooks: the same rows and the same text as from CSV."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.readers.parquet import as_text
from tests.lib.ingestion_site import Site

COLUMNS = ("treatment_id", "patient_id", "product_code", "indication_code")
VIEW = """SELECT line, infusion_date::VARCHAR, bridging, product_code
    FROM raw.registry__treatments ORDER BY _row"""


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def workbook(rows: list[list[Any]], sheet: str = "treatments") -> bytes:
    """A minimal XLSX; a date is an Excel serial number with a date format."""
    cells = []
    for number, row in enumerate(rows, start=1):
        made = []
        for column, value in enumerate(row):
            place = f"{chr(65 + column)}{number}"
            if isinstance(value, date):
                made.append(f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>')
            elif isinstance(value, (int, float)):
                made.append(f'<c r="{place}"><v>{value}</v></c>')
            elif value is not None:
                text = f"<is><t>{value}</t></is>"
                made.append(f'<c r="{place}" t="inlineStr">{text}</c>')
        cells.append(f'<row r="{number}">{"".join(made)}</row>')
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = f'<Types xmlns="{package}/content-types"/>'
    links = (
        f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/{{}}" Target="{{}}"/>{{}}</Relationships>'
    )
    style = f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/>'
    parts = {
        "[Content_Types].xml": types,
        "_rels/.rels": links.format("officeDocument", "xl/workbook.xml", ""),
        "xl/_rels/workbook.xml.rels": links.format("worksheet", "worksheets/s.xml", style),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{space}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/s.xml": f'<worksheet xmlns="{space}"><sheetData>{"".join(cells)}'
        "</sheetData></worksheet>",
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return sink.getvalue()


HEADER = [*COLUMNS, "line", "infusion_date", "bridging"]
ROWS: list[list[Any]] = [
    ["t1", 101, "axi", "dlbcl", 3, date(2025, 3, 1), 1],
    ["t2", 102, "tisa", "dlbcl", None, None, 0],
]
EXPECTED = [(3, "2025-03-01", 1, "axi"), (None, None, 0, "tisa")]


def as_csv() -> str:
    lines = [",".join("" if v is None else str(v) for v in row) for row in [HEADER, *ROWS]]
    return "\n".join(lines) + "\n"


def as_ndjson() -> str:
    rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    return "".join(json.dumps(row, default=str) + "\n" for row in rows)


def as_parquet() -> bytes:
    columns = dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))
    arrays = {name: pa.array(list(values)) for name, values in columns.items()}
    arrays["line"] = arrays["line"].cast(pa.float64())  # as pandas writes integers with gaps
    return parquet(**arrays)


def test_every_format_says_the_same(site: Site) -> None:
    people = set()
    for name, content in {
        "treatments.csv": as_csv(),
        "treatments.ndjson": as_ndjson(),
        "treatments.parquet": as_parquet(),
        "treatments.xlsx": workbook([HEADER, *ROWS]),
        "treatments.json": json.dumps([json.loads(line) for line in as_ndjson().splitlines()]),
    }.items():
        folder = site.deliver({name: content}, day="2026-01-31")
        (record,) = site.load()
        assert record.status == "accepted", (name, record.findings)
        assert site.query(VIEW) == EXPECTED, name
        people |= set(site.query("SELECT patient_id, treatment_id FROM raw.registry__treatments"))
        (folder / name).unlink()
    assert len(people) == 2


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1.0, 1.5, float("nan"), None], pa.float64(), ["1", "1.5", None, None]),
        ([0.1], pa.float64(), ["0.1"]),
        ([2**53], pa.int64(), ["9007199254740992"]),
        ([True, None], pa.bool_(), ["true", None]),
        ([date(2025, 1, 2)], pa.date32(), ["2025-01-02"]),
        ([datetime(2025, 1, 2)], pa.timestamp("ns"), ["2025-01-02"]),
        ([datetime(2025, 1, 2, 3, 4, 5)], pa.timestamp("us"), ["2025-01-02 03:04:05"]),
        ([datetime(2025, 1, 2, 3, 4, 5, 600)], pa.timestamp("us"), ["2025-01-02 03:04:05.000600"]),
        (
            [datetime(2025, 1, 1, 23)],
            pa.timestamp("us", tz="Europe/Paris"),
            ["2025-01-02"],
        ),
        ([Decimal("1.50"), Decimal("2.00")], pa.decimal128(5, 2), ["1.5", "2"]),
        (["a", None], pa.dictionary(pa.int8(), pa.string()), ["a", None]),
        ([["x"], None], pa.list_(pa.string()), ['["x"]', None]),
        ([b"ab"], pa.binary(), ["ab"]),
        ([None], pa.null(), [None]),
    ],
)
def test_typed_values_become_the_text_a_person_would_write(
    values: list[Any], kind: pa.DataType, expected: list[str | None]
) -> None:
    text = as_text(pa.array(values, kind))
    assert text.to_pylist() == expected
    assert pa.types.is_string(text.type)


@pytest.mark.parametrize("name", ["treatments.parquet", "treatments.xlsx"])
def test_half_a_file_rejects_the_delivery(site: Site, name: str) -> None:
    whole = as_parquet() if name.endswith("parquet") else workbook([HEADER, *ROWS])
    for content in (whole[: len(whole) // 2], b"", b"PAR1", b"PK\x03\x04 no"):
        site.deliver({name: content})
        record = site.check()
        assert record.status == "rejected"
        assert name in record.findings[0].message
        assert "deliver" in record.findings[0].message


def test_a_line_that_is_no_object_is_refused_alone(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 0.9\n")
    site.deliver({"treatments.ndjson": as_ndjson() + '{"half": \n[1]\n' + "[" * 100_000 + "\n"})
    (record,) = site.load()
    assert (record.read, record.loaded, record.quarantined) == (5, 2, 3)
    assert {r["_rule"] for r in site.rows("quarantine", "treatments")} == {"decode"}


FORM = {
    "resourceType": "QuestionnaireResponse",
    "id": "form-1",
    "questionnaire": "https://example.org/fhir/Questionnaire/eq-5d-5l|1.0",
    "status": "completed",
    "authored": "2025-03-01T23:30:00+01:00",
    "subject": {"identifier": {"value": "NIR123"}, "display": "Jeanne DUPONT"},
    "source": {"reference": "Patient/1", "display": "Jeanne DUPONT"},
    "extension": [{"url": "https://example.org/StructureDefinition/visit", "valueCode": "M3"}],
    "text": {"div": "<div>Jeanne DUPONT</div>"},
    "item": [
        {"linkId": "group", "text": "wording", "item": [
            {"linkId": "mo", "answer": [{"valueInteger": 2}]},
            {"linkId": "vas", "answer": [{"valueDecimal": 70.5}]},
        ]},
        {"linkId": "sc", "answer": [{"valueCoding": {"code": "L1", "display": "none"}}]},
        {"linkId": "ua"},
    ],
}  # fmt: skip
ANSWERS = """SELECT completed_date::VARCHAR, visit, respondent, instrument, item, answer,
    not_completed_reason FROM raw.registry__answers ORDER BY _row, item"""


def fhir(site: Site, *forms: Any) -> list[Any]:
    site.contract("source: registry\nformat: fhir_questionnaire_response\nreject_above: 0.9\n")
    site.deliver({"forms.ndjson": "".join(json.dumps(form) + "\n" for form in forms)})
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    return site.query(ANSWERS)


def test_a_form_is_one_row_an_answered_item(site: Site) -> None:
    same = ("2025-03-01", "M3", "self", "eq-5d-5l")
    assert fhir(site, FORM) == [
        (*same, "mo", "2", None),
        (*same, "sc", "L1", None),
        (*same, "vas", "70.5", None),
    ]
    content = b"".join(p.read_bytes() for p in site.home.joinpath("raw").rglob("*") if p.is_file())
    assert b"DUPONT" not in content
    assert b"NIR123" not in content


def test_a_form_not_filled_is_one_row_with_its_reason(site: Site) -> None:
    url = "https://example.org/StructureDefinition/not-completed-reason"
    stopped = {**FORM, "item": [], "status": "stopped"}
    with_reason = {**stopped, "extension": [{"url": url, "valueCode": "too_ill"}]}
    first, second = fhir(site, stopped, with_reason)
    assert first[1:] == ("M3", "self", "eq-5d-5l", None, None, "stopped")
    assert second[1:] == (None, "self", "eq-5d-5l", None, None, "too_ill")


@pytest.mark.parametrize(
    ("source", "respondent"),
    [
        ({"type": "Patient"}, "self"),
        ({"reference": "RelatedPerson/9", "display": "parent"}, "parent"),
        ({"type": "RelatedPerson", "display": "Jeanne DUPONT"}, "proxy"),
        ({"reference": "Practitioner/9"}, "proxy"),
        (None, None),
    ],
)
def test_who_answered(site: Site, source: Any, respondent: str | None) -> None:
    assert {row[2] for row in fhir(site, {**FORM, "source": source})} == {respondent}


def test_other_resources_are_refused_and_odd_shapes_do_not_crash(site: Site) -> None:
    odd = {**FORM, "item": [1, {"answer": {"valueString": 3}}], "extension": "x", "authored": {}}
    fhir(site, FORM, {"resourceType": "Patient", "name": "DUPONT"}, odd)
    (refused,) = site.rows("quarantine", "answers")
    assert (refused["_row"], refused["_rule"]) == (2, "decode")


def test_a_form_without_patient_has_no_key(site: Site) -> None:
    fhir(site, FORM, {**FORM, "subject": {"display": "Jeanne DUPONT"}})
    refused = site.rows("quarantine", "answers")
    assert {(r["_rule"], r["_column"]) for r in refused} == {("key_missing", "patient_id")}
    assert len(refused) == 3
