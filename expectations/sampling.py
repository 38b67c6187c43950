"""From a table to the frame its checks are run on: only what they name, worked out in DuckDB.

Here: the one query per table. Codes, numbers and texts that Great Expectations judges itself are
fetched as such; whether a column is filled and every condition over several columns become 0/1
columns here, so that dates and free text never leave the database.
"""

from typing import Any

import duckdb

from expectations.errors import ExpectationsError
from expectations.spec import CheckSpec, Suite
from expectations.vocabulary import number

# pandas is untyped here (no stubs among the dependencies): a frame is Any to the type checker.
Frame = Any


def table_columns(con: duckdb.DuckDBPyConnection, suite: Suite) -> frozenset[str]:
    """The names of the table's columns; ExpectationsError when there is no such table."""
    found = con.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_catalog = current_catalog() AND table_schema = ? AND table_name = ?",
        [suite.layer, suite.table],
    ).fetchall()
    if not found:
        step = "ingestion registers" if suite.layer == "raw" else "dbt builds"
        raise ExpectationsError(
            f"There is no table {suite.qualified_table} to check: {step} it before checks are run."
        )
    return frozenset(name for (name,) in found)


def count_rows(con: duckdb.DuckDBPyConnection, suite: Suite) -> int:
    """The number of rows of the table."""
    row = con.execute(f"SELECT count(*) FROM {suite.qualified_table}").fetchone()
    assert row is not None
    return int(row[0])


def frame_columns(spec: CheckSpec) -> tuple[str, ...]:
    """The names, in the frame, of what the check is judged on."""
    if spec.kind == "rows":
        return ()
    if spec.kind == "holds":
        return (f"{spec.name}?",)
    return tuple(f"{column}:{_FORMS[spec.kind]}" for column in spec.columns)


def fetch(
    con: duckdb.DuckDBPyConnection, suite: Suite, checks: tuple[CheckSpec, ...]
) -> tuple[Frame, dict[str, str]]:
    """A pandas frame with the frame columns of the checks that can be worked out.

    Beside it, by check name, the sentence saying why another could not be. Errors of DuckDB may
    quote a value, so only their kind is passed on.
    """
    try:
        return con.execute(_query(suite, checks)).df(), {}
    except duckdb.Error:
        broken = {spec.name: note for spec in checks if (note := _attempt(con, suite, spec))}
    sound = tuple(spec for spec in checks if spec.name not in broken)
    try:
        return (con.execute(_query(suite, sound)).df() if sound else None), broken
    except duckdb.Error as error:
        raise ExpectationsError(
            f"The rows of {suite.qualified_table} could not be read for its checks "
            f"({type(error).__name__}): is there enough memory and disk?"
        ) from None


def _attempt(con: duckdb.DuckDBPyConnection, suite: Suite, spec: CheckSpec) -> str:
    try:
        con.execute(f"SELECT count(COLUMNS(*)) FROM ({_query(suite, (spec,))})").fetchall()
    except duckdb.Error as error:
        return f"could not be worked out ({type(error).__name__})"
    return ""


_FORMS = {
    "given": "given",
    "between": "number",
    "one_of": "code",
    "form": "text",
    "distinct": "key",
}


def _query(suite: Suite, checks: tuple[CheckSpec, ...]) -> str:
    selected: dict[str, str] = {}
    for spec in checks:
        if spec.kind == "holds":
            selected[f"{spec.name}?"] = f"CAST(CAST(({spec.condition}) AS BOOLEAN) AS TINYINT)"
        else:
            names = frame_columns(spec)
            selected |= {n: _expression(spec, c) for n, c in zip(names, spec.columns, strict=False)}
    items = ", ".join(f'{sql} AS "{name}"' for name, sql in selected.items())
    return f"SELECT {items or '1'} FROM ({suite.query}) AS checked"


def _expression(spec: CheckSpec, column: str) -> str:
    filled = f"nullif(trim(CAST({column} AS VARCHAR)), '')"
    return {
        "given": f"CASE WHEN {filled} IS NOT NULL THEN CAST(1 AS TINYINT) END",
        "between": number(column),
        "one_of": f"lower({filled})",
        "form": filled,
        "distinct": filled,
    }[spec.kind]
