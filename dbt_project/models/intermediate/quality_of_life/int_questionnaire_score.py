"""Scores every form once, by the Python package that knows the instruments.

The rules (half rule, value sets, reversed items) belong to `analyses.quality_of_life`; nothing of
them is repeated in SQL. Forms go in and out under their number.
"""

import pandas as pd

COLUMNS = {
    "form_number": "int64",
    "instrument": "string",
    "scale": "string",
    "value": "float64",
    "minimum_age": "Int64",
    "maximum_age": "Int64",
}


def model(dbt, session):
    dbt.config(materialized="table")
    answers = dbt.ref("int_questionnaire_answer")
    items = answers.select("form_number", "instrument", "item", "answer").df()
    if items.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    # Imported here: a run without a questionnaire needs none of it.
    from analyses.quality_of_life import score_long, utility_ages

    scores = score_long(items.rename(columns={"form_number": "questionnaire_id"}))
    scores = scores.rename(columns={"questionnaire_id": "form_number"})
    scores = scores.merge(utility_ages(), on=["instrument", "scale"], how="left")
    return scores[list(COLUMNS)].astype(COLUMNS)
