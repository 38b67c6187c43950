"""What the files of a home say, whatever packs them: for tests of what must not be there.

Compressed pages of Parquet and DuckDB, archives, blobs in SQLite and base64 in pages hide a text
from a search of raw bytes; here each is opened as well.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import io
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

_PREFIX = 6  # bytes; every needle has at least as many
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
_DEEPEST = 4
_SQLITE = b"SQLite format 3\0"
_HEXADECIMAL = re.compile(rb"[0-9a-f]+")


class Needles:
    """Texts looked for, all at once, in time proportional to what is searched.

    Those of digits alone count only where no digit, letter or point stands beside them: any such
    number is somewhere in the hexadecimal digits of enough pseudonyms.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._of: dict[bytes, list[bytes]] = defaultdict(list)
        for text in sorted(set(texts)):
            for encoded in {text.encode(), text.encode("cp1252", "replace")}:
                assert len(encoded) >= _PREFIX, "too short to be told from other text"
                self._of[encoded[:_PREFIX]].append(encoded)
        starts = np.array([_number(prefix) for prefix in self._of], dtype=np.uint64)
        self._starts = np.sort(starts)
        self._first = np.zeros(1 << 24, dtype=bool)
        self._first[(self._starts & np.uint64(0xFFFFFF)).astype(np.int64)] = True

    def __len__(self) -> int:
        return sum(len(found) for found in self._of.values())

    def found_in(self, data: bytes) -> set[bytes]:
        """The needles that stand in these bytes."""
        if len(data) < _PREFIX:
            return set()
        text = np.frombuffer(data, np.uint8)
        three = text[:-2].astype(np.int32) | (text[1:-1].astype(np.int32) << 8)
        three |= text[2:].astype(np.int32) << 16
        places = np.flatnonzero(self._first[three])
        places = places[places <= len(data) - _PREFIX]
        windows = np.zeros(len(places), np.uint64)
        for offset in range(_PREFIX):
            windows |= text[places + offset].astype(np.uint64) << np.uint64(8 * offset)
        hits = places[np.isin(windows, self._starts)]
        return {
            needle
            for place in hits.tolist()
            for needle in self._of[data[place : place + _PREFIX]]
            if data.startswith(needle, place) and _stands_alone(data, place, needle)
        }


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and of all that is packed in it."""
    data = path.read_bytes()
    yield from unfolded(data)
    log = path.with_name(f"{path.name}-wal")
    if data[:16] == _SQLITE and log.exists():
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copy(path, folder))
            shutil.copy(log, folder)
            with contextlib.closing(sqlite3.connect(copy)) as con:
                con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            yield from unfolded(copy.read_bytes())


def unfolded(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """These bytes, and what they hold when they are a container, told by how they begin."""
    yield data
    if depth >= _DEEPEST or len(data) < 4:
        return
    for inner in _inside(data):
        yield from unfolded(inner, depth + 1)


def _inside(data: bytes) -> Iterator[bytes]:
    if data[:4] == b"PAR1":
        yield from _of_parquet(data)
    elif data[8:12] == b"DUCK":
        yield from _of_duckdb(data)
    elif data[:16] == _SQLITE:
        yield from _of_sqlite(data)
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif data[0] == 0x78:
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(data)
    else:
        for found in _BASE64.finditer(data):
            if not _HEXADECIMAL.fullmatch(found[0]):
                whole = found[0][: len(found[0]) // 4 * 4]
                with contextlib.suppress(binascii.Error):
                    yield base64.b64decode(whole)


def _of_parquet(data: bytes) -> Iterator[bytes]:
    file = pq.ParquetFile(io.BytesIO(data))
    yield repr(file.metadata.metadata).encode()
    for name in dict.fromkeys(file.schema_arrow.names):
        values = file.read([name]).column(0).unique().to_pylist()
        yield "\n".join(map(str, values)).encode()


def _of_duckdb(data: bytes) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "copy.duckdb")
        path.write_bytes(data)
        with duckdb.connect(str(path), read_only=True) as con:
            catalogue = con.execute("SELECT sql, comment FROM duckdb_tables()").fetchall()
            catalogue += con.execute("SELECT sql, comment FROM duckdb_views()").fetchall()
            catalogue += con.execute("SELECT column_name, comment FROM duckdb_columns()").fetchall()
            yield repr(catalogue).encode()
            columns = con.execute(
                "SELECT c.schema_name, c.table_name, c.column_name FROM duckdb_columns() AS c "
                "INNER JOIN duckdb_tables() AS t USING (table_oid, schema_name, table_name)"
            ).fetchall()
            for place in columns:
                schema, table, column = ('"' + part.replace('"', '""') + '"' for part in place)
                query = f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM {schema}.{table}"
                values = [str(value) for (value,) in con.execute(query).fetchall()]
                yield "\n".join(values).encode()


def _of_sqlite(data: bytes) -> Iterator[bytes]:
    con = sqlite3.connect(":memory:")
    try:
        # A copy in memory has no write-ahead log: it is said to need none.
        con.deserialize(data[:18] + b"\x01\x01" + data[20:])
        tables = con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in con.execute(f'SELECT * FROM "{table}"'):
                yield from (cell for cell in row if isinstance(cell, bytes))
                yield "\n".join(cell for cell in row if isinstance(cell, str)).encode()
    finally:
        con.close()


def _number(prefix: bytes) -> int:
    return int.from_bytes(prefix, "little")


def _stands_alone(data: bytes, place: int, needle: bytes) -> bool:
    if not needle.isdigit():
        return True
    end = place + len(needle)
    around = data[max(place - 1, 0) : place] + data[end : end + 1]
    return not any(chr(byte).isalnum() or byte == ord(".") for byte in around)
