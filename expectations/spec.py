"""A check as data: what is expected of which column, how strictly, and why.

Here: the frozen specs. Not here: the words in which the suites are written (`vocabulary.py`), how
a spec is carried out (`translation.py`, `validation.py`) or shown (`catalogue_page.py`).
"""

from dataclasses import dataclass, replace
from typing import Literal

Layer = Literal["raw", "marts"]
Severity = Literal["ERROR", "WARN"]
# Kahn et al. 2016, "A harmonized data quality assessment terminology and framework" (eGEMs 4:1244).
Category = Literal["conformance", "completeness", "plausibility"]
Kind = Literal["rows", "given", "between", "one_of", "form", "distinct", "holds"]


@dataclass(frozen=True, kw_only=True)
class CheckSpec:
    """One check of one table.

    `columns` are the table's own columns the check reads (a missing one fails the check);
    `mostly` is the share of the rows the check applies to that must meet it. `condition` is a
    DuckDB expression over the suite's rows for kind `holds`: true is plausible, NULL means that
    the check does not apply to the row.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    severity: Severity
    category: Category
    reason: str
    mostly: float = 1.0
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    condition: str = ""
    layer: Layer = "raw"
    table: str = ""

    @property
    def qualified_table(self) -> str:
        """Schema and table, as in `marts.patient`."""
        return f"{self.layer}.{self.table}"

    @property
    def rule(self) -> str:
        """The rule in words, without its reason: what is looked at and what is allowed."""
        column = ", ".join(self.columns)
        words = {
            "rows": "at least one row",
            "given": f"`{column}` is given",
            "between": f"`{column}` from {_number(self.minimum)} to {_number(self.maximum)}",
            "one_of": f"`{column}` is one of {', '.join(self.values)}",
            "form": f"`{column}` has the form `{self.pattern}`",
            "distinct": f"`{column}` differs from row to row",
            "holds": f"`{' '.join(self.condition.split())}`",
        }[self.kind]
        share = "" if self.mostly == 1 else f", in at least {100 * self.mostly:g} % of rows"
        return words + share


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The checks of one table; `rows` is the DuckDB query of the rows they see.

    Left empty, the rows are the table's own with one more column, `delivered` DATE: the date of
    the delivery a row came from, after which nothing can have happened.
    """

    layer: Layer
    table: str
    declared: tuple[CheckSpec, ...]
    rows: str = ""

    @property
    def checks(self) -> tuple[CheckSpec, ...]:
        """The specs, each knowing its layer and table."""
        return tuple(replace(s, layer=self.layer, table=self.table) for s in self.declared)

    @property
    def qualified_table(self) -> str:
        """Schema and table, as in `marts.patient`."""
        return f"{self.layer}.{self.table}"

    @property
    def query(self) -> str:
        """The DuckDB query of the rows the checks see."""
        return self.rows or delivered_rows(self.layer, self.table)


def delivered_rows(layer: Layer, table: str) -> str:
    """The table's rows and the date of the delivery each came from.

    A raw row carries the date itself; a row of the marts has that of its source's latest delivery.
    """
    if layer == "raw":
        return (
            "SELECT *, TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered "
            f"FROM raw.{table}"
        )
    return (
        "SELECT t.*, TRY_CAST(s.delivery_date AS DATE) AS delivered "
        f"FROM marts.{table} AS t LEFT JOIN marts.source AS s ON s.source = t.source"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
