"""What every reader gives: headers, then chunks of text columns with row numbers."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

CHUNK_ROWS = 1 << 18


class NeedsCareError(Exception):
    """The fast splitter gave up on the file: open it again with `careful=True`."""


@dataclass(frozen=True)
class Refusal:
    """A row that could not be split into cells: its place and why, and nothing of its content.

    `rows` is the number of lines it swallowed: a quote that is never closed makes one of several.
    """

    row: int
    rule: str
    reason: str
    rows: int = 1


@dataclass(frozen=True)
class Note:
    """Something a reader found out about a file, such as a sniffed delimiter."""

    rule: str
    message: str


@dataclass(frozen=True)
class Chunk:
    """Rows of a file: one text array per header (NULL or empty = missing), and each row's number
    from 1."""

    columns: tuple[pa.Array, ...]
    rows: pa.Array
    refusals: tuple[Refusal, ...] = field(default=())


Chunks = Generator[Chunk, None, None]


class Reader(Protocol):
    """An opened file. `chunks` may be called once for the rows; UnreadableFileError ends either."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The column names as delivered, in order."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was sniffed."""

    def chunks(self) -> Chunks:
        """The rows, in the order of the file."""


def text_array(values: list[str | None]) -> pa.Array:
    """Python texts as an array; a lone surrogate, which no file encoding can carry, becomes `?`."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        safe = [v if v is None else v.encode("utf-8", "replace").decode() for v in values]
        return pa.array(safe, pa.string())
