"""The released result tables: names, columns, types and comments, as data.

Belongs here: the shape of results. Does not belong here: how a frame is made to fit and stored
(storage.py), how an estimate is made (analyses.evaluation).
"""

from __future__ import annotations

from dataclasses import dataclass

from analyses.results.comparison import COMPARISON

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


_STUDY = ("study_id", "VARCHAR", "id of the study file")
_SET = (
    "analysis_set",
    "VARCHAR",
    "infused, intention_to_treat or decision: where the clock starts",
)
_ADJUSTMENT = ("adjustment", "VARCHAR", "how the groups were balanced; none when they were not")
_ENDPOINT = ("endpoint", "VARCHAR", "id in the endpoint dictionary")
_STRATUM = ("stratum", "VARCHAR", "level of the stratum; overall without one; missing when unknown")
_CAUSE = ("cause", "VARCHAR", "the event of this row among competing events; NULL without them")
_TIME = ("time_days", "DOUBLE", "days since the start of the clock")
_AT_RISK = ("n_at_risk", "BIGINT", "people at risk just before this time")
_EVENTS = ("n_event", "BIGINT", "people with the event")
_ERROR = ("std_error", "DOUBLE", "standard error on the scale of the estimate")
_LOWER = ("ci_lower", "DOUBLE", "lower 95 % confidence limit; NULL when undefined or not reached")
_UPPER = ("ci_upper", "DOUBLE", "upper 95 % confidence limit; NULL when undefined or not reached")
_LIMITS = (_ERROR, _LOWER, _UPPER)
_HORIZON = ("horizon_days", "DOUBLE", "days since the start of the clock; NULL when there is none")
_INSTRUMENT = ("instrument", "VARCHAR", "id of the questionnaire")
_SCALE = ("scale", "VARCHAR", "scale of the questionnaire")
_VISIT = ("visit", "VARCHAR", "name of the visit window")
_VISIT_DAY = ("time_days", "DOUBLE", "nominal day of the visit since the start of the clock")
_P_VALUE = ("p_value", "DOUBLE", "two-sided p-value")


def _table(description: str, *columns: Column) -> Table:
    return Table(description, (_STUDY, *columns))


