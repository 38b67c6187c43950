"""Cohorts, forms and scores from small text tables, for tests of quality of life.

A table is written as `column | column` lines; days count from the index date. Only what a test
speaks of is written, the rest is a person of 50 in follow-up for ten years.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.studies import Study

INDEX_DATE = pd.Timestamp("2020-01-01")


def study(*instruments: str) -> Study:
    return Study(
        id="example", title="Example", quality_of_life={"instruments": instruments or ("eq-5d-5l",)}
    )


def table(text: str) -> pd.DataFrame:
    """The rows of a text table; an empty cell is missing, numbers are numbers."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0]).replace("", None)
    for column in frame.columns:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if numbers.notna().equals(frame[column].notna()):
            frame[column] = numbers
    return frame


def _date(frame: pd.DataFrame, column: str, default: float = np.nan) -> pd.Series:
    days = frame[column].astype(float) if column in frame else pd.Series(default, frame.index)
    return INDEX_DATE + pd.to_timedelta(days.astype(float).fillna(default), unit="D")


def cohort(text: str) -> pd.DataFrame:
    """patient, and if wanted stratum, age, death, end (of follow-up), cutoff and entry in days."""
    rows = table(text)
    death = _date(rows, "death")
    cutoff = _date(rows, "cutoff", 3650)
    end = _date(rows, "end", 3650).combine(cutoff, min)
    return pd.DataFrame(
        {
            "source": "registry",
            "patient_id": rows["patient"],
            "treatment_id": rows["patient"],
            "stratum": rows.get("stratum", "overall"),
            "start_date": INDEX_DATE,
            "entry_days": rows["entry"].astype(float).fillna(0) if "entry" in rows else 0.0,
            "end_of_follow_up": end.where(death.isna(), death),
            "death_date": death,
            "age_years": rows["age"].astype(float) if "age" in rows else 50.0,
            "cutoff_date": cutoff,
        }
    )


def forms(text: str) -> pd.DataFrame:
    """patient, day, and if wanted form, instrument, respondent, visit, reason, n (answered),
    unusable (items).
    """
    rows = table(text)
    numbered = pd.Series([f"f{i}" for i in range(1, len(rows) + 1)], rows.index)
    return pd.DataFrame(
        {
            "source": "epro",
            "patient_id": rows["patient"],
            "questionnaire_id": rows.get("form", numbered),
            "treatment_id": None,
            "instrument": rows.get("instrument", "eq-5d-5l"),
            "respondent": rows.get("respondent", "self"),
            "visit": rows.get("visit", pd.Series(None, rows.index, dtype=object)),
            "completed_date": _date(rows, "day"),
            "not_completed_reason": rows.get("reason", pd.Series(None, rows.index, dtype=object)),
            "n_items_answered": rows.get("n", 6),
            "n_items_unusable": rows.get("unusable", 0),
        }
    )


def scores(given: pd.DataFrame, **values: list[float | None]) -> pd.DataFrame:
    """Scores of these forms, one list a scale, in the order of the forms."""
    parts = [
        given[["source", "patient_id", "questionnaire_id", "treatment_id", "instrument"]].assign(
            scale=scale,
            respondent=given["respondent"],
            completed_date=given["completed_date"],
            withheld=None,
            value=pd.Series(of_forms, given.index, dtype=float),
        )
        for scale, of_forms in values.items()
    ]
    return pd.concat(parts, ignore_index=True)
