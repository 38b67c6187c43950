"""Rows judged one by one: pseudonymised, reduced, then kept or quarantined with a reason.

Works on chunks of text columns; knows no file and writes nothing. The reading of a cell is the one
the typed views use (`ingestion.sql.typed`), so what is loaded can be read there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion import sql
from ingestion.contracts import Contract
from ingestion.errors import IngestionError
from ingestion.exclusions import of_persons, pseudonym_columns
from ingestion.layout import Layout
from ingestion.pseudonyms import PseudonymKey
from ingestion.raw_files import QUARANTINE
from ingestion.readers import Chunk, Refusal
from ingestion.tables import Column, Table

_NUMBERED = "_row"


@dataclass
class Tally:
    """Counts of one file (`erased`: rows of persons taken out for good), and per (rule, column,
    reason) the rows and the first of them."""

    read: int = 0
    quarantined: int = 0
    erased: int = 0
    reasons: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str | None, str], int] = field(default_factory=dict)

    def add(self, rule: str, column: str | None, reason: str, rows: int, first: int) -> None:
        """Count `rows` rows under a rule; `first` is the number of the earliest."""
        key = (rule, column, reason)
        self.reasons[key] += rows
        self.first[key] = min(first, self.first.get(key, first))


@dataclass(frozen=True)
class Checked:
    """Rows to load and rows to quarantine: stored columns and extras as text, `_row`; the
    quarantined ones also `_rule`, `_column` and `_reason`."""

    good: pa.Table
    bad: pa.Table


class Checker:
    """Judges the chunks of one file."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        contract: Contract,
        layout: Layout,
        key: PseudonymKey,
        erased: Collection[str] = (),
    ) -> None:
        self._con, self._table, self._contract = con, table, contract
        self._layout, self._key = layout, key
        self._format = contract.text_format
        self._columns = [c for c in table.stored if c.name in layout.positions]
        self._typed = [
            c for c in self._columns if c.role == "birth_part" or
            (c.data_type != "text" and c.role != "pseudonym")
        ]  # fmt: skip
        self._keys = list(table.key)
        self.tally = Tally()
        self.names = [column.name for column in self._columns] + list(layout.extras)
        self._person = of_persons(*pseudonym_columns(table, self.names), erased)
        self._query = self._checking_query()

    def check(self, chunk: Chunk) -> Checked:
        """Judge one chunk and count it."""
        table = self._texts(chunk)
        self._con.register("chunk", table)
        checked = self._without_erased(self._run(self._query))
        self._con.unregister("chunk")
        good = checked
        bad = self._empty_bad()
        mask = checked.column("_bad")
        if len(checked) and pc.any(mask).as_py():
            good = checked.filter(pc.invert(mask))
            bad = self._quarantined(checked.filter(mask))
        refused = self._refused(chunk.refusals)
        self.tally.read += len(good) + len(bad) + len(refused)
        self.tally.quarantined += len(bad) + len(refused)
        bad = pa.concat_tables([bad, refused], promote_options="default")
        return Checked(good.select([*self.names, _NUMBERED]), bad)

    def _without_erased(self, rows: pa.Table) -> pa.Table:
        """Leave out erased persons, before anything of theirs is kept."""
        if self._person is None:
            return rows
        erased = pc.sum(rows.column("_erased")).as_py() or 0
        self.tally.read += erased
        self.tally.erased += erased
        return rows.filter(pc.invert(rows.column("_erased"))) if erased else rows

    def _run(self, query: str) -> pa.Table:
        try:
            return self._con.sql(query).to_arrow_table()
        except duckdb.Error as error:
            # What DuckDB says of a cell may quote it: only the kind of error is passed on.
            raise IngestionError(
                f"table {self._table.name}: the rows cannot be checked ({type(error).__name__}); "
                "this is a defect of the program, please report it."
            ) from None

    def _texts(self, chunk: Chunk) -> pa.Table:
        """The chunk under canonical names, identifiers already replaced by pseudonyms."""
        arrays: list[pa.Array] = []
        for column in self._columns:
            cells = chunk.columns[self._layout.positions[column.name]]
            if column.role == "pseudonym":
                kind = column.kind or ""
                cells = self._key.pseudonyms(self._contract.scope(kind), kind, cells)
            arrays.append(cells)
        arrays += [chunk.columns[index] for index in self._layout.extras.values()]
        return pa.table([*arrays, chunk.rows], names=[*self.names, _NUMBERED])

    def _checking_query(self) -> str:
        parts = [f"{self._kept(c)} AS {sql.identifier(c.name)}" for c in self._columns]
        parts += [
            f"nullif({sql.identifier(n)}, '') AS {sql.identifier(n)}" for n in self._layout.extras
        ]
        parts.append(_NUMBERED)
        flags = []
        for i, name in enumerate(self._keys):
            # A key column that was not delivered is empty in every row.
            there = name in self._layout.positions
            test = f"{sql.filled(sql.identifier(name))} IS NULL" if there else "TRUE"
            flags.append((f"_k{i}", test))
        for i, column in enumerate(self._typed):
            text = sql.filled(sql.identifier(column.name))
            flags.append((f"_t{i}", f"{text} IS NOT NULL AND {self._read(column)} IS NULL"))
        parts += [f"({test}) AS {flag}" for flag, test in flags]
        either = " OR ".join(flag for flag, _ in flags) or "FALSE"
        person = f", {self._person} AS _erased" if self._person else ""
        return f"SELECT *, ({either}) AS _bad{person} FROM (SELECT {', '.join(parts)} FROM chunk)"

    def _read(self, column: Column) -> str:
        name = sql.identifier(column.name)
        if column.role == "birth_part":
            return _birth_part(name, column)
        return sql.typed(name, column.data_type, self._format)

    def _kept(self, column: Column) -> str:
        if column.role == "birth_month":
            return f"strftime(date_trunc('month', {self._read(column)}), '%Y-%m-%d')"
        if column.role == "birth_part":
            return self._read(column)
        return f"nullif({sql.identifier(column.name)}, '')"

    def _quarantined(self, rows: pa.Table) -> pa.Table:
        """Rows with their rule, columns and reason, and no cell that may hold what it should not.

        A cell that cannot be read may hold anything: its shape is kept (letters as A, digits as
        9). So it is for all cells of a row that may be shifted: two cells or a key are wrong, or
        direct identifiers lie in the same file.
        """
        keys = [(f"_k{i}", name) for i, name in enumerate(self._keys)]
        types = [(f"_t{i}", column.name) for i, column in enumerate(self._typed)]
        any_key = " OR ".join(flag for flag, _ in keys) or "FALSE"
        wrong = " + ".join(f"{flag}::INTEGER" for flag, _ in types) or "0"
        shifted = f"({wrong}) > 1 OR (({any_key}) AND ({wrong}) > 0)"
        if self._layout.identifying:
            shifted = "TRUE"
        flag_of = {name: flag for flag, name in types}
        pseudonyms = {column.name for column in self._columns if column.role == "pseudonym"}
        cells = []
        for name in self.names:
            quoted = sql.identifier(name)
            if name not in pseudonyms:
                when = f"{shifted} OR {flag_of[name]}" if name in flag_of else shifted
                quoted = f"CASE WHEN {when} THEN {_shape(quoted)} ELSE {quoted} END"
            cells.append(f"{quoted} AS {sql.identifier(name)}")
        reasons = [f"CASE WHEN {f} THEN {sql.literal(n + ' is empty')} END" for f, n in keys]
        data_types = {column.name: column.data_type for column in self._typed}
        reasons += [
            f"CASE WHEN {f} THEN {sql.literal(f'{n} cannot be read as {data_types[n]}')} END"
            for f, n in types
        ]
        columns = [f"CASE WHEN {f} THEN {sql.literal(n)} END" for f, n in keys + types]
        query = f"""
            SELECT {", ".join(cells)}, {_NUMBERED},
                CASE WHEN {any_key} THEN 'key_missing' ELSE 'type' END AS _rule,
                concat_ws(', ', {", ".join(columns)}) AS _column,
                concat_ws('; ', {", ".join(reasons)}) AS _reason
            FROM bad_rows"""
        self._con.register("bad_rows", rows)
        bad = self._run(query)
        self._con.unregister("bad_rows")
        for flag, name in keys:
            self._count(rows, flag, "key_missing", name, "is empty")
        for flag, name in types:
            self._count(rows, flag, "type", name, f"cannot be read as {data_types[name]}")
        return bad.cast(self._bad_schema())

    def _count(self, rows: pa.Table, flag: str, rule: str, column: str, reason: str) -> None:
        concerned = rows.column(_NUMBERED).filter(rows.column(flag))
        if len(concerned):
            self.tally.add(rule, column, reason, len(concerned), pc.min(concerned).as_py())

    def _bad_schema(self) -> pa.Schema:
        texts = [*self.names]
        fields = [(name, pa.string()) for name in texts] + [(_NUMBERED, pa.int64())]
        return pa.schema(fields + [(name, pa.string()) for name in QUARANTINE])

    def _empty_bad(self) -> pa.Table:
        return self._bad_schema().empty_table()

    def _refused(self, refusals: tuple[Refusal, ...]) -> pa.Table:
        """Rows without cells: nothing of what they hold can be trusted to stand in its column."""
        lines = [refusal for refusal in refusals for _ in range(refusal.rows)]
        for refusal in refusals:
            reason = "wrong number of fields" if refusal.rule == "ragged" else refusal.reason
            self.tally.add(refusal.rule, None, reason, refusal.rows, refusal.row)
        return pa.table(
            {
                _NUMBERED: pa.array([line.row for line in lines], pa.int64()),
                "_rule": pa.array([line.rule for line in lines], pa.string()),
                "_column": pa.array([None] * len(lines), pa.string()),
                "_reason": pa.array([line.reason for line in lines], pa.string()),
            }
        )


def _shape(text: str) -> str:
    return rf"regexp_replace(regexp_replace({text}, '[0-9]', '9', 'g'), '\p{{L}}', 'A', 'g')"


def _birth_part(name: str, column: Column) -> str:
    """The year or month as text, also out of a full birth date; NULL when it is neither."""
    part = "year" if column.name == "birth_year" else "month"
    low, high = (1000, 9999) if part == "year" else (1, 12)
    number = sql.typed(name, "integer", sql.ISO)
    text = sql.filled(name)
    day = sql.typed(name, "date", sql.TextFormat())
    day = f"coalesce({day}, try_strptime({text}, ['%Y%m%d', '%Y-%m', '%m/%Y']))"
    return (
        f"CASE WHEN {number} BETWEEN {low} AND {high} THEN CAST({number} AS VARCHAR) "
        f"WHEN {number} IS NULL OR length({text}) = 8 THEN CAST({part}({day}) AS VARCHAR) END"
    )
