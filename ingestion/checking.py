"""Rows of a file counted as they are kept or quarantined: pseudonymised, looked at, judged.

Works on chunks of text columns; knows no file and writes nothing. What makes a row good is said in
`judging`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import Contract
from ingestion.identifying_values import what_identifies
from ingestion.judging import NUMBERED, Judge
from ingestion.layout import Layout
from ingestion.pseudonyms import PseudonymKey
from ingestion.quick_look import QuickLook
from ingestion.readers import Chunk, Refusal
from ingestion.tables import Column, Table


@dataclass
class Tally:
    """Counts of one file (`erased`: rows of persons taken out for good), and per (rule, column,
    reason) the rows and the first of them."""

    read: int = 0
    quarantined: int = 0
    erased: int = 0
    reasons: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str | None, str], int] = field(default_factory=dict)
    unlisted: Counter[str] = field(default_factory=Counter)  # column -> loaded cells not in `codes`

    def add(self, rule: str, column: str | None, reason: str, rows: int, first: int) -> None:
        """Count `rows` rows under a rule; `first` is the number of the earliest."""
        key = (rule, column, reason)
        self.reasons[key] += rows
        self.first[key] = min(first, self.first.get(key, first))


@dataclass(frozen=True)
class Checked:
    """Rows to load and rows to quarantine, in the order of the file: stored columns and extras as
    text (pseudonyms dictionary-encoded or not), `_row`; the quarantined ones also `_rule`,
    `_column` and `_reason`."""

    good: pa.Table
    bad: pa.Table


class IdentifyingColumnError(Exception):
    """An undeclared column holds what looks like identifiers of persons: start without it."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(name)
        self.name, self.kind = name, kind


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
    ) -> None:
        self._contract, self._layout, self._key = contract, layout, key
        self._judge = Judge(con, table, contract, layout, erased)
        self._look = QuickLook(self._judge, erased)
        self.tally = Tally()

    def check(self, chunk: Chunk) -> Checked:
        """Judge one chunk and count it. IdentifyingColumnError: nothing of it was counted."""
        for name, index in self._layout.extras.items():
            kind = what_identifies(chunk.columns[index])
            if kind:
                raise IdentifyingColumnError(name, kind)
        good, doubtful = self._look.split(self._texts(chunk))
        bad = self._judge.bad_schema.empty_table()
        if doubtful.num_rows:
            found, bad = self._judged(doubtful)
            good = _in_order(good, found)
        for column in self._judge.columns:
            if column.codes:
                self.tally.unlisted[column.name] += _unlisted(good.column(column.name), column)
        refused = self._refused(chunk.refusals)
        self.tally.read += len(good) + len(bad) + len(refused)
        self.tally.quarantined += len(bad) + len(refused)
        if refused.num_rows:
            bad = pa.concat_tables([bad, refused], promote_options="default")
        return Checked(good, bad)

    def _texts(self, chunk: Chunk) -> pa.Table:
        """The chunk under canonical names, identifiers already replaced by pseudonyms."""
        arrays: list[pa.Array] = []
        for column in self._judge.columns:
            cells = chunk.columns[self._layout.positions[column.name]]
            if column.role == "pseudonym":
                kind = column.kind or ""
                cells = self._key.pseudonyms(self._contract.scope(kind), kind, cells)
            arrays.append(cells)
        arrays += [chunk.columns[index] for index in self._layout.extras.values()]
        return pa.table([*arrays, chunk.rows], names=[*self._judge.names, NUMBERED])

    def _judged(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        judged = self._judge.judge(rows)
        # Erased persons are left out before anything of theirs is kept.
        erased = pc.sum(judged.column("_erased")).as_py() or 0
        self.tally.read += erased
        self.tally.erased += erased
        if erased:
            judged = judged.filter(pc.invert(judged.column("_erased")))
        bad = judged.filter(judged.column("_bad"))
        good = judged.filter(pc.invert(judged.column("_bad"))) if len(bad) else judged
        for flag, rule, name, reason in self._judge.tests if len(bad) else ():
            concerned = bad.column(NUMBERED).filter(bad.column(flag))
            if len(concerned):
                self.tally.add(rule, name, reason, len(concerned), pc.min(concerned).as_py())
        refused = self._judge.refuse(bad) if len(bad) else self._judge.bad_schema.empty_table()
        return good.select(self._judge.schema.names), refused

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


def _in_order(one: pa.Table, other: pa.Table) -> pa.Table:
    """Rows of two tables, each in the order of the file, in that order."""
    if not (one.num_rows and other.num_rows):
        return one if one.num_rows else other
    both = pa.concat_tables([one.cast(other.schema), other])
    return both.take(pc.sort_indices(both.column(NUMBERED)))


def _unlisted(cells: pa.ChunkedArray, column: Column) -> int:
    """How many filled cells are none of the codes of their column; outer space does not count."""
    filled = pc.utf8_trim_whitespace(cells.drop_null())
    known = pc.is_in(filled, pa.array(["", *column.codes], pa.string()))
    return len(filled) - int(pc.sum(known).as_py() or 0)
