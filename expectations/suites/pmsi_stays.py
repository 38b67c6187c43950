"""Plausibility of `raw.pmsi__stays`: hospital stays of the hospital group, one row a stay."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
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
    table="pmsi__stays",
    declared=(
        pseudonym("patient_id"),
        pseudonym("stay_id"),
        told_once(),
        distinct(
            ("stay_id",),
            "A stay is repeated now and then; many repeats would count its cost twice.",
            mostly=0.9,
        ),
        in_order("admission_date", "discharge_date", "A stay ends after it began.", mostly=0.99),
        *not_after_delivery("discharge_date", bulk_error=True),
        between("exit_mode", 6, 9, "6 and 7 transfers, 8 home, 9 death.", mostly=0.98),
        form(
            "ghm",
            "^[0-9]{2}[CKMZH][0-9]{2}[1-4ABCDEJTZ]$",
            "A GHM, as in 28Z16Z: stays are told apart by it.",
            mostly=0.98,
        ),
        holds(
            "ghm_grouped",
            ("ghm",),
            "ghm NOT LIKE '90%'",
            "A stay that could not be grouped has an error in its record, and no tariff.",
            mostly=0.99,
        ),
        given("cost_eur", "A stay without a cost leaves the cost of its treatment.", mostly=0.98),
        between("cost_eur", 0, 1e6, "Euros of one stay, the medicine's price apart.", mostly=0.99),
    ),
)
