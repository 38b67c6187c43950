"""Plausibility of `marts.questionnaire_score`: one value per form and scale."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    holds,
    not_after_delivery,
)

SUITE = Suite(
    layer="marts",
    table="questionnaire_score",
    rows="""
        SELECT
            t.*,
            TRY_CAST(s.delivery_date AS DATE) AS delivered,
            p.birth_year AS born,
            p.death_date AS died
        FROM marts.questionnaire_score AS t
        LEFT JOIN marts.source AS s ON s.source = t.source
        LEFT JOIN marts.patient AS p ON p.source = t.source AND p.patient_id = t.patient_id
    """,
    declared=(
        holds(
            "utility_in_range",
            ("instrument", "scale", "value"),
            "CASE WHEN scale = 'utility' THEN value BETWEEN -0.53 AND 1 END",
            "The French EQ-5D-5L value set runs from -0.525 to 1 (Andrade et al. 2020).",
            mostly=1,
            severity="ERROR",
            category="conformance",
        ),
        holds(
            "qlq_c30_in_range",
            ("instrument", "value"),
            "CASE WHEN instrument = 'qlq-c30' THEN value BETWEEN 0 AND 100 END",
            "QLQ-C30 scales run from 0 to 100.",
            mostly=1,
            severity="ERROR",
            category="conformance",
        ),
        holds(
            "eq_vas_in_range",
            ("instrument", "scale", "value"),
            "CASE WHEN instrument = 'eq-5d-5l' AND scale = 'vas' THEN value BETWEEN 0 AND 100 END",
            "The EQ visual analogue scale runs from 0 to 100.",
            mostly=1,
            severity="ERROR",
            category="conformance",
        ),
        holds(
            "pedsql_in_range",
            ("instrument", "value"),
            "CASE WHEN instrument LIKE 'pedsql%' THEN value BETWEEN 0 AND 100 END",
            "PedsQL scales run from 0 to 100.",
            mostly=1,
            severity="ERROR",
            category="conformance",
        ),
        given("value", "A scale with too few answers has no value.", mostly=0.8),
        given("completed_date", "Without it a score belongs to no visit.", mostly=0.95),
        *not_after_delivery("completed_date", bulk_error=True),
        holds(
            "form_not_after_death",
            ("patient_id", "completed_date"),
            "completed_date <= died",
            "Nobody fills in a form after death; a relative may have.",
            mostly=0.99,
        ),
        holds(
            "eq5d_from_16_years",
            ("patient_id", "instrument", "completed_date"),
            "CASE WHEN instrument = 'eq-5d-5l' THEN year(completed_date) - born >= 16 END",
            "The EQ-5D-5L and its value set are for adults; children have their own instruments.",
            mostly=0.99,
        ),
    ),
)
