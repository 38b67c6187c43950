"""Scenes of spoilt deliveries in the common extract format; a scene is as in `spoilt_raw`."""

from __future__ import annotations

from tests.unit.expectations.spoilt_raw import ALL_RANGES, LATE, SAME_PATIENT, Scene

PATIENTS: list[Scene] = [
    ("common_extract__patients", [("patient_id = 'NO 1'", 1, 1)], {"patient_id_is_pseudonym"}),
    ("common_extract__patients", [(SAME_PATIENT, 1, 4)], {"rows_not_repeated", "rows_told_once"}),
    (
        "common_extract__patients",
        [
            ("sex = '?', birth_month = 13, birth_year = 1850", 1, 1),
            ("last_contact_date = NULL", 1, 3),
            ("vital_status = 'gone'", 19, 20),
        ],
        {
            "sex_known",
            "birth_month_in_range",
            "birth_year_plausible",
            "last_contact_date_given",
            "vital_status_known",
        },
    ),
    (
        "common_extract__patients",
        [
            ("birth_year = NULL, death_date = NULL", 1, 2),
            ("vital_status = NULL", 18, 19),
            ("vital_status = 'alive', death_date = DATE '2025-01-01'", 20, 20),
        ],
        {
            "birth_year_given",
            "death_has_date",
            "vital_status_given",
            "death_date_only_of_dead",
        },
    ),
    (
        "common_extract__patients",
        [
            (f"last_contact_date = {LATE}", 18, 20),
            (f"death_date = {LATE}", 4, 5),
            (f"registration_date = {LATE}", 1, 1),
        ],
        {
            "last_contact_date_not_after_delivery",
            "last_contact_date_not_after_delivery_in_bulk",
            "death_date_not_after_delivery",
            "death_date_not_after_delivery_in_bulk",
            "registration_date_not_after_delivery",
        },
    ),
    (
        "common_extract__patients",
        [("death_date = DATE '2010-01-01'", 1, 1)],
        {"last_contact_not_after_death", "death_not_before_birth"},
    ),
]

TREATMENTS: list[Scene] = [
    (
        "common_extract__treatments",
        [("treatment_id = 'NO 1', patient_id = 'NO 1'", 1, 1)],
        {"patient_id_is_pseudonym", "treatment_id_is_pseudonym", "patient_delivered"},
    ),
    (
        "common_extract__treatments",
        [(f"{SAME_PATIENT}, treatment_id = md5('treatment1')", 1, 4)],
        {"rows_not_repeated", "rows_told_once"},
    ),
    (
        "common_extract__treatments",
        [
            ("product_code = NULL, indication_code = NULL, line = 40, bridging = 2", 1, 1),
            ("decision_date = NULL, apheresis_date = NULL, infusion_date = NULL", 2, 2),
        ],
        {
            "product_code_given",
            "indication_code_given",
            "line_in_range",
            "bridging_in_range",
            "index_date_given",
        },
    ),
    (
        "common_extract__treatments",
        [
            ("decision_date = DATE '2025-01-01'", 1, 1),
            ("apheresis_date = DATE '2024-06-01'", 2, 2),
            ("release_date = DATE '2024-06-01'", 3, 4),
        ],
        {
            "infusion_not_before_decision",
            "infusion_not_before_apheresis",
            "infusion_not_before_release",
        },
    ),
    (
        "common_extract__treatments",
        [
            (f"infusion_date = {LATE}", 1, 3),
            (f"decision_date = {LATE}, infusion_date = NULL", 20, 20),
        ],
        {
            "infusion_date_not_after_delivery",
            "infusion_date_not_after_delivery_in_bulk",
            "infusion_not_after_death",
            "infusion_not_after_death_in_bulk",
            "decision_date_not_after_delivery",
        },
    ),
    (
        "common_extract__treatments",
        [
            ("decision_date = NULL, apheresis_date = NULL, release_date = NULL", 20, 20),
            ("infusion_date = DATE '2010-01-01'", 20, 20),
        ],
        {"infusion_not_before_birth"},
    ),
]

EVENTS: list[Scene] = [
    (
        "common_extract__events",
        [("event_id = 'NO 1', patient_id = 'NO 1'", 1, 1)],
        {"patient_id_is_pseudonym", "event_id_is_pseudonym"},
    ),
    ("common_extract__events", [("event_id = md5('one')", 1, 4)], {"rows_not_repeated"}),
    (
        "common_extract__events",
        [("event_type = NULL, grade = 9", 1, 1), ("event_date = NULL", 1, 2)],
        {"event_type_given", "grade_in_range", "event_date_given"},
    ),
    (
        "common_extract__events",
        [(f"event_date = {LATE}", 11, 13)],
        {"event_date_not_after_delivery", "event_date_not_after_delivery_in_bulk"},
    ),
    (
        "common_extract__events",
        [("event_date = DATE '2025-06-01'", 1, 1)],
        {"event_not_after_death"},
    ),
]

