"""Scores every form once, by the Python package that knows the instruments.

The rules (half rule, value sets, reversed items) belong to `analyses.quality_of_life`; nothing of
them is repeated in SQL. Forms are keyed by source and identifier, joined here into one key.
"""

import pandas as pd


def model(dbt, session):
    dbt.config(materialized="table")
    answers = dbt.ref("int_questionnaire_answer").df()
    sources = answers[["source", "questionnaire_id"]].drop_duplicates()
    scores = _score(answers)
    scored = scores.merge(sources, on="questionnaire_id", how="left")
    return scored[["source", "questionnaire_id", "instrument", "scale", "value"]].astype(
        {
            "source": "string",
            "questionnaire_id": "string",
            "instrument": "string",
            "scale": "string",
            "value": "float64",
        }
    )


def _score(answers: pd.DataFrame) -> pd.DataFrame:
    """Long scores of the answers; typed and empty when there is no answer at all."""
    if answers.empty:
        return pd.DataFrame(
            {
                "questionnaire_id": pd.Series(dtype="string"),
                "instrument": pd.Series(dtype="string"),
                "scale": pd.Series(dtype="string"),
                "value": pd.Series(dtype="float64"),
            }
        )
    # Imported here: a run without a questionnaire needs none of it.
    from analyses.quality_of_life import score_long

    return score_long(answers[["questionnaire_id", "instrument", "item", "answer"]])
