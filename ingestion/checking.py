"""Rows of a file counted as they are kept or quarantined: pseudonymised, looked at, judged.

Works on chunks of text columns; knows no file and writes nothing. What makes a row good is said in
`judging`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import Contract
from ingestion.contradictions import Contradictions
from ingestion.decimals import DecimalMarks, is_number
from ingestion.identifying_columns import ColumnWatch
from ingestion.identifying_values import what_identifies
from ingestion.judging import NUMBERED, Judge
from ingestion.layout import Layout
from ingestion.pseudonyms import PseudonymKey
from ingestion.quick_look import QuickLook
from ingestion.readers import Chunk, Refusal
from ingestion.spreadsheet_errors import spreadsheet_errors
from ingestion.sql import SPACE
from ingestion.tables import Column, Table


@dataclass
class Tally:
    """Counts of one file (`read`: by its reader, the others as rows are judged; `erased`: rows of
    persons taken out for good), and per (rule, column, reason) the rows and the first of them."""

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    erased: int = 0
    reasons: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str | None, str], int] = field(default_factory=dict)
    unlisted: Counter[str] = field(default_factory=Counter)  # column -> loaded cells not in `codes`
    dates: Counter[str] = field(default_factory=Counter)  # date format -> refused dates like it
    refused_dates: int = 0
    errors: Counter[str] = field(default_factory=Counter)  # column -> error cells of a spreadsheet
    filled: Counter[str] = field(default_factory=Counter)  # typed column -> cells that hold a text
    unreadable: Counter[str] = field(default_factory=Counter)  # of these, not of its type

    def add(self, rule: str, column: str | None, reason: str, rows: int, first: int) -> None:
        """Count `rows` rows under a rule; `first` is the number of the earliest."""
        key = (rule, column, reason)
        self.reasons[key] += rows
        self.first[key] = min(first, self.first.get(key, first))


_DAY, _MONTH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
# Where a date can be read in two ways, the first is what is meant.
_DATE_FORMATS = {
    "%d/%m/%Y": f"^{_DAY}/{_MONTH}/[0-9]{{4}}$",
    "%d.%m.%Y": f"^{_DAY}[.]{_MONTH}[.][0-9]{{4}}$",
    "%d-%m-%Y": f"^{_DAY}-{_MONTH}-[0-9]{{4}}$",
    "%m/%d/%Y": f"^{_MONTH}/{_DAY}/[0-9]{{4}}$",
    "%Y/%m/%d": f"^[0-9]{{4}}/{_MONTH}/{_DAY}$",
    "%Y%m%d": "^[12][0-9]{3}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$",
}


@dataclass(frozen=True)
class Checked:
    """Rows to load and rows to quarantine, in the order of the file: stored columns and extras as
    text (pseudonyms dictionary-encoded or not), `_row`; the quarantined ones also `_rule`,
    `_column` and `_reason`."""

    good: pa.Table
    bad: pa.Table


class IdentifyingColumnError(Exception):
    """Undeclared columns hold what looks like identifiers of persons: start without them.

    kinds: of identifier, by the name of the column.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        super().__init__(", ".join(kinds))
        self.kinds = kinds


