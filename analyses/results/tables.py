"""The released result tables: names, columns, types and comments, as data.

Belongs here: the shape of results, and the order of all tables. Does not belong here: how a frame
is made to fit and stored (storage.py), how an estimate is made (analyses.evaluation), the tables of
a topic of its own (`*_tables.py`: one line each in RESULT_TABLES).
"""

from __future__ import annotations

from analyses.results.columns import (
    ADJUSTMENT,
    AT_RISK,
    CAUSE,
    ENDPOINT,
    EVENTS,
    HORIZON,
    LIMITS,
    LOWER,
    P_VALUE,
    SET,
    STRATUM,
    TIME,
    UPPER,
    Table,
    table,
)
from analyses.results.comparison import COMPARISON
from analyses.results.extrapolation_tables import EXTRAPOLATION_TABLES
from analyses.results.quality_of_life_tables import QUALITY_OF_LIFE_TABLES
from analyses.results.safety_tables import SAFETY_TABLES
from analyses.results.survival_tables import SURVIVAL_TABLES

RESULT_TABLES: dict[str, Table] = {
    "attrition": table(
        "People: those with a treatment in the sources, down to the study's. One row per step.",
        SET,
        ("step", "BIGINT", "order of the step, from 1"),
        ("reason", "VARCHAR", "what the step asks, in plain words"),
        ("n_remaining", "BIGINT", "people left after the step"),
        ("n_excluded", "BIGINT", "people the step took out"),
    ),
    "baseline": table(
        "The patients at the index date. One row per stratum, variable, level and statistic.",
        ("stratum", "VARCHAR", "level of the stratum, or overall for all patients"),
        ("variable", "VARCHAR", "patients, age (years), sex, line, ... or covariate:<name>"),
        ("level", "VARCHAR", "level of a categorical variable; NULL for a numeric one"),
        (
            "statistic",
            "VARCHAR",
            "n, percent (of the known), mean, sd, median, q1, q3, missing (n)",
        ),
        ("value", "DOUBLE", "value of the statistic, in the unit of the variable"),
        (
            "smd",
            "DOUBLE",
            (
                "standardised mean difference from the reference level; for overall the largest "
                "over the levels; NULL for the reference"
            ),
        ),
    ),
    "survival_curve": table(
        "Kaplan-Meier curves. One row per endpoint, stratum and time of an event or censoring.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        STRATUM,
        TIME,
        AT_RISK,
        ("n_event", "BIGINT", "people with the event at this time"),
        ("n_censored", "BIGINT", "people censored at this time"),
        ("survival", "DOUBLE", "probability of no event up to and including this time"),
        ("std_error", "DOUBLE", "Greenwood standard error on the probability scale"),
        LOWER,
        UPPER,
    ),
    "survival_summary": table(
        "Numbers read from the survival curves. One row per endpoint, stratum, statistic, horizon.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        STRATUM,
        ("n", "BIGINT", "people analysed"),
        EVENTS,
        (
            "statistic",
            "VARCHAR",
            (
                "median (days), rmst (restricted mean, days), survival_at (probability), "
                "follow_up_median (days, reverse Kaplan-Meier)"
            ),
        ),
        HORIZON,
        ("value", "DOUBLE", "days or probability; NULL when not reached or beyond the data"),
        *LIMITS,
    ),
    "cumulative_incidence": table(
        (
            "Aalen-Johansen incidences under competing events. "
            "One row per endpoint, stratum, cause and time."
        ),
        ENDPOINT,
        SET,
        ADJUSTMENT,
        STRATUM,
        CAUSE,
        TIME,
        AT_RISK,
        ("n_event", "BIGINT", "people with this cause at this time"),
        ("incidence", "DOUBLE", "probability of this cause up to and including this time"),
        *LIMITS,
    ),
    "comparison_test": table(
        "Comparisons of the strata. One row per endpoint, cause, test and horizon.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        CAUSE,
        ("stratify_by", "VARCHAR", "the variable whose known levels are compared"),
        *COMPARISON,
    ),
    "hazard_ratio": table(
        "Cox and Fine-Gray models, complete cases. One row per endpoint, cause, model, term.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        CAUSE,
        (
            "model",
            "VARCHAR",
            (
                "cox_unadjusted (stratum alone), cox_adjusted (stratum and adjust_for), "
                "the same as cox_cause_specific_* and fine_gray_* (subdistribution of the "
                "endpoint's own event, robust standard error); with _firth penalised, _imputed of "
                "completed tables; cox_time_dependent_*, cox_landmark_<day> (of a later state)"
            ),
        ),
        ("term", "VARCHAR", "variable=level of a categorical variable, else the variable"),
        ("reference", "VARCHAR", "reference level; NULL for a numeric variable (per unit)"),
        ("hazard_ratio", "DOUBLE", "hazard ratio against the reference, or per unit"),
        ("std_error", "DOUBLE", "standard error of the logarithm of the hazard ratio"),
        LOWER,
        UPPER,
        P_VALUE,
        ("ph_p_value", "DOUBLE", "p-value of the term's proportional-hazards test (cox.zph 3)"),
        ("n", "BIGINT", "people with every variable of the model known"),
        EVENTS,
    ),
    "balance": table(
        (
            "Balance of the groups before and after adjustment. "
            "One row per adjustment, variable and level."
        ),
        SET,
        ADJUSTMENT,
        ("variable", "VARCHAR", "the balanced variable"),
        ("level", "VARCHAR", "level of a categorical variable; NULL for a numeric one"),
        ("smd_before", "DOUBLE", "standardised mean difference before adjustment"),
        ("smd_after", "DOUBLE", "standardised mean difference after adjustment"),
    ),
    # Tables of a topic of its own: **<TOPIC>_TABLES, a line each.
    **QUALITY_OF_LIFE_TABLES,
    **EXTRAPOLATION_TABLES,
    **SAFETY_TABLES,
    **SURVIVAL_TABLES,
    "diagnostic": table(
        "What a reader must know before a result. One row per diagnostic.",
        SET,
        ADJUSTMENT,
        ("endpoint", "VARCHAR", "endpoint concerned; NULL for the whole study"),
        ("diagnostic", "VARCHAR", "name of the diagnostic, then what it concerns after `: `"),
        ("value", "DOUBLE", "the value looked at; NULL when it cannot be computed"),
        ("threshold", "DOUBLE", "the value from which the status changes; NULL without one"),
        ("status", "VARCHAR", "pass, warn or fail"),
    ),
}
