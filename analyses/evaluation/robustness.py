"""Whether a result hangs on one centre, or on who left observation.

Belongs here: leaving each centre out, and whether censoring differs by stratum or covariates: rows
of results.diagnostic. Does not belong here: estimates (curves.py, regression.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd

from analyses import survival
from analyses.cohort import MISSING, Cohort
from analyses.errors import AnalysisError
from analyses.evaluation.design_matrix import build_design
from analyses.evaluation.findings import (
    EVENTS_FEWEST,
    EVENTS_PER_TERM_LEAST,
    INFLUENTIAL,
    INFORMATIVE,
    Findings,
)
from analyses.evaluation.outcome import Outcome, own_rows
from analyses.studies import Study

FEWEST_CENTRES = 3


def look_at_robustness(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """Diagnostics of one endpoint; no table."""
    if not outcome.has_own_event:
        return {}
    rows = own_rows(cohort, outcome, con)
    with findings.guard("influential_centre", outcome.endpoint.id):
        _leave_centres_out(study, cohort, outcome, rows, findings)
    with findings.guard("censoring", outcome.endpoint.id):
        _look_at_censoring(study, cohort, outcome, rows, findings)
    return {}


def _leave_centres_out(
    study: Study, cohort: Cohort, outcome: Outcome, rows: pd.DataFrame, findings: Findings
) -> None:
    """The largest change, in standard errors, of a log hazard ratio of the strata, or of survival
    at the last known horizon where there is nothing to compare. A centre without which there is no
    estimate at all is the worst case: its change is infinite, and has no value."""
    centres = sorted(str(name) for name in rows["centre"].dropna().unique())
    if len(centres) < FEWEST_CENTRES or study.stratify_by == "centre":
        return
    entry = "entry" if outcome.delayed else None
    if len(cohort.compared_levels) > 1:
        if rows["event"].sum() < EVENTS_FEWEST:
            return
        known, what = rows[rows["stratum"] != MISSING], "log hazard ratio"
        changes = _changes_of_ratios(known, centres, entry, cohort.reference)
    elif not outcome.causes:
        what = "survival at the last horizon"
        changes = _changes_of_survival(rows, centres, entry, study)
    else:
        return
    found = [(change, centre) for centre, change in changes]
    if not found:
        return
    alone = [centre for change, centre in found if np.isinf(change)]
    if alone:
        findings.add(
            "influential_centre",
            "warn",
            about=f"there is no {what} to estimate, without centre {' or without '.join(alone)}",
            endpoint=outcome.endpoint.id,
            threshold=INFLUENTIAL,
        )
        return
    change, centre = max(found)
    findings.add(
        "influential_centre",
        "pass" if change <= INFLUENTIAL else "warn",
        about=f"largest change of {what} in standard errors, without centre {centre}",
        endpoint=outcome.endpoint.id,
        value=change,
        threshold=INFLUENTIAL,
    )


def _changes_of_ratios(
    rows: pd.DataFrame, centres: list[str], entry: str | None, reference: str | None
) -> Iterator[tuple[str, float]]:
    def fitted(of: pd.DataFrame) -> pd.DataFrame:
        fit = survival.cox(of, entry=entry, covariates="stratum", reference={"stratum": reference})
        return fit.coefficients.set_index("term")[["coefficient", "std_error"]]

    try:
        whole = fitted(rows)
    except AnalysisError:
        # The model itself says why it has no estimate.
        return
    for centre in centres:
        try:
            without = fitted(rows[rows["centre"] != centre])
        except AnalysisError:
            # Without this centre there is nothing to estimate: all hangs on it.
            yield centre, float("inf")
            continue
        both = whole.join(without, rsuffix="_without")
        change = (both["coefficient_without"] - both["coefficient"]).abs() / both["std_error"]
        # A stratum that only this centre has is gone with it.
        yield centre, float(change.fillna(np.inf).max())


def _changes_of_survival(
    rows: pd.DataFrame, centres: list[str], entry: str | None, study: Study
) -> Iterator[tuple[str, float]]:
    horizons = list(study.horizons_days)
    whole = survival.survival_at(survival.kaplan_meier(rows, entry=entry), horizons)
    known = whole[whole["survival"].notna() & (whole["std_error"] > 0)]
    if known.empty:
        return
    last = known.iloc[-1]
    for centre in centres:
        others = rows[rows["centre"] != centre]
        if others.empty:
            continue
        curve = survival.kaplan_meier(others, entry=entry)
        at = survival.survival_at(curve, last["horizon"])["survival"].item()
        # Unknown where nobody of the other centres was followed so far.
        change = np.inf if pd.isna(at) else abs(at - last["survival"]) / last["std_error"]
        yield centre, float(change)


def _look_at_censoring(
    study: Study, cohort: Cohort, outcome: Outcome, rows: pd.DataFrame, findings: Findings
) -> None:
    """Reverse log-rank of the strata, and a Cox model of censoring on the study's covariates: a
    small p-value says that who leaves is not like who stays."""
    entry = "entry" if outcome.delayed else None
    ends = rows.assign(event=rows["censored"].astype(int))
    if not ends["event"].any():
        return
    known = ends[ends["stratum"] != MISSING]
    if len(cohort.compared_levels) > 1 and known["event"].any():
        test = survival.log_rank(known, by="stratum", entry=entry)
        _add(findings, outcome, test.p_value, "by stratum, reverse log-rank p-value")
    if not study.adjust_for:
        return
    design = build_design(study, cohort, ends, adjusted=True)
    frame = design.frame.assign(event=ends.loc[design.complete, "event"].to_numpy())
    least = max(EVENTS_FEWEST, EVENTS_PER_TERM_LEAST * design.n_terms)
    if not design.variables or frame["event"].sum() < least:
        return
    try:
        fit = survival.cox(
            frame, entry=entry, covariates=design.variables, reference=design.references
        )
    except AnalysisError:
        # A covariate that separates who is censored: the models of the event tell of it.
        return
    gain = 2 * (fit.log_likelihood - fit.log_likelihood_null)
    p_value = survival.chi_squared_p_value(max(gain, 0.0), design.n_terms)
    _add(findings, outcome, p_value, "by covariates, likelihood-ratio p-value")


def _add(findings: Findings, outcome: Outcome, p_value: float, about: str) -> None:
    findings.add(
        "informative_censoring",
        "pass" if p_value >= INFORMATIVE else "warn",
        about=about,
        endpoint=outcome.endpoint.id,
        value=p_value,
        threshold=INFORMATIVE,
    )
