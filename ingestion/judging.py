"""The SQL that judges rows: what is kept of a cell, whether it can be read, why a row is refused.

The reading of a cell is the one the typed views use (`ingestion.sql.typed`), so what is loaded can
be read there. Nothing is counted here, and nothing runs but queries on rows that are given.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb
import pyarrow as pa

from ingestion import sql
from ingestion.contracts import Contract
from ingestion.decimals import DecimalMarks, is_number, unsure
from ingestion.errors import IngestionError
from ingestion.exclusions import of_persons, pseudonym_columns
from ingestion.layout import Layout
from ingestion.raw_files import QUARANTINE
from ingestion.tables import Column, Table

NUMBERED = "_row"


class Judge:
    """Judges rows of one file: stored columns and extras as text, pseudonyms in place, `_row`."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        contract: Contract,
        layout: Layout,
        erased: Collection[str],
        marks: DecimalMarks | None = None,
    ) -> None:
        self._marks = marks
        self._con, self._table, self._layout = con, table, layout
        self._format = contract.text_format
        self.columns = [c for c in table.stored if c.name in layout.positions]
        self.typed = [c for c in self.columns if is_typed(c)]
        self.keys = list(table.key)
        self.names = [column.name for column in self.columns] + list(layout.extras)
        patients, others = pseudonym_columns(table, self.names)
        self._person = of_persons(patients, others, erased)
        self.schema = pa.schema([(n, pa.string()) for n in self.names] + [(NUMBERED, pa.int64())])
        self.bad_schema = pa.schema([*self.schema, *((name, pa.string()) for name in QUARANTINE)])

    @property
    def unsure(self) -> tuple[str, ...]:
        """Patterns of numbers that mean one thing or another in this file, and are refused."""
        return tuple(self._marks.refused) if self._marks else ()

    @property
    def tests(self) -> list[tuple[str, str, str, str]]:
        """(flag, rule, column, reason) of each test a row has to pass."""
        keys = [(f"_k{i}", "key_missing", name, "is empty") for i, name in enumerate(self.keys)]
        return keys + [
            (f"_t{i}", "type", column.name, f"cannot be read as {column.data_type}")
            for i, column in enumerate(self.typed)
        ]

    def judge(self, rows: pa.Table) -> pa.Table:
        """The rows as they are kept, with one flag a test, `_bad`, and `_erased`."""
        parts = [f"{self.kept(c)} AS {sql.identifier(c.name)}" for c in self.columns]
        parts += [
            f"nullif({sql.identifier(n)}, '') AS {sql.identifier(n)}" for n in self._layout.extras
        ]
        parts.append(NUMBERED)
        flags = []
        for i, name in enumerate(self.keys):
            # A key column that was not delivered is empty in every row.
            there = name in self._layout.positions
            test = f"{sql.filled(sql.identifier(name))} IS NULL" if there else "TRUE"
            flags.append((f"_k{i}", test))
        flags += [
            (f"_t{i}", self._unreadable(column, text=f"_f{i}"))
            for i, column in enumerate(self.typed)
        ]
        filled = ["*"] + [
            f"{sql.filled(sql.identifier(column.name))} AS _f{i}"
            for i, column in enumerate(self.typed)
        ]
        parts += [f"({test}) AS {flag}" for flag, test in flags]
        either = " OR ".join(flag for flag, _ in flags) or "FALSE"
        person = self._person or "FALSE"
        return self.run(
            f"SELECT *, ({either}) AS _bad, {person} AS _erased "
            f"FROM (SELECT {', '.join(parts)} FROM (SELECT {', '.join(filled)} FROM given))",
            rows,
        )

    def run(self, query: str, given: pa.Table) -> pa.Table:
        """The result of a query on `given`."""
        self._con.register("given", given)
        try:
            return self._con.sql(query).to_arrow_table()
        except duckdb.Error as error:
            # What DuckDB says of a cell may quote it: only the kind of error is passed on.
            raise IngestionError(
                f"table {self._table.name}: the rows cannot be checked ({type(error).__name__}); "
                "this is a defect of the program, please report it."
            ) from None
        finally:
            self._con.unregister("given")

    def kept(self, column: Column) -> str:
        """An expression: what is kept of a cell of the column."""
        text = sql.filled(sql.identifier(column.name))
        if column.role == "birth_month":
            return f"strftime(date_trunc('month', {self._read(column, text)}), '%Y-%m-%d')"
        if column.role == "birth_part":
            return self._read(column, text)
        return f"nullif({sql.identifier(column.name)}, '')"

    def unreadable(self, column: Column) -> str:
        """An expression: a filled cell of the column cannot be read as its type."""
        return self._unreadable(column, sql.filled(sql.identifier(column.name)))

    def _unreadable(self, column: Column, text: str) -> str:
        wrong = f"{self._read(column, text)} IS NULL"
        if self.unsure and is_number(column):
            wrong = f"({wrong} OR {unsure(text, self.unsure)})"
        return f"{text} IS NOT NULL AND {wrong}"

    def _read(self, column: Column, text: str) -> str:
        if column.role == "birth_part":
            return _birth_part(text, column)
        return sql.read(text, column.data_type, self._format)

    def refuse(self, rows: pa.Table) -> pa.Table:
        """Judged rows with their rule, columns and reason, and no cell that may hold what it
        should not.

        A cell that cannot be read may hold anything: its shape is kept (letters as A, digits as
        9). So it is for all cells of a row that may be shifted: two cells or a key are wrong, or
        direct identifiers lie in the same file.
        """
        tests = self.tests
        any_key = " OR ".join(f for f, rule, *_ in tests if rule == "key_missing") or "FALSE"
        types = {name: flag for flag, rule, name, _ in tests if rule == "type"}
        wrong = " + ".join(f"{flag}::INTEGER" for flag in types.values()) or "0"
        shifted = f"({wrong}) > 1 OR (({any_key}) AND ({wrong}) > 0)"
        if self._layout.identifying:
            shifted = "TRUE"
        cells = self._shapes(types, shifted)
        reasons = [f"CASE WHEN {f} THEN {sql.literal(f'{n} {why}')} END" for f, _, n, why in tests]
        columns = [f"CASE WHEN {f} THEN {sql.literal(n)} END" for f, _, n, _ in tests]
        query = f"""
            SELECT {", ".join(cells)}, {NUMBERED},
                CASE WHEN {any_key} THEN 'key_missing' ELSE 'type' END AS _rule,
                concat_ws(', ', {", ".join(columns)}) AS _column,
                concat_ws('; ', {", ".join(reasons)}) AS _reason
            FROM given"""
        return self.run(query, rows).cast(self.bad_schema)

    def _shapes(self, types: dict[str, str], shifted: str) -> Sequence[str]:
        pseudonyms = {column.name for column in self.columns if column.role == "pseudonym"}
        cells = []
        for name in self.names:
            quoted = sql.identifier(name)
            if name not in pseudonyms:
                when = f"{shifted} OR {types[name]}" if name in types else shifted
                quoted = f"CASE WHEN {when} THEN {_shape(quoted)} ELSE {quoted} END"
            cells.append(f"{quoted} AS {sql.identifier(name)}")
        return cells


def is_typed(column: Column) -> bool:
    """Whether cells of the column have to be read as something else than text."""
    if column.role == "birth_part":
        return True
    return column.data_type != "text" and column.role != "pseudonym"


def _shape(text: str) -> str:
    return rf"regexp_replace(regexp_replace({text}, '[0-9]', '9', 'g'), '\p{{L}}', 'A', 'g')"


def _birth_part(text: str, column: Column) -> str:
    """The year or month as text, also out of a full birth date; NULL when it is neither."""
    part = "year" if column.name == "birth_year" else "month"
    low, high = (1000, 9999) if part == "year" else (1, 12)
    number = sql.read(text, "integer", sql.ISO)
    day = sql.read(text, "date", sql.TextFormat())
    day = f"coalesce({day}, try_strptime({text}, ['%Y%m%d', '%Y-%m', '%m/%Y']))"
    return (
        f"CASE WHEN {number} BETWEEN {low} AND {high} THEN CAST({number} AS VARCHAR) "
        f"WHEN {number} IS NULL OR length({text}) = 8 THEN CAST({part}({day}) AS VARCHAR) END"
    )
