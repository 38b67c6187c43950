"""Plausibility of `raw.common_extract__observations`: bedside and laboratory measurements."""

from expectations.spec import Suite
from expectations.vocabulary import (
    given,
    holds,
    not_after_delivery,
    number,
    pseudonym,
    told_once,
)

CODE = "lower(trim(CAST(code AS VARCHAR)))"
UNIT = "lower(trim(CAST(unit AS VARCHAR)))"

SUITE = Suite(
    layer="raw",
    table="common_extract__observations",
    rows="""
        SELECT
            t.*,
            TRY_CAST(left(CAST(t._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            p.born
        FROM raw.common_extract__observations AS t
        LEFT JOIN (
            SELECT _source, patient_id, min(birth_year) AS born
            FROM raw.common_extract__patients
            GROUP BY ALL
        ) AS p ON p._source = t._source AND p.patient_id = t.patient_id
    """,
    declared=(
        pseudonym("patient_id"),
        told_once(),
        given("observed_at", "A measurement without a time cannot be placed.", mostly=0.98),
        *not_after_delivery("observed_at", bulk_error=True),
        holds(
            "observed_not_before_birth",
            ("patient_id", "observed_at"),
            "year(observed_at) >= born",
            "A measurement before the birth has a misread or an invented date.",
            mostly=0.99,
        ),
        given("code", "A measurement of nothing cannot be used.", mostly=0.99),
        given("value", "A measurement without a value says nothing.", mostly=0.95),
        holds(
            "temperature_in_range",
            ("code", "value"),
            f"CASE WHEN {CODE} IN ('temperature', 'body_temperature') AND value IS NOT NULL "
            f"THEN coalesce({number('value')} BETWEEN 25 AND 45, false) END",
            "Degrees Celsius of a living body; the grade of CRS is derived from it.",
            mostly=0.99,
        ),
        holds(
            "haemoglobin_in_range",
            ("code", "value", "unit"),
            f"CASE WHEN {CODE} IN ('haemoglobin', 'hemoglobin') AND {UNIT} = 'g/dl' "
            f"THEN coalesce({number('value')} BETWEEN 2 AND 25, false) END",
            "Haemoglobin in g/dL; above 25 it is in g/L.",
            mostly=0.99,
        ),
    ),
)
