"""One regression model of an endpoint: whether it is worth fitting, its fit, its rows of results.

Belongs here: the guards of a model and its terms. Does not belong here: which models a study gets
(regression.py), their columns (design_matrix.py) and the fit (analyses.survival).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses import survival
from analyses.evaluation.design_matrix import STRATA, DesignMatrix
from analyses.evaluation.findings import (
    CLUSTERS_FEW,
    EVENTS_FEWEST,
    EVENTS_PER_TERM,
    EVENTS_PER_TERM_LEAST,
    NON_PROPORTIONAL,
    Findings,
)
from analyses.evaluation.outcome import Outcome
from analyses.studies import Study

CLUSTER = "_cluster"
# Probability weights; rows of case weights are repeated instead.
WEIGHT = "_weight"


def has_too_few_events(
    frame: pd.DataFrame,
    design: DesignMatrix,
    outcome: Outcome,
    findings: Findings,
    about: str,
    *,
    asked: bool,
) -> bool:
    """Whether a model is not worth fitting: next to no events, or few for a model nobody asked for.

    The models of competing causes, and Fine-Gray's, come unasked, beside the Cox model of the
    endpoint's own event: they need EVENTS_PER_TERM_LEAST events a coefficient. The one asked for
    is fitted and its events are told.
    """
    n_event = int(frame["event"].sum())
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


def look_at_clusters(
    study: Study, rows: pd.DataFrame, outcome: Outcome, findings: Findings
) -> None:
    """Whether there are clusters enough for the robust errors a study asks for."""
    if study.cluster is not None:
        findings.at_least(
            "clusters",
            float(rows[study.cluster].nunique()),
            CLUSTERS_FEW,
            about=f"{study.cluster} of cox",
            endpoint=outcome.endpoint.id,
        )


def with_clusters(study: Study, rows: pd.DataFrame, design: DesignMatrix) -> DesignMatrix:
    """The design with the study's clusters beside it; people without one are one by themselves."""
    if study.cluster is None:
        return design
    values = rows.loc[design.complete, study.cluster].astype("object")
    alone = pd.Series([f"alone {place}" for place in range(len(values))], index=values.index)
    clusters = values.where(values.notna(), alone)
    return design.with_frame(design.frame.assign(**{CLUSTER: clusters.to_numpy()}))


def cluster_column(
    design: DesignMatrix,
    frame: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    about: str,
) -> str | None:
    """The column of clusters a model can have robust errors over; None without, or with too few.

    Of fewer clusters than terms and one the robust variance is 0, or of lower rank: a finding, and
    the rows of the model are then `without_errors`.
    """
    asked = _asked_cluster(frame)
    if asked is None:
        return None
    n_clusters = int(frame[asked].nunique())
    if n_clusters > design.n_terms:
        return asked
    findings.add(
        "clusters_too_few",
        "warn",
        about=f"{about} without errors, limits and p-values",
        endpoint=outcome.endpoint.id,
        value=n_clusters,
        threshold=design.n_terms + 1,
    )
    return None


def without_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a model whose robust errors cannot be told: estimates alone."""
    return rows.assign(**dict.fromkeys(("std_error", "ci_lower", "ci_upper", "p_value"), np.nan))


def strata_column(frame: pd.DataFrame) -> str | None:
    """The column of strata with a baseline hazard each; None when the study asks for none."""
    return STRATA if STRATA in frame else None


def _asked_cluster(frame: pd.DataFrame) -> str | None:
    return CLUSTER if CLUSTER in frame else None


def fitted_rows(
    design: DesignMatrix,
    frame: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    about: str,
    *,
    of: int | None = None,
) -> pd.DataFrame:
    """A Cox model of `event`, or with `of` a Fine-Gray model of that number of `cause`.

    Robust over the column of clusters, and stratified by that of strata, when the frame has one. A
    Cox model of a frame with a column
    of weights is weighted, and robust too.
    """
    _look_at_events(design, frame, outcome, findings, about)
    entry = "entry" if (frame["entry"] > 0).any() else None
    covariates, references = design.variables, design.references
    cluster = cluster_column(design, frame, outcome, findings, about)
    if of is None:
        weight = WEIGHT if WEIGHT in frame else None
        fit = survival.cox(
            frame,
            entry=entry,
            covariates=covariates,
            reference=references,
            strata=strata_column(frame),
            cluster=cluster,
            weight=weight,
            robust=weight is not None,
        )
    else:
        fit = survival.fine_gray(
            frame,
            entry=entry,
            of=of,
            covariates=covariates,
            reference=references,
            strata=strata_column(frame),
            cluster=cluster,
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
    rows = _labelled(fit.coefficients, design).assign(
        ph_p_value=variable.map(tests), n=fit.n, n_event=fit.n_event
    )
    return rows if cluster == _asked_cluster(frame) else without_errors(rows)


def penalised_rows(
    design: DesignMatrix, frame: pd.DataFrame, *, outcome: Outcome, findings: Findings, about: str
) -> pd.DataFrame:
    """The Cox model with Firth's penalty, for few events or separated ones."""
    entry = "entry" if (frame["entry"] > 0).any() else None
    fit = survival.cox(
        frame,
        entry=entry,
        covariates=design.variables,
        reference=design.references,
        strata=strata_column(frame),
        penalty="firth",
    )
    findings.add(
        "firth_penalty",
        "warn",
        about=f"{about}: events are few or separated, limits are of the penalised profile",
        endpoint=outcome.endpoint.id,
    )
    if fit.wald:
        findings.add(
            "firth_profile_not_found",
            "warn",
            about=f"{about}, limits and p-values of so many terms are Wald's",
            endpoint=outcome.endpoint.id,
            value=len(fit.wald),
            threshold=1,
        )
    return _labelled(fit.coefficients, design).assign(
        ph_p_value=np.nan, n=fit.n, n_event=fit.n_event
    )


def pooled_rows(design: DesignMatrix, fits: list[survival.CoxResult]) -> pd.DataFrame:
    """Models of completed tables, put together by Rubin's rules."""
    pooled = survival.pool(fits)
    extra = ["degrees_of_freedom", "missing_information"]
    return _labelled(pooled.drop(columns=extra), design).assign(
        ph_p_value=np.nan, n=fits[0].n, n_event=fits[0].n_event
    )


def is_short_of_events(design: DesignMatrix, frame: pd.DataFrame) -> bool:
    """Whether there are fewer events a coefficient than a model can carry."""
    return float(frame["event"].sum()) < EVENTS_PER_TERM_LEAST * design.n_terms


def _look_at_events(
    design: DesignMatrix, frame: pd.DataFrame, outcome: Outcome, findings: Findings, about: str
) -> None:
    # A variable with levels may have one alone among these rows, as a state nobody reaches has.
    if design.n_terms == 0:
        raise survival.AnalysisError("no variable of the model varies between the complete cases")
    findings.at_least(
        "events_per_term",
        float(frame["event"].sum()) / design.n_terms,
        EVENTS_PER_TERM,
        fails_below=EVENTS_PER_TERM_LEAST,
        about=about,
        endpoint=outcome.endpoint.id,
    )


def _labelled(coefficients: pd.DataFrame, design: DesignMatrix) -> pd.DataFrame:
    variable = coefficients["term"].map(lambda term: _variable_of(term, design))
    return coefficients.drop(columns="coefficient").assign(
        reference=variable.map(design.references)
    )


def _variable_of(term: str, design: DesignMatrix) -> str:
    """The variable whose term this is; levels may hold `=`, names of variables may not."""
    return term if term in design.variables else term.split("=", maxsplit=1)[0]
