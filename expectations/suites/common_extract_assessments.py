"""Plausibility of `raw.common_extract__assessments`: response assessments."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__assessments",
    declared=(
        pseudonym("patient_id"),
        told_once(),
        given("assessment_date", "A response without a date has no place in time.", mostly=0.95),
        *not_after_delivery("assessment_date", bulk_error=True),
        given("response", "An assessment without its result says nothing.", mostly=0.9),
        one_of(
            "criteria",
            ("lugano", "imwg", "all", "iwcll"),
            "The codes of responses mean different things under different criteria.",
            mostly=0.95,
        ),
    ),
)
