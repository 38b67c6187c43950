"""Parquet: typed values rendered to the one text a person would write for them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.errors import UnreadableFileError
from ingestion.readers.base import CHUNK_ROWS, Chunk, Chunks, Note, text_array
from ingestion.readers.streams import is_plain, open_bytes

_EXACT = 1e15  # doubles below this hold every integer


class ParquetReader:
    """A Parquet file."""

    notes: tuple[Note, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            source = path if is_plain(path) else io.BytesIO(open_bytes(path).read())
            self._file = pq.ParquetFile(source)
        except (pa.ArrowException, ValueError) as error:
            raise self._broken() from error
        self.headers = tuple(self._file.schema_arrow.names)

    def chunks(self) -> Chunks:
        """The rows, a batch at a time."""
        first = 1
        try:
            for batch in self._file.iter_batches(CHUNK_ROWS):
                columns = tuple(as_text(column) for column in batch.columns)
                self._refuse_no_text(columns)
                numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
                yield Chunk(columns, numbers)
                first += batch.num_rows
        except UnicodeDecodeError:
            raise self._no_text("") from None
        except (pa.ArrowException, ValueError, OSError) as error:
            raise self._broken() from error

    def lost(self, read: int, /) -> int:
        """By the footer of the file."""
        return int(self._file.metadata.num_rows) - read

    def _refuse_no_text(self, columns: Iterable[pa.Array]) -> None:
        for number, column in enumerate(columns, start=1):
            try:
                column.validate(full=True)
            except pa.ArrowInvalid:
                raise self._no_text(f" of column {number}") from None

    def _no_text(self, where: str) -> UnreadableFileError:
        return UnreadableFileError(
            f"{self._path.name}: a text cell{where} is not UTF-8, as Parquet asks for; have it "
            "exported again."
        )

    def _broken(self) -> UnreadableFileError:
        return UnreadableFileError(
            f"{self._path.name}: not a whole Parquet file; it may have been copied in part: "
            "deliver it "
            "again."
        )


def as_text(column: pa.Array) -> pa.Array:
    """An array of any type as text: ISO dates, integers without `.0`, true/false, NaN as
    missing. An infinite number stays a text that can be read as no number."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        return _float_text(column.cast(pa.float64()))
    if pa.types.is_decimal(kind):
        text = column.cast(pa.string())
        return pc.replace_substring_regex(text, r"\.0+$|(\.\d*[1-9])0+$", r"\1")
    if pa.types.is_timestamp(kind):
        return _timestamp_text(column)
    if pa.types.is_nested(kind):
        return text_array([_json(value) for value in column.to_pylist()])
    if pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return text_array([None if v is None else str(v) for v in column.to_pylist()])
    return column.cast(pa.string())


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, default=str, ensure_ascii=False)


def _float_text(column: pa.Array) -> pa.Array:
    finite = pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))
    whole = pc.and_(pc.equal(pc.floor(finite), finite), pc.less(pc.abs(finite), _EXACT))
    integers = pc.if_else(whole, finite, pa.scalar(0.0)).cast(pa.int64()).cast(pa.string())
    text = pc.if_else(whole, integers, finite.cast(pa.string()))
    return pc.if_else(pc.fill_null(pc.is_inf(column), False), pa.scalar("infinite"), text)


def _timestamp_text(column: pa.Array) -> pa.Array:
    if column.type.tz:
        column = pc.local_timestamp(column)  # the day as people at that place wrote it
    seconds = column.cast(pa.timestamp("s"), safe=False)
    fractions = pc.not_equal(seconds.cast(column.type), column)
    midnight = pc.equal(seconds, seconds.cast(pa.date32()).cast(pa.timestamp("s")))
    text = pc.if_else(
        pc.or_(fractions, pc.invert(midnight)),
        pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S"),
        pc.strftime(seconds, format="%Y-%m-%d"),
    )
    if pc.any(fractions).as_py():
        exact = pc.strftime(column.cast(pa.timestamp("us"), safe=False), format="%Y-%m-%d %H:%M:%S")
        text = pc.if_else(fractions, exact, text)
    return text
