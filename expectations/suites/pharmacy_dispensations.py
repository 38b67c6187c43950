"""Plausibility of `raw.pharmacy__dispensations`: what left the pharmacy, and for whom."""

from expectations.spec import Suite
from expectations.vocabulary import (
    distinct,
    given,
    holds,
    not_after_delivery,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="pharmacy__dispensations",
    rows="""
        SELECT
            d.*,
            TRY_CAST(left(CAST(d._delivery AS VARCHAR), 10) AS DATE) AS delivered,
            o.patient_id AS ordered_for
        FROM raw.pharmacy__dispensations AS d
        LEFT JOIN (
            SELECT batch_id, min(order_id) AS order_id
            FROM raw.pharmacy__batches
            GROUP BY ALL
        ) AS b ON b.batch_id = d.batch_id
        LEFT JOIN (
            SELECT order_id, min(patient_id) AS patient_id
            FROM raw.pharmacy__orders
            GROUP BY ALL
        ) AS o ON o.order_id = b.order_id
    """,
    declared=(
        pseudonym("dispensation_id"),
        pseudonym("batch_id"),
        pseudonym("patient_id"),
        told_once(),
        distinct(
            ("dispensation_id",),
            "A dispensation is repeated now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        holds(
            "dispensed_to_whom_it_was_ordered_for",
            ("batch_id", "patient_id"),
            "patient_id = ordered_for",
            "A batch made of the cells of one patient and dispensed to another breaks the chain "
            "of identity.",
            mostly=0.97,
        ),
        given("dispensation_date", "The circuit ends with it.", mostly=0.98),
        *not_after_delivery("dispensation_date"),
    ),
)
