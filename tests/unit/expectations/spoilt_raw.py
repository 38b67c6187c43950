"""Scenes of spoilt deliveries: what is changed in which rows, and exactly what must be noticed.

A scene is (table, changes, names of the checks that must not be met); a change is
(SET clause, first patient, last patient) of the 20.
"""

from __future__ import annotations

Scene = tuple[str, list[tuple[str, int, int]], set[str]]

LATE = "DATE '2027-01-01'"
SAME_PATIENT = "patient_id = md5('patient1')"
ALL_RANGES = {
    f"{name}{suffix}"
    for name in (
        "eq5d_levels",
        "eq_vas_range",
        "qlq_c30_levels",
        "qlq_c30_global_levels",
        "pedsql_levels",
    )
    for suffix in ("", "_in_bulk")
}

CART_PATIENTS: list[Scene] = [
    ("cart_registry__patients", [("patient_id = 'NO 1'", 1, 1)], {"patient_id_is_pseudonym"}),
    ("cart_registry__patients", [(SAME_PATIENT, 1, 4)], {"rows_not_repeated", "rows_told_once"}),
    (
        "cart_registry__patients",
        [
            ("birth_month = NULL", 1, 1),
            ("sex = '9'", 1, 1),
            ("residence_department = '9X'", 1, 2),
            ("registration_date = NULL", 1, 2),
        ],
        {
            "birth_month_given",
            "sex_known",
            "residence_department_form",
            "registration_date_given",
        },
    ),
    (
        "cart_registry__patients",
        [
            ("birth_month = DATE '1860-01-01'", 1, 1),
            ("registration_date = DATE '1950-01-01'", 2, 2),
            (f"registration_date = {LATE}", 3, 3),
        ],
        {
            "birth_year_plausible",
            "registration_not_before_birth_month",
            "registration_date_not_after_delivery",
        },
    ),
]

CART_SURVEILLANCE: list[Scene] = [
    (
        "cart_registry__surveillance",
        [("observed_date = NULL", 1, 1), ("value = NULL", 1, 2), ("code = 'POULS'", 3, 3)],
        {"observed_date_given", "value_given", "code_known"},
    ),
    (
        "cart_registry__surveillance",
        [("value = '389'", 1, 1), (f"observed_date = {LATE}", 2, 2)],
        {"temperature_in_range", "observed_date_not_after_delivery"},
    ),
    (
        "cart_registry__surveillance",
        [(f"observed_date = {LATE}", 1, 12)],
        {"observed_date_not_after_delivery", "observed_date_not_after_delivery_in_bulk"},
    ),
    (
        "cart_registry__surveillance",
        [("patient_id = 'NO 1'", 1, 1), ("treatment_id = 'T1'", 2, 2)],
        {"patient_id_is_pseudonym", "treatment_id_is_pseudonym"},
    ),
]

CART_TREATMENTS: list[Scene] = [
    (
        "cart_registry__treatments",
        [("treatment_id = 'NO 1', patient_id = 'NO 1'", 1, 1)],
        {"patient_id_is_pseudonym", "treatment_id_is_pseudonym", "patient_delivered"},
    ),
    (
        "cart_registry__treatments",
        [(f"{SAME_PATIENT}, treatment_id = md5('treatment1')", 1, 4)],
        {"rows_not_repeated", "rows_told_once"},
    ),
    (
        "cart_registry__treatments",
        [
            ("product_code = NULL, indication_code = ' '", 1, 1),
            ("centre_id = NULL, apheresis_date = NULL", 1, 2),
            ("infusion_date = NULL, ldh_unit = NULL", 1, 4),
            ("ecog = NULL, ldh = NULL", 5, 6),
        ],
        {
            "product_code_given",
            "indication_code_given",
            "centre_id_given",
            "apheresis_date_given",
            "infused_or_reason",
            "ldh_has_unit",
            "ecog_given",
            "ldh_given",
        },
    ),
    (
        "cart_registry__treatments",
        [("line = 99, ecog = 9, ipi = -1, ldh = 4.2, bridging = '?', bulky = '?'", 1, 1)],
        {
            "line_in_range",
            "ecog_in_range",
            "ipi_in_range",
            "ldh_in_range",
            "bridging_known",
            "bulky_known",
        },
    ),
    (
        "cart_registry__treatments",
        [
            ("decision_date = DATE '2025-01-01'", 1, 1),
            ("apheresis_date = DATE '2024-03-01'", 2, 2),
            ("release_date = DATE '2024-06-01'", 3, 4),
        ],
        {
            "infusion_not_before_decision",
            "infusion_not_before_apheresis",
            "release_not_before_apheresis",
            "infusion_not_before_release",
        },
    ),
    (
        "cart_registry__treatments",
        [("apheresis_date = DATE '2024-03-01', release_date = NULL", 1, 3)],
        {"infusion_not_before_apheresis", "infusion_not_before_apheresis_in_bulk"},
    ),
    (
        "cart_registry__treatments",
        [
            (f"infusion_date = {LATE}", 1, 3),
            ("apheresis_date = DATE '2026-12-01', release_date = NULL", 1, 1),
        ],
        {
            "infusion_date_not_after_delivery",
            "infusion_date_not_after_delivery_in_bulk",
            "apheresis_date_not_after_delivery",
        },
    ),
]

