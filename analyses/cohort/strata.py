"""The groups a study compares: levels, their order, the reference.

Belongs here: strata. Does not belong here: estimates per stratum (analyses.evaluation).
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analyses.cohort.covariates import AGE_BANDS, is_numeric, level_text
from analyses.errors import AnalysisError
from analyses.studies import Study, StudyError
from analyses.studies.vocabulary import nearest

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

    The study's reference, or None when no patient has it: another one in its place would turn every
    difference round. Where the study names none, the most frequent known level, ties by name; None
    when no level is known.
    """
    if study.stratify_by is None:
        return None, study.reference is None
    known = strata[strata != MISSING]
    if study.reference is None:
        return most_frequent_level(known), True
    found = bool((known == study.reference).any())
    return (study.reference if found else None), found


def refuse_reference(study: Study, levels: Iterable[str]) -> None:
    """AnalysisError for a study's reference that is none of the cohort's levels; names them."""
    known = [level for level in levels if level != MISSING]
    if study.reference is None or study.reference in known:
        return
    hint = nearest(study.reference, known)
    listed = f"; known: {', '.join(known)}" if "did you mean" in hint else ""
    raise AnalysisError(
        f"no patient of the cohort has the reference `{study.reference}` of {study.stratify_by}, "
        f"so nothing is compared{listed}{hint}"
    )


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
