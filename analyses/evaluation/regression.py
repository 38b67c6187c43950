"""Cox models of an endpoint: the stratum alone, then adjusted; per cause under competing events.

Belongs here: which models a study gets, and their rows of results. Does not belong here: the
columns of a model (design_matrix.py) and the fit (analyses.survival.cox).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses import survival
from analyses.cohort import Cohort
from analyses.evaluation.design_matrix import DesignMatrix, build_design
from analyses.evaluation.findings import (
    DROPPED_MUCH,
    DROPPED_TOO_MUCH,
    EVENTS_FEWEST,
    EVENTS_PER_TERM,
    EVENTS_PER_TERM_LEAST,
    NON_PROPORTIONAL,
    Findings,
    Status,
)
from analyses.evaluation.outcome import Outcome, read_rows
from analyses.studies import Study


def hazard_ratio_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> list[pd.DataFrame]:
    """The frames of results.hazard_ratio for one endpoint, one per cause and model that fitted."""
    models = wanted_models(study, cohort)
    if not models or outcome.sizes.empty:
        return []
    described = cohort.patients.drop(columns="stratum")
    rows = read_rows(con).merge(described, on="patient_id", how="left", validate="one_to_one")
    tables = []
    for model, adjusted in models.items():
        design = build_design(study, cohort, rows, adjusted=adjusted)
        for number, cause in enumerate(outcome.causes or (None,), start=1):
            event = rows["event"] if cause is None else (rows["cause"] == number).astype(int)
            frame = design.frame.assign(event=event[design.complete].to_numpy())
            name = model if cause is None else model.replace("cox_", "cox_cause_specific_")
            about = name if cause is None else f"{name}, cause {cause}"
            if _has_too_few_events(frame, design, outcome, cause, findings, about):
                continue
            with findings.guard(about, outcome.endpoint.id):
                fitted = _fit(design, frame, outcome, findings, about)
                tables.append(fitted.assign(cause=cause, model=name))
        _look_at_missing(design, outcome, findings, model)
    return tables


def wanted_models(study: Study, cohort: Cohort) -> dict[str, bool]:
    """model -> whether it is adjusted: one needs two known strata, the other `adjust_for`."""
    models = {}
    if len(cohort.compared_levels) > 1:
        models["cox_unadjusted"] = False
    if study.adjust_for:
        models["cox_adjusted"] = True
    return models


def _has_too_few_events(
    frame: pd.DataFrame,
    design: DesignMatrix,
    outcome: Outcome,
    cause: str | None,
    findings: Findings,
    about: str,
) -> bool:
    """Whether a model is not worth fitting: next to no events, or few for a model nobody asked for.

    The models of competing causes come unasked, beside that of the endpoint's own event: they need
    EVENTS_PER_TERM_LEAST events a coefficient. The one asked for is fitted and its events are told.
    """
    n_event = int(frame["event"].sum())
    asked = cause is None or cause == outcome.endpoint.id
    least = EVENTS_FEWEST if asked else EVENTS_PER_TERM_LEAST * max(design.n_terms, 1)
    if n_event >= max(least, EVENTS_FEWEST):
        return False
    findings.add(
        "too_few_events",
        "warn",
        about=f"{about} not fitted",
        endpoint=outcome.endpoint.id,
        value=n_event,
        threshold=max(least, EVENTS_FEWEST),
    )
    return True


def _fit(
    design: DesignMatrix,
    frame: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    about: str,
) -> pd.DataFrame:
    if not design.variables:
        raise survival.AnalysisError("no variable of the model varies between the complete cases")
    findings.at_least(
        "events_per_term",
        float(frame["event"].sum()) / design.n_terms,
        EVENTS_PER_TERM,
        fails_below=EVENTS_PER_TERM_LEAST,
        about=about,
        endpoint=outcome.endpoint.id,
    )
    fit = survival.cox(
        frame,
        entry="entry" if outcome.delayed else None,
        covariates=design.variables,
        reference=design.references,
    )
    # cox.zph tests a variable as a whole: its levels share the p-value.
    tests = fit.proportional_hazards.set_index("term")["p_value"]
    findings.at_least(
        "proportional_hazards",
        None if pd.isna(tests["GLOBAL"]) else float(tests["GLOBAL"]),
        NON_PROPORTIONAL,
        about=f"global p-value, {about}",
        endpoint=outcome.endpoint.id,
    )
    variable = fit.coefficients["term"].map(lambda term: _variable_of(term, design))
    return fit.coefficients.drop(columns="coefficient").assign(
        reference=variable.map(design.references),
        ph_p_value=variable.map(tests),
        n=fit.n,
        n_event=fit.n_event,
    )


def _variable_of(term: str, design: DesignMatrix) -> str:
    """The variable whose term this is; levels may hold `=`, names of variables may not."""
    return term if term in design.variables else term.split("=", maxsplit=1)[0]


def _look_at_missing(
    design: DesignMatrix, outcome: Outcome, findings: Findings, model: str
) -> None:
    """How many patients the complete-case model left out, and which variables told it nothing."""
    dropped, size = int((~design.complete).sum()), len(design.complete)
    status: Status = "pass" if dropped <= DROPPED_MUCH * size else "warn"
    if dropped > DROPPED_TOO_MUCH * size:
        status = "fail"
    findings.add(
        "incomplete_covariates",
        status,
        about=f"patients left out of {model}",
        endpoint=outcome.endpoint.id,
        value=dropped,
        threshold=DROPPED_MUCH * size,
    )
    for variable in design.constant:
        findings.add(
            "constant_covariate",
            "warn",
            about=f"{variable} left out of {model}",
            endpoint=outcome.endpoint.id,
        )
