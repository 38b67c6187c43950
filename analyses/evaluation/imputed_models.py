"""The adjusted Cox models with missing covariates filled in several times.

Belongs here: for which model a study asks for it, and what a reader must know of it. Does not
belong here: imputing and pooling (analyses.survival), complete-case models (regression.py).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses import survival
from analyses.cohort import Cohort
from analyses.evaluation.design_matrix import DesignMatrix, build_design
from analyses.evaluation.findings import MISSING_INFORMATION, Findings
from analyses.evaluation.model_rows import (
    cluster_column,
    has_too_few_events,
    pooled_rows,
    strata_column,
    with_clusters,
    without_errors,
)
from analyses.evaluation.outcome import Outcome, own_rows
from analyses.studies import Study


def imputed_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """Rows of hazard_ratio, model `cox_adjusted_imputed`: the endpoint's own event, everybody whose
    stratum is known. None without a missing covariate: the complete cases are all."""
    if study.missing_covariates is None or not study.adjust_for or not outcome.has_own_event:
        return {}
    rows = own_rows(cohort, outcome, con)
    design = build_design(study, cohort, rows, adjusted=True, keep_missing=True, stratified=True)
    design = with_clusters(study, rows, design)
    own = outcome.own_cause
    frame = design.frame.assign(event=rows.loc[design.complete, "event"].to_numpy())
    incomplete = frame[list(design.variables)].isna()
    name = "cox_adjusted_imputed" if own is None else "cox_cause_specific_adjusted_imputed"
    about = name if own is None else f"{name}, cause {own}"
    if not incomplete.to_numpy().any():
        return {}
    if has_too_few_events(frame, design, outcome, findings, about, asked=False):
        return {}
    cluster = cluster_column(design, frame, outcome, findings, about)
    fits = _fits(study, design, frame, cluster, delayed=outcome.delayed)
    _look_at(study, incomplete, fits, outcome, findings, about)
    pooled = pooled_rows(design, fits).assign(cause=own, model=name)
    if study.cluster is not None and cluster is None:
        pooled = without_errors(pooled)
    return {"hazard_ratio": [pooled]}


def _fits(
    study: Study, design: DesignMatrix, frame: pd.DataFrame, cluster: str | None, *, delayed: bool
) -> list[survival.CoxResult]:
    assert study.missing_covariates is not None
    entry = "entry" if delayed else None
    copies = survival.impute(
        frame,
        covariates=list(design.variables),
        entry=entry,
        imputations=study.missing_covariates.imputations,
        seed=study.missing_covariates.seed,
    )
    return [
        survival.cox(
            copy,
            entry=entry,
            covariates=list(design.variables),
            reference=design.references,
            strata=strata_column(copy),
            cluster=cluster,
        )
        for copy in copies
    ]


def _look_at(
    study: Study,
    incomplete: pd.DataFrame,
    fits: list[survival.CoxResult],
    outcome: Outcome,
    findings: Findings,
    about: str,
) -> None:
    """Enough copies (as many as the percentage of incomplete people: White, Royston & Wood, Stat
    Med 2011), and how much of the variance is due to what is missing."""
    assert study.missing_covariates is not None
    share = float(incomplete.any(axis=1).mean())
    findings.at_least(
        "imputations",
        float(study.missing_covariates.imputations),
        round(100 * share),
        about=about,
        endpoint=outcome.endpoint.id,
    )
    largest = float(survival.pool(fits)["missing_information"].max())
    findings.add(
        "missing_information",
        "pass" if largest <= MISSING_INFORMATION else "warn",
        about=f"largest share over the terms, {about}",
        endpoint=outcome.endpoint.id,
        value=largest,
        threshold=MISSING_INFORMATION,
    )
