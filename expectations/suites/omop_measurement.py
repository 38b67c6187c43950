"""Plausibility of `raw.omop__measurement`: laboratory values of the hospital data warehouse."""

from expectations.spec import Suite
from expectations.vocabulary import distinct, given, not_after_delivery, pseudonym

SUITE = Suite(
    layer="raw",
    table="omop__measurement",
    rows="""
        SELECT
            *,
            TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered
        FROM raw.omop__measurement
    """,
    declared=(
        pseudonym("person_id"),
        distinct(
            ("measurement_id",),
            "A measurement told twice is one; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        given("value_as_number", "A measurement without a value says nothing.", mostly=0.9),
        given("unit_source_value", "A value without its unit cannot be compared.", mostly=0.95),
        *not_after_delivery("measurement_date", bulk_error=True),
    ),
)
