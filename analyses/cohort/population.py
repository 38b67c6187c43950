"""The road from a source's treatments to the patients of a study, step by step, counted.

Belongs here: running the criteria and the attrition table. Does not belong here: the criteria
(criteria.py), when a clock starts (dbt, marts.time_to_event), what describes a patient
(covariates.py, strata.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from analyses.cohort.criteria import (
    CLOCK,
    FIRST_TREATMENT,
    REGISTERS_EARLY_ENOUGH,
    Step,
    all_of,
    follow_up_criteria,
    population_criteria,
    treatment_criteria,
)
from analyses.studies import Study, StudyError

# Age in whole months: the day of birth never reaches the data. Without a month, mid-year.
_BIRTH = "make_date(p.birth_year, coalesce(p.birth_month, 7), 1)"
_AGE_YEARS = f"date_diff('month', {_BIRTH}, i.start_date) / 12.0"

# The index date is that of overall survival: the clock of an analysis set is defined once, in dbt.
_CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE study_candidate AS
SELECT
    t.source, t.patient_id, t.treatment_id, t.product, t.indication, t.line,
    t.centre_id AS centre, nullif(p.sex, 'U') AS sex,
    i.start_date, i.end_date, i.event, coalesce(i.entry_days, 0) AS entry_days,
    least(s.delivery_date, CAST($data_cutoff AS DATE)) AS cutoff_date,
    CASE WHEN {_AGE_YEARS} >= 0 THEN {_AGE_YEARS} END AS age_years
FROM marts.treatment AS t
INNER JOIN marts.source AS s ON t.source = s.source
LEFT JOIN marts.patient AS p ON t.source = p.source AND t.patient_id = p.patient_id
LEFT JOIN marts.time_to_event AS i
    ON t.source = i.source AND t.patient_id = i.patient_id AND t.treatment_id = i.treatment_id
    AND i.endpoint = 'overall_survival' AND i.analysis_set = $analysis_set
"""

_FIRST = """
CREATE OR REPLACE TEMP TABLE study_patient AS
SELECT
    *,
    least(c.end_date, c.cutoff_date) AS end_of_follow_up,
    CASE WHEN c.event = 1 AND c.end_date <= c.cutoff_date THEN c.end_date END AS death_date
FROM study_candidate AS c
WHERE {criteria}
QUALIFY row_number() OVER (
    PARTITION BY c.patient_id ORDER BY c.start_date, c.source, c.treatment_id
) = 1
"""


def refuse_sources(study: Study, con: duckdb.DuckDBPyConnection) -> None:
    """StudyError for a source that is unknown, or that registers after the study's clock starts."""
    known = [row[0] for row in con.execute("SELECT source FROM marts.source ORDER BY 1").fetchall()]
    for source in study.population.sources or ():
        if source not in known:
            raise StudyError(
                f"study {study.id}: population.sources names `{source}`, of which no delivery is "
                f"loaded; known sources: {', '.join(known) or 'none'}"
            )
    late = con.execute(
        "SELECT DISTINCT c.source, s.registers_from FROM marts.treatment AS c "
        "INNER JOIN marts.source AS s ON c.source = s.source "
        f"WHERE {all_of(treatment_criteria(study.population))} "
        "AND NOT list_contains(?, s.registers_from) ORDER BY 1",
        [list(REGISTERS_EARLY_ENOUGH[study.analysis_set])],
    ).fetchone()
    if late is not None:
        raise StudyError(
            f"study {study.id}: analysis set {study.analysis_set} needs every patient from "
            f"{CLOCK[study.analysis_set]} on, but source `{late[0]}` registers from {late[1]}; "
            "leave it out of population.sources or use `analysis_set: infused`"
        )


def select_patients(study: Study, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Fill the temporary table study_patient (one row per person); return the attrition table.

    The attrition has study_id, analysis_set, step, reason, n_remaining, n_excluded. People are
    counted by patient_id across sources: a person leaves with the last of their treatments, so
    n_remaining never grows and n_excluded is its exact decrease.
    """
    con.execute(_CANDIDATES, {"data_cutoff": study.data_cutoff, "analysis_set": study.analysis_set})
    criteria = population_criteria(study)
    remaining = _count(con, "study_candidate", criteria)
    con.execute(_FIRST.format(criteria=all_of(criteria)))
    follow_up = (FIRST_TREATMENT, *follow_up_criteria(study))
    remaining += _count(con, "study_patient", follow_up)
    con.execute(f"DELETE FROM study_patient AS c WHERE NOT ({all_of(follow_up)})")
    return _attrition(study, (*criteria, *follow_up), remaining)


def later_treatments(study: Study, con: duckdb.DuckDBPyConnection) -> int:
    """How many treatments the study's patients had in the population after their first one."""
    row = con.execute(
        "SELECT count(*) FROM study_candidate AS c "
        "INNER JOIN study_patient AS k ON c.patient_id = k.patient_id "
        f"WHERE {all_of(population_criteria(study))} "
        "AND (c.source <> k.source OR c.treatment_id <> k.treatment_id)"
    ).fetchone()
    return int(row[0]) if row else 0


def absent_codes(study: Study, con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(product or indication, code) of the population that no treatment of any source has."""
    absent = []
    for column, wanted in (
        ("product", study.population.products),
        ("indication", study.population.indications),
    ):
        found = {
            row[0]
            for row in con.execute(f"SELECT DISTINCT {column} FROM marts.treatment").fetchall()
        }
        absent += [(column, code) for code in wanted or () if code not in found]
    return absent


def _count(con: duckdb.DuckDBPyConnection, table: str, steps: Sequence[Step]) -> list[int]:
    """People left after each step, in one scan."""
    counts = ", ".join(
        f"count(DISTINCT c.patient_id) FILTER (WHERE {all_of(steps[: position + 1])})"
        for position in range(len(steps))
    )
    row = con.execute(f"SELECT {counts} FROM {table} AS c").fetchone()
    return [int(count) for count in row or ()]


def _attrition(study: Study, steps: Sequence[Step], remaining: list[int]) -> pd.DataFrame:
    before = [remaining[0], *remaining[:-1]]
    return pd.DataFrame(
        {
            "study_id": study.id,
            "analysis_set": study.analysis_set,
            "step": range(1, len(steps) + 1),
            "reason": [step.reason for step in steps],
            "n_remaining": remaining,
            "n_excluded": [old - new for old, new in zip(before, remaining, strict=True)],
        }
    )
