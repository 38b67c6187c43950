"""Whatever bytes arrive, nothing crashes without a named reason, and every row is accounted for.

Here: text of any shape and damaged files. Not here: whole files with odd content
(test_ingestion_fuzz_inside).
"""

from __future__ import annotations

import functools
import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion import DeliveryRecord
from tests.lib.fuzzing import DAMAGED, EXAMPLES, SHARES, few, reconcile, share

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "statistical" / "sample.sas7bdat.gz"
HEADER = b"patient_id,sex,birth_year,vital_status,last_contact_date"

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


@pytest.mark.parametrize("examples", [100, 300, 10_000, EXAMPLES])
def test_as_many_files_are_made_as_asked_for(examples: int) -> None:
    assert sum(share(test, examples) for test in SHARES) == examples
    assert min(share(test, 100) for test in SHARES) >= 1


@few("any rows")
@given(body=body, name=compressed)
def test_any_rows_below_a_header_are_accounted_for(body: bytes, name: str) -> None:
    content = HEADER + b"\n" + body
    require_every_line(name, content, reconcile(name, content))


@few("rows on disk")
@given(body=body)
def test_what_is_on_disk_is_what_the_record_says(body: bytes) -> None:
    reconcile("patients.csv", HEADER + b"\n" + body, load=True)


@few("any bytes")
@given(content=st.one_of(st.binary(max_size=200), body), name=text)
@example(content=b"\n\r\x00", name="patients.csv")
def test_any_bytes_are_read_or_rejected_with_a_reason(content: bytes, name: str) -> None:
    require_every_line(name, content, reconcile(name, content))


@pytest.mark.parametrize("ending", DAMAGED)
def test_any_damage_to_a_file_is_a_reason(ending: str) -> None:
    @few(f"damaged {ending}")
    @given(data=st.data())
    def damage(data: st.DataObject) -> None:
        reconcile(f"patients.{ending}", damaged(whole(ending), data))

    damage()


def damaged(file: bytes, data: st.DataObject) -> bytes:
    """The file with up to three bytes changed, or cut off, or as it is."""
    content = bytearray(file)
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    return bytes(content if data.draw(st.booleans()) else content[:cut])
