"""Cohorts: which people a study is about, counted at every step.

Belongs here: selection from the marts, covariates at the index date, strata. Does not belong here:
definitions of endpoints (dbt) and estimates (analyses.evaluation).
"""

from analyses.cohort.cohort import WORKING_TABLES, Cohort, build_cohort
from analyses.cohort.covariates import AGE_BANDS
from analyses.cohort.strata import MISSING, OVERALL

__all__ = ["AGE_BANDS", "MISSING", "OVERALL", "WORKING_TABLES", "Cohort", "build_cohort"]
