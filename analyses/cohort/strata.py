"""The groups a study compares: levels, their order, the reference.

Belongs here: strata. Does not belong here: estimates per stratum (analyses.evaluation).
"""

from __future__ import annotations

import pandas as pd

from analyses.cohort.covariates import AGE_BANDS, is_numeric, level_text
from analyses.studies import Study, StudyError

OVERALL = "overall"
MISSING = "missing"
MOST_LEVELS = 20  # of a measured number: more is a measurement, not a group


def assign_strata(study: Study, patients: pd.DataFrame) -> pd.Series:
    """The level of each patient: `overall` without strata, `missing` when unknown."""
    if study.stratify_by is None:
        return pd.Series(OVERALL, index=patients.index, dtype="object")
    values = patients[study.stratify_by]
    levels = level_text(values)
    if is_numeric(values) and levels.nunique() > MOST_LEVELS:
        raise StudyError(
            f"study {study.id}: stratify_by {study.stratify_by} has {levels.nunique()} levels; "
            f"group a measurement into at most {MOST_LEVELS} levels before stratifying by it"
        )
    return levels.where(levels.notna(), MISSING)


def ordered_levels(study: Study, strata: pd.Series) -> tuple[str, ...]:
    """The levels in reading order: age bands by age, numbers by size, else by name."""
    bands = {label: lower for lower, label in AGE_BANDS} if study.stratify_by == "age_group" else {}

    def position(level: str) -> tuple[bool, float, str]:
        return level == MISSING, bands.get(level, _number(level)), level

    return tuple(sorted((str(level) for level in strata.unique()), key=position))


def reference_level(study: Study, strata: pd.Series) -> tuple[str | None, bool]:
    """(the reference level, whether it is the one asked for).

    The study's reference when patients have it; else the most frequent known level, ties by name;
    None when there are no two known levels to compare.
    """
    if study.stratify_by is None:
        return None, study.reference is None
    frequencies = strata[strata != MISSING].value_counts()
    if study.reference is not None and study.reference in frequencies.index:
        return study.reference, True
    most_frequent = most_frequent_level(strata[strata != MISSING])
    return most_frequent, study.reference is None


def most_frequent_level(levels: pd.Series) -> str | None:
    """The most frequent level, ties by name; None without any."""
    counts = levels.dropna().value_counts()
    if counts.empty:
        return None
    return min(str(level) for level in counts.index[counts == counts.max()])


def _number(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        return 0.0