OTHERS: list[Scene] = [
    (
        "common_extract__assessments",
        [
            ("assessment_date = NULL, criteria = 'recist'", 1, 2),
            ("response = NULL", 1, 3),
            ("patient_id = 'NO 1'", 1, 1),
        ],
        {
            "patient_id_is_pseudonym",
            "assessment_date_given",
            "criteria_known",
            "response_given",
        },
    ),
    (
        "common_extract__assessments",
        [(f"assessment_date = {LATE}", 1, 3)],
        {"assessment_date_not_after_delivery", "assessment_date_not_after_delivery_in_bulk"},
    ),
    (
        "common_extract__covariates",
        [
            ("value = NULL", 1, 5),
            ("value = 'good'", 20, 20),
            (f"name = NULL, measured_date = {LATE}", 1, 1),
            ("patient_id = 'NO 1'", 1, 1),
        ],
        {
            "value_given",
            "ecog_in_range",
            "name_given",
            "measured_date_not_after_delivery",
            "patient_id_is_pseudonym",
        },
    ),
    (
        "common_extract__observations",
        [
            ("code = NULL", 2, 2),
            ("value = NULL", 3, 4),
            ("observed_at = NULL, patient_id = 'NO 1'", 1, 1),
        ],
        {"code_given", "value_given", "observed_at_given", "patient_id_is_pseudonym"},
    ),
    (
        "common_extract__observations",
        [("value = '101.3'", 1, 1), ("value = '112'", 11, 11), (f"observed_at = {LATE}", 1, 3)],
        {
            "temperature_in_range",
            "haemoglobin_in_range",
            "observed_at_not_after_delivery",
            "observed_at_not_after_delivery_in_bulk",
        },
    ),
    (
        "common_extract__observations",
        [("observed_at = TIMESTAMP '1900-01-01 09:00:00'", 1, 1)],
        {"observed_not_before_birth"},
    ),
    (
        "common_extract__stays",
        [
            ("ghm = 'ABC'", 1, 2),
            ("admission_date = NULL, cost_eur = -5", 1, 1),
            ("discharge_date = DATE '2024-01-01', icu_days = NULL", 2, 2),
            ("icu_days = 99", 3, 3),
            (f"admission_date = {LATE}, discharge_date = NULL", 4, 4),
            ("patient_id = 'NO 1'", 5, 5),
        ],
        {
            "ghm_form",
            "admission_date_given",
            "cost_eur_in_range",
            "discharge_not_before_admission",
            "icu_days_within_stay",
            "admission_date_not_after_delivery",
            "patient_id_is_pseudonym",
        },
    ),
]

QUESTIONNAIRES: list[Scene] = [
    (
        "common_extract__questionnaires",
        [
            ("completed_date = NULL", 1, 2),
            ("respondent = 'robot', instrument = NULL", 1, 1),
            ("questionnaire_id = 'NO 1', patient_id = 'NO 1'", 1, 1),
        ],
        {
            "completed_date_given",
            "respondent_known",
            "instrument_given",
            "patient_id_is_pseudonym",
            "questionnaire_id_is_pseudonym",
        },
    ),
    (
        "common_extract__questionnaires",
        [("questionnaire_id = md5('one')", 1, 4)],
        {"rows_not_repeated"},
    ),
    (
        "common_extract__questionnaires",
        [(f"completed_date = {LATE}", 1, 3)],
        {"completed_date_not_after_delivery", "completed_date_not_after_delivery_in_bulk"},
    ),
    (
        "common_extract__questionnaires",
        [
            ("instrument = 'EQ-5D-5L', item = 'MO', answer = '2.5'", 1, 1),
            ("instrument = 'eq-5d-5l', item = 'vas', answer = '101'", 2, 2),
            ("instrument = 'qlq-c30', item = 'q1', answer = '5'", 3, 3),
            ("instrument = 'qlq-c30', item = 'q29', answer = '8'", 4, 4),
            ("answer = '5'", 5, 5),
        ],
        ALL_RANGES,
    ),
]

SCENES: list[Scene] = [*PATIENTS, *TREATMENTS, *EVENTS, *OTHERS, *QUESTIONNAIRES]
