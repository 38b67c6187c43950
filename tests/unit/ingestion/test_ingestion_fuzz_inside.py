"""Files that are whole, with content nobody expects: the same two properties as of any bytes.

Workbooks, JSON, FHIR and compressed text are rarely valid inside when their bytes are arbitrary;
here their containers are right and what they hold is arbitrary.
"""

from __future__ import annotations

import functools
import gzip
import io
import json
import re
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from simulation.workbook import write_workbook
from tests.lib.fuzzing import few, reconcile

HEADER = ["patient_id", "sex", "birth_year", "vital_status", "last_contact_date"]
# What says that the rows of a file cannot be told, so that none is counted.
REFUSED = ("file_unreadable", "header_missing", "column_missing")
FHIR = "source: registry\nformat: fhir_questionnaire_response\nreject_above: 1\n"
VALUE = re.compile(r"<v>[^<\s]")  # a cell that is certainly filled
SHEET = "xl/worksheets/sheet1.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

# No lone halves of characters: JSON can hold them (below), XML and UTF-8 cannot.
words = st.one_of(
    st.sampled_from(["1", "F", "1950", "alive", "2025-01-01", "", " ", "=1+1", "31/02/2025"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)
numbers = st.one_of(
    st.sampled_from(["0", "-0", "1950", "45000", "3.0", "1E400", "-1E-400", "2958466", "1e15"]),
    st.integers().map(str),
    st.integers(min_value=10**18, max_value=10**40).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)


def cell(kind: str, word: str, number: str) -> str:
    """The XML of a cell of a workbook, its place left out."""
    text = escape(word)
    return {
        "empty": "",
        "styled": '<c{} s="1"/>',
        "text": f'<c{{}} t="inlineStr"><is><t>{text}</t></is></c>',
        "number": f"<c{{}}><v>{number}</v></c>",
        "date": f'<c{{}} s="1"><v>{number}</v></c>',
        "bool": f'<c{{}} t="b"><v>{len(word) % 2}</v></c>',
        "error": '<c{} t="e"><v>#N/A</v></c>',
        "formula": f"<c{{}}><f>1+1</f><v>{number}</v></c>",
        "formula text": f'<c{{}} t="str"><f>A1</f><v>{text}</v></c>',
        "formula error": '<c{} t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        "uncalculated": "<c{}><f>1+1</f></c>",
        "iso date": f'<c{{}} t="d"><v>{text}</v></c>',
        "shared text": '<c{} t="s"><v>0</v></c>',
    }[kind].replace("{}", ' r="{place}"')


KINDS = [
    *("empty", "styled", "text", "number", "date", "bool", "error", "formula", "formula text"),
    *("formula error", "uncalculated", "iso date"),
]
cells = st.builds(cell, st.sampled_from(KINDS), words, numbers)
sheet_rows = st.lists(st.lists(cells, max_size=7), max_size=8)
places = st.tuples(st.integers(0, 6), st.integers(1, 9))


@functools.cache
def empty_book() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        write_workbook(path, {"patients": pd.DataFrame(columns=HEADER)})
        return path.read_bytes()


def workbook(rows: list[list[str]], merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> bytes:
    """A workbook whose one sheet has these rows of cells, some of them merged."""
    lines = []
    for number, row in enumerate(rows, start=1):
        inside = "".join(
            text.replace("{place}", f"{chr(65 + column)}{number}")
            for column, text in enumerate(row)
        )
        lines.append(f'<row r="{number}">{inside}</row>' if row else "")
    areas = [
        f'<mergeCell ref="{chr(65 + a)}{b}:{chr(65 + max(a, c))}{max(b, d)}"/>'
        for (a, b), (c, d) in merged
    ]
    merges = f'<mergeCells count="{len(areas)}">{"".join(areas)}</mergeCells>' if areas else ""
    xml = f'<worksheet xmlns="{SPACE}"><sheetData>{"".join(lines)}</sheetData>{merges}</worksheet>'
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(empty_book())) as given_parts,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in given_parts.namelist():
            archive.writestr(name, xml if name == SHEET else given_parts.read(name))
    return sink.getvalue()


@few("workbook")
@given(
    above=st.lists(st.just([]), max_size=2),
    rows=sheet_rows,
    merged=st.lists(st.tuples(places, places), max_size=2),
    load=st.booleans(),
)
def test_any_cells_of_a_workbook(
    above: list[list[str]],
    rows: list[list[str]],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
    load: bool,
) -> None:
    header = [cell("text", name, "") for name in HEADER]
    record = reconcile("patients.xlsx", workbook([*above, header, *rows], merged), load=load)
    assert record.read <= len(rows)
    told = sum(any(VALUE.search(text) for text in row[:5]) for row in rows)
    if not any(f.severity == "ERROR" for f in record.findings):
        assert record.read >= told


halves = st.sampled_from(['"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"é"', '"\\n"'])
literals = st.one_of(
    numbers.filter(lambda text: "inf" not in text),
    st.sampled_from(["null", "true", "false", "NaN", "-Infinity", "1E999", '""']),
    words.map(json.dumps),
    halves,
)
values = st.recursive(
    literals,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(words, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{json.dumps(k)}: {v}" for k, v in pairs) + "}"
        ),
    ),
    max_leaves=5,
)
keys = st.one_of(st.sampled_from([json.dumps(name) for name in HEADER]), words.map(json.dumps))
full = st.tuples(*[values] * len(HEADER)).map(
    lambda found: list(zip(map(json.dumps, HEADER), found, strict=True))
)
# Keys may be missing, or there twice; an object may be another value altogether.
pairs = st.one_of(full, st.lists(st.tuples(st.one_of(keys, halves), values), max_size=6))
item = st.one_of(
    pairs.map(lambda found: "{" + ", ".join(f"{key}: {value}" for key, value in found) + "}"),
    values,
)


