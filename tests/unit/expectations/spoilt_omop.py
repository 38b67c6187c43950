"""Scenes of spoilt extracts of the data warehouse; a scene is as in `spoilt_raw`."""

from __future__ import annotations

from tests.unit.expectations.spoilt_raw import LATE, Scene

PERSON, EXPOSURE, MEASUREMENT = "omop__person", "omop__drug_exposure", "omop__measurement"
PERIOD = "omop__observation_period"
SCENES: list[Scene] = [
    (PERSON, [("person_id = '10001'", 1, 1)], {"person_id_is_pseudonym"}),
    (PERSON, [("person_id = md5('patient1')", 1, 4)], {"rows_not_repeated", "rows_told_once"}),
    (
        PERSON,
        [
            ("gender_concept_id = 0", 1, 2),
            ("year_of_birth = 1900", 1, 3),
            ("year_of_birth = 2060", 4, 4),
            ("care_site_id = NULL", 1, 2),
        ],
        {
            "gender_concept_id_known",
            "birth_is_no_default",
            "birth_not_after_delivery",
            "care_site_id_given",
        },
    ),
    (
        EXPOSURE,
        [("person_id = '10001', drug_exposure_id = '30200'", 1, 1)],
        {"person_id_is_pseudonym", "drug_exposure_id_is_pseudonym"},
    ),
    (EXPOSURE, [("drug_exposure_id = md5('one')", 1, 4)], {"rows_not_repeated"}),
    (
        EXPOSURE,
        [
            ("drug_source_value = NULL", 1, 2),
            ("drug_exposure_end_date = DATE '2020-01-01'", 3, 3),
        ],
        {"drug_source_value_given", "drug_exposure_end_not_before_drug_exposure_start"},
    ),
    (
        EXPOSURE,
        [(f"drug_exposure_start_date = {LATE}, drug_exposure_end_date = {LATE}", 1, 3)],
        {
            "drug_exposure_start_date_not_after_delivery",
            "drug_exposure_start_date_not_after_delivery_in_bulk",
        },
    ),
    (MEASUREMENT, [("person_id = '10001'", 1, 1)], {"person_id_is_pseudonym"}),
    (MEASUREMENT, [("measurement_id = '1'", 1, 4)], {"rows_not_repeated"}),
    (
        MEASUREMENT,
        [("value_as_number = NULL", 1, 3), ("unit_source_value = NULL", 1, 2)],
        {"value_as_number_given", "unit_source_value_given"},
    ),
    (
        MEASUREMENT,
        [(f"measurement_date = {LATE}", 1, 3)],
        {
            "measurement_date_not_after_delivery",
            "measurement_date_not_after_delivery_in_bulk",
            "measured_not_after_death",
        },
    ),
    (MEASUREMENT, [("measurement_date = DATE '2025-02-01'", 1, 1)], {"measured_not_after_death"}),
    (EXPOSURE, [("person_id = md5('patient1')", 1, 4)], {"cells_given_once_a_day"}),
    (EXPOSURE, [("drug_concept_id = '0'", 1, 3)], {"cells_have_concept"}),
    (PERIOD, [("person_id = '10001'", 1, 1)], {"person_id_is_pseudonym"}),
    (
        PERIOD,
        [("observation_period_end_date = DATE '2020-01-01'", 1, 1)],
        {"observation_period_end_not_before_observation_period_start"},
    ),
    (PERIOD, [("observation_period_end_date = DATE '2099-12-31'", 1, 3)], {"period_is_closed"}),
]
