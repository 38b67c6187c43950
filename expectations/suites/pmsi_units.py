"""Plausibility of `raw.pmsi__units`: days of a stay in intensive and other units."""

from expectations.spec import Suite
from expectations.vocabulary import between, distinct, given, pseudonym, told_once

SUITE = Suite(
    layer="raw",
    table="pmsi__units",
    declared=(
        pseudonym("stay_id"),
        told_once(),
        distinct(
            ("stay_id", "unit_type"),
            "A unit is repeated now and then; many repeats would count its days twice.",
            mostly=0.9,
        ),
        given("days", "Without its days a unit says nothing.", mostly=0.98),
        between("days", 0, 366, "Days of one stay in one unit.", mostly=0.99),
    ),
)
