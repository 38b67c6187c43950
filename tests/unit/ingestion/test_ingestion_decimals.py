"""Numbers with a comma and numbers with a point: what is read, what is refused, what is said."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import quick_look
from ingestion.readers import delimited
from ingestion.records import DeliveryRecord, Finding
from tests.lib.ingestion_site import Site

LABORATORY = """\
source: registry
format: delimited
csv: {{delimiter: ";"{decimal}}}
reject_above: 1
tables:
  values:
    files: "values*"
    columns:
      code: {{required: true}}
      value: {{type: number}}
      grade: {{type: integer}}
"""
COMMA = ', decimal: ","'
POINT = ', decimal: "."'


@pytest.fixture(params=[0, quick_look.FEW], ids=["by columns", "by rows"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_look, "FEW", request.param)


def deliver(site: Site, values: list[str], decimal: str = "", grade: str = "1") -> DeliveryRecord:
    site.contract(LABORATORY.format(decimal=decimal))
    rows = "".join(f"a{i};{value};{grade}\n" for i, value in enumerate(values))
    site.deliver({"values.csv": f"code;value;grade\n{rows}"})
    (record,) = site.load()
    return record


def read(site: Site) -> list[Any]:
    return [
        value for (value,) in site.query("SELECT value FROM raw.registry__values ORDER BY _row")
    ]


def found(record: DeliveryRecord, rule: str) -> list[Finding]:
    return [finding for finding in record.findings if finding.rule == rule]


def said(record: DeliveryRecord) -> str:
    return " ".join(finding.message for finding in found(record, "sniffed"))


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,5", 1.5),
        ("1.234,5", 1234.5),
        ("12.345.678,25", 12345678.25),
        ("-1.234,", -1234.0),
        ("1 234,5", 1234.5),
        ("1,234", 1.234),
        ("0.123", 0.123),  # nobody groups a zero
        ("12.5", 12.5),
        ("1.234", None),
        ("-999.000", None),
        (" 12.345 ", None),
        ("1.234.567", None),
        ("1.2,5", None),
        ("1,234.5", None),
    ],
)
def test_with_a_declared_comma_a_mark_of_thousands_is_never_read_as_decimals(
    site: Site, cell: str, expected: float | None
) -> None:
    record = deliver(site, ["2,5", cell], COMMA)
    assert read(site) == [2.5] + ([] if expected is None else [expected])
    assert record.quarantined == (expected is None)
    assert not said(record).count("decimal")


def test_what_is_refused_for_its_mark_is_told_with_a_remedy_and_without_the_value(
    site: Site,
) -> None:
    record = deliver(site, ["2,5"] * 5 + ["1.234", "4.321"], COMMA)
    (finding,) = found(record, "decimal_unsure")
    assert (finding.severity, finding.column, finding.count) == ("WARN", "value", 2)
    assert "2 numbers such as 9.999" in finding.message
    assert "refused" in finding.message
    assert "decimal:" in finding.message
    assert not any(cell in f.message for cell in ("1.234", "4.321") for f in record.findings)


@pytest.mark.parametrize("cell", ["1,5", "1,234", "1.234,5"])
def test_with_a_declared_point_no_comma_is_read(site: Site, cell: str) -> None:
    deliver(site, ["2.5", "1.234", cell], POINT)
    assert read(site) == [2.5, 1.234]


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    ("values", "mark", "expected"),
    [
        (["1,5", "1.234", "7"], "decimal comma", [1.5, 7.0]),
        (["1.234", "7", "1,5"], "decimal comma", [7.0, 1.5]),
        (["1.234,5", "1.234"], "decimal comma", [1234.5]),
        (["0,123", "1,234"], "decimal comma", [0.123, 1.234]),
        ([",5", "1.234"], "decimal comma", [0.5]),
        (["1.5", "1,234", "1.234"], "decimal point", [1.5, 1.234]),
        (["0.5", "1,5", "1.234", "1,234"], "decimal comma and point", [0.5, 1.5]),
    ],
)
def test_an_undeclared_mark_is_found_out_and_said(
    site: Site, values: list[str], mark: str, expected: list[float]
) -> None:
    record = deliver(site, values)
    (finding,) = found(record, "sniffed")
    assert (finding.severity, finding.file) == ("INFO", "values.csv")
    assert finding.message.endswith(mark)
    assert read(site) == expected


@pytest.mark.parametrize(("cell", "shape"), [("1.234", "9.999"), ("1,234", "9,999")])
def test_where_every_number_is_unsure_they_are_decimals_with_a_warning(
    site: Site, cell: str, shape: str
) -> None:
    record = deliver(site, [cell, "7", cell])
    assert read(site) == [1.234, 7.0, 1.234]
    assert "decimal" not in said(record)
    (finding,) = found(record, "decimal_unsure")
    assert (finding.severity, finding.count) == ("WARN", 2)
    assert shape in finding.message
    assert "read as decimals" in finding.message


@pytest.mark.usefixtures("either_way")
def test_a_whole_number_of_thousands_is_no_small_one(site: Site) -> None:
    record = deliver(site, ["1,5"] * 2, COMMA, grade="2.000")
    assert (record.loaded, record.quarantined) == (0, 2)
    (finding,) = found(record, "decimal_unsure")
    assert (finding.column, finding.count) == ("grade", 2)


def test_numbers_without_decimals_say_nothing(site: Site) -> None:
    record = deliver(site, ["1", "1234", ""])
    assert "decimal" not in said(record)
    assert not found(record, "decimal_unsure")


def test_each_file_has_its_own_mark(site: Site) -> None:
    site.contract(LABORATORY.format(decimal=""))
    site.deliver(
        {
            "values_1.csv": "code;value;grade\na;1,5;1\nb;1,234;1\n",
            "values_2.csv": "code;value;grade\nc;1.5;1\nd;1.234;1\n",
        }
    )
    (record,) = site.load()
    assert sorted(read(site)) == [1.234, 1.234, 1.5, 1.5]
    marks = {f.file: f.message.rsplit(", ", 1)[1] for f in found(record, "sniffed")}
    assert marks == {"values_1.csv": "decimal comma", "values_2.csv": "decimal point"}


@pytest.mark.parametrize(
    ("first", "late", "expected"), [("1.234", "1,5", {1.5}), ("1,234", "1.5", {1.5})]
)
def test_a_mark_that_is_found_late_holds_from_the_first_row(
    site: Site, first: str, late: str, expected: set[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 1 << 10)  # several chunks
    record = deliver(site, [first] * 3000 + ["7"] * 3000 + [late])
    assert (record.loaded, record.quarantined) == (3001, 3000)
    assert set(read(site)) == {7.0} | expected
    assert len(found(record, "sniffed")) == 1
    (finding,) = found(record, "decimal_unsure")
    assert finding.count == 3000


def test_typed_numbers_have_no_mark(site: Site) -> None:
    site.contract(LABORATORY.format(decimal=COMMA))
    sink = io.BytesIO()
    table = {"code": ["a", "b"], "value": [1.234, 12.5], "grade": [1, 2]}
    pq.write_table(pa.table(table), sink)
    site.deliver({"values.parquet": sink.getvalue()})
    (record,) = site.load()
    assert read(site) == [1.234, 12.5]
    assert not found(record, "decimal_unsure")
