"""Scores every form once, by the Python package that knows the instruments.

The rules (half rule, value sets, reversed items) belong to `analyses.quality_of_life`; nothing of
them is repeated in SQL. A form is known by source and identifier, told to the scoring as one key.
"""

import pandas as pd

COLUMNS = {
    "source": "string",
    "questionnaire_id": "string",
    "instrument": "string",
    "scale": "string",
    "value": "float64",
}


def model(dbt, session):
    dbt.config(materialized="table")
    answers = dbt.ref("int_questionnaire_answer").df()
    if answers.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    # Imported here: a run without a questionnaire needs none of it.
    from analyses.quality_of_life import score_long

    key = ["source", "questionnaire_id"]
    number = answers.groupby(key, sort=True).ngroup()
    forms = answers[key].assign(form=number).drop_duplicates("form").set_index("form")
    scores = score_long(
        answers[["instrument", "item", "answer"]].assign(questionnaire_id=number)
    ).rename(columns={"questionnaire_id": "form"})
    return scores.join(forms, on="form")[list(COLUMNS)].astype(COLUMNS)
