"""NDJSON: one JSON object a line, its keys the columns; a JSON array of objects is read the same
way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.readers.base import CHUNK_ROWS, Chunk, Chunks, Note, Refusal, text_array
from ingestion.readers.streams import open_bytes, unreadable

MAX_LINE = 1 << 24
_WHOLE = re.compile(r"^(-?\d+)\.0+$")


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The objects of a file with their line numbers; None where a line is no JSON object.

    Numbers stay the text they were written as.
    """
    with unreadable(path.name):
        if path.name.lower().removesuffix(".gz").endswith(".json"):
            with open_bytes(path) as stream:
                head = stream.read(MAX_LINE + 1)
            if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
                yield from _array(head, path.name)
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


def _array(content: bytes, name: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    try:
        items = json.loads(content.decode("utf-8-sig"), parse_float=_number, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(
            f"{name}: not whole JSON, or larger than {MAX_LINE:,} bytes; deliver one object a line "
            "(NDJSON)."
        ) from error
    for number, item in enumerate(items, start=1):
        yield number, item if isinstance(item, dict) else None


def parse(line: bytes) -> dict[str, Any] | None:
    """One line as an object, None when it is none."""
    try:
        item = json.loads(
            line.decode("utf-8-sig"), parse_float=_number, parse_int=str, parse_constant=_nothing
        )
    except (ValueError, RecursionError):
        return None
    return item if isinstance(item, dict) else None


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

    def __init__(self, path: Path) -> None:
        self._path = path
        keys: dict[str, None] = {}
        objects_met = 0
        for _, item in objects(path):
            if item is not None:
                objects_met += 1
                keys.update(dict.fromkeys(item))
        if not objects_met:
            raise UnreadableFileError(f"{path.name}: no JSON object in the file; deliver it again.")
        self.headers = tuple(keys)

    def chunks(self) -> Chunks:
        """The rows, a batch at a time; a line that is no JSON object is refused."""
        cells: list[list[str | None]] = [[] for _ in self.headers]
        rows: list[int] = []
        refusals: list[Refusal] = []
        for number, item in objects(self._path):
            if item is None:
                refusals.append(Refusal(number, "decode", "the line is not one JSON object"))
                continue
            rows.append(number)
            for header, column in zip(self.headers, cells, strict=True):
                column.append(cell(item.get(header)))
            if len(rows) >= CHUNK_ROWS:
                yield _chunk(cells, rows, refusals)
                cells, rows, refusals = [[] for _ in self.headers], [], []
        yield _chunk(cells, rows, refusals)


def _chunk(cells: list[list[str | None]], rows: list[int], refusals: list[Refusal]) -> Chunk:
    columns = tuple(text_array(column) for column in cells)
    return Chunk(columns, pa.array(rows, pa.int64()), tuple(refusals))
