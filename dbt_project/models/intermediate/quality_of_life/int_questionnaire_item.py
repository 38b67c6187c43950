"""The items of each form that gave no answer to score, and why, by the package that scores.

What an item is, its range and its names belong to `analyses.quality_of_life`. Forms go in and out
under their number.
"""

import pandas as pd

COLUMNS = {"form_number": "int64", "n_items": "int64", "item": "string", "state": "string"}


def model(dbt, session):
    dbt.config(materialized="table")
    answers = dbt.ref("int_questionnaire_answer")
    items = answers.select("form_number", "instrument", "item", "answer").df()
    if items.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    # Imported here: a run without a questionnaire needs none of it.
    from analyses.quality_of_life import unusable_items

    found = unusable_items(items.rename(columns={"form_number": "questionnaire_id"}))
    found = found.rename(columns={"questionnaire_id": "form_number"})
    return found[list(COLUMNS)].astype(COLUMNS)
