"""The study most tests of evaluations look at."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analyses.evaluation import evaluate
from analyses.studies import Study
from tests.lib.studies import two_arms


@pytest.fixture(scope="session")
def comparison() -> tuple[dict[str, pd.DataFrame], pd.DataFrame, dict[str, Any]]:
    """Tables, rows of overall survival, and headlines of a study that compares two products."""
    with two_arms().connect() as con:
        study = Study(
            id="s",
            title="A study",
            stratify_by="product",
            adjust_for=("age", "sex", "covariate:ecog"),
            endpoints=(
                "overall_survival",
                "progression_free_survival",
                "relapse",
                "death_by_cause",
                "crs_grade_3",
            ),
        )
        rows = con.execute(
            "SELECT e.patient_id, t.product AS stratum, p.sex, e.time_days AS time, e.event, "
            "date_diff('month', make_date(p.birth_year, 1, 1), e.start_date) / 12.0 AS age, "
            "c.value_number AS ecog "
            "FROM marts.time_to_event AS e JOIN marts.treatment AS t USING (treatment_id) "
            "JOIN marts.patient AS p ON p.patient_id = e.patient_id "
            "LEFT JOIN marts.covariate AS c ON c.patient_id = e.patient_id "
            "WHERE endpoint = 'overall_survival' ORDER BY e.patient_id"
        ).df()
        result = evaluate(study, con)
    return result.tables, rows, result.headlines
