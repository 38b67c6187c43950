"""An endpoint under the weights a study names: the curves, summaries and Cox models once more.

Belongs here: which weights are refused, and rows with the adjustment `weighted`. Does not belong
here: the same without weights (curves.py, regression.py), the estimators (analyses.survival).
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analyses import survival
from analyses.cohort import Cohort
from analyses.errors import AnalysisError
from analyses.evaluation.curve_details import contrast_table, quantile_table
from analyses.evaluation.curves import curve_table, summary_table, with_names_of_causes
from analyses.evaluation.design_matrix import build_design
from analyses.evaluation.findings import Findings
from analyses.evaluation.model_rows import WEIGHT, with_clusters
from analyses.evaluation.outcome import Outcome, described_rows
from analyses.evaluation.regression import cox_tables, wanted_models
from analyses.studies import Study
from analyses.studies.weights import Weights
from analyses.survival.arrays import Floats
from analyses.survival.columns import refuse, weights

ADJUSTMENT = "weighted"
# A Cox model is fitted to every person that a case weight stands for.
MOST_PEOPLE = 5_000_000
_OF_ESTIMATORS = ["weighted_at_risk", "weighted_event"]


def weighted_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """survival_curve, survival_summary, survival_quantile and, with strata to compare, contrast, or
    cumulative_incidence; and the Cox models in hazard_ratio. Nothing without weights, or with
    weights that have no meaning.

    Counts are of the people who have a row, whatever they weigh.
    """
    if study.weights is None:
        return {}
    findings = findings.under(ADJUSTMENT)
    tables: dict[str, list[pd.DataFrame]] = {}
    with findings.guard("weights", outcome.endpoint.id):
        rows = described_rows(cohort, con)
        rows[WEIGHT] = checked_weights(rows, study.weights)
        curves = _incidence if outcome.endpoint.has_competing else _survival
        with findings.guard("weighted_curves", outcome.endpoint.id):
            found = curves(study, cohort, outcome, rows)
            tables |= {name: [frame] for name, frame in found.items()}
        if outcome.n_event:
            with findings.guard("weighted_models", outcome.endpoint.id):
                tables["hazard_ratio"] = _models(study, cohort, outcome, rows, findings)
    return {
        name: [frame.assign(adjustment=ADJUSTMENT) for frame in frames]
        for name, frames in tables.items()
    }


def checked_weights(rows: pd.DataFrame, of: Weights) -> Floats:
    """The weight of every row; AnalysisError with the number of rows that have none of meaning.

    Who has no weight cannot be left out: the others would no longer stand for the population.
    """
    values = weights(rows, of.variable)
    refuse(of.variable, values == 0, "zero")
    if of.kind == "case":
        refuse(of.variable, values != np.floor(values), "not a whole number of people")
    return values


def _survival(
    study: Study, cohort: Cohort, outcome: Outcome, rows: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    options = _options(study, outcome)
    limits = {**options, "conf_type": study.conf_type}
    curve = survival.kaplan_meier(rows, **limits).drop(columns=_OF_ESTIMATORS)
    horizons = list(study.horizons_days)
    means = survival.restricted_mean(rows, horizon=horizons, **options)
    at = survival.survival_at(curve, horizons)
    summary = summary_table(
        outcome,
        median=survival.median_survival(rows, **limits),
        rmst=means,
        survival_at=at,
        follow_up_median=survival.follow_up_median(rows, **limits),
    )
    tables = {
        "survival_curve": curve_table(study, curve),
        "survival_summary": summary,
        "survival_quantile": quantile_table(outcome, curve),
    }
    known = cohort.compared_levels
    if len(known) > 1:
        means, at = (of[of["stratum"].isin(known)] for of in (means, at))
        tables["contrast"] = contrast_table(study, cohort, means, at)
    return tables


def _incidence(
    study: Study, _cohort: Cohort, outcome: Outcome, rows: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    causes = list(range(1, len(outcome.causes) + 1))
    curve = survival.cumulative_incidence(
        rows, **_options(study, outcome), conf_type=study.conf_type, causes=causes
    ).drop(columns=_OF_ESTIMATORS)
    return {"cumulative_incidence": curve_table(study, with_names_of_causes(outcome, curve))}


def _options(study: Study, outcome: Outcome) -> dict[str, Any]:
    assert study.weights is not None
    return {
        "entry": "entry" if outcome.delayed else None,
        "by": "stratum",
        "weight": WEIGHT,
        "robust": study.weights.kind == "probability",
    }


def _models(
    study: Study, cohort: Cohort, outcome: Outcome, rows: pd.DataFrame, findings: Findings
) -> list[pd.DataFrame]:
    """Robust Cox models under probability weights; under case weights those of the people meant."""
    assert study.weights is not None
    repeats = study.weights.kind == "case"
    if repeats and rows[WEIGHT].sum() > MOST_PEOPLE:
        raise AnalysisError(
            f"column '{study.weights.variable}' stands for more than {MOST_PEOPLE:,} people: "
            "Cox models under case weights are fitted to each of them"
        )
    tables = []
    for model, adjusted in wanted_models(study, cohort).items():
        design = build_design(study, cohort, rows, adjusted=adjusted, stratified=True)
        design = with_clusters(study, rows, design)
        values = rows.loc[design.complete, WEIGHT].to_numpy()

        def weighed(frame: pd.DataFrame, values: Floats = values) -> pd.DataFrame:
            if not repeats:
                return frame.assign(**{WEIGHT: values})
            places = np.repeat(np.arange(len(frame)), values.astype(np.int64))
            return frame.iloc[places].reset_index(drop=True)

        name = f"{model}_{ADJUSTMENT}"
        tables += cox_tables(study, design, rows, outcome, findings, name, weighed)
    return tables
