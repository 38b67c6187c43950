"""The questionnaires of the cohort, handed to analyses.quality_of_life.

Belongs here: which people, forms and dates count. Does not belong here: scores, visits, means.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses.cohort import Cohort
from analyses.evaluation.findings import Findings
from analyses.studies import Study

_COLUMNS = (
    "source",
    "patient_id",
    "treatment_id",
    "stratum",
    "start_date",
    "entry_days",
    "end_of_follow_up",
    "death_date",
    "age_years",
    "sex",
    "cutoff_date",
)

# A form of a person may come from another source than their treatment. Nothing after the cut-off
# counts; a form that was not completed has no date of completion and stays.
_FORMS = """
SELECT f.* FROM marts.{table} AS f
INNER JOIN study_patient AS k ON f.patient_id = k.patient_id
WHERE f.completed_date IS NULL OR f.completed_date <= k.cutoff_date
ORDER BY f.source, f.patient_id, f.questionnaire_id
"""
_ITEMS = """
SELECT i.source, i.questionnaire_id, i.instrument, i.item, i.state
FROM marts.questionnaire_item AS i
INNER JOIN study_patient AS k ON i.patient_id = k.patient_id
ORDER BY ALL
"""
# No form can be expected after the day the cohort's questionnaires were delivered.
_DELIVERED = """
SELECT max(s.delivery_date) FROM marts.source AS s
WHERE s.source IN (
    SELECT f.source FROM marts.questionnaire_form AS f
    INNER JOIN study_patient AS k ON f.patient_id = k.patient_id
)
"""


def quality_of_life_tables(
    study: Study,
    cohort: Cohort,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,  # noqa: ARG001 - every step of an evaluation is called alike
) -> dict[str, pd.DataFrame]:
    """The quality-of-life tables of results, and their diagnostics; none when none are asked."""
    if study.quality_of_life is None or cohort.patients.empty:
        return {}
    from analyses import quality_of_life

    people, forms, scores = questionnaires(cohort, con)
    items = con.execute(_ITEMS).df()
    return quality_of_life.evaluate(study, people, forms, scores, items, reference=cohort.reference)


def questionnaires(
    cohort: Cohort, con: duckdb.DuckDBPyConnection
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The people of the cohort, their forms and their scores."""
    forms = con.execute(_FORMS.format(table="questionnaire_form")).df()
    scores = con.execute(_FORMS.format(table="questionnaire_score")).df()
    return _people(cohort, con), forms, scores


def _people(cohort: Cohort, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The cohort as quality of life needs it: one row per person, followed until forms stop."""
    people = cohort.patients[list(_COLUMNS)].copy()
    # All of it is fetched: an open result would block the connection.
    delivered = con.execute(_DELIVERED).fetchall()[0][0]
    if delivered is None:
        return people
    last = pd.Timestamp(delivered)
    # Whoever was treated after that day expects nothing yet, but is still of the cohort.
    stop = people["start_date"].clip(lower=last)
    for column in ("end_of_follow_up", "cutoff_date"):
        people[column] = people[column].where(people[column] <= stop, stop)
    people["death_date"] = people["death_date"].where(people["death_date"] <= stop)
    return people
