"""Who the patients are at the index date, per stratum, and how far the strata differ.

Belongs here: results.baseline. Does not belong here: which value counts (analyses.cohort).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from analyses.cohort import OVERALL, Cohort
from analyses.cohort.covariates import is_numeric, level_text
from analyses.results import empty
from analyses.studies import Study

_ALWAYS = ("age", "age_group", "sex", "line", "product", "indication", "source")


def baseline_table(study: Study, cohort: Cohort) -> pd.DataFrame:
    """results.baseline: one row per stratum, variable, level and statistic.

    Numeric variables: n (known), missing, mean, sd (n - 1), median, q1, q3. Categorical ones, per
    level: n and percent of the known; missing once. No minimum or maximum: they are one person's.
    smd: standardised mean difference from the reference stratum, |difference| not taken for numeric
    variables (Austin 2009), and the multivariate distance of Yang and Dalton (2012) for categorical
    ones; under `overall` the largest absolute value.
    """
    if cohort.patients.empty:
        return empty("baseline")
    patients = cohort.patients
    groups = {OVERALL: patients}
    if study.stratify_by is not None:
        groups.update({level: patients[patients["stratum"] == level] for level in cohort.levels})
    rows: list[dict[str, Any]] = [
        _row(stratum, "patients", None, "n", len(group)) for stratum, group in groups.items()
    ]
    for variable in _variables(study):
        numeric = is_numeric(patients[variable])
        differences = _differences(cohort, variable, numeric)
        levels = sorted(level_text(patients[variable]).dropna().unique())
        for stratum, group in groups.items():
            described = (
                _numeric(group[variable]) if numeric else _categorical(group[variable], levels)
            )
            rows += [
                _row(stratum, variable, *entry, smd=differences.get(stratum)) for entry in described
            ]
    return pd.DataFrame(rows).assign(study_id=study.id)


def _variables(study: Study) -> tuple[str, ...]:
    wanted = [*_ALWAYS, *study.adjust_for]
    return tuple(name for name in dict.fromkeys(wanted) if name != study.stratify_by)


def _row(
    stratum: str,
    variable: str,
    level: str | None,
    statistic: str,
    value: float | None,
    smd: float | None = None,
) -> dict[str, Any]:
    return {
        "stratum": stratum,
        "variable": variable,
        "level": level,
        "statistic": statistic,
        "value": value,
        "smd": smd,
    }


def _numeric(values: pd.Series) -> list[tuple[None, str, float]]:
    known = values.dropna()
    statistics = {
        "n": len(known),
        "missing": len(values) - len(known),
        "mean": known.mean(),
        "sd": known.std(),
        "median": known.median(),
        "q1": known.quantile(0.25),
        "q3": known.quantile(0.75),
    }
    return [(None, name, float(value)) for name, value in statistics.items()]


def _categorical(values: pd.Series, levels: list[str]) -> list[tuple[str | None, str, float]]:
    known = level_text(values).dropna()
    described: list[tuple[str | None, str, float]] = []
    for level in levels:
        count = int((known == level).sum())
        described.append((level, "n", count))
        described.append((level, "percent", 100 * count / len(known) if len(known) else math.nan))
    described.append((None, "missing", len(values) - len(known)))
    return described


def _differences(cohort: Cohort, variable: str, numeric: bool) -> dict[str, float | None]:
    """smd of each compared level against the reference, and the largest under `overall`."""
    levels = cohort.compared_levels
    if len(levels) < 2:
        return {}
    patients = cohort.patients
    of = {level: patients.loc[patients["stratum"] == level, variable] for level in levels}
    measure = _mean_difference if numeric else _share_difference
    found: dict[str, float | None] = {
        level: measure(of[level], of[levels[0]]) for level in levels[1:]
    }
    known = [abs(value) for value in found.values() if value is not None]
    return {**found, OVERALL: max(known, default=None)}


def _mean_difference(group: pd.Series, reference: pd.Series) -> float | None:
    """Difference of means over the root of the mean of both variances."""
    difference = group.mean() - reference.mean()
    spread = math.sqrt((group.var() + reference.var()) / 2)
    return _ratio(float(difference), spread)


def _ratio(difference: float, spread: float) -> float | None:
    if math.isnan(difference) or math.isnan(spread):
        return None
    if spread == 0:
        return 0.0 if difference == 0 else None
    return difference / spread


def _share_difference(group: pd.Series, reference: pd.Series) -> float | None:
    """Mahalanobis distance of the shares of all levels but one (Yang and Dalton 2012)."""
    both = [level_text(values).dropna() for values in (group, reference)]
    if any(known.empty for known in both):
        return None
    levels = sorted(set(both[0]) | set(both[1]))[1:]
    if not levels:
        return 0.0
    shares = [np.array([(known == level).mean() for level in levels]) for known in both]
    spread = sum(np.diag(share) - np.outer(share, share) for share in shares) / 2
    difference = shares[0] - shares[1]
    squared = float(difference @ np.linalg.pinv(spread) @ difference)
    # Groups without a level in common are infinitely far apart: no number says so.
    return math.sqrt(squared) if squared > 0 or not difference.any() else None
