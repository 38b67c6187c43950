"""Plausibility of `marts.covariate`: baseline variables the models adjust for."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    holds,
    not_after_delivery,
)

SUITE = Suite(
    layer="marts",
    table="covariate",
    declared=(
        given("name", "A value of no variable cannot be adjusted for.", mostly=1, severity="ERROR"),
        holds(
            "value_given",
            ("value_text", "value_number"),
            "value_text IS NOT NULL OR value_number IS NOT NULL",
            "A variable without a value is missing in every model.",
            mostly=0.8,
            category="completeness",
        ),
        holds(
            "ecog_in_range",
            ("name", "value_number"),
            "CASE WHEN name = 'ecog' THEN value_number BETWEEN 0 AND 5 END",
            "The ECOG performance status runs from 0 to 5.",
            mostly=0.99,
        ),
        holds(
            "ipi_in_range",
            ("name", "value_number"),
            "CASE WHEN name = 'ipi' THEN value_number BETWEEN 0 AND 5 END",
            "The international prognostic index runs from 0 to 5.",
            mostly=0.99,
        ),
        holds(
            "ldh_ratio_in_range",
            ("name", "value_number"),
            "CASE WHEN name = 'ldh_ratio' THEN value_number BETWEEN 0.1 AND 50 END",
            "Lactate dehydrogenase over its upper limit; far beyond 1 a unit was mistaken.",
            mostly=0.98,
        ),
        *not_after_delivery("measured_date"),
    ),
)
