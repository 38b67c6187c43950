"""The words in which suites are written: short constructors of check specs.

Here: one function per kind of check and per rule that many tables share. Not here: the rules of
one table (`suites/`).
"""

from expectations.spec import Category, CheckSpec, Severity

PSEUDONYM = "^[0-9a-f]{32}$"
# How a French registry answers yes or no; a contract that types the column makes it true or false.
YES_NO = ("o", "n", "oui", "non", "0", "1", "true", "false")


def has_rows(reason: str) -> CheckSpec:
    """The table holds at least one row; the only check an empty table can fail."""
    return CheckSpec(
        name="has_rows",
        kind="rows",
        columns=(),
        severity="ERROR",
        category="completeness",
        reason=reason,
    )


def given(column: str, reason: str, *, mostly: float, severity: Severity = "WARN") -> CheckSpec:
    """The column is filled: neither NULL nor blank."""
    return CheckSpec(
        name=f"{column}_given",
        kind="given",
        columns=(column,),
        severity=severity,
        category="completeness",
        reason=reason,
        mostly=mostly,
    )


def between(
    column: str,
    minimum: float,
    maximum: float,
    reason: str,
    *,
    mostly: float,
    severity: Severity = "WARN",
) -> CheckSpec:
    """Where the column holds a number it lies in the closed range."""
    return CheckSpec(
        name=f"{column}_in_range",
        kind="between",
        columns=(column,),
        severity=severity,
        category="plausibility",
        reason=reason,
        mostly=mostly,
        minimum=minimum,
        maximum=maximum,
    )


def one_of(
    column: str,
    values: tuple[str, ...],
    reason: str,
    *,
    mostly: float,
    severity: Severity = "WARN",
) -> CheckSpec:
    """Where the column is filled it holds one of the codes, in upper or lower case."""
    return CheckSpec(
        name=f"{column}_known",
        kind="one_of",
        columns=(column,),
        severity=severity,
        category="conformance",
        reason=reason,
        mostly=mostly,
        values=values,
    )


def form(column: str, pattern: str, reason: str, *, mostly: float) -> CheckSpec:
    """Where the column is filled it matches the regular expression."""
    return CheckSpec(
        name=f"{column}_form",
        kind="form",
        columns=(column,),
        severity="WARN",
        category="conformance",
        reason=reason,
        mostly=mostly,
        pattern=pattern,
    )


def pseudonym(column: str) -> CheckSpec:
    """The identifier is a pseudonym in every row: what a registry calls a person stays outside."""
    return CheckSpec(
        name=f"{column}_is_pseudonym",
        kind="form",
        columns=(column,),
        severity="ERROR",
        category="conformance",
        reason="An identifier that is not a pseudonym of 32 hexadecimal digits is a registry's "
        "own, and must not go past ingestion.",
        pattern=PSEUDONYM,
    )


def distinct(columns: tuple[str, ...], reason: str, *, mostly: float) -> CheckSpec:
    """The share of rows that have their key for themselves; both of a pair count as repeated."""
    return CheckSpec(
        name="rows_not_repeated",
        kind="distinct",
        columns=columns,
        severity="WARN",
        category="plausibility",
        reason=reason,
        mostly=mostly,
    )


def told_once() -> CheckSpec:
    """No delivered row says word for word what another one says; the copies alone are counted."""
    return holds(
        "rows_told_once",
        ("_file", "_row"),
        "row_number() OVER (PARTITION BY hash(*COLUMNS(* EXCLUDE (_file, _row)))) = 1",
        "A row that says word for word what another one says counts once; many are an export that "
        "was joined or appended twice.",
        mostly=0.95,
    )


def holds(
    name: str,
    columns: tuple[str, ...],
    condition: str,
    reason: str,
    *,
    mostly: float,
    severity: Severity = "WARN",
    category: Category = "plausibility",
) -> CheckSpec:
    """A condition over one row, worked out in DuckDB; NULL where it does not apply."""
    return CheckSpec(
        name=name,
        kind="holds",
        columns=columns,
        severity=severity,
        category=category,
        reason=reason,
        mostly=mostly,
        condition=condition,
    )


def not_after_delivery(column: str, *, bulk_error: bool = False) -> tuple[CheckSpec, ...]:
    """No date lies after the delivery that reports it; with `bulk_error`, many of them fail."""
    condition = f"CAST({column} AS DATE) <= delivered"
    stray = holds(
        f"{column}_not_after_delivery",
        (column,),
        condition,
        "A date after the delivery that reports it is a slip of the pen: its row cannot count.",
        mostly=0.99,
    )
    if not bulk_error:
        return (stray,)
    bulk = holds(
        f"{column}_not_after_delivery_in_bulk",
        (column,),
        condition,
        "When more than a tenth of the dates lie after the delivery they have been misread "
        "(day and month, or the century), and every time computed from them is wrong.",
        mostly=0.9,
        severity="ERROR",
    )
    return (stray, bulk)


def in_order(
    earlier: str, later: str, reason: str, *, mostly: float, severity: Severity = "WARN"
) -> CheckSpec:
    """Where both dates are given, the later one is not before the earlier one."""
    return holds(
        f"{_stem(later)}_not_before_{_stem(earlier)}",
        (earlier, later),
        f"{later} >= {earlier}",
        reason,
        mostly=mostly,
        severity=severity,
    )


def number(expression: str) -> str:
    """DuckDB expression: the number a text or numeric column holds, NULL where it holds none."""
    return f"TRY_CAST(CAST({expression} AS VARCHAR) AS DOUBLE)"


def _stem(column: str) -> str:
    return column.removesuffix("_date")
