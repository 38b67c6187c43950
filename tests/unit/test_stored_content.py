"""The scan that other tests trust sees a text in every kind of file a home has."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import shutil
import sqlite3
import zipfile
import zlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lib.stored_content import Needles, contents

NAME, NUMBER = "ZWQXDUPONT", "2580675123456"
NEEDLES = Needles([NAME, NUMBER, "Élodie Ménard"])
TEXT = f"{NAME} {NUMBER} " * 200


def found(path: Path) -> set[str]:
    return {hit.decode() for data in contents(path) for hit in NEEDLES.found_in(data)}


def _parquet(path: Path) -> None:
    table = pa.table({"a": [NAME] * 500, "n": [int(NUMBER)] * 500, "b": list(range(500))})
    pq.write_table(table, path, compression="zstd")


def _duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute(
            f"CREATE TABLE marts.t AS SELECT '{NAME}' || (i % 9) AS a, {NUMBER} AS n "
            "FROM range(200_000) AS r(i)"
        )


def _sqlite(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as con:
        con.execute("PRAGMA journal_mode = wal")
        con.execute("CREATE TABLE snapshots (id INTEGER, body BLOB)")
        con.execute("INSERT INTO snapshots VALUES (1, ?)", [zlib.compress(TEXT.encode())])
        con.commit()


def _sqlite_in_use(path: Path) -> None:
    """Its last rows are in the log beside it."""
    closed = path.with_name("closed")
    _sqlite(closed)
    with contextlib.closing(sqlite3.connect(closed)) as con:
        con.execute("UPDATE snapshots SET body = ''")
        con.commit()
        con.execute("UPDATE snapshots SET body = ?", [zlib.compress(TEXT.encode())])
        con.commit()
        shutil.copy(closed, path)
        shutil.copy(f"{closed}-wal", f"{path}-wal")


def _workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<v>{TEXT}</v>")


def _page(path: Path) -> None:
    packed = base64.b64encode(gzip.compress((TEXT * 20).encode() + bytes(range(256))))
    path.write_bytes(b'<script>const data = "' + packed + b'"</script>')


def _archive_of_parquet(path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [NAME] * 500, "n": [NUMBER] * 500}), sink)
    path.write_bytes(gzip.compress(sink.getvalue()))


MAKERS = (_parquet, _duckdb, _sqlite, _sqlite_in_use, _workbook, _page, _archive_of_parquet)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__.strip("_"))
def test_a_text_is_found_though_its_bytes_are_packed(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "file")
    assert found(tmp_path / "file") == {NAME, NUMBER}


def test_compression_does_hide_a_text_from_a_search_of_bytes(tmp_path: Path) -> None:
    """What the scan is for: without it these files would pass whatever they hold."""
    for make in (_sqlite, _workbook, _page, _archive_of_parquet):
        make(tmp_path / make.__name__)
        assert NAME.encode() not in (tmp_path / make.__name__).read_bytes()


def test_numbers_inside_longer_ones_are_other_numbers() -> None:
    assert NEEDLES.found_in(f"a {NUMBER},".encode()) == {NUMBER.encode()}
    for text in (f"9{NUMBER}", f"{NUMBER}9", f"0.{NUMBER}", f"ab{NUMBER}cd", NUMBER[:-1]):
        assert NEEDLES.found_in(text.encode()) == set()


def test_letters_with_accents_are_found_in_both_encodings() -> None:
    for encoding in ("utf-8", "cp1252"):
        assert len(NEEDLES.found_in("Mme Élodie Ménard".encode(encoding))) == 1
    assert NEEDLES.found_in(b"") == set()
