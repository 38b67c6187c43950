"""Plausibility of `raw.omop__drug_exposure`: exposures to medicines, cells among them."""

from expectations.spec import Suite
from expectations.vocabulary import (
    distinct,
    given,
    holds,
    in_order,
    not_after_delivery,
    pseudonym,
    told_once,
)

CELLS = "drug_source_value LIKE 'L01XL%'"

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
        told_once(),
        distinct(
            ("drug_exposure_id",),
            "Each exposure has its number; many repeats are an export gone wrong.",
            mostly=0.95,
        ),
        holds(
            "cells_given_once_a_day",
            ("person_id", "drug_exposure_start_date", "drug_source_value"),
            f"CASE WHEN {CELLS} THEN row_number() OVER "
            "(PARTITION BY person_id, drug_exposure_start_date, drug_source_value) = 1 END",
            "Cells that come in two bags are two exposures of one day, and one treatment.",
            mostly=0.9,
        ),
        holds(
            "cells_have_concept",
            ("drug_concept_id", "drug_source_value"),
            f"CASE WHEN {CELLS} THEN CAST(drug_concept_id AS VARCHAR) <> '0' END",
            "A product that the warehouse has no concept for is known by its source value alone.",
            mostly=0.9,
            category="conformance",
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
