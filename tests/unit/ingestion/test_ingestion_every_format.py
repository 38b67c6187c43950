"""Every format that is accepted, plain, gzipped and zipped, from the file to the typed view."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from tests.lib.ingestion_site import Site
from tests.unit.ingestion.test_ingestion_formats import FORM, workbook

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "statistical" / "sample.sas7bdat.gz"
COLUMNS = ["treatment_id", "patient_id", "product_code", "indication_code", "line", "bridging"]
ROWS = [["t1", "101", "axi", "dlbcl", 3, 1], ["t2", "102", "tisa", "dlbcl", None, 0]]
FRAME = pd.DataFrame(ROWS, columns=COLUMNS)
VIEW = "SELECT product_code, line, bridging FROM raw.registry__treatments ORDER BY _row"
EXPECTED = [("axi", 3, 1), ("tisa", None, 0)]


def _delimited(delimiter: str) -> bytes:
    return FRAME.astype({"line": "Int64"}).to_csv(index=False, sep=delimiter).encode()


def _objects() -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({name: list(FRAME[name]) for name in COLUMNS}), sink)
    return sink.getvalue()


def _statistical(write: Callable[..., None], path: Path) -> bytes:
    # A transport or portable file has names of eight letters, in capitals.
    write(FRAME, str(path))
    return path.read_bytes()


def whole(ending: str, folder: Path) -> bytes:
    """The two treatments as a file of this ending."""
    if ending in ("csv", "txt"):
        return _delimited(";")
    if ending == "tsv":
        return _delimited("\t")
    if ending == "json":
        return json.dumps(_objects()).encode()
    if ending in ("ndjson", "jsonl"):
        return "".join(json.dumps(row) + "\n" for row in _objects()).encode()
    if ending == "parquet":
        return _parquet()
    if ending in ("xlsx", "xlsm"):
        return workbook([COLUMNS, *ROWS])
    writers: dict[str, Callable[..., None]] = {
        "dta": pyreadstat.write_dta,
        "sav": pyreadstat.write_sav,
        "zsav": lambda frame, path: pyreadstat.write_sav(frame, path, compress=True),
        "xpt": lambda frame, path: pyreadstat.write_xport(frame, path, file_format_version=8),
    }
    return _statistical(writers[ending], folder / f"made.{ending}")


def packed(name: str, content: bytes, how: str) -> tuple[str, bytes]:
    if how == "gzip":
        return f"{name}.gz", gzip.compress(content)
    if how == "zip":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return "delivery.zip", sink.getvalue()
    return name, content


ENDINGS = (
    "csv", "tsv", "txt", "json", "ndjson", "jsonl", "parquet", "xlsx", "xlsm",
    "dta", "sav", "zsav", "xpt",
)  # fmt: skip


@pytest.mark.parametrize("how", ["plain", "gzip", "zip"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_it_is_read_from_the_file_to_the_view(
    site: Site, tmp_path: Path, ending: str, how: str
) -> None:
    name, content = packed(f"treatments.{ending}", whole(ending, tmp_path), how)
    site.deliver({name: content})
    (record,) = site.load()
    assert (record.status, record.read, record.loaded) == ("accepted", 2, 2), record.findings
    assert site.query(VIEW) == EXPECTED
    sniffed = [f.message for f in record.findings if f.rule == "sniffed"]
    if ending in ("csv", "txt", "tsv"):
        mark = "tab" if ending == "tsv" else "semicolon"
        assert sniffed[0].endswith(f"not declared, sniffed: encoding utf-8, delimiter {mark}")


@pytest.mark.parametrize("how", ["plain", "gzip", "zip"])
def test_a_portable_file_of_spss(site: Site, tmp_path: Path, how: str) -> None:
    """Its names have eight letters at most: they are declared."""
    short = ["treat", "patient", "product", "disease", "line", "bridging"]
    path = tmp_path / "made.por"
    pyreadstat.write_por(FRAME.set_axis(short, axis=1), str(path))
    site.contract(CLINIC.format(files="cohort.por"))
    name, content = packed("cohort.por", path.read_bytes(), how)
    site.deliver({name: content})
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 2), record.findings
    view = "SELECT product_code, line FROM raw.registry__treatments ORDER BY _row"
    assert site.query(view) == [("axi", 3), ("tisa", None)]


CLINIC = """\
source: registry
format: delimited
tables:
  treatments:
    files: "{files}"
    key: [patient_id]
    columns:
      patient_id: {{header: patient, required: true, identifier: pseudonym, kind: patient}}
      product_code: {{header: product}}
      line: {{type: integer}}
"""


@pytest.mark.parametrize("how", ["plain", "gzip", "zip"])
def test_a_file_that_sas_wrote(site: Site, how: str) -> None:
    site.contract(
        "source: registry\nformat: delimited\ntables:\n  visits:\n    files: sample.sas7bdat\n"
        "    columns:\n      label: {header: mychar}\n      amount: {header: mynum, type: number}\n"
        "      day: {header: mydate, type: date}\n"
    )
    name, content = packed("sample.sas7bdat", gzip.decompress(SAMPLE.read_bytes()), how)
    site.deliver({name: content})
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 5), record.findings
    view = "SELECT label, amount, day::VARCHAR FROM raw.registry__visits ORDER BY _row LIMIT 2"
    assert site.query(view) == [("a", 1.1, "2018-05-06"), ("b", 1.2, "1880-05-06")]


@pytest.mark.parametrize("how", ["plain", "gzip", "zip"])
def test_questionnaires_in_fhir(site: Site, how: str) -> None:
    site.contract("source: registry\nformat: fhir_questionnaire_response\n")
    name, content = packed("forms.ndjson", (json.dumps(FORM) + "\n").encode(), how)
    site.deliver({name: content})
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 3), record.findings
    view = "SELECT item, answer FROM raw.registry__answers ORDER BY item"
    assert site.query(view) == [("mo", "2"), ("sc", "L1"), ("vas", "70.5")]


ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "iso-8859-15", "cp1250",
    "mac_roman", "cp437", "cp850",
)  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [*((encoding, ";") for encoding in ENCODINGS), *(("cp1252", mark) for mark in ",\t|~^:")],
)
def test_any_encoding_and_delimiter_that_is_declared(
    site: Site, encoding: str, delimiter: str
) -> None:
    site.contract(
        f"source: registry\nformat: delimited\ncsv: {{encoding: {encoding}, "
        f'delimiter: {json.dumps(delimiter)}, decimal: ","}}\n'
        "tables:\n  visits:\n    files: visits.csv\n    columns:\n"
        "      ville: {}\n      poids: {type: number}\n"
    )
    text = delimiter.join(["ville", "poids"]) + "\n" + delimiter.join(["Orlé", '"1234,5"']) + "\n"
    site.deliver({"visits.csv": text.encode(encoding)})
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    assert site.query("SELECT ville, poids FROM raw.registry__visits") == [("Orlé", 1234.5)]
