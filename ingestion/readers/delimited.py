"""Delimited text: any delimiter, encoding and quoting, split exactly once into rows.

Rows are split by pyarrow; a file it gives up on (a line longer than a block) is read again row by
row with the standard library, which the caller asks for with `careful`.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ingestion.contract_parts import CsvFormat
from ingestion.errors import UnreadableFileError
from ingestion.readers.base import (
    CHUNK_ROWS,
    Chunk,
    Chunks,
    NeedsCareError,
    Note,
    Refusal,
    mixed_encodings,
    text_array,
)
from ingestion.readers.line_count import filled_lines, swallowed_lines
from ingestion.readers.streams import (
    BLOCK,
    REPLACEMENT,
    Damage,
    Utf8Stream,
    open_bytes,
    sniff_encoding,
    unreadable,
)
from ingestion.tables import fold

_DELIMITERS = ";,\t|"
_NAMES = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar"}
_MAX_LINE = 1 << 22
_SAMPLE = 1 << 16


class DelimitedReader:
    """A CSV, TSV or other delimited file with a header row."""

    def __init__(
        self, path: Path, csv_format: CsvFormat, known: Collection[str], *, careful: bool = False
    ) -> None:
        csv.field_size_limit(_MAX_LINE)  # of the process; the library's own is 131,072
        self._path, self._careful, self._damage = path, careful, Damage()
        notes = []
        self._encoding = csv_format.encoding or ""
        if self._encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            self._encoding = "utf-8-sig"  # a byte order mark is no part of the first header
        if not self._encoding:
            self._encoding = sniff_encoding(path)
            notes.append(f"encoding {self._encoding.removesuffix('-sig')}")
        with open_bytes(path) as stream:
            sample = stream.read(_SAMPLE)
        self._old_line_ends = b"\r" in sample and b"\n" not in sample
        delimiter = csv_format.delimiter
        if delimiter is None:
            delimiter = self._sniff_delimiter(known)
            notes.append(f"delimiter {_NAMES[delimiter]}")
        self._delimiter = delimiter
        self.headers, self._header_lines = self._read_header()
        self.notes = (
            (Note("sniffed", "not declared, sniffed: " + ", ".join(notes)),) if notes else ()
        )

    def chunks(self) -> Chunks:
        """The rows; blank lines are no rows, and numbers count records, not lines."""
        with unreadable(self._path.name), self._open() as (stream, text):
            self._skip_header(text)
            self._damage = stream.damage
            split = self._split_carefully if self._careful else self._split
            for columns, rows, refusals in split(text):
                yield self._checked(columns, rows, refusals, stream.damage)
            if stream.damage.mixed:
                yield mixed_encodings(self.headers, self._encoding)

    def lost(self, read: int, /) -> int:
        """By the filled lines, where no quote can make a row of several."""
        if self._damage.quotes or self._damage.lines - self._header_lines == read:
            return 0
        with unreadable(self._path.name), self._open() as (_, text):
            self._skip_header(text)
            return filled_lines(text) - read

    def _skip_header(self, text: io.BufferedReader) -> None:
        for _ in range(self._header_lines):
            text.readline(_MAX_LINE)

    def _open(self) -> _Opened:
        return _Opened(self._path, self._encoding, old_line_ends=self._old_line_ends)

    def _lines(self, text: io.BufferedReader) -> Iterator[str]:
        while line := text.readline(_MAX_LINE):
            if len(line) == _MAX_LINE:
                raise UnreadableFileError(
                    f"{self._path.name}: a line is longer than {_MAX_LINE:,} bytes; this is not "
                    "the delimited text it should be."
                )
            yield line.decode("utf-8", "replace")

    def _header_line(self) -> str:
        with self._open() as (_, text):
            return next((line for line in self._lines(text) if line.strip("\r\n")), "")

    def _sniff_delimiter(self, known: Collection[str]) -> str:
        line = self._header_line()
        scores = []
        for delimiter in _DELIMITERS:
            # A damaged first line may hold anything; the header is read strictly afterwards.
            try:
                fields = next(csv.reader(line.splitlines(), delimiter=delimiter), [])
            except csv.Error:
                fields = []
            scores.append((sum(fold(field) in known for field in fields), len(fields)))
        return _DELIMITERS[scores.index(max(scores))]

    def _read_header(self) -> tuple[tuple[str, ...], int]:
        with self._open() as (_, text):
            reader = csv.reader(self._lines(text), delimiter=self._delimiter)
            try:
                header = next((row for row in reader if row), None)
            except csv.Error as error:
                raise UnreadableFileError(
                    f"{self._path.name}: the header row cannot be split; check quotes and line "
                    "ends."
                ) from error
            if header is None:
                raise UnreadableFileError(
                    f"{self._path.name}: the file is empty, not even a header row; deliver it "
                    "again."
                )
            return tuple(field.strip("\ufeff") for field in header), reader.line_num

    def _split(
        self, text: io.BufferedReader
    ) -> Iterator[tuple[list[pa.Array], pa.Array, list[Refusal]]]:
        names = [str(i) for i in range(len(self.headers))]
        refused: list[Refusal] = []
        skipped: list[int] = []

        def refuse(row: pacsv.InvalidRow) -> str:
            skipped.append(row.number)
            refused.append(self._ragged(row.number, row.actual_columns, _lines_in(row.text)))
            return "skip"

        if not text.peek(1):
            return
        try:
            reader = pacsv.open_csv(
                text,
                read_options=pacsv.ReadOptions(
                    column_names=names, block_size=4 * BLOCK, use_threads=False
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=refuse
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), check_utf8=False
                ),
            )
            first = 1
            for batch in reader:
                rows, first = _numbers(first, batch.num_rows, skipped)
                yield batch.columns, pa.array(rows), refused.copy()
                refused.clear()
        except pa.ArrowInvalid as error:
            if "Empty CSV" not in str(error):
                raise NeedsCareError(self._path.name) from None
        if refused:
            yield [pa.array([], pa.string())] * len(names), pa.array([], pa.int64()), refused

    def _split_carefully(
        self, text: io.BufferedReader
    ) -> Iterator[tuple[list[pa.Array], pa.Array, list[Refusal]]]:
        width, number = len(self.headers), 0
        kept: list[list[str]] = []
        rows: list[int] = []
        refused: list[Refusal] = []
        try:
            for row in csv.reader(self._text_lines(text), delimiter=self._delimiter):
                if not row:
                    continue
                number += 1
                if len(row) == width:
                    kept.append(row)
                    rows.append(number)
                else:
                    refused.append(self._ragged(number, len(row), 1 + "".join(row).count("\n")))
                if len(kept) + len(refused) >= CHUNK_ROWS:
                    yield _transposed(kept, width), pa.array(rows, pa.int64()), refused
                    kept, rows, refused = [], [], []
        except csv.Error as error:
            raise UnreadableFileError(
                f"{self._path.name}: row {number + 1} cannot be split; a quote is probably "
                "never closed."
            ) from error
        yield _transposed(kept, width), pa.array(rows, pa.int64()), refused

    def _text_lines(self, text: io.BufferedReader) -> Iterator[str]:
        """Lines as both splitters see them: a carriage return ends one as well."""
        for line in self._lines(text):
            yield from io.StringIO(line, newline="")

    def _ragged(self, row: int, fields: int, lines: int) -> Refusal:
        reason = f"{fields} fields where the header has {len(self.headers)}"
        return Refusal(row, "ragged", reason, lines)

    def _checked(
        self, columns: list[pa.Array], rows: pa.Array, refusals: list[Refusal], damage: Damage
    ) -> Chunk:
        """Take out rows that hold undecodable bytes, NUL bytes, or other rows between two
        quotes."""
        decode = pa.array(np.zeros(len(rows), dtype=bool))
        for seen, mark in ((damage.undecodable, REPLACEMENT), (damage.nul, "\0")):
            if seen:
                for column in columns:
                    decode = pc.or_(decode, pc.match_substring(column, mark))
        swallowed = swallowed_lines(columns, self._delimiter) if damage.quotes else {}
        if not swallowed and not pc.any(decode).as_py():
            return Chunk(tuple(columns), rows, tuple(refusals))
        keep = np.ones(len(rows), dtype=bool)
        refusals = list(refusals)
        encoding = self._encoding.removesuffix("-sig")
        for index in np.flatnonzero(np.asarray(decode)).tolist():
            keep[index] = False
            if index not in swallowed:
                reason = f"bytes that are no text in {encoding}"
                refusals.append(Refusal(rows[index].as_py(), "decode", reason))
        for index, lines in swallowed.items():
            keep[index] = False
            reason = "a quote that is not closed on its line joins it to others"
            refusals.append(Refusal(rows[index].as_py(), "ragged", reason, lines))
        mask = pa.array(keep)
        return Chunk(tuple(c.filter(mask) for c in columns), rows.filter(mask), tuple(refusals))


class _Opened:
    """A decoded file, closed whatever happens."""

    def __init__(self, path: Path, encoding: str, *, old_line_ends: bool) -> None:
        self._stream = Utf8Stream(open_bytes(path), encoding, old_line_ends=old_line_ends)
        self._text: io.BufferedReader = io.BufferedReader(self._stream, BLOCK)

    def __enter__(self) -> tuple[Utf8Stream, io.BufferedReader]:
        return self._stream, self._text

    def __exit__(self, *_: object) -> None:
        self._text.close()


def _lines_in(text: str) -> int:
    return 1 + text.rstrip("\r\n").count("\n")


def _numbers(first: int, count: int, skipped: list[int]) -> tuple[np.ndarray, int]:
    """The numbers of the next `count` good rows from `first` on, and the number after them."""
    gaps = np.array(skipped[bisect_left(skipped, first) :], dtype=np.int64)
    if not gaps.size:
        return np.arange(first, first + count), first + count
    rows = np.setdiff1d(np.arange(first, first + count + len(gaps)), gaps)[:count]
    return rows, int(rows[-1]) + 1 if count else first


def _transposed(rows: list[list[str]], width: int) -> list[pa.Array]:
    if not rows:
        return [pa.array([], pa.string())] * width
    return [text_array(list(column)) for column in zip(*rows, strict=True)]
