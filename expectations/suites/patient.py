"""Plausibility of `marts.patient`: harmonised patients, one row per source and patient."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    has_rows,
    holds,
    not_after_delivery,
)

SUITE = Suite(
    layer="marts",
    table="patient",
    declared=(
        has_rows("Without a patient there is nothing to analyse: no delivery was harmonised."),
        given("birth_year", "Without it there is no age to adjust for.", mostly=0.95),
        holds(
            "birth_year_plausible",
            ("birth_year",),
            "birth_year BETWEEN 1900 AND year(delivered)",
            "A birth before 1900 or after the delivery is a misread century.",
            mostly=0.99,
        ),
        holds(
            "sex_is_known",
            ("sex",),
            "sex IN ('F', 'M')",
            "Patients of unknown sex leave the models that adjust for it.",
            mostly=0.95,
            category="completeness",
        ),
        holds(
            "vital_status_is_known",
            ("vital_status",),
            "vital_status IS NOT NULL AND vital_status <> 'unknown'",
            "Who is neither known alive nor dead has no follow-up.",
            mostly=0.98,
            category="completeness",
        ),
        given("last_contact_date", "Without it nobody can be censored.", mostly=0.98),
        holds(
            "last_contact_mostly_delivered",
            ("last_contact_imputed",),
            "NOT last_contact_imputed",
            "Last contacts worked out from the latest evidence shorten follow-up of those who are "
            "well.",
            mostly=0.8,
            category="completeness",
        ),
        holds(
            "death_date_mostly_delivered",
            ("vital_status", "death_date_imputed"),
            "CASE WHEN vital_status = 'dead' THEN NOT coalesce(death_date_imputed, false) END",
            "Deaths placed at the last contact come too early.",
            mostly=0.95,
            category="completeness",
        ),
        holds(
            "death_cause_mostly_known",
            ("vital_status", "death_cause"),
            "CASE WHEN vital_status = 'dead' THEN death_cause IS NOT NULL "
            "AND death_cause <> 'unknown' END",
            "Causes of death not known make a competing cause of their own.",
            mostly=0.7,
            category="completeness",
        ),
        *not_after_delivery("death_date", bulk_error=True),
        *not_after_delivery("last_contact_date", bulk_error=True),
        holds(
            "age_at_death_plausible",
            ("birth_year", "death_date"),
            "year(death_date) - birth_year BETWEEN 0 AND 110",
            "A death before birth or beyond 110 years is a wrong date.",
            mostly=0.99,
        ),
    ),
)
