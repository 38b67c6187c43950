"""Scenes of spoilt stays, batches and forms of the transplant registry; as in `spoilt_raw`."""

from __future__ import annotations

from tests.unit.expectations.spoilt_raw import LATE, Scene

STAYS, UNITS = "pmsi__stays", "pmsi__units"
ORDERS, BATCHES, DISPENSED = "pharmacy__orders", "pharmacy__batches", "pharmacy__dispensations"
PERSONS, FORMS = "transplant_registry__patients", "transplant_registry__follow_up"
_GRADED = ("crs", "icans", "infection_1", "infection_2", "prolonged_cytopenia")

SCENES: list[Scene] = [
    (
        STAYS,
        [("patient_id = 'NO 1', stay_id = 'S 1'", 1, 1)],
        {"patient_id_is_pseudonym", "stay_id_is_pseudonym"},
    ),
    (STAYS, [("stay_id = md5('treatment1')", 1, 4)], {"rows_not_repeated"}),
    (
        STAYS,
        [
            ("discharge_date = DATE '2024-01-01'", 1, 1),
            ("exit_mode = 1", 2, 2),
            ("ghm = '28Z1'", 3, 3),
            ("ghm = '90Z00Z'", 4, 4),
            ("cost_eur = NULL", 5, 6),
            ("cost_eur = -1", 7, 7),
        ],
        {
            "discharge_not_before_admission",
            "exit_mode_in_range",
            "ghm_form",
            "ghm_grouped",
            "cost_eur_given",
            "cost_eur_in_range",
        },
    ),
    (
        STAYS,
        [(f"discharge_date = {LATE}", 1, 3)],
        {"discharge_date_not_after_delivery", "discharge_date_not_after_delivery_in_bulk"},
    ),
    (UNITS, [("stay_id = 'S 1'", 1, 1)], {"stay_id_is_pseudonym"}),
    (
        UNITS,
        [("stay_id = md5('treatment1'), days = _row", 1, 4)],
        {"rows_not_repeated"},
    ),
    (UNITS, [("days = NULL", 1, 1), ("days = 400", 2, 2)], {"days_given", "days_in_range"}),
    (
        ORDERS,
        [("patient_id = 'P 1', order_id = 'O 1'", 1, 1)],
        {"patient_id_is_pseudonym", "order_id_is_pseudonym"},
    ),
    (ORDERS, [("order_id = md5('treatment1')", 1, 4)], {"rows_not_repeated"}),
    (
        ORDERS,
        [
            ("product_code = ' '", 1, 1),
            ("order_date = NULL", 2, 2),
            (f"order_date = {LATE}", 3, 3),
        ],
        {"product_code_given", "order_date_given", "order_date_not_after_delivery"},
    ),
    (
        DISPENSED,
        [("patient_id = 'P 1', batch_id = 'L 1', dispensation_id = 'D 1'", 1, 1)],
        {
            "patient_id_is_pseudonym",
            "batch_id_is_pseudonym",
            "dispensation_id_is_pseudonym",
        },
    ),
    (DISPENSED, [("dispensation_id = md5('treatment1')", 1, 4)], {"rows_not_repeated"}),
    (
        DISPENSED,
        [
            ("dispensation_date = NULL", 1, 1),
            (f"dispensation_date = {LATE}", 2, 2),
            ("patient_id = md5('another')", 3, 3),
        ],
        {
            "dispensation_date_given",
            "dispensation_date_not_after_delivery",
            "dispensed_to_whom_it_was_ordered_for",
        },
    ),
    (PERSONS, [("patient_id = 'CT1'", 1, 1)], {"patient_id_is_pseudonym"}),
    (
        PERSONS,
        [
            ("registration_date = DATE '2024-01-01' + CAST(_row AS INTEGER)", 1, 4),
            ("patient_id = md5('patient1')", 1, 4),
        ],
        {"rows_not_repeated"},
    ),
    (
        PERSONS,
        [("birth_month = NULL", 1, 1), ("sex = '9'", 2, 2)],
        {"birth_month_given", "sex_known"},
    ),
    (
        BATCHES,
        [("batch_id = 'L 1', order_id = 'O 1'", 1, 1)],
        {"batch_id_is_pseudonym", "order_id_is_pseudonym"},
    ),
    (BATCHES, [("batch_id = md5('treatment1')", 1, 4)], {"rows_not_repeated"}),
    (
        BATCHES,
        [
            ("identity_code = NULL", 1, 1),
            ("batch_outcome = 'BON'", 2, 2),
            ("release_date = DATE '2024-02-01'", 3, 3),
            ("expiry_date = DATE '2024-02-12'", 4, 4),
            (f"receipt_date = {LATE}, release_date = NULL", 5, 5),
        ],
        {
            "identity_code_given",
            "batch_outcome_known",
            "release_not_before_receipt",
            "expiry_not_before_release",
            "receipt_date_not_after_delivery",
        },
    ),
    (
        FORMS,
        [("patient_id = 'CT1', treatment_id = 'CT1-1'", 1, 1)],
        {"patient_id_is_pseudonym", "treatment_id_is_pseudonym"},
    ),
    (FORMS, [("treatment_id = md5('treatment1')", 1, 4)], {"rows_not_repeated"}),
    (
        FORMS,
        [
            ("period = 'M3'", 1, 1),
            ("last_contact_date = NULL", 2, 3),
            ("vital_status = '3'", 8, 9),
            ("vital_status = '2', death_date = NULL", 5, 5),
            ("performance_status = 45000", 6, 6),
            ("crs_onset_date = NULL", 7, 7),
        ],
        {
            "period_form",
            "last_contact_date_given",
            "vital_status_known",
            "death_has_date",
            "performance_status_in_range",
            "new_event_has_onset",
        },
    ),
    (
        FORMS,
        [(f"last_contact_date = {LATE}", 1, 3)],
        {"last_contact_date_not_after_delivery", "last_contact_date_not_after_delivery_in_bulk"},
    ),
    *(
        (FORMS, [(f"{name} = 3", 10, 11)], {f"{name}_in_range"})
        for name in ("progression", "crs", "icans", "infection_1", "prolonged_cytopenia")
    ),
    *((FORMS, [(f"{name}_grade = 45000", 1, 1)], {f"{name}_grade_in_range"}) for name in _GRADED),
]
