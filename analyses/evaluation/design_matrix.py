"""The variables of a regression: numbers as they are, levels with a reference, complete cases.

Belongs here: which column and which reference. Does not belong here: their coding as 0/1 and the
fit (analyses.survival.cox).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analyses.cohort import MISSING, Cohort
from analyses.cohort.covariates import is_numeric, level_text
from analyses.cohort.strata import most_frequent_level
from analyses.errors import AnalysisError
from analyses.studies import Study

# Of a study with `model_strata`: the number of the combination of levels, each with a baseline
# hazard of its own.
STRATA = "_model_strata"
# More levels of a number than this are a measurement, of which every value would be a stratum.
MOST_LEVELS = 12


@dataclass(frozen=True)
class DesignMatrix:
    """frame: time, entry and one column per variable of `variables`, complete cases only; STRATA
    where the models of the study are stratified.

    references: the reference level of each variable that has levels. complete: which rows of the
    outcome are in the frame. constant: variables with a single value there, which no model can use.
    """

    frame: pd.DataFrame
    variables: tuple[str, ...]
    references: dict[str, str]
    complete: pd.Series
    constant: tuple[str, ...]

    def with_frame(self, frame: pd.DataFrame, **more: Any) -> DesignMatrix:
        """The same design of another frame."""
        return replace(self, frame=frame, **more)

    @property
    def n_terms(self) -> int:
        """Coefficients of the model."""
        return sum(
            self.frame[name].nunique() - 1 if name in self.references else 1
            for name in self.variables
        )


def build_design(
    study: Study,
    cohort: Cohort,
    rows: pd.DataFrame,
    *,
    adjusted: bool,
    keep_missing: bool = False,
    stratified: bool = False,
) -> DesignMatrix:
    """The model of the stratum, and with `adjusted` of the study's covariates.

    With `keep_missing` rows whose strata are known are kept whatever covariates they lack.
    `stratified`: rows have the study's `model_strata` beside them, and who lacks one is left out.

    rows: an outcome (patient_id, stratum, time, entry) with the cohort's columns beside it. The
    reference of a covariate is its most frequent level in the cohort, ties by name.
    """
    asked: dict[str, pd.Series] = {}
    if study.stratify_by is not None and len(cohort.compared_levels) > 1:
        asked[study.stratify_by] = rows["stratum"].where(rows["stratum"] != MISSING, None)
    for name in study.adjust_for if adjusted else ():
        asked[name] = rows[name] if is_numeric(rows[name]) else level_text(rows[name])
    complete = pd.Series(True, index=rows.index)
    for name, values in asked.items():
        if not keep_missing or name == study.stratify_by:
            complete &= values.notna()
    strata = model_strata(study, rows) if stratified else None
    if strata is not None:
        complete &= strata.notna()
    frame = rows.loc[complete, ["time", "entry"]].reset_index(drop=True)
    references: dict[str, str] = {}
    constant = tuple(name for name, values in asked.items() if values[complete].nunique() < 2)
    for name, values in asked.items():
        if name in constant:
            continue
        frame[name] = values[complete].to_numpy()
        if not is_numeric(values):
            references[name] = _reference(study, cohort, name, frame[name])
    if strata is not None:
        frame[STRATA] = strata[complete].to_numpy()
    variables = tuple(name for name in asked if name not in constant)
    return DesignMatrix(frame, variables, references, complete, constant)


def model_strata(study: Study, rows: pd.DataFrame) -> pd.Series | None:
    """The number of each row's combination of levels of `model_strata`, missing with one of them;
    None when the study's models are not stratified."""
    if not study.model_strata:
        return None
    levels = []
    for name in study.model_strata:
        if is_numeric(rows[name]) and rows[name].nunique() > MOST_LEVELS:
            raise AnalysisError(
                f"model_strata: {name} has more than {MOST_LEVELS} values: each would be a stratum;"
                " take a variable with few levels, such as age_group, or adjust for it"
            )
        levels.append(level_text(rows[name]))
    table = pd.concat(levels, axis=1, keys=range(len(levels)))
    number = table.groupby(list(table.columns), dropna=True).ngroup()
    return number.where(table.notna().all(axis=1))


def _reference(study: Study, cohort: Cohort, name: str, present: pd.Series) -> str:
    """The same level in every model of the study, unless no complete case has it."""
    whole = cohort.reference if name == study.stratify_by else None
    whole = whole or most_frequent_level(level_text(cohort.patients[name]))
    if whole is not None and (present == whole).any():
        return whole
    return str(most_frequent_level(present))
