"""Plausibility of `raw.cart_registry__patients`: one row per patient, as delivered."""

from expectations.spec import Suite
from expectations.vocabulary import (
    distinct,
    form,
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
    table="cart_registry__patients",
    declared=(
        pseudonym("patient_id"),
        told_once(),
        distinct(
            ("patient_id",),
            "A registry repeats a patient now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        given("birth_month", "Without it there is no age to adjust for.", mostly=0.98),
        holds(
            "birth_year_plausible",
            ("birth_month",),
            "year(birth_month) >= 1900 AND birth_month <= delivered",
            "A birth before 1900 or after the delivery is a misread century.",
            mostly=0.99,
        ),
        one_of(
            "sex",
            ("m", "f", "i", "1", "2"),
            "Another code is taken as unknown sex and leaves the adjusted models.",
            mostly=0.98,
        ),
        form(
            "residence_department",
            "^(?:0?[1-9]|[1-8][0-9]|9[0-5]|2[AaBb]|97[1-8]|98[4678]|99)$",
            "French departments, overseas ones among them; 99 is abroad. Access is mapped by it.",
            mostly=0.95,
        ),
        given("registration_date", "Delayed entry is counted from it.", mostly=0.95),
        in_order(
            "birth_month",
            "registration_date",
            "Nobody is registered before the month of birth.",
            mostly=0.99,
        ),
        *not_after_delivery("registration_date"),
    ),
)
