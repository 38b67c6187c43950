"""Running the checks of a layer on an open database: what `orchestration` calls.

Here: which checks can be run on which table, and the outcomes in the order of the catalogue. Not
here: Great Expectations (`translation.py`) and what a failed check means for the run.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import duckdb

from expectations.catalogue import suites
from expectations.outcome import CheckOutcome
from expectations.sampling import count_rows, fetch, table_columns
from expectations.spec import CheckSpec, Layer, Suite

NO_ROWS = "no rows"
SOURCE = "_source"


def validate(
    layer: Layer, con: duckdb.DuckDBPyConnection, *, tables: Iterable[str] | None = None
) -> tuple[CheckOutcome, ...]:
    """The outcome of every check of the layer, or of the named tables, in catalogue order.

    `con` is open on a database with the schemas `raw` or `marts`; it is only read. An empty table
    passes with the note "no rows", except where `has_rows` is expected of it. A check that names a
    column the table lacks fails and says so. Raises ExpectationsError for a table that does not
    exist. No outcome holds a value of a row.
    """
    run = _Run(con)
    return tuple(outcome for suite in suites(layer, tables) for outcome in run.outcomes(suite))


def by_source(
    con: duckdb.DuckDBPyConnection, outcomes: Iterable[CheckOutcome]
) -> dict[tuple[str, str], dict[str, CheckOutcome]]:
    """Each outcome again for the rows of one source at a time: (table, check) -> source -> outcome.

    For raw tables that hold several sources together; a source to which the check does not apply
    is left out, and so is a table without `_source`. `con` is as in `validate`.
    """
    found: dict[tuple[str, str], dict[str, CheckOutcome]] = {}
    for outcome in outcomes:
        spec = outcome.spec
        (suite,) = suites(spec.layer, [spec.table])
        if SOURCE not in table_columns(con, suite):
            continue
        parts: dict[str, CheckOutcome] = {}
        names = f"SELECT DISTINCT {SOURCE} FROM {suite.qualified_table} ORDER BY 1"
        for (name,) in con.execute(names).fetchall():
            quoted = str(name).replace("'", "''")
            rows = f"SELECT * FROM ({suite.query}) WHERE {SOURCE} = '{quoted}'"
            part = replace(suite, declared=(spec,), rows=rows)
            (parts[str(name)],) = _Run(con).outcomes(part)
        found[spec.table, spec.name] = {name: one for name, one in parts.items() if one.n_rows}
    return found


class _Run:
    """One connection and, from the first table that has rows, one Great Expectations context."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._context: Any = None

    def outcomes(self, suite: Suite) -> tuple[CheckOutcome, ...]:
        columns = table_columns(self._con, suite)
        n_rows = count_rows(self._con, suite)
        known: dict[str, CheckOutcome] = {}
        for spec in suite.checks:
            if (early := _without_running(spec, columns, n_rows)) is not None:
                known[spec.name] = early
        open_checks = tuple(spec for spec in suite.checks if spec.name not in known)
        if open_checks:
            known |= self._judge(suite, open_checks)
        return tuple(known[spec.name] for spec in suite.checks)

    def _judge(self, suite: Suite, checks: tuple[CheckSpec, ...]) -> dict[str, CheckOutcome]:
        from expectations import translation

        frame, broken = fetch(self._con, suite, checks)
        outcomes = {s.name: _failed(s, broken[s.name]) for s in checks if s.name in broken}
        sound = tuple(spec for spec in checks if spec.name not in broken)
        if sound:
            if self._context is None:
                self._context = translation.ephemeral_context()
            outcomes |= translation.run(self._context, suite.qualified_table, frame, sound)
        return outcomes


def _without_running(spec: CheckSpec, columns: frozenset[str], n_rows: int) -> CheckOutcome | None:
    missing = [column for column in spec.columns if column not in columns]
    if missing:
        return _failed(spec, f"there is no column {', '.join(missing)}")
    if spec.kind == "rows":
        return CheckOutcome(spec, n_rows > 0, n_rows, 0, 0.0, "" if n_rows else NO_ROWS)
    if n_rows == 0:
        return CheckOutcome(spec, True, 0, 0, 0.0, NO_ROWS)
    return None


def _failed(spec: CheckSpec, note: str) -> CheckOutcome:
    return CheckOutcome(spec, False, 0, 0, 0.0, note)
