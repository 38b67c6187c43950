"""Rows told to be good by cheap tests on whole columns, so that only the doubtful are judged.

A test here may doubt a row that is good, never the other way round: what it lets pass, the reading
of `ingestion.sql.typed` can read. Columns whose type has no cheap test are judged once per
distinct text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.decimals import is_number
from ingestion.judging import NUMBERED, Judge
from ingestion.sql import DataType
from ingestion.tables import Column

FEW = 5_000  # rows that are judged at once when a look would need queries too
_PLAIN_PARTS = {"birth_year": "^[1-9][0-9]{3}$", "birth_month": "^(?:[1-9]|1[0-2])$"}
MANY = 100  # columns from which on SQL takes longer to be planned than to be run
_KEPT = 50_000  # distinct texts of a column whose reading is remembered
_MOMENTS = pa.array([10, 16, 19], pa.int32())  # lengths of ISO dates and times without a fraction
_NOTHING = pa.scalar(None, pa.string())


class QuickLook:
    """Looks at the rows of one file."""

    def __init__(self, judge: Judge, erased: Collection[str]) -> None:
        self._judge, self._erased = judge, erased
        self._read: dict[tuple[str, tuple[str, ...]], dict[str, tuple[str | None, bool]]] = {}

    def split(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        """The rows that are surely good, as they are kept, and those that have to be judged."""
        absent = set(self._judge.keys) - set(self._judge.names)
        few = rows.num_rows < FEW and rows.num_columns < MANY
        if absent or (few and not self._needs_no_query(rows)):
            return self._judge.schema.empty_table(), rows
        doubts: list[pa.ChunkedArray] = []
        arrays = []
        columns = {column.name: column for column in self._judge.columns}
        for name in self._judge.names:
            kept, doubt = self._look(name, columns.get(name), rows.column(name))
            arrays.append(kept)
            doubts += [] if doubt is None else [doubt]
        sure = pa.table([*arrays, rows.column(NUMBERED)], names=[*self._judge.names, NUMBERED])
        if not doubts:
            return sure, rows.slice(0, 0)
        doubtful = doubts[0]
        for doubt in doubts[1:]:
            doubtful = pc.or_(doubtful, doubt)
        return sure.filter(pc.invert(doubtful)), rows.filter(doubtful)

    def _needs_no_query(self, rows: pa.Table) -> bool:
        """Whether every typed cell is surely readable: a query takes as long for a row as for
        thousands, and an archive may hold hundreds of files of a row."""
        return all(
            _is_plain_part(column, rows.column(column.name))
            if column.role == "birth_part"
            else column.role != "birth_month"
            and self._is_readable(column, _emptied(rows.column(column.name)))
            for column in self._judge.typed
        )

    def _is_readable(self, column: Column, cells: pa.ChunkedArray) -> bool:
        """Whether every cell is surely readable: with no mark that may be one of thousands."""
        if not all_readable(cells, column.data_type):
            return False
        unsure = is_number(column) and self._judge.unsure
        return not (unsure and pc.any(pc.match_substring(cells, ".")).as_py())

    def _look(
        self, name: str, column: Column | None, cells: pa.ChunkedArray
    ) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
        """A column as it is kept, and which of its cells are doubtful (None: no cell is)."""
        if column is not None and column.role == "pseudonym":
            return cells, self._doubtful_person(name, cells)
        cells = _emptied(cells)
        doubt = None
        if column in self._judge.typed and column is not None:
            cells, doubt = self._readable(column, cells)
        if name in self._judge.keys:
            blank = pc.or_kleene(pc.is_null(cells), pc.equal(pc.utf8_trim_whitespace(cells), ""))
            doubt = _either(doubt, blank)
        return cells, doubt

    def _doubtful_person(self, name: str, cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
        doubt = pc.is_null(cells) if name in self._judge.keys else None
        if self._erased:
            people = pc.unique(cells).to_pylist()
            gone = [p for p in people if p and _digest(p) in self._erased]
            erased = pc.is_in(cells.cast(pa.string()), pa.array(gone, pa.string()))
            doubt = erased if doubt is None else pc.or_(doubt, erased)
        return _either(None, doubt)

    def _readable(
        self, column: Column, cells: pa.ChunkedArray
    ) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
        if _is_plain_part(column, cells):
            return cells, None
        as_delivered = column.role not in ("birth_part", "birth_month")
        if as_delivered and self._is_readable(column, cells):
            return cells, None
        encoded = cells.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0)
        kept, bad = self._readings(column, encoded.dictionary)
        doubt = pc.fill_null(bad.take(encoded.indices), False)
        if not as_delivered:
            cells = pa.chunked_array([kept.take(encoded.indices)])
        return cells, _either(None, pa.chunked_array([doubt]))

    def _readings(self, column: Column, texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        """What is kept of each text, and whether it cannot be read."""
        known = self._read.setdefault((column.name, self._judge.unsure), {})
        if len(texts) > _KEPT:
            return self._judged(column, texts)
        listed = texts.to_pylist()
        if new := [text for text in listed if text not in known]:
            if len(known) > _KEPT:
                known.clear()
                new = listed
            kept, bad = self._judged(column, pa.array(new, pa.string()))
            pairs = zip(kept.to_pylist(), bad.to_pylist(), strict=True)
            known.update(zip(new, pairs, strict=True))
        pairs_here = [known[text] for text in listed]
        return (
            pa.array([kept for kept, _ in pairs_here], pa.string()),
            pa.array([bad for _, bad in pairs_here], pa.bool_()),
        )

    def _judged(self, column: Column, texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        query = (
            f"SELECT {self._judge.kept(column)} AS kept, {self._judge.unreadable(column)} AS bad"
        )
        found = self._judge.run(f"{query} FROM given", pa.table({column.name: texts}))
        found = found.combine_chunks()
        return found.column("kept").chunk(0), found.column("bad").chunk(0)


def all_readable(cells: pa.ChunkedArray, data_type: DataType) -> bool:
    """Whether every cell is surely NULL or text that `sql.typed` reads as `data_type`, in any
    format of a source; False when it would need a closer look."""
    if cells.null_count == len(cells) or data_type == "text":
        return True
    try:
        if data_type == "integer":
            return _whole_numbers(cells)
        if data_type == "number":
            return bool(pc.all(pc.is_finite(cells.cast(pa.float64()))).as_py())
        if data_type in ("date", "timestamp"):
            return _moments(cells)
    except pa.ArrowInvalid:
        pass
    return False


def _is_plain_part(column: Column, cells: pa.ChunkedArray) -> bool:
    """Whether a birth year or month is in every cell as it is kept, or empty."""
    pattern = _PLAIN_PARTS.get(column.name) if column.role == "birth_part" else None
    if pattern is None:
        return False
    like = pc.match_substring_regex(_emptied(cells), pattern)
    return bool(pc.all(like).as_py() is not False)


def _whole_numbers(cells: pa.ChunkedArray) -> bool:
    longest = pc.max(pc.binary_length(cells)).as_py()
    return longest <= 9 and bool(pc.all(pc.ascii_is_decimal(cells)).as_py())


def _moments(cells: pa.ChunkedArray) -> bool:
    lengths = pc.drop_null(pc.binary_length(cells))
    if not pc.all(pc.is_in(lengths, _MOMENTS)).as_py():
        return False
    first = pc.min(cells.cast(pa.timestamp("s"))).as_py()
    return bool(first >= datetime(1000, 1, 1))


def _emptied(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells with NULL for empty ones."""
    lengths = pc.binary_length(cells)
    if pc.min(lengths).as_py() != 0:
        return cells
    return pc.if_else(pc.equal(lengths, 0), _NOTHING, cells)


def _either(one: pa.ChunkedArray | None, other: pa.ChunkedArray | None) -> pa.ChunkedArray | None:
    """Both masks in one; None for one that is true of no row."""
    if other is None or not pc.any(other).as_py():
        return one
    return other if one is None else pc.or_(one, other)


def _digest(pseudonym: str) -> str:
    return hashlib.sha256(pseudonym.encode()).hexdigest()
