"""Scenes of spoilt trial portfolios; the twenty trials of a table are named by number."""

from __future__ import annotations

from tests.unit.expectations.spoilt_raw import Scene

TRIALS = "trials__trials"
SCENES: list[Scene] = [
    (TRIALS, [("trial_id = '202359900110'", 1, 1)], {"trial_id_form"}),
    (TRIALS, [("trial_id = 'NCT99000020'", 1, 4)], {"rows_not_repeated", "rows_told_once"}),
    (
        TRIALS,
        [
            ("status = NULL, planned_enrolment = NULL", 1, 1),
            ("planned_enrolment = 0, actual_enrolment = -1", 2, 2),
        ],
        {
            "status_given",
            "planned_enrolment_given",
            "planned_enrolment_in_range",
            "actual_enrolment_in_range",
        },
    ),
    (
        TRIALS,
        [
            ("closing_date = DATE '2019-01-01'", 1, 1),
            ("closing_date = DATE '2027-01-01', updated_date = DATE '2027-01-01'", 2, 2),
        ],
        {
            "closing_not_before_opening",
            "closing_date_not_after_delivery",
            "updated_date_not_after_delivery",
        },
    ),
]
