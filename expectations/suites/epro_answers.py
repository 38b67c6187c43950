"""Plausibility of `raw.epro__answers`: electronic questionnaires, one row per answered item."""

from expectations.spec import Suite
from expectations.suites.questionnaire_items import answer_ranges
from expectations.vocabulary import (
    distinct,
    given,
    holds,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="epro__answers",
    declared=(
        pseudonym("patient_id"),
        pseudonym("questionnaire_id"),
        told_once(),
        distinct(
            ("questionnaire_id", "item"),
            "An item answered twice in one form: forms were delivered twice.",
            mostly=0.9,
        ),
        holds(
            "forms_told_once",
            ("questionnaire_id", "item"),
            "CASE WHEN row_number() OVER (PARTITION BY questionnaire_id ORDER BY item) = 1 "
            "THEN count(*) OVER (PARTITION BY questionnaire_id, item) = 1 END",
            "A form sent twice is scored once; the forms are counted here, not their answers.",
            mostly=0.95,
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
        holds(
            "empty_form_has_reason",
            ("item", "not_completed_reason"),
            "CASE WHEN nullif(trim(CAST(item AS VARCHAR)), '') IS NULL "
            "THEN nullif(trim(CAST(not_completed_reason AS VARCHAR)), '') IS NOT NULL END",
            "Why a form was not filled in decides how its absence may be treated.",
            mostly=0.8,
            category="completeness",
        ),
        *answer_ranges(),
    ),
)
