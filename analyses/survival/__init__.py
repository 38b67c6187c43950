"""Survival analysis that stands beside R's `survival`, number for number.

Frames in, tidy frames out; a missing result is NaN. Below the estimators on rows lies a counts
layer (`risk_table`, `cause_table`, `counts_from_duckdb`) and the same estimators on counts, so
that a large table is reduced where it is. Here belong estimates, tests and models of time to
event; which patients and which endpoint is for the study, and how it looks for the figures.
"""

from analyses.errors import AnalysisError
from analyses.survival.bands import simultaneous_bands
from analyses.survival.bootstrap import BootstrapResult, bootstrap_restricted_mean_difference
from analyses.survival.contrasts import (
    difference_of,
    ratio_of,
    restricted_mean_difference,
    restricted_mean_ratio,
    survival_difference,
)
from analyses.survival.counts import cause_table, risk_table
from analyses.survival.cox import CoxResult, cox
from analyses.survival.cox_fit import SeparationError
from analyses.survival.duckdb_counts import counts_from_duckdb
from analyses.survival.fine_gray import fine_gray
from analyses.survival.gray import gray_from_counts, gray_test
from analyses.survival.horizons import survival_at
from analyses.survival.imputation import impute
from analyses.survival.incidence import cumulative_incidence, cumulative_incidence_from_counts
from analyses.survival.kaplan_meier import kaplan_meier, kaplan_meier_from_counts
from analyses.survival.limits import chi_squared_p_value
from analyses.survival.log_rank import TestResult, log_rank, log_rank_from_counts
from analyses.survival.medians import follow_up_median, median_from_counts, median_survival
from analyses.survival.multi_state import state_occupation, time_in_state
from analyses.survival.quantiles import quantiles, quantiles_from_counts, quantiles_of_curve
from analyses.survival.restricted_mean import restricted_mean, restricted_mean_from_counts
from analyses.survival.rubin import pool, pool_estimates
from analyses.survival.subgroups import SubgroupResult, subgroup_effects
from analyses.survival.time_dependent import counting_rows, landmark_rows, simon_makuch
from analyses.survival.transition_probabilities import transition_probabilities
from analyses.survival.truncation import truncate_curve

__all__ = [
    "AnalysisError",
    "BootstrapResult",
    "CoxResult",
    "SeparationError",
    "SubgroupResult",
    "TestResult",
    "bootstrap_restricted_mean_difference",
    "cause_table",
    "chi_squared_p_value",
    "counting_rows",
    "counts_from_duckdb",
    "cox",
    "cumulative_incidence",
    "cumulative_incidence_from_counts",
    "difference_of",
    "fine_gray",
    "follow_up_median",
    "gray_from_counts",
    "gray_test",
    "impute",
    "kaplan_meier",
    "kaplan_meier_from_counts",
    "landmark_rows",
    "log_rank",
    "log_rank_from_counts",
    "median_from_counts",
    "median_survival",
    "pool",
    "pool_estimates",
    "quantiles",
    "quantiles_from_counts",
    "quantiles_of_curve",
    "ratio_of",
    "restricted_mean",
    "restricted_mean_difference",
    "restricted_mean_from_counts",
    "restricted_mean_ratio",
    "risk_table",
    "simon_makuch",
    "simultaneous_bands",
    "state_occupation",
    "subgroup_effects",
    "survival_at",
    "survival_difference",
    "time_in_state",
    "transition_probabilities",
    "truncate_curve",
]
