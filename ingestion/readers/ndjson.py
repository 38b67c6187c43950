"""NDJSON: one JSON object a line, its keys the columns; JSON documents are read the same way.

A document is an array of objects, an object that holds one such array, or one object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.readers.base import CHUNK_ROWS, Chunk, Chunks, Note, Refusal, text_array
from ingestion.readers.streams import open_bytes, unreadable
from ingestion.tables import fold

MAX_LINE = 1 << 24
_WHOLE = re.compile(r"^(-?\d+)\.0+$")


def objects(
    path: Path, known: Collection[str] | None = None
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The objects of a file with their line numbers; None where a line is no JSON object.

    Numbers stay the text they were written as. known: folded names of columns; a document that is
    an object without any of them is opened, and the objects of its one list are taken. None: it is
    taken as it is.
    """
    with unreadable(path.name):
        if path.name.lower().removesuffix(".gz").endswith(".json"):
            with open_bytes(path) as stream:
                head = stream.read(MAX_LINE + 1)
            items = _document(head, path.name, known)
            if items is not None:
                for number, item in enumerate(items, start=1):
                    yield number, item if isinstance(item, dict) and not _twice(item) else None
                return
        with open_bytes(path) as stream:
            for number, line in enumerate(_lines(stream, path.name), start=1):
                if line.strip(b"\xef\xbb\xbf \t\r\n"):
                    yield number, parse(line)


def _lines(stream: Any, name: str) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            raise UnreadableFileError(
                f"{name}: a line is longer than {MAX_LINE:,} bytes; deliver one object a line."
            )
        yield line


def _document(content: bytes, name: str, known: Collection[str] | None) -> list[Any] | None:
    """The items of a JSON document; None when it is one object a line."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"[", b"{")):
        return None
    first_line = start.partition(b"\n")[0]
    if start.startswith(b"{") and parse(first_line) is not None and start.count(b"\n{"):
        return None
    try:
        whole = _loads(content)
    except (ValueError, RecursionError) as error:
        if parse(first_line) is not None:
            return None  # lines of objects, some of them damaged
        raise UnreadableFileError(
            f"{name}: not whole JSON, or larger than {MAX_LINE:,} bytes; deliver one object a line "
            "(NDJSON)."
        ) from error
    if isinstance(whole, list):
        return whole
    if not isinstance(whole, dict) or known is None or any(fold(key) in known for key in whole):
        return [whole]
    lists = [v for v in whole.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return lists[0] if len(lists) == 1 else [whole]


def parse(line: bytes) -> dict[str, Any] | None:
    """One line as an object, None when it is none."""
    try:
        item = _loads(line)
    except (ValueError, RecursionError):
        return None
    return item if isinstance(item, dict) and not _twice(item) else None


class _Twice(dict[str, Any]):
    """An object that has a key twice: which of the two is meant nobody can tell."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    item = dict(pairs)
    return item if len(item) == len(pairs) else _Twice(item)


def _twice(item: Any) -> bool:
    if isinstance(item, dict):
        return isinstance(item, _Twice) or any(map(_twice, item.values()))
    return isinstance(item, list) and any(map(_twice, item))


def _loads(content: bytes) -> Any:
    return json.loads(
        content.decode("utf-8-sig"),
        parse_float=_number,
        parse_int=str,
        parse_constant=_nothing,
        object_pairs_hook=_object,
    )


def _number(text: str) -> str:
    whole = _WHOLE.match(text)
    return whole.group(1) if whole else text


def _nothing(_: str) -> None:
    return None


def cell(value: Any) -> str | None:
    """A JSON value as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


class NdjsonReader:
    """An NDJSON file; its headers are all keys met, in the order they are met."""

    notes: tuple[Note, ...] = ()

    def __init__(self, path: Path, known: Collection[str] = ()) -> None:
        self._path, self._known = path, known
        keys: dict[str, None] = {}
        objects_met = 0
        for _, item in objects(path, known):
            if item is not None:
                objects_met += 1
                keys.update(dict.fromkeys(item))
        if not objects_met:
            raise UnreadableFileError(f"{path.name}: no JSON object in the file; deliver it again.")
        self._keys = tuple(keys)
        # Half of a character, which JSON can hold and no file can.
        self.headers = tuple(key.encode("utf-8", "replace").decode() for key in keys)

    def chunks(self) -> Chunks:
        """The rows, a batch at a time; a line that is no JSON object is refused."""
        cells: list[list[str | None]] = [[] for _ in self.headers]
        rows: list[int] = []
        refusals: list[Refusal] = []
        for number, item in objects(self._path, self._known):
            if item is None:
                refusals.append(
                    Refusal(number, "decode", "the line is not one JSON object, or has a key twice")
                )
                continue
            rows.append(number)
            for key, column in zip(self._keys, cells, strict=True):
                column.append(cell(item.get(key)))
            if len(rows) >= CHUNK_ROWS:
                yield _chunk(cells, rows, refusals)
                cells, rows, refusals = [[] for _ in self.headers], [], []
        yield _chunk(cells, rows, refusals)

    def lost(self, _: int, /) -> int:
        """Objects cannot be counted without reading them."""
        return 0


def _chunk(cells: list[list[str | None]], rows: list[int], refusals: list[Refusal]) -> Chunk:
    columns = tuple(text_array(column) for column in cells)
    return Chunk(columns, pa.array(rows, pa.int64()), tuple(refusals))
