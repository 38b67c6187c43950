"""What describes a patient at the index date: age, sex, line, centre and measured covariates.

Belongs here: which value counts. Does not belong here: groups made of them (strata.py).
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from analyses.studies.vocabulary import COVARIATE_PREFIX

# The latest value measured on or before the index date; undated ones count after dated ones.
# Values of the treatment come before those of the patient, the treatment's own source before
# others; two values of one day are settled by the smaller, so that a run can be repeated. Names
# are compared in lower case, as the marts write them.
_LATEST = """
SELECT
    k.patient_id, lower(v.name) AS name, v.value_text, v.value_number,
    v.measured_date IS NULL AS undated
FROM study_patient AS k
INNER JOIN marts.covariate AS v
    ON k.patient_id = v.patient_id
    AND (v.treatment_id IS NULL OR (v.treatment_id = k.treatment_id AND v.source = k.source))
WHERE list_contains(?, lower(v.name))
    AND (v.measured_date IS NULL OR v.measured_date <= k.start_date)
    AND (v.value_number IS NOT NULL OR nullif(trim(v.value_text), '') IS NOT NULL)
QUALIFY row_number() OVER (
    PARTITION BY k.patient_id, lower(v.name)
    ORDER BY
        v.treatment_id IS NULL, v.source <> k.source, v.measured_date DESC NULLS LAST,
        v.value_number NULLS LAST, v.value_text
) = 1
"""

# Ages in years at the index date, as regulators band them for children (ICH E11) and as
# haematology reports them for adults; the lower bound belongs to the band.
AGE_BANDS = (
    (0, "0-1"),
    (2, "2-11"),
    (12, "12-17"),
    (18, "18-39"),
    (40, "40-64"),
    (65, "65-74"),
    (75, "75+"),
)


def read_patients(con: duckdb.DuckDBPyConnection, variables: tuple[str, ...]) -> pd.DataFrame:
    """The people of the temporary table study_patient, with age_group and measured covariates.

    One row per person, by patient_id: source, patient_id, treatment_id, product, indication, line,
    centre, sex (F, M or None), age (years, = age_years), age_group, start_date, entry_days,
    cutoff_date, end_of_follow_up, death_date, and one column per `covariate:<name>` of `variables`:
    float64 when every value is a number, else text with None.
    """
    frame = con.execute(
        "SELECT source, patient_id, treatment_id, product, indication, "
        "CAST(line AS DOUBLE) AS line, centre, sex, age_years, start_date, "
        "CAST(entry_days AS DOUBLE) AS entry_days, cutoff_date, end_of_follow_up, death_date "
        "FROM study_patient ORDER BY patient_id"
    ).df()
    frame["age_years"] = frame["age_years"].astype("float64")
    frame["age"] = frame["age_years"]
    frame["age_group"] = age_group(frame["age_years"])
    names = sorted({name for name in variables if name.startswith(COVARIATE_PREFIX)})
    wanted = {name: name.removeprefix(COVARIATE_PREFIX).lower() for name in names}
    latest = con.execute(_LATEST, [list(wanted.values())]).df()
    for name in names:
        rows = latest[latest["name"] == wanted[name]]
        frame[name] = _values(rows, frame["patient_id"])
    return frame


def undated_values(con: duckdb.DuckDBPyConnection, variables: tuple[str, ...]) -> dict[str, int]:
    """`covariate:<name>` -> how many people of study_patient are told by a value without a date,
    which cannot be shown to have been known at the start."""
    names = sorted({name for name in variables if name.startswith(COVARIATE_PREFIX)})
    wanted = {name: name.removeprefix(COVARIATE_PREFIX).lower() for name in names}
    found = con.execute(_LATEST, [list(wanted.values())]).df()
    count = found[found["undated"]].groupby("name").size()
    return {name: int(count.get(wanted[name], 0)) for name in names}


def age_group(age_years: pd.Series) -> pd.Series:
    """The band of each age as text, None when the age is unknown."""
    bounds = [lower for lower, _ in AGE_BANDS]
    position = np.searchsorted(bounds, age_years.fillna(0), side="right") - 1
    labels = np.array([label for _, label in AGE_BANDS], dtype=object)
    return pd.Series(np.where(age_years.notna(), labels[position], None), index=age_years.index)


def is_numeric(values: pd.Series) -> bool:
    """Whether a variable enters a model as a number rather than as levels."""
    return bool(pd.api.types.is_numeric_dtype(values))


def level_text(values: pd.Series) -> pd.Series:
    """The values as levels: text, whole numbers without decimals, None when missing."""
    if is_numeric(values):
        return values.map(lambda value: None if pd.isna(value) else f"{value:g}").astype("object")
    text = values.astype("object")
    return text.where(text.notna(), None)


def _values(rows: pd.DataFrame, patients: pd.Series) -> pd.Series:
    numeric = bool(rows["value_number"].notna().all())
    if numeric:
        values = rows["value_number"].astype("float64")
    else:
        text = rows["value_text"].where(
            rows["value_text"].notna(), level_text(rows["value_number"])
        )
        values = text.str.strip()
    found = pd.Series(values.to_numpy(), index=rows["patient_id"].to_numpy())
    matched = patients.map(found)
    if numeric:
        return matched.astype("float64")
    return matched.where(matched.notna(), None).astype("object")
