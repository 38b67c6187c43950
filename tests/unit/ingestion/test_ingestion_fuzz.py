"""Whatever bytes arrive, nothing crashes without a named reason, and every row is accounted for.

ATMP_RWE_FUZZ_EXAMPLES is the number of generated files, over all tests (`make fuzz`: 10,000).
"""

from __future__ import annotations

import functools
import gzip
import io
import os
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion import DeliveryRecord, type_changes
from tests.lib.ingestion_site import Site

EXAMPLES = int(os.environ.get("ATMP_RWE_FUZZ_EXAMPLES", "300"))
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "statistical" / "sample.sas7bdat.gz"
HEADER = b"patient_id,sex,birth_year,vital_status,last_contact_date"
# Every loaded cell is read as its type, not only counted.
READABLE = "SELECT count(*) FROM (SELECT hash(COLUMNS(*)) FROM raw.registry__patients)"
LAX = "source: registry\nformat: common_extract\nreject_above: 1\n"

pieces = st.sampled_from(
    [b",", b";", b"\n", b"\r\n", b"\r", b'"', b'""', b"\0", b"\xff", "é".encode(), b"2025-01-01",
     b"1950", b"alive", b"\t", b" ", b"=1+1", b"NaN", b"\xef\xbb\xbf"]
)  # fmt: skip
row = st.lists(st.one_of(pieces, st.binary(max_size=6)), max_size=12).map(b"".join)
tidy = st.lists(
    st.one_of(
        st.sampled_from([b"1", b"F", b"1950", b"", b'"a,b"', b'"x\ny"']), st.binary(max_size=3)
    ),
    min_size=5,
    max_size=5,
).map(b",".join)
body = st.lists(st.one_of(row, tidy), max_size=12).map(b"\n".join)
compressed = st.sampled_from(["patients.csv", "patients.tsv"])
endings = (
    "csv",
    "ndjson",
    "json",
    "parquet",
    "xlsx",
    "csv.gz",
    "zip",
    "dta",
    "sav",
    "xpt",
    "sas7bdat",
)
text = st.sampled_from([f"patients.{ending}" for ending in endings])


def few(share: float) -> settings:
    """The settings of a test that makes this share of the files."""
    return settings(max_examples=max(5, round(share * EXAMPLES)), deadline=None)


@functools.cache
def whole(ending: str) -> bytes:
    """A file of this format that is as it should be."""
    if ending == "sas7bdat":
        return gzip.decompress(SAMPLE.read_bytes())
    names = HEADER.decode().split(",")
    frame = pd.DataFrame({name: ["1", "2", None] * 20 for name in names})
    sink = io.BytesIO()
    if ending == "parquet":
        pq.write_table(pa.table({name: ["1", "2", None] * 20 for name in names}), sink)
    elif ending == "zip":
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("patients.csv", frame.to_csv(index=False))
            archive.writestr("treatments.csv", b"treatment_id,patient_id\n1,1\n")
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file")
            write = {
                "dta": pyreadstat.write_dta,
                "sav": pyreadstat.write_sav,
                "xpt": lambda f, p: pyreadstat.write_xport(f, p, file_format_version=8),
            }[ending]
            write(frame, str(path))
            return path.read_bytes()
    return sink.getvalue()


def reconcile(name: str, content: bytes, *, load: bool = False) -> None:
    """Check a delivery of one file; with `load`, also load it and count what is on disk."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if load:
            patch.setattr(type_changes, "LEAST", 1_000)  # what is refused for it is not on disk
        site = Site(Path(folder))
        site.contract(LAX)
        site.deliver({name: content})
        record = site.check()
        for file in record.files:
            assert file.read == file.loaded + file.quarantined + file.refused
        require_every_line(name, content, record)
        errors = [f.message for f in record.findings if f.severity == "ERROR"]
        assert (record.status == "rejected") == bool(errors)
        if load:
            compare(site, record)


def require_every_line(name: str, content: bytes, record: DeliveryRecord) -> None:
    """The rows read are the filled lines below the header, where no quote joins any: counted here
    in another way than anywhere in the program."""
    text = Path(name).suffix in (".csv", ".tsv") and not content.startswith(
        (b"\xff\xfe", b"\xfe\xff")
    )
    refused = {f.rule for f in record.findings} & {
        "file_unreadable",
        "header_missing",
        "column_missing",
    }
    if text and b'"' not in content and not refused:
        assert record.read == sum(line != b"" for line in content.splitlines()) - 1


def compare(site: Site, checked: DeliveryRecord) -> None:
    (record,) = site.load()
    assert (checked.status, checked.files) == (record.status, record.files)
    assert len(site.rows("raw", "patients")) == record.loaded
    refused = site.rows("quarantine", "patients")
    assert len(refused) == record.quarantined
    for item in refused:
        assert item["_rule"] in ("ragged", "decode", "key_missing", "type")
        assert item["_reason"]
    assert site.query(READABLE) == [(record.loaded,)]


@few(0.38)
@given(body=body, name=compressed)
def test_any_rows_below_a_header_are_accounted_for(body: bytes, name: str) -> None:
    reconcile(name, HEADER + b"\n" + body)


@few(0.05)
@given(body=body)
def test_what_is_on_disk_is_what_the_record_says(body: bytes) -> None:
    reconcile("patients.csv", HEADER + b"\n" + body, load=True)


@few(0.27)
@given(content=st.one_of(st.binary(max_size=200), body), name=text)
@example(content=b"\n\r\x00", name="patients.csv")
def test_any_bytes_are_read_or_rejected_with_a_reason(content: bytes, name: str) -> None:
    reconcile(name, content)


@pytest.mark.parametrize("ending", ["parquet", "zip", "dta", "sav", "xpt", "sas7bdat"])
@few(0.05)
@given(data=st.data())
def test_any_damage_to_a_file_is_a_reason(ending: str, data: st.DataObject) -> None:
    content = bytearray(whole(ending))
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    reconcile(f"patients.{ending}", bytes(content if data.draw(st.booleans()) else content[:cut]))
