"""Plausibility of `raw.common_extract__questionnaires`: one row per form and item."""

from expectations.spec import Suite
from expectations.suites.questionnaire_items import answer_ranges
from expectations.vocabulary import (
    distinct,
    given,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__questionnaires",
    declared=(
        pseudonym("patient_id"),
        pseudonym("questionnaire_id"),
        told_once(),
        distinct(
            ("_source", "questionnaire_id", "item"),
            "An item answered twice in one form: forms were delivered twice.",
            mostly=0.9,
        ),
        given("instrument", "Without its instrument an answer cannot be scored.", mostly=0.99),
        given("completed_date", "Without it a form belongs to no visit.", mostly=0.95),
        *not_after_delivery("completed_date", bulk_error=True),
        one_of(
            "respondent",
            ("self", "parent", "proxy"),
            "Self and proxy reports differ and are not pooled.",
            mostly=0.98,
        ),
        *answer_ranges(),
    ),
)
