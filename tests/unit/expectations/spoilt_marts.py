"""Scenes of spoilt marts; a scene is as in `spoilt_raw`, an endpoint narrows time to event."""

from __future__ import annotations

from tests.unit.expectations.spoilt_raw import LATE, Scene

PATIENT: list[Scene] = [
    (
        "patient",
        [
            ("birth_year = NULL, sex = 'U'", 1, 2),
            ("last_contact_imputed = true", 1, 5),
            ("last_contact_date = NULL, death_date_imputed = true", 1, 1),
            ("death_cause = 'unknown'", 1, 4),
            ("vital_status = 'unknown'", 20, 20),
        ],
        {
            "birth_year_given",
            "sex_is_known",
            "last_contact_mostly_delivered",
            "last_contact_date_given",
            "death_date_mostly_delivered",
            "death_cause_mostly_known",
            "vital_status_is_known",
        },
    ),
    (
        "patient",
        [("birth_year = 1850", 20, 20), ("death_date = DATE '1950-01-01'", 1, 1)],
        {"birth_year_plausible", "age_at_death_plausible"},
    ),
    (
        "patient",
        [(f"death_date = {LATE}", 1, 2), (f"last_contact_date = {LATE}", 1, 3)],
        {
            "death_date_not_after_delivery",
            "death_date_not_after_delivery_in_bulk",
            "last_contact_date_not_after_delivery",
            "last_contact_date_not_after_delivery_in_bulk",
        },
    ),
]

TREATMENT: list[Scene] = [
    (
        "treatment",
        [
            ("product = NULL, indication = NULL, line = 40", 1, 1),
            ("vein_to_vein_days = 300", 1, 2),
            ("infusion_date = NULL", 1, 4),
            ("not_infused_reason = 'death'", 20, 20),
        ],
        {
            "product_given",
            "indication_given",
            "line_in_range",
            "vein_to_vein_days_in_range",
            "infused_or_reason",
            "no_reason_against_infusion_when_infused",
        },
    ),
    (
        "treatment",
        [("apheresis_date = DATE '2024-03-01'", 1, 1), ("vein_to_vein_days = -5", 1, 3)],
        {
            "infusion_not_before_apheresis",
            "vein_to_vein_days_in_range",
            "vein_to_vein_plausible_in_bulk",
        },
    ),
    (
        "treatment",
        [(f"infusion_date = {LATE}", 1, 3)],
        {
            "infusion_date_not_after_delivery",
            "infusion_date_not_after_delivery_in_bulk",
            "death_not_before_infusion",
            "death_not_before_infusion_in_bulk",
        },
    ),
    (
        "treatment",
        [("infusion_date = DATE '2070-01-01'", 20, 20)],
        {"infusion_date_not_after_delivery", "age_at_infusion_plausible"},
    ),
]


def _only(column: str, value: str, endpoint: str) -> str:
    """A SET clause that changes the rows of one endpoint."""
    return f"{column} = if(endpoint = '{endpoint}', {value}, {column})"


OS, PFS, SECOND = "overall_survival", "progression_free_survival", "second_malignancy"
TIME_TO_EVENT: list[Scene] = [
    (
        "time_to_event",
        [
            (_only("cause", "NULL", OS), 1, 1),
            (_only("censoring_reason", "'last_contact'", PFS), 2, 2),
            (_only("censoring_reason", "NULL", SECOND), 3, 3),
            (_only("entry_days", "-1", SECOND), 4, 4),
            (_only("end_date", LATE, SECOND), 5, 5),
        ],
        {
            "event_has_cause",
            "event_has_no_censoring_reason",
            "censored_has_reason",
            "entry_not_negative",
            "end_not_after_cutoff",
        },
    ),
    (
        "time_to_event",
        [(_only("time_days", "-1", SECOND), 1, 20)],
        {"time_not_negative", "time_not_negative_in_bulk"},
    ),
    (
        "time_to_event",
        [
            (_only("time_days", "20000", SECOND), 1, 1),
            (_only("entry_days", "400", OS), 2, 2),
            (_only("time_days", "400", PFS), 3, 4),
            (_only("date_imputed", "true", OS), 1, 4),
            (_only("cause", "'unknown'", "death_by_cause"), 1, 7),
        ],
        {
            "time_below_forty_years",
            "entry_before_end",
            "progression_free_not_beyond_survival",
            "progression_free_not_beyond_survival_in_bulk",
            "date_mostly_delivered",
            "cause_of_death_mostly_known",
        },
    ),
]

SCORES: list[Scene] = [
    (
        "questionnaire_score",
        [
            ("value = -1", 1, 1),
            ("value = 120", 6, 6),
            ("value = 120", 11, 11),
            ("value = -1", 16, 16),
        ],
        {"utility_in_range", "eq_vas_in_range", "qlq_c30_in_range", "pedsql_in_range"},
    ),
    (
        "questionnaire_score",
        [("value = NULL", 1, 5), ("completed_date = NULL", 1, 2)],
        {"value_given", "completed_date_given"},
    ),
    (
        "questionnaire_score",
        [(f"completed_date = {LATE}", 18, 20)],
        {"completed_date_not_after_delivery", "completed_date_not_after_delivery_in_bulk"},
    ),
    (
        "questionnaire_score",
        [
            ("completed_date = DATE '2025-06-01'", 1, 1),
            ("completed_date = DATE '1970-01-01'", 2, 2),
        ],
        {"form_not_after_death", "eq5d_from_16_years"},
    ),
]

COVARIATE: list[Scene] = [
    (
        "covariate",
        [
            ("value_number = 9", 1, 1),
            ("value_number = NULL", 8, 8),
            ("value_number = 99", 15, 15),
            (f"measured_date = {LATE}", 1, 1),
        ],
        {
            "ecog_in_range",
            "ipi_in_range",
            "ldh_ratio_in_range",
            "measured_date_not_after_delivery",
        },
    ),
]

SCENES: list[Scene] = [*PATIENT, *TREATMENT, *TIME_TO_EVENT, *SCORES, *COVARIATE]
