"""Plausibility of `raw.omop__observation_period`: from when to when the hospital knows a person."""

from expectations.spec import Suite
from expectations.vocabulary import holds, in_order, pseudonym, told_once

SUITE = Suite(
    layer="raw",
    table="omop__observation_period",
    declared=(
        pseudonym("person_id"),
        told_once(),
        in_order(
            "observation_period_start_date",
            "observation_period_end_date",
            "A period ends after it began.",
            mostly=0.99,
        ),
        holds(
            "period_is_closed",
            ("observation_period_end_date",),
            "observation_period_end_date <= delivered",
            "A period that ends after its delivery is open: it tells no last contact, and the "
            "person is followed up to the last event.",
            mostly=0.9,
            category="completeness",
        ),
    ),
)
