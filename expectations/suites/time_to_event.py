"""Plausibility of `marts.time_to_event`: what every curve is computed from.

Keys and columns are dbt's; here is what must hold between the columns of a row, and between the
endpoints of one treatment, for a curve to be true.
"""

from expectations.spec import Suite
from expectations.vocabulary import (
    holds,
)

PROGRESSION_FREE = (
    "CASE WHEN endpoint IN ('progression_free_survival', 'event_free_survival') "
    "THEN time_days <= survived_days END"
)

SUITE = Suite(
    layer="marts",
    table="time_to_event",
    rows="""
        SELECT
            t.*,
            TRY_CAST(s.delivery_date AS DATE) AS delivered,
            max(t.time_days) FILTER (WHERE t.endpoint = 'overall_survival') OVER (
                PARTITION BY t.source, t.patient_id, t.treatment_id, t.analysis_set
            ) AS survived_days
        FROM marts.time_to_event AS t
        LEFT JOIN marts.source AS s ON s.source = t.source
    """,
    declared=(
        holds(
            "event_has_cause",
            ("event", "cause"),
            "CASE WHEN event = 1 THEN cause IS NOT NULL END",
            "An event without a cause would be lost from the cumulative incidence.",
            mostly=1,
            severity="ERROR",
        ),
        holds(
            "event_has_no_censoring_reason",
            ("event", "cause", "censoring_reason"),
            "CASE WHEN event = 1 OR cause IS NOT NULL THEN censoring_reason IS NULL END",
            "A row is censored or ends with an event, of its own or a competing one; not both.",
            mostly=1,
            severity="ERROR",
        ),
        holds(
            "censored_has_reason",
            ("event", "cause", "censoring_reason"),
            "CASE WHEN event = 0 AND cause IS NULL THEN censoring_reason IS NOT NULL END",
            "Whether censoring is administrative or loss to follow-up decides if it may be "
            "ignored.",
            mostly=1,
            severity="ERROR",
            category="completeness",
        ),
        holds(
            "time_not_negative",
            ("time_days",),
            "time_days >= 0",
            "A negative time is excluded with an attrition row.",
            mostly=0.99,
        ),
        holds(
            "time_not_negative_in_bulk",
            ("time_days",),
            "time_days >= 0",
            "When a tenth of the times are negative those excluded are no longer a few slips, and "
            "the rest is a selection.",
            mostly=0.9,
            severity="ERROR",
        ),
        holds(
            "time_below_forty_years",
            ("time_days",),
            "time_days < 40 * 365.25",
            "No follow-up of these medicines is that long: a century was misread.",
            mostly=0.999,
        ),
        holds(
            "end_not_after_cutoff",
            ("source", "end_date"),
            "end_date <= delivered",
            "Nothing after the delivery counts: follow-up beyond it is invented.",
            mostly=1,
            severity="ERROR",
        ),
        holds(
            "entry_not_negative",
            ("entry_days",),
            "coalesce(entry_days, 0) >= 0",
            "Nobody enters the risk set before time zero.",
            mostly=1,
            severity="ERROR",
        ),
        holds(
            "entry_before_end",
            ("entry_days", "time_days"),
            "CASE WHEN time_days >= 0 AND coalesce(entry_days, 0) > 0 "
            "THEN entry_days < time_days END",
            "Who is registered at or after the end was never at risk and cannot be analysed.",
            mostly=0.95,
        ),
        holds(
            "progression_free_not_beyond_survival",
            ("endpoint", "time_days"),
            PROGRESSION_FREE,
            "Nobody lives without progression for longer than they live; a progression after the "
            "last contact makes it seem so.",
            mostly=0.99,
        ),
        holds(
            "progression_free_not_beyond_survival_in_bulk",
            ("endpoint", "time_days"),
            PROGRESSION_FREE,
            "When a twentieth live without progression for longer than they live the curves cross.",
            mostly=0.95,
            severity="ERROR",
        ),
        holds(
            "date_mostly_delivered",
            ("event", "date_imputed"),
            "CASE WHEN event = 1 THEN NOT coalesce(date_imputed, false) END",
            "Events at an imputed date come at the last contact, and too early.",
            mostly=0.95,
            category="completeness",
        ),
        holds(
            "cause_of_death_mostly_known",
            ("endpoint", "event", "cause"),
            "CASE WHEN endpoint = 'death_by_cause' AND event = 1 THEN cause <> 'unknown' END",
            "The incidence of each cause is too low by the share of deaths of unknown cause.",
            mostly=0.7,
            category="completeness",
        ),
    ),
)
