"""Text files without delimiters: every column at its place in the line, as the contract says.

Places count characters after decoding, from 1. What stands at no declared place is never looked
at.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contract_parts import CsvFormat
from ingestion.errors import UnreadableFileError
from ingestion.readers.base import Chunk, Chunks, Note, Refusal, mixed_encodings
from ingestion.readers.streams import (
    BLOCK,
    REPLACEMENT,
    Damage,
    Utf8Stream,
    open_bytes,
    sniff_encoding,
    unreadable,
)
from ingestion.tables import FixedWidth

_MAX_LINE = 1 << 22
_PADDING = " \t"


class FixedWidthReader:
    """A fixed-width file. Its headers are those of the contract, since it has none of its own."""

    def __init__(self, path: Path, csv_format: CsvFormat, fixed: FixedWidth) -> None:
        self._path, self._fixed, self._damage = path, fixed, Damage()
        self._encoding = csv_format.encoding or ""
        if self._encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            self._encoding = "utf-8-sig"  # a byte order mark would move every column of its line
        self.notes: tuple[Note, ...] = ()
        if not self._encoding:
            self._encoding = sniff_encoding(path)
            name = self._encoding.removesuffix("-sig")
            self.notes = (Note("sniffed", f"not declared, sniffed: encoding {name}"),)
        with open_bytes(path) as stream:
            if not stream.read(1):
                raise UnreadableFileError(f"{path.name}: the file is empty; deliver it again.")
        self.headers = tuple(fixed.places)
        self._end = max(start + length - 1 for start, length in fixed.places.values())

    def chunks(self) -> Chunks:
        """The rows; blank lines are no rows, and numbers count records from below the header."""
        first = 1
        header = self._fixed.header_lines
        for lines in self._lines():
            if isinstance(lines, Chunk):
                yield lines
                continue
            if header:
                taken = min(header, len(lines))
                header -= taken
                lines = lines.slice(taken)
            lines = lines.filter(pc.greater(pc.binary_length(pc.utf8_trim(lines, _PADDING)), 0))
            if len(lines):
                yield self._chunk(lines, first)
                first += len(lines)

    def lost(self, read: int, /) -> int:
        """By the filled lines below the header."""
        if self._damage.lines - self._fixed.header_lines == read:
            return 0
        with (
            unreadable(self._path.name),
            Utf8Stream(open_bytes(self._path), self._encoding) as stream,
            io.BufferedReader(stream, BLOCK) as text,
        ):
            below = islice(text, self._fixed.header_lines, None)
            filled = (line for line in below if line.rstrip(b"\r\n").strip(_PADDING.encode()))
            return sum(1 for _ in filled) - read

    def _lines(self) -> Iterator[pa.Array | Chunk]:
        """The lines, a block at a time, without their ends; and what there is to say of them."""
        with (
            unreadable(self._path.name),
            Utf8Stream(open_bytes(self._path), self._encoding) as stream,
            io.BufferedReader(stream, BLOCK) as text,
        ):
            self._damage = stream.damage
            rest = b""
            while block := text.read(4 * BLOCK):
                whole, end, rest = (rest + block).rpartition(b"\n")
                if len(rest) > _MAX_LINE:
                    raise UnreadableFileError(
                        f"{self._path.name}: a line is longer than {_MAX_LINE:,} bytes; this is "
                        "not the fixed-width file it should be."
                    )
                if end:
                    yield _split(whole)
            if rest:
                yield _split(rest)
            if stream.damage.mixed:
                yield mixed_encodings(self.headers, self._encoding)

    def _chunk(self, lines: pa.Array, first: int) -> Chunk:
        numbers = np.arange(first, first + len(lines), dtype=np.int64)
        damaged = np.asarray(_any_of(lines, (REPLACEMENT, "\0")))
        lengths = np.asarray(pc.utf8_length(lines))
        wanted = self._fixed.line_length
        ragged = (lengths != wanted) if wanted else (lengths < self._end)
        refusals = [self._damaged(int(number)) for number in numbers[damaged]]
        for at in np.flatnonzero(ragged & ~damaged).tolist():
            refusals.append(self._ragged(int(numbers[at]), int(lengths[at])))
        good = ~(ragged | damaged)
        if refusals:
            lines = lines.filter(pa.array(good))
        cells = tuple(
            pc.utf8_trim(pc.utf8_slice_codeunits(lines, start - 1, start - 1 + length), _PADDING)
            for start, length in self._fixed.places.values()
        )
        return Chunk(cells, pa.array(numbers[good]), tuple(refusals))

    def _damaged(self, row: int) -> Refusal:
        encoding = self._encoding.removesuffix("-sig")
        return Refusal(row, "decode", f"bytes that are no text in {encoding}")

    def _ragged(self, row: int, length: int) -> Refusal:
        wanted = self._fixed.line_length
        said = f"lines have {wanted}" if wanted else f"the last column ends at {self._end}"
        return Refusal(row, "ragged", f"{length} characters where {said}")


def _split(text: bytes) -> pa.Array:
    lines = pc.split_pattern(pa.array([text.decode("utf-8", "replace")], pa.large_string()), "\n")
    return pc.utf8_rtrim(lines.flatten(), "\r").cast(pa.string())


def _any_of(lines: pa.Array, marks: tuple[str, ...]) -> pa.Array:
    found = pc.match_substring(lines, marks[0])
    for mark in marks[1:]:
        found = pc.or_(found, pc.match_substring(lines, mark))
    return found
