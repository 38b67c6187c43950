"""Plausibility of `raw.transplant_registry__follow_up`: a form per patient and reporting period.

Its questions are known by number, and the numbers moved between revisions of the form: a column
read from its neighbour shows here, as a grade of 45,000 or a status of 3.
"""

from expectations.spec import Suite
from expectations.vocabulary import (
    between,
    distinct,
    form,
    given,
    holds,
    not_after_delivery,
    one_of,
    pseudonym,
    told_once,
)

_STATUS = "0 no, 1 yes, 2 yes and previously reported; anything else is another question's answer."
_GRADE = "Grades run to 5; anything else is another question's answer."

SUITE = Suite(
    layer="raw",
    table="transplant_registry__follow_up",
    declared=(
        pseudonym("patient_id"),
        pseudonym("treatment_id"),
        told_once(),
        distinct(
            ("treatment_id", "period"),
            "A period reported twice now and then is a correction; often, an export gone wrong.",
            mostly=0.9,
        ),
        form("period", "^(D100|M6|Y[0-9]{1,2})$", "Day 100, 6 months, then years.", mostly=0.98),
        given("last_contact_date", "Censoring needs it.", mostly=0.95),
        *not_after_delivery("last_contact_date", bulk_error=True),
        one_of("vital_status", ("1", "2"), "1 alive, 2 dead.", mostly=0.95, severity="ERROR"),
        holds(
            "death_has_date",
            ("vital_status", "death_date"),
            "CASE WHEN trim(vital_status) = '2' THEN death_date IS NOT NULL END",
            "A death without a date is placed at the last contact and flagged.",
            mostly=0.95,
            category="completeness",
        ),
        between("performance_status", 0, 4, "ECOG grades of the living run to 4.", mostly=0.99),
        *(
            between(name, 0, 2, _STATUS, mostly=0.95, severity="ERROR")
            for name in ("progression", "crs", "icans", "infection_1", "prolonged_cytopenia")
        ),
        *(
            between(f"{name}_grade", 1, 5, _GRADE, mostly=0.99)
            for name in ("crs", "icans", "infection_1", "infection_2", "prolonged_cytopenia")
        ),
        holds(
            "new_event_has_onset",
            ("crs", "crs_onset_date", "infection_1", "infection_1_onset_date"),
            "CASE WHEN crs = 1 OR infection_1 = 1 THEN (crs IS DISTINCT FROM 1 OR crs_onset_date IS"
            " NOT NULL) AND (infection_1 IS DISTINCT FROM 1 OR infection_1_onset_date IS NOT NULL)"
            " END",
            "An event told for the first time without an onset begins no episode.",
            mostly=0.97,
            category="completeness",
        ),
    ),
)
