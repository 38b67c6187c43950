"""Plausibility of `raw.common_extract__treatments`: treatments in the common extract format."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
    given,
    holds,
    in_order,
    not_after_delivery,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__treatments",
    rows="""
        SELECT
            t.*,
            TRY_CAST(left(CAST(t._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            p.patient_id IS NOT NULL AS patient_is_delivered,
            p.death_date AS died,
            p.birth_year AS born
        FROM raw.common_extract__treatments AS t
        LEFT JOIN (
            SELECT _source, patient_id, max(death_date) AS death_date, min(birth_year) AS birth_year
            FROM raw.common_extract__patients
            WHERE patient_id IS NOT NULL
            GROUP BY ALL
        ) AS p ON p._source = t._source AND p.patient_id = t.patient_id
    """,
    declared=(
        pseudonym("patient_id"),
        pseudonym("treatment_id"),
        told_once(),
        distinct(
            ("_source", "patient_id", "treatment_id"),
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
        holds(
            "index_date_given",
            ("decision_date", "apheresis_date", "infusion_date"),
            "coalesce(infusion_date, apheresis_date, decision_date) IS NOT NULL",
            "A treatment without any date has no time zero and enters no analysis.",
            mostly=0.98,
            category="completeness",
        ),
        in_order("decision_date", "infusion_date", "The decision comes first.", mostly=0.98),
        in_order(
            "apheresis_date",
            "infusion_date",
            "Autologous cells cannot be given before they are taken.",
            mostly=0.99,
        ),
        in_order(
            "release_date",
            "infusion_date",
            "A batch is released before it is given, out-of-specification batches apart.",
            mostly=0.95,
        ),
        *not_after_delivery("infusion_date", bulk_error=True),
        *not_after_delivery("decision_date"),
        holds(
            "infusion_not_after_death",
            ("patient_id", "infusion_date"),
            "infusion_date <= died",
            "Nobody is treated after death; the time would be negative and is excluded.",
            mostly=0.99,
        ),
        holds(
            "infusion_not_after_death_in_bulk",
            ("patient_id", "infusion_date"),
            "infusion_date <= died",
            "When a tenth of the infusions of the dead follow their death the dates are misread, "
            "and those excluded would be the dead.",
            mostly=0.9,
            severity="ERROR",
        ),
        holds(
            "infusion_not_before_birth",
            ("patient_id", "infusion_date"),
            "year(infusion_date) >= born",
            "Nobody is treated before being born.",
            mostly=0.99,
        ),
        between("line", 1, 15, "Lines of treatment beyond 15 are not seen.", mostly=0.99),
        between("bridging", 0, 1, "0 is no, 1 is yes.", mostly=0.99),
    ),
)
