"""Plausibility of `raw.common_extract__patients`: patients of every source in the common format."""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
    given,
    holds,
    not_after_delivery,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="common_extract__patients",
    rows="""
        WITH mapped AS (
            SELECT source, code_list, lower(code) AS code, any_value(mapped_code) AS mapped_code
            FROM raw.code_map
            WHERE code_list IN ('sex', 'vital_status')
            GROUP BY ALL
        )
        SELECT
            t.*,
            TRY_CAST(left(CAST(t._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            lower(coalesce(x.mapped_code, trim(CAST(t.sex AS VARCHAR)))) AS sex_code,
            lower(coalesce(v.mapped_code, trim(CAST(t.vital_status AS VARCHAR)))) AS status
        FROM raw.common_extract__patients AS t
        LEFT JOIN mapped AS x
            ON x.source = t._source AND x.code_list = 'sex'
            AND x.code = lower(trim(CAST(t.sex AS VARCHAR)))
        LEFT JOIN mapped AS v
            ON v.source = t._source AND v.code_list = 'vital_status'
            AND v.code = lower(trim(CAST(t.vital_status AS VARCHAR)))
    """,
    declared=(
        pseudonym("patient_id"),
        told_once(),
        distinct(
            ("_source", "patient_id"),
            "A registry repeats a patient now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        holds(
            "sex_known",
            ("sex",),
            "CASE WHEN nullif(sex_code, '') IS NOT NULL THEN sex_code IN ('f', 'm', 'u') END",
            "F, M or U, or a code the contract maps; another is taken as unknown.",
            mostly=0.98,
            category="conformance",
        ),
        holds(
            "vital_status_known",
            ("vital_status",),
            "CASE WHEN nullif(status, '') IS NOT NULL THEN status IN ('alive', 'dead') END",
            "alive or dead, or a code the contract maps. A status that cannot be read would count "
            "as alive and lift the curve.",
            mostly=0.95,
            severity="ERROR",
            category="conformance",
        ),
        given("vital_status", "A missing vital status counts as alive.", mostly=0.95),
        given("birth_year", "Without it there is no age to adjust for.", mostly=0.95),
        holds(
            "birth_year_plausible",
            ("birth_year",),
            "birth_year BETWEEN 1900 AND year(delivered)",
            "A birth before 1900 or after the delivery is a misread century.",
            mostly=0.99,
        ),
        between("birth_month", 1, 12, "A month of the year.", mostly=0.99),
        given(
            "last_contact_date",
            "Censoring needs the last date the patient was known alive; without it the latest "
            "evidence stands in.",
            mostly=0.9,
        ),
        *not_after_delivery("last_contact_date", bulk_error=True),
        *not_after_delivery("death_date", bulk_error=True),
        *not_after_delivery("registration_date"),
        holds(
            "death_has_date",
            ("vital_status", "death_date"),
            "CASE WHEN status = 'dead' THEN death_date IS NOT NULL END",
            "A death without a date is placed at the last contact and flagged.",
            mostly=0.9,
            category="completeness",
        ),
        holds(
            "death_date_only_of_dead",
            ("vital_status", "death_date"),
            "CASE WHEN death_date IS NOT NULL THEN status IS DISTINCT FROM 'alive' END",
            "A patient reported alive with a date of death: one of the two is wrong.",
            mostly=0.98,
        ),
        holds(
            "last_contact_not_after_death",
            ("last_contact_date", "death_date"),
            "last_contact_date <= death_date",
            "Nobody is known alive after death.",
            mostly=0.98,
        ),
        holds(
            "death_not_before_birth",
            ("birth_year", "death_date"),
            "year(death_date) >= birth_year",
            "Nobody dies before being born.",
            mostly=0.99,
        ),
    ),
)
