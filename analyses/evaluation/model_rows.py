"""One regression model of an endpoint: whether it is worth fitting, its fit, its rows of results.

Belongs here: the guards of a model and its terms. Does not belong here: which models a study gets
(regression.py), their columns (design_matrix.py) and the fit (analyses.survival).
"""

from __future__ import annotations

import pandas as pd

from analyses import survival
from analyses.evaluation.design_matrix import DesignMatrix
from analyses.evaluation.findings import (
    EVENTS_FEWEST,
    EVENTS_PER_TERM,
    EVENTS_PER_TERM_LEAST,
    NON_PROPORTIONAL,
    Findings,
)
from analyses.evaluation.outcome import Outcome


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


def fitted_rows(
    design: DesignMatrix,
    frame: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    about: str,
    *,
    of: int | None = None,
) -> pd.DataFrame:
    """A Cox model of `event`, or with `of` a Fine-Gray model of that number of `cause`."""
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
    entry = "entry" if outcome.delayed else None
    covariates, references = design.variables, design.references
    if of is None:
        fit = survival.cox(frame, entry=entry, covariates=covariates, reference=references)
    else:
        fit = survival.fine_gray(
            frame, entry=entry, of=of, covariates=covariates, reference=references
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
