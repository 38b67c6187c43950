"""Plausibility of `raw.omop__person`: persons of the hospital data warehouse."""

from expectations.spec import Suite
from expectations.vocabulary import (
    distinct,
    given,
    holds,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="omop__person",
    rows="""
        SELECT
            *,
            TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered
        FROM raw.omop__person
    """,
    declared=(
        pseudonym("person_id"),
        told_once(),
        distinct(
            ("person_id",),
            "A person has one row; many repeats are persons merged in the warehouse by halves.",
            mostly=0.95,
        ),
        one_of(
            "gender_concept_id",
            ("8507", "8532"),
            "Male or female by the standard concept; 0 leaves the source value, and without one "
            "the person leaves the adjusted models and cannot be linked.",
            mostly=0.95,
        ),
        holds(
            "birth_is_no_default",
            ("year_of_birth",),
            "year_of_birth > 1900",
            "Nobody entered the date where a warehouse says 1 January 1900: the person has no age "
            "and cannot be linked.",
            mostly=0.9,
            category="completeness",
        ),
        holds(
            "birth_not_after_delivery",
            ("year_of_birth",),
            "year_of_birth <= year(delivered)",
            "A birth after the delivery is a misread century.",
            mostly=0.99,
        ),
        given("care_site_id", "The centre is part of what links persons by rule.", mostly=0.95),
    ),
)
