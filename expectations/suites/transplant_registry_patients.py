"""Plausibility of `raw.transplant_registry__patients`: one row per patient, as delivered."""

from expectations.spec import Suite
from expectations.vocabulary import distinct, given, one_of, pseudonym, told_once

SUITE = Suite(
    layer="raw",
    table="transplant_registry__patients",
    declared=(
        pseudonym("patient_id"),
        told_once(),
        distinct(
            ("patient_id",),
            "A registry repeats a patient now and then; many repeats are an export gone wrong.",
            mostly=0.9,
        ),
        given("birth_month", "Without it a person cannot be linked, nor aged.", mostly=0.98),
        one_of("sex", ("1", "2"), "Another code is taken as unknown sex.", mostly=0.98),
    ),
)
