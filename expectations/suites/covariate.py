"""Plausibility of `marts.covariate`: baseline variables the models adjust for."""

from expectations.spec import CheckSpec, Suite
from expectations.vocabulary import holds, not_after_delivery


def _ranged(name: str, low: float, high: float, reason: str, *, mostly: float) -> CheckSpec:
    return holds(
        f"{name}_in_range",
        ("name", "value_text", "value_number"),
        f"CASE WHEN name = '{name}' AND value_text IS NOT NULL "
        f"THEN coalesce(value_number BETWEEN {low:g} AND {high:g}, false) END",
        reason,
        mostly=mostly,
    )


SUITE = Suite(
    layer="marts",
    table="covariate",
    declared=(
        _ranged("ecog", 0, 5, "The ECOG performance status runs from 0 to 5.", mostly=0.99),
        _ranged("ipi", 0, 5, "The international prognostic index runs from 0 to 5.", mostly=0.99),
        _ranged(
            "ldh_ratio",
            0.1,
            50,
            "Lactate dehydrogenase over its upper limit; far beyond 1 a unit was mistaken.",
            mostly=0.98,
        ),
        *not_after_delivery("measured_date"),
    ),
)
