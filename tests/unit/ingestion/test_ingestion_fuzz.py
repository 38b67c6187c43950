"""Whatever bytes arrive, nothing crashes without a named reason, and every row is accounted for."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion import DeliveryRecord
from tests.lib.ingestion_site import Site

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
text = st.sampled_from(["patients.csv", "patients.ndjson", "patients.parquet", "patients.xlsx"])


def reconcile(name: str, content: bytes, *, load: bool = False) -> None:
    """Check a delivery of one file; with `load`, also load it and count what is on disk."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.contract(LAX)
        site.deliver({name: content})
        record = site.check()
        for file in record.files:
            assert file.read == file.loaded + file.quarantined
        errors = [f.message for f in record.findings if f.severity == "ERROR"]
        assert (record.status == "rejected") == bool(errors)
        if load:
            compare(site, record)


def compare(site: Site, checked: DeliveryRecord) -> None:
    (record,) = site.load()
    assert (checked.status, checked.files) == (record.status, record.files)
    assert len(site.rows("raw", "patients")) == record.loaded
    refused = site.rows("quarantine", "patients")
    assert len(refused) == (record.quarantined if record.status == "accepted" else 0)
    for item in refused:
        assert item["_rule"] in ("ragged", "decode", "key_missing", "type")
        assert item["_reason"]
    assert site.query(READABLE) == [(record.loaded,)]


@settings(max_examples=120, deadline=None)
@given(body=body, name=compressed)
def test_any_rows_below_a_header_are_accounted_for(body: bytes, name: str) -> None:
    reconcile(name, HEADER + b"\n" + body)


@settings(max_examples=15, deadline=None)
@given(body=body)
def test_what_is_on_disk_is_what_the_record_says(body: bytes) -> None:
    reconcile("patients.csv", HEADER + b"\n" + body, load=True)


@settings(max_examples=80, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), body), name=text)
@example(content=b"\n\r\x00", name="patients.csv")
def test_any_bytes_are_read_or_rejected_with_a_reason(content: bytes, name: str) -> None:
    reconcile(name, content)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_parquet_file_is_a_reason(data: st.DataObject) -> None:
    sink = io.BytesIO()
    names = HEADER.decode().split(",")
    pq.write_table(pa.table({name: ["1", "2", None] * 20 for name in names}), sink)
    content = bytearray(sink.getvalue())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    reconcile("patients.parquet", bytes(content if data.draw(st.booleans()) else content[:cut]))
