"""What a row of results.comparison_test says: the test, its horizon, its number, its p-value.

Belongs here: those columns, whose meaning differs between tests. Does not belong here: the table
they end (tables.py), and the tests (analyses.evaluation.comparisons).
"""

from __future__ import annotations

COMPARISON: tuple[tuple[str, str, str], ...] = (
    (
        "test",
        "VARCHAR",
        (
            "log_rank, gray (of the cause's cumulative incidence), rmst_difference or "
            "survival_difference (level less reference, at the horizon; of more than two "
            "strata the level follows after `: `)"
        ),
    ),
    ("horizon_days", "DOUBLE", "days since the start of the clock; NULL when there is none"),
    (
        "statistic",
        "DOUBLE",
        (
            "log_rank, gray: chi-squared. rmst_difference: the level's restricted mean less "
            "the reference's, in days. survival_difference: the same of survival, a "
            "probability. NULL beyond the data"
        ),
    ),
    (
        "degrees_of_freedom",
        "BIGINT",
        "of the chi-squared; NULL of a difference, whose p-value is normal",
    ),
    (
        "p_value",
        "DOUBLE",
        "two-sided; of a difference that of z = statistic / its standard error",
    ),
)