RESULT_TABLES: dict[str, Table] = {
    "attrition": _table(
        "From the treatments of the sources to the study's patients. One row per step.",
        _SET,
        ("step", "BIGINT", "order of the step, from 1"),
        ("reason", "VARCHAR", "what the step asks, in plain words"),
        ("n_remaining", "BIGINT", "people left after the step"),
        ("n_excluded", "BIGINT", "people the step took out"),
    ),
    "baseline": _table(
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
    "survival_curve": _table(
        "Kaplan-Meier curves. One row per endpoint, stratum and time of an event or censoring.",
        _ENDPOINT,
        _SET,
        _ADJUSTMENT,
        _STRATUM,
        _TIME,
        _AT_RISK,
        ("n_event", "BIGINT", "people with the event at this time"),
        ("n_censored", "BIGINT", "people censored at this time"),
        ("survival", "DOUBLE", "probability of no event up to and including this time"),
        ("std_error", "DOUBLE", "Greenwood standard error on the probability scale"),
        _LOWER,
        _UPPER,
    ),
    "survival_summary": _table(
        "Numbers read from the survival curves. One row per endpoint, stratum, statistic, horizon.",
        _ENDPOINT,
        _SET,
        _ADJUSTMENT,
        _STRATUM,
        ("n", "BIGINT", "people analysed"),
        _EVENTS,
        (
            "statistic",
            "VARCHAR",
            (
                "median (days), rmst (restricted mean, days), survival_at (probability), "
                "follow_up_median (days, reverse Kaplan-Meier)"
            ),
        ),
        _HORIZON,
        ("value", "DOUBLE", "days or probability; NULL when not reached or beyond the data"),
        *_LIMITS,
    ),
    "cumulative_incidence": _table(
        (
            "Aalen-Johansen incidences under competing events. "
            "One row per endpoint, stratum, cause and time."
        ),
        _ENDPOINT,
        _SET,
        _ADJUSTMENT,
        _STRATUM,
        _CAUSE,
        _TIME,
        _AT_RISK,
        ("n_event", "BIGINT", "people with this cause at this time"),
        ("incidence", "DOUBLE", "probability of this cause up to and including this time"),
        *_LIMITS,
    ),
    "comparison_test": _table(
        "Comparisons of the strata. One row per endpoint, cause, test and horizon.",
        _ENDPOINT,
        _SET,
        _ADJUSTMENT,
        _CAUSE,
        ("stratify_by", "VARCHAR", "the variable whose known levels are compared"),
        *COMPARISON,
    ),
    "hazard_ratio": _table(
        "Cox and Fine-Gray models, complete cases. One row per endpoint, cause, model, term.",
        _ENDPOINT,
        _SET,
        _ADJUSTMENT,
        _CAUSE,
        (
            "model",
            "VARCHAR",
            (
                "cox_unadjusted (stratum alone), cox_adjusted (stratum and adjust_for), "
                "the same as cox_cause_specific_*, or fine_gray_adjusted (subdistribution of the "
                "endpoint's own event, robust standard error)"
            ),
        ),
        ("term", "VARCHAR", "variable=level of a categorical variable, else the variable"),
        ("reference", "VARCHAR", "reference level; NULL for a numeric variable (per unit)"),
        ("hazard_ratio", "DOUBLE", "hazard ratio against the reference, or per unit"),
        ("std_error", "DOUBLE", "standard error of the logarithm of the hazard ratio"),
        _LOWER,
        _UPPER,
        _P_VALUE,
        ("ph_p_value", "DOUBLE", "p-value of the term's proportional-hazards test (cox.zph 3)"),
        ("n", "BIGINT", "people with every variable of the model known"),
        _EVENTS,
    ),
    "quality_of_life_curve": _table(
        "Mean scores over visits. One row per instrument, scale, stratum, visit and method.",
        _SET,
        _INSTRUMENT,
        _SCALE,
        _STRATUM,
        _VISIT,
        _VISIT_DAY,
        ("n_expected", "BIGINT", "people alive and in follow-up from whom a form was expected"),
        ("n_completed", "BIGINT", "people with a score"),
        (
            "method",
            "VARCHAR",
            (
                "the estimand of the mean: observed (of those who answered), mixed_model "
                "(hypothetical: as if nobody had died or dropped out), while_alive (of those alive "
                "at the visit, drop-out weighted for)"
            ),
        ),
        ("mean", "DOUBLE", "mean on the scale of the instrument"),
        *_LIMITS,
    ),
    "completion": _table(
        (
            "Questionnaires received. One row per instrument, stratum and visit (reason NULL: the "
            "visit's total), and one per reason of those without a score."
        ),
        _SET,
        _INSTRUMENT,
        _STRATUM,
        _VISIT,
        (
            "n_fixed",
            "BIGINT",
            (
                "people in the analysis set: the fixed denominator; in the row of a reason, those "
                "of them without a score for it, so that n_completed and the reasons add up to it"
            ),
        ),
        (
            "n_expected",
            "BIGINT",
            (
                "people alive and in follow-up: the variable denominator; in the row of a reason, "
                "those of them without a score for it"
            ),
        ),
        ("n_completed", "BIGINT", "people with a score; 0 in the row of a reason"),
        (
            "reason",
            "VARCHAR",
            "NULL in the row of the visit's total; else why these people have no score",
        ),
    ),
    "quality_of_life_change": _table(
        (
            "Change from baseline of those who answered both. "
            "One row per instrument, scale, stratum and visit."
        ),
        _SET,
        _INSTRUMENT,
        _SCALE,
        _STRATUM,
        _VISIT,
        _VISIT_DAY,
        (
            "threshold_improvement",
            "DOUBLE",
            "smallest change for the better that counts, in points; NULL when none is known",
        ),
        (
            "threshold_deterioration",
            "DOUBLE",
            "smallest change for the worse that counts, in points; NULL when none is known",
        ),
        ("n", "BIGINT", "people with a score at baseline and at the visit"),
        ("mean_change", "DOUBLE", "mean of visit minus baseline, in points of the scale"),
        *_LIMITS,
        ("n_improved", "BIGINT", "people better by the threshold or more"),
        ("n_stable", "BIGINT", "people changed by less than the threshold"),
        ("n_deteriorated", "BIGINT", "people worse by the threshold or more"),
    ),
    "qaly": _table(
        "Quality-adjusted life years. One row per instrument, stratum, method, horizon and rate.",
        _SET,
        _ADJUSTMENT,
        _INSTRUMENT,
        _STRATUM,
        (
            "method",
            "VARCHAR",
            (
                "partitioned (survival times the mean utility of those alive) or weighted (own "
                "years, weighted by the inverse probability of not being censored)"
            ),
        ),
        _HORIZON,
        ("discount_rate", "DOUBLE", "yearly discount rate, 0.025 for 2.5 %"),
        ("n", "BIGINT", "people analysed"),
        ("qaly", "DOUBLE", "mean quality-adjusted life years up to the horizon"),
        *_LIMITS,
    ),
    "balance": _table(
        (
            "Balance of the groups before and after adjustment. "
            "One row per adjustment, variable and level."
        ),
        _SET,
        _ADJUSTMENT,
        ("variable", "VARCHAR", "the balanced variable"),
        ("level", "VARCHAR", "level of a categorical variable; NULL for a numeric one"),
        ("smd_before", "DOUBLE", "standardised mean difference before adjustment"),
        ("smd_after", "DOUBLE", "standardised mean difference after adjustment"),
    ),
    "diagnostic": _table(
        "What a reader must know before a result. One row per diagnostic.",
        _SET,
        _ADJUSTMENT,
        ("endpoint", "VARCHAR", "endpoint concerned; NULL for the whole study"),
        ("diagnostic", "VARCHAR", "name of the diagnostic, then what it concerns after `: `"),
        ("value", "DOUBLE", "the value looked at; NULL when it cannot be computed"),
        ("threshold", "DOUBLE", "the value from which the status changes; NULL without one"),
        ("status", "VARCHAR", "pass, warn or fail"),
    ),
}
