"""Plausibility of `raw.omop__measurement`: laboratory values of the hospital data warehouse."""

from expectations.spec import Suite
from expectations.vocabulary import (
    distinct,
    given,
    holds,
    not_after_delivery,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="omop__measurement",
    rows="""
        SELECT
            m.*,
            TRY_CAST(left(CAST(m._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            d.death_date AS died
        FROM raw.omop__measurement AS m
        LEFT JOIN (
            SELECT person_id, max(death_date) AS death_date
            FROM raw.omop__death
            GROUP BY ALL
        ) AS d ON d.person_id = m.person_id
    """,
    declared=(
        pseudonym("person_id"),
        told_once(),
        distinct(
            ("measurement_id",),
            "A measurement told twice is one; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        given("value_as_number", "A measurement without a value says nothing.", mostly=0.9),
        given("unit_source_value", "A value without its unit cannot be compared.", mostly=0.95),
        *not_after_delivery("measurement_date", bulk_error=True),
        holds(
            "measured_not_after_death",
            ("person_id", "measurement_date"),
            "measurement_date <= died",
            "Nobody is measured after death.",
            mostly=0.98,
        ),
    ),
)
