"""Zip archives: read as if unpacked, or refused before anything is read out of them."""

from __future__ import annotations

import io
import stat
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import archives
from ingestion.judging import Judge
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date\n1,F,1950,alive,2025-01-01\n"
TREATMENTS = '{"treatment_id":"t","patient_id":1,"product_code":"axi","indication_code":"dlbcl"}\n'


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sink.getvalue()


def parquet(**columns: list[str]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_are_read_as_if_they_lay_in_the_folder(site: Site, method: int) -> None:
    stays = parquet(patient_id=["1"], admission_date=["2025-01-01"])
    files: dict[str, bytes | str] = {
        "export/patients.csv": PATIENTS,
        "treatments.json": TREATMENTS,
        "stays.parquet": stays,
        "__MACOSX/._patients.csv": b"\0",
        "_readme.txt": "not data",
    }
    site.deliver({"Extract.ZIP": zipped(files, method)})
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    assert {(f.name, f.table, f.loaded) for f in record.files} == {
        ("Extract.ZIP/export/patients.csv", "patients", 1),
        ("Extract.ZIP/treatments.json", "treatments", 1),
        ("Extract.ZIP/stays.parquet", "stays", 1),
    }
    assert next(f.bytes for f in record.files if f.table == "patients") == len(PATIENTS)
    query = "SELECT _file FROM raw.registry__patients WHERE patient_id IN (SELECT patient_id FROM "
    for other in ("treatments", "stays"):
        assert site.query(f"{query} raw.registry__{other})") == [
            ("Extract.ZIP/export/patients.csv",)
        ]
    assert not [p for p in site.home.rglob("*") if "export" in p.name]


def test_the_version_follows_the_members_and_not_the_packing(site: Site) -> None:
    site.deliver({"a.zip": zipped({"patients.csv": PATIENTS})})
    (one,) = site.discover()
    site.deliver({"a.zip": zipped({"patients.csv": PATIENTS}, zipfile.ZIP_STORED)})
    (two,) = site.discover()
    site.deliver({"a.zip": zipped({"patients.csv": PATIENTS + "\n"})})
    (other,) = site.discover()
    assert one.files == two.files
    assert len({one.sha8, other.sha8}) == 2


def link() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        info = zipfile.ZipInfo("patients.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return sink.getvalue()


def flagged(bit: int) -> bytes:
    content = bytearray(zipped({"patients.csv": PATIENTS}))
    for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + offset] |= bit
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped({"../patients.csv": PATIENTS}), "leads out of it"),
        (zipped({"a/../../patients.csv": PATIENTS}), "leads out of it"),
        (zipped({"/patients.csv": PATIENTS}), "leads out of it"),
        (zipped({"..\\patients.csv": PATIENTS}), "leads out of it"),
        (zipped({"C:patients.csv": PATIENTS}), "leads out of it"),
        (zipped({"more.zip": zipped({"patients.csv": PATIENTS})}), "within an archive"),
        (zipped({"patients.csv.gz": b"x"}), "within an archive"),
        (link(), "link in it"),
        (flagged(0x01), "password"),
        (flagged(0x40), "password"),
        (flagged(0x20), "unusual way"),
        (b"", "not a whole zip archive"),
        (b"PK\x03\x04 no", "not a whole zip archive"),
        (zipped({"patients.csv": PATIENTS})[:-30], "not a whole zip archive"),
    ],
)
def test_what_must_not_be_opened_is_refused(site: Site, content: bytes, why: str) -> None:
    site.deliver({"extract.zip": content, "patients.csv": PATIENTS})
    record = site.check()
    assert record.status == "rejected"
    (finding,) = [f for f in record.findings if f.rule == "file_refused"]
    assert finding.file == "extract.zip"
    assert why in finding.message


def test_an_archive_that_expands_out_of_proportion_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_FREE", 1 << 20)
    bomb = zipped({"patients.csv": b"0" * (1 << 21)})
    assert len(bomb) * archives.MAX_RATIO < 1 << 21
    site.deliver({"bomb.zip": bomb})
    assert [f.rule for f in site.check().findings if f.severity == "ERROR"] == ["file_refused"]
    # Many members count together.
    site.deliver({"bomb.zip": zipped({f"{i}.csv": b"0" * (1 << 18) for i in range(9)})})
    assert "expands to more than" in site.check().findings[0].message


def test_a_damaged_member_is_refused(site: Site) -> None:
    content = bytearray(zipped({"patients.csv": PATIENTS}, zipfile.ZIP_STORED))
    content[60] ^= 1
    site.deliver({"extract.zip": bytes(content)})
    (finding,) = [f for f in site.check().findings if f.severity == "ERROR"]
    assert "damaged" in finding.message


def test_two_files_of_one_name_are_refused(site: Site) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("patients.csv", PATIENTS)
        archive.writestr("patients.csv", PATIENTS)
    site.deliver({"extract.zip": sink.getvalue()})
    assert "of two of one name" in site.check().findings[0].message


def test_small_clean_files_cost_no_query_each(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queries: list[str] = []
    run = Judge.run

    def counted(self: Judge, query: str, given: pa.Table) -> pa.Table:
        queries.append(query)
        return run(self, query, given)

    monkeypatch.setattr(Judge, "run", counted)
    header, row = PATIENTS.splitlines()
    files: dict[str, bytes | str] = {
        f"patients_{i}.csv": f"{header}\n{i}{row[1:]}\n" for i in range(9)
    }
    site.deliver({"many.zip": zipped(files)})
    (record,) = site.load()
    assert (record.loaded, record.quarantined) == (9, 0)
    assert {row["birth_year"] for row in site.rows("raw", "patients")} == {"1950"}
    assert not [query for query in queries if "_bad" in query]
