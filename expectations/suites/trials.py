"""Plausibility of `raw.trials__trials`: the portfolio of clinical trials, one entry a trial."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
    form,
    given,
    in_order,
    not_after_delivery,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="trials__trials",
    rows="""
        SELECT
            *,
            TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered
        FROM raw.trials__trials
    """,
    declared=(
        form(
            "trial_id",
            r"^(?:[0-9]{4}-[0-9]{6}-[0-9]{2}(?:-[0-9]{2})?|NCT[0-9]{8})$",
            "An EU CT (2023-500001-10-00), EudraCT (2016-000001-10) or NCT number: participants "
            "are tied to a trial by it.",
            mostly=0.99,
        ),
        told_once(),
        distinct(
            ("trial_id",),
            "A trial told twice is as its latest update says; many are an export gone wrong.",
            mostly=0.9,
        ),
        given("status", "A portfolio is read by status.", mostly=0.99),
        given("planned_enrolment", "Progress is measured by it.", mostly=0.99),
        between("planned_enrolment", 1, 100_000, "Participants planned.", mostly=0.99),
        between("actual_enrolment", 0, 100_000, "Participants enrolled.", mostly=0.99),
        in_order(
            "opening_date", "closing_date", "Recruitment opens before it closes.", mostly=0.99
        ),
        *not_after_delivery("closing_date"),
        *not_after_delivery("updated_date"),
    ),
)
