"""Plausibility of `raw.common_extract__covariates`: baseline variables by name."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    holds,
    not_after_delivery,
    number,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__covariates",
    declared=(
        pseudonym("patient_id"),
        told_once(),
        given("name", "A value of no variable cannot be used.", mostly=0.99),
        given("value", "A variable without a value is missing in every model.", mostly=0.8),
        *not_after_delivery("measured_date"),
        holds(
            "ecog_in_range",
            ("name", "value"),
            "CASE WHEN lower(trim(CAST(name AS VARCHAR))) = 'ecog' AND value IS NOT NULL "
            f"THEN coalesce({number('value')} BETWEEN 0 AND 5, false) END",
            "The ECOG performance status runs from 0 to 5.",
            mostly=0.99,
        ),
    ),
)
