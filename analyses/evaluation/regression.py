"""Models of an endpoint: Cox of the stratum alone, then adjusted; under competing events each of
them is a Cox model per cause, and Fine-Gray of the endpoint's own event.

Belongs here: which models a study gets. Does not belong here: the columns of a model
(design_matrix.py) and the fit of one (model_rows.py).
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pandas as pd

from analyses.cohort import Cohort
from analyses.evaluation.complete_cases import look_at_constant, look_at_missing
from analyses.evaluation.design_matrix import DesignMatrix, build_design
from analyses.evaluation.findings import Findings
from analyses.evaluation.model_rows import (
    WEIGHT,
    fitted_rows,
    has_too_few_events,
    is_short_of_events,
    look_at_clusters,
    penalised_rows,
    with_clusters,
)
from analyses.evaluation.outcome import Outcome, described_rows
from analyses.studies import Study
from analyses.survival import SeparationError


def hazard_ratio_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """The frames of results.hazard_ratio for one endpoint, one per cause and model that fitted."""
    models = wanted_models(study, cohort)
    if not models or outcome.sizes.empty:
        return {}
    rows = described_rows(cohort, con)
    look_at_clusters(study, rows, outcome, findings)
    tables = []
    for model, adjusted in models.items():
        design = build_design(study, cohort, rows, adjusted=adjusted, stratified=True)
        design = with_clusters(study, rows, design)
        tables += cox_tables(study, design, rows, outcome, findings, model)
        if outcome.causes:
            name = model.replace("cox_", "fine_gray_")
            tables += _subdistributions(design, rows, outcome, findings, name)
    return {"hazard_ratio": tables}


def cox_tables(
    study: Study,
    design: DesignMatrix,
    rows: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    model: str,
    weighed: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> list[pd.DataFrame]:
    """The Cox models of a design, one per cause; n and n_event count people.

    weighed: makes of the people of the design those that the model is fitted to.
    """
    tables = []
    name = model.replace("cox_", "cox_cause_specific_") if outcome.causes else model
    look_at_constant(design, outcome, findings, name)
    for number, cause in enumerate(outcome.causes or (None,), start=1):
        event = rows["event"] if cause is None else (rows["cause"] == number).astype(int)
        frame = design.frame.assign(event=event[design.complete].to_numpy())
        about = name if cause is None else f"{name}, cause {cause}"
        look_at_missing(design, outcome, findings, about)
        asked = cause in (None, outcome.endpoint.id)
        if has_too_few_events(frame, design, outcome, findings, about, asked=asked):
            continue
        people = {"n": len(frame), "n_event": int(frame["event"].sum())}
        fitted = frame if weighed is None else weighed(frame)
        for part in _cox(study, design, fitted, outcome, findings, name, about):
            tables.append(part.assign(cause=cause, **people))
    return tables


def _cox(
    study: Study,
    design: DesignMatrix,
    frame: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    name: str,
    about: str,
) -> list[pd.DataFrame]:
    """A Cox model, and the penalised one where events are too few for it, or separated."""
    tables, separated = [], False
    # The penalised likelihood has no robust variance, which probability weights need.
    penalises = study.few_events == "firth" and WEIGHT not in frame
    with findings.guard(about, outcome.endpoint.id):
        try:
            tables.append(fitted_rows(design, frame, outcome, findings, about).assign(model=name))
        except SeparationError:
            if not penalises:
                raise
            separated = True
    if penalises and (separated or is_short_of_events(design, frame)):
        penalised = f"{name}_firth"
        about = about.replace(name, penalised, 1)
        look_at_missing(design, outcome, findings, about)
        with findings.guard(about, outcome.endpoint.id):
            found = penalised_rows(design, frame, outcome=outcome, findings=findings, about=about)
            tables.append(found.assign(model=penalised))
    return tables


def _subdistributions(
    design: DesignMatrix, rows: pd.DataFrame, outcome: Outcome, findings: Findings, name: str
) -> list[pd.DataFrame]:
    """Fine-Gray models of the endpoint's own event (of every cause of death_by_cause)."""
    tables = []
    causes = rows.loc[design.complete, "cause"].to_numpy()
    for number, cause in enumerate(outcome.causes, start=1):
        if outcome.endpoint.id not in (cause, "death_by_cause"):
            continue
        frame = design.frame.assign(event=(causes == number).astype(int), cause=causes)
        about = f"{name}, cause {cause}"
        look_at_missing(design, outcome, findings, about)
        if has_too_few_events(frame, design, outcome, findings, about, asked=False):
            continue
        with findings.guard(about, outcome.endpoint.id):
            fitted = fitted_rows(design, frame, outcome, findings, about, of=number)
            tables.append(fitted.assign(cause=cause, model=name))
    return tables


def wanted_models(study: Study, cohort: Cohort) -> dict[str, bool]:
    """model -> whether it is adjusted: one needs two known strata, the other `adjust_for`."""
    models = {}
    if len(cohort.compared_levels) > 1:
        models["cox_unadjusted"] = False
    if study.adjust_for:
        models["cox_adjusted"] = True
    return models