FOLLOW_UP: list[Scene] = [
    (
        "cart_registry__follow_up",
        [("treatment_id = 'NO 1', patient_id = 'NO 1'", 1, 1)],
        {"patient_id_is_pseudonym", "treatment_id_is_pseudonym"},
    ),
    (
        "cart_registry__follow_up",
        [(f"{SAME_PATIENT}, treatment_id = md5('treatment1')", 1, 4)],
        {"rows_not_repeated", "rows_told_once"},
    ),
    (
        "cart_registry__follow_up",
        [
            ("period = 'later', death_date = NULL", 1, 1),
            ("last_news_date = NULL", 1, 2),
            ("visit_date = NULL, assessment_date = NULL, progression_date = NULL", 1, 3),
            ("vital_status = '?'", 19, 20),
            ("progression = '?'", 20, 20),
        ],
        {
            "period_form",
            "death_has_date",
            "last_news_date_given",
            "report_is_dated",
            "response_has_date",
            "progression_has_date",
            "vital_status_known",
            "progression_known",
        },
    ),
    (
        "cart_registry__follow_up",
        [
            ("crs_grade = 7, icans_grade = 9, crs_date = DATE '2026-01-01'", 1, 1),
            ("death_date = DATE '2025-01-01'", 20, 20),
        ],
        {
            "crs_grade_in_range",
            "icans_grade_in_range",
            "last_news_not_before_crs",
            "death_date_only_of_dead",
        },
    ),
    (
        "cart_registry__follow_up",
        [("death_date = DATE '2023-01-01'", 1, 2)],
        {
            "death_not_before_infusion",
            "death_not_before_infusion_in_bulk",
            "visit_not_after_death",
        },
    ),
    (
        "cart_registry__follow_up",
        [
            (f"death_date = {LATE}", 1, 2),
            (f"last_news_date = {LATE}", 1, 3),
            (f"assessment_date = {LATE}, progression_date = {LATE}", 1, 1),
            (f"visit_date = {LATE}", 20, 20),
        ],
        {
            "death_date_not_after_delivery",
            "death_date_not_after_delivery_in_bulk",
            "last_news_date_not_after_delivery",
            "last_news_date_not_after_delivery_in_bulk",
            "assessment_date_not_after_delivery",
            "progression_date_not_after_delivery",
            "visit_date_not_after_delivery",
        },
    ),
    (
        "cart_registry__follow_up",
        [(f"{SAME_PATIENT}, death_date = DATE '2025-02-01', period = 'M6'", 2, 2)],
        {"one_death_date_per_patient"},
    ),
    (
        "cart_registry__follow_up",
        [("visit_date = DATE '2023-01-01'", 1, 1), ("vital_status = NULL", 19, 20)],
        {"visit_not_before_infusion", "vital_status_given"},
    ),
]

EPRO: list[Scene] = [
    (
        "epro__answers",
        [("questionnaire_id = 'NO 1', patient_id = 'NO 1'", 1, 1)],
        {"patient_id_is_pseudonym", "questionnaire_id_is_pseudonym"},
    ),
    (
        "epro__answers",
        [("questionnaire_id = md5('one')", 1, 4)],
        {"rows_not_repeated", "forms_told_once"},
    ),
    (
        "epro__answers",
        [
            ("instrument = NULL, respondent = 'robot'", 1, 1),
            ("completed_date = NULL", 1, 2),
            ("item = NULL, answer = NULL", 20, 20),
        ],
        {"instrument_given", "respondent_known", "completed_date_given", "empty_form_has_reason"},
    ),
    (
        "epro__answers",
        [
            ("answer = '6'", 1, 1),
            ("answer = '101'", 7, 7),
            ("answer = '0'", 13, 13),
            ("answer = '8'", 16, 16),
            ("answer = 'never'", 19, 19),
        ],
        ALL_RANGES,
    ),
    (
        "epro__answers",
        [(f"completed_date = {LATE}", 1, 3)],
        {"completed_date_not_after_delivery", "completed_date_not_after_delivery_in_bulk"},
    ),
]

SCENES: list[Scene] = [*CART_PATIENTS, *CART_SURVEILLANCE, *CART_TREATMENTS, *FOLLOW_UP, *EPRO]
