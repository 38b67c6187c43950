"""Plausibility of `raw.historical_control__cohort`: one wide row a patient, from a Stata file."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
    given,
    holds,
    in_order,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="historical_control__cohort",
    rows="""
        SELECT
            *,
            TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered
        FROM raw.historical_control__cohort
    """,
    declared=(
        pseudonym("patient_id"),
        told_once(),
        distinct(
            ("patient_id",),
            "One row a patient: many repeats are a table that was joined with another.",
            mostly=0.9,
        ),
        given("birth_month", "Age adjusts the comparison.", mostly=0.95),
        one_of("sex", ("1", "2"), "1 is a man, 2 a woman.", mostly=0.98),
        given("product_code", "The protocol tells salvage from other treatments.", mostly=0.99),
        given("salvage_start_date", "It is the index date of a control.", mostly=0.99),
        *not_after_delivery("salvage_start_date", bulk_error=True),
        in_order(
            "salvage_start_date",
            "death_date",
            "Nobody is treated after death.",
            mostly=0.99,
        ),
        holds(
            "progression_not_after_death",
            ("progression_date", "death_date"),
            "progression_date <= death_date",
            "A progression dated after the death is the day on which it was learnt.",
            mostly=0.99,
        ),
        holds(
            "dead_has_date",
            ("vital_status", "death_date"),
            "CASE WHEN vital_status = '1' THEN death_date IS NOT NULL END",
            "A death without its date is placed at the last news.",
            mostly=0.95,
            category="completeness",
        ),
        given("last_news_date", "It is where the follow-up of the living ends.", mostly=0.98),
        between(
            "ecog",
            0,
            5,
            "The ECOG performance status runs from 0 to 5; 9 says unknown and is read so.",
            mostly=0.95,
        ),
        between("ipi", 0, 5, "The international prognostic index runs from 0 to 5.", mostly=0.99),
        given("ldh", "LDH adjusts the comparison.", mostly=0.9),
    ),
)
