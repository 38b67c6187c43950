"""Plausibility of `raw.common_extract__stays`: hospital stays and what they cost."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    form,
    given,
    holds,
    in_order,
    not_after_delivery,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__stays",
    declared=(
        pseudonym("patient_id"),
        told_once(),
        given("admission_date", "A stay without an admission cannot be placed.", mostly=0.98),
        *not_after_delivery("admission_date"),
        in_order("admission_date", "discharge_date", "A stay ends after it began.", mostly=0.99),
        form(
            "ghm",
            "^[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z0-9]?$",
            "A GHM of the French PMSI, as in 28Z16Z: costs are looked up by it.",
            mostly=0.95,
        ),
        between("cost_eur", 0, 1e6, "Euros of one stay, the medicine's price apart.", mostly=0.99),
        holds(
            "icu_days_within_stay",
            ("admission_date", "discharge_date", "icu_days"),
            "icu_days BETWEEN 0 AND date_diff('day', admission_date, discharge_date) + 1",
            "Intensive care lasts no longer than the stay it is part of.",
            mostly=0.98,
        ),
    ),
)
