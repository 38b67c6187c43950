"""Plausibility of `raw.omop__drug_exposure`: exposures to medicines, cells among them."""

from expectations.spec import Suite
from expectations.vocabulary import distinct, given, in_order, not_after_delivery, pseudonym

SUITE = Suite(
    layer="raw",
    table="omop__drug_exposure",
    rows="""
        SELECT
            *,
            TRY_CAST(left(CAST(_delivery AS VARCHAR), 10) AS DATE) AS delivered
        FROM raw.omop__drug_exposure
    """,
    declared=(
        pseudonym("person_id"),
        pseudonym("drug_exposure_id"),
        distinct(
            ("drug_exposure_id",),
            "Each exposure has its number; many repeats are an export gone wrong.",
            mostly=0.95,
        ),
        given(
            "drug_source_value",
            "A product without a concept is known by it, and by nothing else.",
            mostly=0.95,
        ),
        *not_after_delivery("drug_exposure_start_date", bulk_error=True),
        in_order(
            "drug_exposure_start_date",
            "drug_exposure_end_date",
            "An exposure ends after it began.",
            mostly=0.99,
        ),
    ),
)
