"""Plausibility of `raw.pharmacy__batches`: batches of advanced therapies a hospital received."""

from expectations.spec import Suite
from expectations.vocabulary import (
    distinct,
    given,
    in_order,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

SUITE = Suite(
    layer="raw",
    table="pharmacy__batches",
    declared=(
        pseudonym("batch_id"),
        pseudonym("order_id"),
        told_once(),
        distinct(
            ("batch_id",),
            "A batch is repeated now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        given(
            "identity_code",
            "Without its code a batch cannot be shown to be the patient's own.",
            mostly=0.97,
        ),
        one_of(
            "batch_outcome",
            ("conforme", "hors_spec", "echec"),
            "Conformity decides on the release; another word is counted as unknown.",
            mostly=0.98,
        ),
        in_order("receipt_date", "release_date", "A batch is released once received.", mostly=0.97),
        in_order("release_date", "expiry_date", "Nothing expired is released.", mostly=0.99),
        *not_after_delivery("receipt_date"),
    ),
)
