"""Plausibility of `raw.cart_registry__follow_up`: one row per patient and reporting period.

Deaths, last news and progressions come from here: each survival curve stands on these columns.
"""

from expectations.spec import Suite
from expectations.vocabulary import (
    YES_NO,
    between,
    distinct,
    form,
    given,
    holds,
    in_order,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="cart_registry__follow_up",
    rows="""
        SELECT
            f.*,
            TRY_CAST(left(CAST(f._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            i.infused,
            CASE lower(coalesce(m.mapped_code, trim(CAST(f.vital_status AS VARCHAR))))
                WHEN 'v' THEN 'alive' WHEN 'alive' THEN 'alive'
                WHEN 'd' THEN 'dead' WHEN 'dead' THEN 'dead'
            END AS status,
            min(f.death_date) OVER person AS first_death,
            max(f.death_date) OVER person AS last_death
        FROM raw.cart_registry__follow_up AS f
        LEFT JOIN (
            SELECT patient_id, treatment_id, min(infusion_date) AS infused
            FROM raw.cart_registry__treatments
            GROUP BY ALL
        ) AS i ON i.patient_id = f.patient_id AND i.treatment_id = f.treatment_id
        LEFT JOIN (
            SELECT lower(code) AS code, any_value(mapped_code) AS mapped_code
            FROM raw.code_map
            WHERE source = 'cart_registry' AND code_list = 'vital_status'
            GROUP BY ALL
        ) AS m ON m.code = lower(trim(CAST(f.vital_status AS VARCHAR)))
        WINDOW person AS (PARTITION BY f.patient_id)
    """,
    declared=(
        pseudonym("patient_id"),
        pseudonym("treatment_id"),
        told_once(),
        distinct(
            ("patient_id", "treatment_id", "period"),
            "A period reported twice now and then is a correction; often, an export gone wrong.",
            mostly=0.9,
        ),
        form("period", "^[Mm][0-9]{1,3}$", "Months since infusion: M1, M3, M6.", mostly=0.98),
        holds(
            "report_is_dated",
            ("visit_date", "last_news_date", "death_date"),
            "coalesce(visit_date, last_news_date, death_date) IS NOT NULL",
            "A report without the date of a visit, of news or of a death has no place in time.",
            mostly=0.98,
            category="completeness",
        ),
        given("vital_status", "A missing vital status counts as alive.", mostly=0.95),
        given(
            "last_news_date",
            "Censoring needs the last date the patient was known alive; without it the latest "
            "visit stands in.",
            mostly=0.95,
        ),
        holds(
            "vital_status_known",
            ("vital_status",),
            "CASE WHEN nullif(trim(CAST(vital_status AS VARCHAR)), '') IS NOT NULL "
            "THEN status IS NOT NULL END",
            "V (vivant) or D (décédé), or a code the contract maps. A status that cannot be read "
            "would count as alive and lift the curve.",
            mostly=0.95,
            severity="ERROR",
            category="conformance",
        ),
        holds(
            "death_has_date",
            ("vital_status", "death_date"),
            "CASE WHEN status = 'dead' THEN death_date IS NOT NULL END",
            "A death without a date is placed at the last contact and flagged.",
            mostly=0.95,
            category="completeness",
        ),
        holds(
            "death_date_only_of_dead",
            ("vital_status", "death_date"),
            "CASE WHEN death_date IS NOT NULL THEN status = 'dead' END",
            "A patient reported alive with a date of death: one of the two is wrong.",
            mostly=0.98,
        ),
        holds(
            "one_death_date_per_patient",
            ("patient_id", "death_date"),
            "first_death = last_death",
            "A death reported with two dates: the earliest is used, and the conflict shown.",
            mostly=0.95,
        ),
        holds(
            "death_not_before_infusion",
            ("patient_id", "treatment_id", "death_date"),
            "death_date >= infused",
            "A death before the infusion gives a negative time, which is excluded.",
            mostly=0.99,
        ),
        holds(
            "death_not_before_infusion_in_bulk",
            ("patient_id", "treatment_id", "death_date"),
            "death_date >= infused",
            "When a tenth of the deaths precede the infusion the dates are misread, and those "
            "excluded would be the dead.",
            mostly=0.9,
            severity="ERROR",
        ),
        *not_after_delivery("death_date", bulk_error=True),
        *not_after_delivery("last_news_date", bulk_error=True),
        holds(
            "visit_not_before_infusion",
            ("patient_id", "treatment_id", "visit_date"),
            "visit_date >= infused",
            "Follow-up begins at the infusion; earlier visits are negative follow-up.",
            mostly=0.98,
        ),
        holds(
            "visit_not_after_death",
            ("patient_id", "visit_date", "death_date"),
            "visit_date <= last_death",
            "Nobody is seen after death.",
            mostly=0.98,
        ),
        *not_after_delivery("visit_date"),
        holds(
            "response_has_date",
            ("response", "assessment_date"),
            "CASE WHEN nullif(trim(CAST(response AS VARCHAR)), '') IS NOT NULL "
            "THEN assessment_date IS NOT NULL END",
            "A response without the date of its assessment cannot date a progression.",
            mostly=0.9,
            category="completeness",
        ),
        *not_after_delivery("assessment_date"),
        one_of("progression", YES_NO, "Oui or non.", mostly=0.98),
        holds(
            "progression_has_date",
            ("progression", "progression_date"),
            "CASE WHEN lower(CAST(progression AS VARCHAR)) IN ('o', 'oui', '1', 'true') "
            "THEN progression_date IS NOT NULL END",
            "A progression without a date cannot end progression-free survival.",
            mostly=0.9,
            category="completeness",
        ),
        *not_after_delivery("progression_date"),
        between("crs_grade", 0, 5, "ASTCT grades of CRS run to 5 (death).", mostly=0.99),
        between("icans_grade", 0, 5, "ASTCT grades of ICANS run to 5 (death).", mostly=0.99),
        in_order("crs_date", "last_news_date", "The last news follow a CRS.", mostly=0.98),
    ),
)
