"""Scenes of spoilt deliveries of the historical controls; a scene is as in `spoilt_raw`."""

from __future__ import annotations

from tests.unit.expectations.spoilt_raw import LATE, SAME_PATIENT, Scene

COHORT = "historical_control__cohort"
SCENES: list[Scene] = [
    (COHORT, [("patient_id = 'NO 1'", 1, 1)], {"patient_id_is_pseudonym"}),
    (COHORT, [(SAME_PATIENT, 1, 4)], {"rows_not_repeated", "rows_told_once"}),
    (
        COHORT,
        [
            ("birth_month = NULL", 1, 2),
            ("sex = '9', product_code = NULL", 1, 1),
            ("salvage_start_date = NULL, last_news_date = NULL", 20, 20),
            ("ecog = 9", 1, 2),
            ("ipi = 7", 1, 1),
            ("ldh = NULL", 1, 3),
        ],
        {
            "birth_month_given",
            "sex_known",
            "product_code_given",
            "salvage_start_date_given",
            "last_news_date_given",
            "ecog_in_range",
            "ipi_in_range",
            "ldh_given",
        },
    ),
    (
        COHORT,
        [(f"salvage_start_date = {LATE}", 18, 20)],
        {
            "salvage_start_date_not_after_delivery",
            "salvage_start_date_not_after_delivery_in_bulk",
        },
    ),
    (
        COHORT,
        [
            ("death_date = DATE '2014-01-01'", 1, 1),
            ("death_date = NULL", 2, 2),
        ],
        {
            "death_not_before_salvage_start",
            "progression_not_after_death",
            "dead_has_date",
        },
    ),
]
