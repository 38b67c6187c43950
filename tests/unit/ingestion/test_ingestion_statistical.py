"""Files of SAS, Stata and SPSS: the same rows and the same text as from CSV."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

from ingestion.contract_parts import CsvFormat
from ingestion.readers import open_reader
from ingestion.readers import statistical as statistical_module
from tests.lib.ingestion_site import Site

DATA = Path(__file__).resolve().parents[2] / "data" / "statistical"
WRITERS: dict[str, Any] = {
    "dta": pyreadstat.write_dta,
    "sav": pyreadstat.write_sav,
    "xpt": lambda frame, path: pyreadstat.write_xport(frame, path, file_format_version=8),
}
FRAME = pd.DataFrame(
    {
        "treatment_id": ["t1", "t2"],
        "patient_id": [101.0, 102.0],
        "product_code": ["axi", "é"],
        "indication_code": ["dlbcl", "dlbcl"],
        "line": [3.0, float("nan")],
        "infusion_date": [date(2025, 3, 1), None],
        "bridging": [1, 0],
    }
)
VIEW = """SELECT line, infusion_date::VARCHAR, bridging, product_code
    FROM raw.registry__treatments ORDER BY _row"""


def deliver(site: Site, ending: str, frame: pd.DataFrame = FRAME) -> Path:
    folder = site.deliver({})
    path = folder / f"treatments.{ending}"
    WRITERS[ending](frame, str(path))
    return path


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("compressed", [False, True])
def test_each_says_what_the_csv_would(site: Site, ending: str, compressed: bool) -> None:
    path = deliver(site, ending)
    if compressed:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    assert site.query(VIEW) == [(3, "2025-03-01", 1, "axi"), (None, None, 0, "é")]
    by_number = site.query("SELECT patient_id FROM raw.registry__treatments")
    for file in site.landing.rglob("treatments.*"):
        file.unlink()
    site.deliver({"treatments.csv": FRAME.astype({"patient_id": int}).to_csv(index=False)})
    site.load()
    assert site.query("SELECT patient_id FROM raw.registry__treatments") == by_number


def test_a_file_that_sas_wrote(tmp_path: Path) -> None:
    reader = open_reader(DATA / "sample.sas7bdat.gz", csv_format=CsvFormat())
    (chunk,) = reader.chunks()
    with (DATA / "sample.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.DictReader(file))
    assert reader.headers == tuple(expected[0])
    for name, cells in zip(reader.headers, chunk.columns, strict=True):
        if name not in ("dtime", "mytime"):
            assert [cell or "" for cell in cells.to_pylist()] == [row[name] for row in expected]
    times = chunk.columns[reader.headers.index("dtime")].to_pylist()
    assert times[:3] == ["2018-05-06 10:10:10", "1880-05-06 10:10:10", "1960-01-01"]
    assert chunk.rows.to_pylist() == [1, 2, 3, 4, 5]


def test_rows_come_in_parts_and_in_order(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistical_module, "CHUNK_ROWS", 3)
    path = site.root / "long.dta"
    pyreadstat.write_dta(pd.DataFrame({"n": range(7)}), str(path))
    chunks = list(open_reader(path, csv_format=CsvFormat()).chunks())
    assert [len(chunk.rows) for chunk in chunks] == [3, 3, 1]
    assert pa.concat_arrays([c.columns[0] for c in chunks]).to_pylist() == list("0123456")


def test_codes_are_read_and_not_their_labels(site: Site) -> None:
    labels = {"bridging": {0: "no", 1: "yes"}}
    path = site.deliver({}) / "treatments.sav"
    pyreadstat.write_sav(FRAME, str(path), variable_value_labels=labels)
    (record,) = site.load()
    assert any("value labels are not read" in f.message for f in record.findings)
    assert site.query("SELECT bridging FROM raw.registry__treatments ORDER BY _row") == [(1,), (0,)]


@pytest.mark.parametrize("ending", ["dta", "sav", "xpt", "sas7bdat"])
def test_half_a_file_rejects_the_delivery(site: Site, ending: str) -> None:
    long = pd.concat([FRAME] * 2_000)
    if ending in WRITERS:
        whole = deliver(site, ending, long).read_bytes()
    else:
        whole = gzip.decompress((DATA / "sample.sas7bdat.gz").read_bytes())
    # A transport file has no count of its rows: cut between two of them it cannot be told.
    for content in (b"", b"no", whole[: len(whole) // 2 + 7]):
        site.deliver({f"treatments.{ending}": content})
        if ending == "xpt" and len(content) > 2:
            continue
        record = site.check()
        assert record.status == "rejected"
        assert f"treatments.{ending}" in record.findings[-1].message
