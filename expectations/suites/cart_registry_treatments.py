"""Plausibility of `raw.cart_registry__treatments`: the road from decision to infusion.

The registry registers from apheresis, so the order apheresis, release, infusion and the share of
patients who never reach the infusion carry the intention-to-treat results.
"""

from expectations.spec import Suite
from expectations.vocabulary import (
    YES_NO,
    between,
    distinct,
    given,
    holds,
    in_order,
    not_after_delivery,
    number,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="cart_registry__treatments",
    rows="""
        SELECT
            *,
            TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered,
            patient_id IN (
                SELECT p.patient_id FROM raw.cart_registry__patients AS p
                WHERE p.patient_id IS NOT NULL
            ) AS patient_is_delivered
        FROM raw.cart_registry__treatments
    """,
    declared=(
        pseudonym("patient_id"),
        pseudonym("treatment_id"),
        told_once(),
        distinct(
            ("patient_id", "treatment_id"),
            "A registry repeats a treatment now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        holds(
            "patient_delivered",
            ("patient_id",),
            "patient_is_delivered",
            "A treatment without its patient has no sex, age or vital status; many of them mean "
            "that one of the files was cut off.",
            mostly=0.98,
            category="completeness",
        ),
        given("product_code", "Strata and populations are defined by the product.", mostly=0.99),
        given("indication_code", "Populations are defined by the indication.", mostly=0.98),
        given("centre_id", "Access and centre effects need it.", mostly=0.95),
        given("apheresis_date", "The registry registers from apheresis.", mostly=0.95),
        holds(
            "infused_or_reason",
            ("infusion_date", "not_infused_reason"),
            "infusion_date IS NOT NULL OR nullif(trim(CAST(not_infused_reason AS VARCHAR)), '') "
            "IS NOT NULL",
            "Drop-out between apheresis and infusion is an outcome; those still waiting have "
            "neither, and are few.",
            mostly=0.85,
            category="completeness",
        ),
        in_order(
            "decision_date",
            "infusion_date",
            "The decision comes before the infusion.",
            mostly=0.98,
        ),
        in_order(
            "apheresis_date",
            "infusion_date",
            "Autologous cells cannot be given before they are taken.",
            mostly=0.99,
        ),
        holds(
            "infusion_not_before_apheresis_in_bulk",
            ("apheresis_date", "infusion_date"),
            "infusion_date >= apheresis_date",
            "When a tenth of the infusions precede their apheresis the columns are exchanged or "
            "the dates misread, and time zero is wrong in every curve.",
            mostly=0.9,
            severity="ERROR",
        ),
        in_order(
            "apheresis_date",
            "release_date",
            "A batch is released after its cells were taken.",
            mostly=0.98,
        ),
        in_order(
            "release_date",
            "infusion_date",
            "A batch is released before it is given, out-of-specification batches apart.",
            mostly=0.95,
        ),
        *not_after_delivery("apheresis_date"),
        *not_after_delivery("infusion_date", bulk_error=True),
        between("line", 1, 15, "Lines of treatment beyond 15 are not seen.", mostly=0.99),
        between("ecog", 0, 5, "The ECOG performance status runs from 0 to 5.", mostly=0.99),
        between("ipi", 0, 5, "The international prognostic index runs from 0 to 5.", mostly=0.99),
        given("ecog", "The performance status adjusts every comparison.", mostly=0.95),
        given("ldh", "Lactate dehydrogenase adjusts every comparison.", mostly=0.95),
        holds(
            "ldh_in_range",
            ("ldh",),
            f"{number('ldh')} BETWEEN 20 AND 20000",
            "Lactate dehydrogenase in U/L; below 20 it is a ratio to the upper limit or another "
            "unit (microkatal), and the model would mix the two.",
            mostly=0.98,
        ),
        holds(
            "ldh_has_unit",
            ("ldh", "ldh_unit"),
            "CASE WHEN ldh IS NOT NULL "
            "THEN nullif(trim(CAST(ldh_unit AS VARCHAR)), '') IS NOT NULL END",
            "A value without its unit is taken as U/L; it should be rare.",
            mostly=0.9,
            category="completeness",
        ),
        one_of("bridging", YES_NO, "Oui or non.", mostly=0.98),
        one_of("bulky", YES_NO, "Oui or non.", mostly=0.98),
    ),
)
