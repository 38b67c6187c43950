"""Plausibility of `raw.common_extract__events`: dated clinical events, deaths' own table apart."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
    given,
    holds,
    not_after_delivery,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__events",
    rows="""
        SELECT
            t.*,
            TRY_CAST(left(CAST(t._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            p.death_date AS died
        FROM raw.common_extract__events AS t
        LEFT JOIN (
            SELECT _source, patient_id, max(death_date) AS death_date
            FROM raw.common_extract__patients
            GROUP BY ALL
        ) AS p ON p._source = t._source AND p.patient_id = t.patient_id
    """,
    declared=(
        pseudonym("patient_id"),
        pseudonym("event_id"),
        told_once(),
        distinct(
            ("_source", "event_id"),
            "An event delivered twice now and then is a correction; often, an export gone wrong.",
            mostly=0.9,
        ),
        given("event_type", "An event of no type belongs to no endpoint.", mostly=0.99),
        given("event_date", "An event without a date cannot end a time to event.", mostly=0.95),
        *not_after_delivery("event_date", bulk_error=True),
        holds(
            "event_not_after_death",
            ("patient_id", "event_date"),
            "event_date <= died",
            "Nothing happens to a patient after death; such an event never comes first.",
            mostly=0.98,
        ),
        between("grade", 0, 5, "Grades of toxicity run from 0 to 5 (death).", mostly=0.99),
    ),
)
