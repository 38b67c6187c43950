"""A study's cohort: one row per person, how they were selected, how they are grouped.

Belongs here: putting selection, covariates and strata together. Does not belong here: any estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from analyses.cohort.covariates import read_patients, undated_values
from analyses.cohort.population import (
    absent_codes,
    later_treatments,
    refuse_sources,
    select_patients,
)
from analyses.cohort.strata import MISSING, assign_strata, ordered_levels, reference_level
from analyses.studies import Study

WORKING_TABLES = ("study_candidate", "study_patient", "study_stratum")


@dataclass(frozen=True)
class Cohort:
    """The patients of a study.

    patients: one row per person (columns of covariates.read_patients, and `stratum`).
    attrition: the rows of results.attrition.
    levels: the strata in reading order, `missing` last; reference: the one compared with.
    reference_as_asked: False when nobody has the study's reference, so that nothing is compared.
    absent: (product or indication, code) of the population that no source has.
    undated: covariate -> people told by a value of it without a date.
    """

    patients: pd.DataFrame
    attrition: pd.DataFrame
    levels: tuple[str, ...]
    reference: str | None
    reference_as_asked: bool
    later_treatments: int
    absent: tuple[tuple[str, str], ...]
    undated: dict[str, int]

    @property
    def compared_levels(self) -> tuple[str, ...]:
        """The known levels, reference first; fewer than two means nothing to compare."""
        if self.reference is None:
            return ()
        others = (level for level in self.levels if level not in (MISSING, self.reference))
        return (self.reference, *others)


def build_cohort(study: Study, con: duckdb.DuckDBPyConnection) -> Cohort:
    """Select and describe the study's patients from schema marts.

    Leaves the temporary tables study_candidate, study_patient and study_stratum (patient_id,
    stratum) on the connection, which may be read-only. StudyError when the study asks a source for
    what it cannot give.
    """
    refuse_sources(study, con)
    attrition = select_patients(study, con)
    told_by = _told_apart_by(study)
    weights = () if study.weights is None else (study.weights.variable,)
    patients = read_patients(con, (*told_by, *weights))
    patients["stratum"] = assign_strata(study, patients)
    reference, as_asked = reference_level(study, patients["stratum"])
    _share_strata(con, patients)
    return Cohort(
        patients=patients,
        attrition=attrition,
        levels=ordered_levels(study, patients["stratum"]),
        reference=reference,
        reference_as_asked=as_asked or patients.empty,
        later_treatments=later_treatments(study, con),
        absent=tuple(absent_codes(study, con)),
        undated=undated_values(con, told_by),
    )


def _told_apart_by(study: Study) -> tuple[str, ...]:
    """Everything a study tells people apart by."""
    of_subgroups = () if study.subgroups is None else study.subgroups.by
    single = tuple(name for name in (study.stratify_by, study.cluster) if name is not None)
    of_tests = () if study.log_rank is None else study.log_rank.strata
    return (*single, *study.adjust_for, *study.model_strata, *of_subgroups, *of_tests)


def _share_strata(con: duckdb.DuckDBPyConnection, patients: pd.DataFrame) -> None:
    """Give the strata back to DuckDB, where patients are counted per stratum."""
    con.register("study_strata_frame", patients[["patient_id", "stratum"]])
    con.execute(
        "CREATE OR REPLACE TEMP TABLE study_stratum AS SELECT CAST(patient_id AS VARCHAR) "
        "AS patient_id, CAST(stratum AS VARCHAR) AS stratum FROM study_strata_frame"
    )
    con.unregister("study_strata_frame")
