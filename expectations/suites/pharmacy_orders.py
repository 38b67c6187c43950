"""Plausibility of `raw.pharmacy__orders`: orders of advanced therapies, one row an order."""

from expectations.spec import Suite
from expectations.vocabulary import distinct, given, not_after_delivery, pseudonym, told_once

SUITE = Suite(
    layer="raw",
    table="pharmacy__orders",
    declared=(
        pseudonym("order_id"),
        pseudonym("patient_id"),
        told_once(),
        distinct(
            ("order_id",),
            "An order is repeated now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        given("product_code", "An order of nothing belongs to no treatment.", mostly=0.99),
        given("order_date", "The circuit begins with it.", mostly=0.98),
        *not_after_delivery("order_date"),
    ),
)
