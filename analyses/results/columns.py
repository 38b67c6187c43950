"""The columns that result tables share, and what a table is.

Belongs here: a column of more than one table. Does not belong here: the tables (tables.py and the
modules `*_tables.py`, one a topic).
"""

from __future__ import annotations

from dataclasses import dataclass

Column = tuple[str, str, str]


@dataclass(frozen=True)
class Table:
    """A result table: what one row is, and its columns as (name, duckdb type, comment)."""

    description: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(name for name, _, _ in self.columns)


STUDY = ("study_id", "VARCHAR", "id of the study file")
SET = (
    "analysis_set",
    "VARCHAR",
    "infused, intention_to_treat or decision: where the clock starts",
)
ADJUSTMENT = ("adjustment", "VARCHAR", "none; weighted: under the weights that the study names")
ENDPOINT = ("endpoint", "VARCHAR", "id in the endpoint dictionary")
STRATUM = ("stratum", "VARCHAR", "level of the stratum; overall without one; missing when unknown")
CAUSE = ("cause", "VARCHAR", "the event of this row among competing events; NULL without them")
TIME = ("time_days", "DOUBLE", "days since the start of the clock")
AT_RISK = ("n_at_risk", "BIGINT", "people at risk just before this time")
EVENTS = ("n_event", "BIGINT", "people with the event")
ERROR = ("std_error", "DOUBLE", "standard error on the scale of the estimate")
LOWER = ("ci_lower", "DOUBLE", "lower 95 % confidence limit; NULL when undefined or not reached")
UPPER = ("ci_upper", "DOUBLE", "upper 95 % confidence limit; NULL when undefined or not reached")
LIMITS = (ERROR, LOWER, UPPER)
HORIZON = ("horizon_days", "DOUBLE", "days since the start of the clock; NULL when there is none")
INSTRUMENT = ("instrument", "VARCHAR", "id of the questionnaire")
SCALE = ("scale", "VARCHAR", "scale of the questionnaire")
VISIT = ("visit", "VARCHAR", "name of the visit window")
VISIT_DAY = ("time_days", "DOUBLE", "nominal day of the visit since the start of the clock")
P_VALUE = ("p_value", "DOUBLE", "two-sided p-value")


def table(description: str, *columns: Column) -> Table:
    """A table of results, which begins with the id of the study."""
    return Table(description, (STUDY, *columns))