WHOLE = json.dumps(dict.fromkeys(HEADER, "1950"))


@few("json lines")
@given(items=st.lists(item, max_size=8), ending=st.sampled_from(["ndjson", "jsonl", "ndjson.gz"]))
def test_any_objects_a_line(items: list[str], ending: str) -> None:
    content = "\n".join(items).encode()
    packed = gzip.compress(content) if ending.endswith("gz") else content
    record = reconcile(f"patients.{ending}", packed, load=True)
    if not any(f.rule in REFUSED for f in record.findings):
        assert record.read == len(items)


@few("json document")
@given(items=st.lists(item, max_size=8), around=st.sampled_from(["{}", '{{"trials": {}}}']))
@example(items=[WHOLE, '{"birth_year": "{}", "x": 1, "\\u0000": []}'], around="{}")
def test_any_document_of_objects(items: list[str], around: str) -> None:
    array = f"[{', '.join(items)}]"
    content = array if around == "{}" else f'{{"trials": {array}}}'
    record = reconcile("patients.json", content.encode(), load=True)
    whole = not any(f.rule in REFUSED for f in record.findings)
    if whole and around == "{}":
        assert record.read == len(items)


NAMES = [
    *("resourceType", "id", "identifier", "subject", "authored", "status", "questionnaire"),
    *("extension", "source", "item", "answer", "linkId", "valueInteger", "valueCoding", "code"),
    *("reference", "url", "value", "system", "entry", "resource", "type", "display"),
]
SAID = [
    *(
        "QuestionnaireResponse",
        "Bundle",
        "Patient/1",
        "http://x/visit",
        "http://x/reason",
        "q/eq5d|1",
    ),
    *("completed", "stopped", "2025-01-01", "2025-13-41T99:00", "mo", ""),
]
odd = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(SAID)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    ),
    max_leaves=12,
)
response = st.fixed_dictionaries(
    {"resourceType": st.just("QuestionnaireResponse")},
    optional={
        "id": st.one_of(st.just("f1"), odd),
        "subject": st.one_of(st.just({"reference": "Patient/1"}), odd),
        "authored": st.one_of(st.just("2025-01-01"), odd),
        "questionnaire": st.one_of(st.just("http://x/eq-5d-5l"), odd),
        "item": st.one_of(
            st.lists(
                st.fixed_dictionaries(
                    {"linkId": st.one_of(st.just("mo"), odd)},
                    optional={
                        "answer": st.one_of(st.just([{"valueInteger": 1}]), odd),
                        "item": odd,
                    },
                ),
                max_size=3,
            ),
            odd,
        ),
        **dict.fromkeys(("extension", "source", "status", "identifier"), odd),
    },
)
bundle = st.one_of(st.lists(st.fixed_dictionaries({"resource": response}), max_size=3), odd).map(
    lambda entry: {"resourceType": "Bundle", "entry": entry}
)


@few("fhir")
@given(
    resources=st.lists(st.one_of(response, bundle, odd), min_size=1, max_size=5),
    name=st.sampled_from(["answers.ndjson", "answers.json"]),
)
def test_any_resources(resources: list[object], name: str) -> None:
    lines = "\n".join(map(json.dumps, resources))
    content = lines if name.endswith("ndjson") else json.dumps(resources)
    reconcile(name, content.encode(), contract=FHIR, table="answers", load=True)


table = st.lists(st.lists(words, min_size=5, max_size=5), max_size=8)


@few("packed")
@given(rows=table, ending=st.sampled_from(["csv.gz", "zip"]), level=st.integers(0, 9))
def test_any_table_in_an_archive(rows: list[list[str]], ending: str, level: int) -> None:
    """As it is without: every row of the table is read, whatever packed it."""
    content = pd.DataFrame(rows, columns=HEADER).to_csv(index=False).encode()
    if ending == "zip":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
            archive.writestr("patients.csv", content)
        record = reconcile("extract.zip", sink.getvalue(), load=True)
    else:
        record = reconcile("patients.csv.gz", gzip.compress(content, level), load=True)
    assert record.read == reconcile("patients.csv", content).read
