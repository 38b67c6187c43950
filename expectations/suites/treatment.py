"""Plausibility of `marts.treatment`: harmonised treatments with their vein-to-vein time."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    given,
    has_rows,
    holds,
    in_order,
    not_after_delivery,
)

SUITE = Suite(
    layer="marts",
    table="treatment",
    rows="""
        SELECT
            t.*,
            TRY_CAST(s.delivery_date AS DATE) AS delivered,
            p.death_date AS died,
            p.birth_year AS born
        FROM marts.treatment AS t
        LEFT JOIN marts.source AS s ON s.source = t.source
        LEFT JOIN marts.patient AS p ON p.source = t.source AND p.patient_id = t.patient_id
    """,
    declared=(
        has_rows("Without a treatment no study has a population."),
        given("product", "Strata and populations are defined by the product.", mostly=0.98),
        given("indication", "Populations are defined by the indication.", mostly=0.98),
        in_order(
            "apheresis_date",
            "infusion_date",
            "Autologous cells cannot be given before they are taken.",
            mostly=0.99,
        ),
        between(
            "vein_to_vein_days",
            10,
            200,
            "From apheresis to infusion: manufacturing takes at least ten days, and cells kept "
            "longer than 200 are the exception.",
            mostly=0.95,
        ),
        holds(
            "vein_to_vein_plausible_in_bulk",
            ("vein_to_vein_days",),
            "vein_to_vein_days BETWEEN 0 AND 1000",
            "When a tenth of the vein-to-vein times are negative or last years the dates are "
            "misread, and with them time zero.",
            mostly=0.9,
            severity="ERROR",
        ),
        holds(
            "infused_or_reason",
            ("infusion_date", "not_infused_reason"),
            "infusion_date IS NOT NULL OR not_infused_reason IS NOT NULL",
            "Drop-out before infusion is an outcome; those still waiting have neither, and are "
            "few.",
            mostly=0.85,
            category="completeness",
        ),
        holds(
            "no_reason_against_infusion_when_infused",
            ("infusion_date", "not_infused_reason"),
            "CASE WHEN infusion_date IS NOT NULL THEN not_infused_reason IS NULL END",
            "A treatment both given and not given: one of the two is wrong.",
            mostly=0.98,
        ),
        holds(
            "death_not_before_infusion",
            ("patient_id", "infusion_date"),
            "died >= infusion_date",
            "A death before the infusion gives a negative time, which is excluded.",
            mostly=0.99,
        ),
        holds(
            "death_not_before_infusion_in_bulk",
            ("patient_id", "infusion_date"),
            "died >= infusion_date",
            "When a tenth of the deaths precede the infusion the dates are misread, and those "
            "excluded would be the dead.",
            mostly=0.9,
            severity="ERROR",
        ),
        holds(
            "age_at_infusion_plausible",
            ("patient_id", "infusion_date"),
            "year(infusion_date) - born BETWEEN 0 AND 100",
            "Treatments are given between birth and a hundred years.",
            mostly=0.99,
        ),
        *not_after_delivery("infusion_date", bulk_error=True),
        between("line", 1, 15, "Lines of treatment beyond 15 are not seen.", mostly=0.99),
    ),
)