class Checker:
    """Takes the chunks of one file."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        contract: Contract,
        layout: Layout,
        key: PseudonymKey,
        erased: Collection[str] = (),
        *,
        year: int,
        contradictions: Contradictions | None = None,
        marks: DecimalMarks | None = None,
    ) -> None:
        self._contract, self._layout, self._key = contract, layout, key
        self._judge = Judge(con, table, contract, layout, erased, marks)
        self._look = QuickLook(self._judge, erased)
        self._watched = {name: ColumnWatch(year) for name in layout.extras}
        self._contradictions, self._marks = contradictions, marks
        self.tally = Tally()

    def check(self, chunk: Chunk) -> Checked:
        """Judge one chunk and count what becomes of its rows, not how many there are.
        IdentifyingColumnError, DecimalMarkFoundError: nothing of it was counted."""
        self._look_at_extras(chunk)
        texts = self._texts(chunk)
        if self._marks:
            numbers = [column.name for column in self._judge.typed if is_number(column)]
            self._marks.look({name: texts.column(name) for name in numbers})
        for column in self._judge.typed:
            self.tally.filled[column.name] += _filled(texts.column(column.name))
        good, doubtful = self._look.split(texts)
        bad = self._judge.bad_schema.empty_table()
        if doubtful.num_rows:
            found, bad = self._judged(doubtful)
            good = _in_order(good, found)
        if self._contradictions:
            self._contradictions.add(good, self._judge.run)
        for column in self._judge.columns:
            if column.codes:
                self.tally.unlisted[column.name] += _unlisted(good.column(column.name), column)
        refused = self._refused(chunk.refusals)
        self.tally.loaded += len(good)
        self.tally.quarantined += len(bad) + len(refused)
        if refused.num_rows:
            bad = pa.concat_tables([bad, refused], promote_options="default")
        return Checked(good, bad)

    def finish(self) -> None:
        """Judge the undeclared columns of a file that ends. IdentifyingColumnError: as above."""
        _raise_for({name: watch.verdict() for name, watch in self._watched.items()})

    def _look_at_extras(self, chunk: Chunk) -> None:
        persons = self._cells_of(chunk, lambda column: column.kind == "patient")
        births = self._cells_of(chunk, lambda column: column.role.startswith("birth_"))
        kinds = {}
        for name, index in self._layout.extras.items():
            cells = chunk.columns[index]
            kinds[name] = what_identifies(cells)
            kinds[name] = kinds[name] or self._watched[name].look(cells, persons, births)
        _raise_for(kinds)

    def _cells_of(self, chunk: Chunk, wanted: Callable[[Column], bool]) -> pa.Array | None:
        """The cells of the first column of a kind that the file has."""
        names = (column.name for column in self._judge.columns if wanted(column))
        return next((chunk.columns[self._layout.positions[name]] for name in names), None)

    def _texts(self, chunk: Chunk) -> pa.Table:
        """The chunk under canonical names, identifiers already replaced by pseudonyms."""
        arrays: list[pa.Array] = []
        for column in self._judge.columns:
            cells = chunk.columns[self._layout.positions[column.name]]
            wrong = spreadsheet_errors(cells)
            if wrong is not None:
                self.tally.errors[column.name] += int(pc.sum(wrong).as_py())
                if column.role == "pseudonym" or column.name in self._judge.keys:
                    # An error names nobody: the cell is as good as empty.
                    cells = pc.if_else(wrong, pa.scalar(None, cells.type), cells)
            if column.role == "pseudonym":
                kind = column.kind or ""
                cells = self._key.pseudonyms(self._contract.scope(kind), kind, cells)
            arrays.append(cells)
        arrays += [chunk.columns[index] for index in self._layout.extras.values()]
        return pa.table([*arrays, chunk.rows], names=[*self._judge.names, NUMBERED])

    def _judged(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        judged = self._judge.judge(rows)
        for flag, rule, name, _ in self._judge.tests:
            if rule == "type":
                self.tally.unreadable[name] += pc.sum(judged.column(flag)).as_py() or 0
        # Erased persons are left out before anything of theirs is kept.
        erased = pc.sum(judged.column("_erased")).as_py() or 0
        self.tally.erased += erased
        if erased:
            judged = judged.filter(pc.invert(judged.column("_erased")))
        bad = judged.filter(judged.column("_bad"))
        good = judged.filter(pc.invert(judged.column("_bad"))) if len(bad) else judged
        for flag, rule, name, reason in self._judge.tests if len(bad) else ():
            concerned = bad.column(NUMBERED).filter(bad.column(flag))
            if len(concerned):
                self.tally.add(rule, name, reason, len(concerned), pc.min(concerned).as_py())
        self._look_at_dates(bad)
        refused = self._judge.refuse(bad) if len(bad) else self._judge.bad_schema.empty_table()
        return good.select(self._judge.schema.names), refused

    def _look_at_dates(self, bad: pa.Table) -> None:
        """Count refused dates by how they are written: the contract may want another format."""
        for flag, rule, name, reason in self._judge.tests if len(bad) else ():
            if rule != "type" or not reason.endswith("as date"):
                continue
            cells = pc.utf8_trim_whitespace(bad.column(name).filter(bad.column(flag)))
            self.tally.refused_dates += len(cells)
            for date_format, pattern in _DATE_FORMATS.items():
                like = pc.sum(pc.match_substring_regex(cells, pattern)).as_py()
                self.tally.dates[date_format] += int(like or 0)

    def _refused(self, refusals: tuple[Refusal, ...]) -> pa.Table:
        """Rows without cells: nothing of what they hold can be trusted to stand in its column."""
        lines = [refusal for refusal in refusals for _ in range(refusal.rows)]
        for refusal in refusals:
            reason = "wrong number of fields" if refusal.rule == "ragged" else refusal.reason
            self.tally.add(refusal.rule, None, reason, refusal.rows, refusal.row)
        return pa.table(
            {
                NUMBERED: pa.array([line.row for line in lines], pa.int64()),
                "_rule": pa.array([line.rule for line in lines], pa.string()),
                "_column": pa.array([None] * len(lines), pa.string()),
                "_reason": pa.array([line.reason for line in lines], pa.string()),
            }
        )


def _raise_for(kinds: Mapping[str, str | None]) -> None:
    found = {name: kind for name, kind in kinds.items() if kind}
    if found:
        raise IdentifyingColumnError(found)


def _in_order(one: pa.Table, other: pa.Table) -> pa.Table:
    """Rows of two tables, each in the order of the file, in that order."""
    if not (one.num_rows and other.num_rows):
        return one if one.num_rows else other
    both = pa.concat_tables([one.cast(other.schema), other])
    return both.take(pc.sort_indices(both.column(NUMBERED)))


def _filled(cells: pa.ChunkedArray) -> int:
    """How many cells hold more than space."""
    filled = cells.drop_null()
    if pc.any(pc.utf8_is_space(filled)).as_py():
        filled = pc.utf8_trim(filled, SPACE)
    return int(pc.sum(pc.not_equal(pc.binary_length(filled), 0)).as_py() or 0)


def _unlisted(cells: pa.ChunkedArray, column: Column) -> int:
    """How many filled cells are none of the codes of their column; outer space does not count."""
    filled = pc.utf8_trim_whitespace(cells.drop_null())
    known = pc.is_in(filled, pa.array(["", *column.codes], pa.string()))
    return len(filled) - int(pc.sum(known).as_py() or 0)
