"""What every reader gives: headers, then chunks of text columns with row numbers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
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
    count: int | None = None


@dataclass(frozen=True)
class Chunk:
    """Rows of a file: one text array per header (NULL or empty = missing), and each row's number
    from 1; notes are of what came to light while they were read."""

    columns: tuple[pa.Array, ...]
    rows: pa.Array
    refusals: tuple[Refusal, ...] = field(default=())
    notes: tuple[Note, ...] = field(default=())

    @property
    def read(self) -> int:
        """Rows of the file, also those that could not be split."""
        return len(self.rows) + sum(refusal.rows for refusal in self.refusals)


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

    def lost(self, read: int, /) -> int:
        """How many rows of the file are not among the `read` of `chunks`, which is at its end, by
        another count of them; 0 where there is no other count."""


def text_array(values: list[str | None]) -> pa.Array:
    """Python texts as an array; a lone surrogate, which no file encoding can carry, becomes `?`."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        safe = [v if v is None else v.encode("utf-8", "replace").decode() for v in values]
        return pa.array(safe, pa.string())


def mixed_encodings(headers: Sequence[str], encoding: str) -> Chunk:
    """A chunk of no rows that says that a file is in two encodings."""
    message = (
        f"part of the text is UTF-8, though the file is read as {encoding}: letters with accents "
        "are garbled there; have it exported in one encoding"
    )
    nothing = pa.array([], pa.string())
    none = (nothing,) * len(headers)
    return Chunk(none, pa.array([], pa.int64()), notes=(Note("encoding_mixed", message),))
