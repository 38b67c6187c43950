"""Plausibility of `raw.cart_registry__surveillance`: bedside readings, as delivered."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    holds,
    not_after_delivery,
    number,
    one_of,
    pseudonym,
    told_once,
)

CODE = "upper(trim(CAST(code AS VARCHAR)))"
VALUE = "replace(CAST(value AS VARCHAR), ',', '.')"

SUITE = Suite(
    layer="raw",
    table="cart_registry__surveillance",
    declared=(
        pseudonym("patient_id"),
        pseudonym("treatment_id"),
        told_once(),
        given("observed_date", "A reading without a day cannot be placed.", mostly=0.98),
        *not_after_delivery("observed_date", bulk_error=True),
        one_of(
            "code",
            ("temperature", "hypotension", "vasopresseurs", "oxygene", "score_ice"),
            "Other readings grade neither CRS nor ICANS.",
            mostly=0.99,
        ),
        given("value", "A reading without a value says nothing.", mostly=0.95),
        holds(
            "temperature_in_range",
            ("code", "value"),
            f"CASE WHEN {CODE} = 'TEMPERATURE' AND value IS NOT NULL "
            f"THEN coalesce({number(VALUE)} BETWEEN 25 AND 45, false) END",
            "Degrees Celsius of a living body; the grade of CRS is derived from it.",
            mostly=0.99,
        ),
    ),
)
