"""Comparisons by what people become later: landmark analyses, states as time-dependent covariates.

Belongs here: which of them a study gets, and their rows of results. Does not belong here: the rows
they are made of and the estimators (analyses.survival), the days of a state (state_days.py).
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analyses import survival
from analyses.cohort import Cohort
from analyses.evaluation.complete_cases import look_at_missing
from analyses.evaluation.design_matrix import STRATA, DesignMatrix, build_design, model_strata
from analyses.evaluation.findings import AT_RISK_FEW, Findings
from analyses.evaluation.model_rows import fitted_rows, has_too_few_events, with_clusters
from analyses.evaluation.outcome import Outcome, own_rows
from analyses.evaluation.state_days import state_days
from analyses.studies import Study
from analyses.studies.states import state_endpoint

REACHED = {1: "reached", 0: "not_reached"}
DAYS, GROUP = "_state_days", "_group"
Tables = dict[str, list[pd.DataFrame]]


def landmark_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> Tables:
    """landmark_curve, and rows of comparison_test and hazard_ratio, of the states a study names.

    An endpoint whose clock starts elsewhere (duration of response) has none. Under competing events
    there are cause-specific models of the endpoint's own event, and no curves.
    """
    tables: Tables = {"landmark_curve": [], "comparison_test": [], "hazard_ratio": []}
    landmarks = () if study.landmark is None else (study.landmark.by,)
    wanted = _comparable(landmarks, outcome, findings, "landmark")
    changing = _comparable(study.time_dependent, outcome, findings, "time-dependent")
    elsewhere = outcome.endpoint.starts_from == "first_response"
    if elsewhere or not outcome.has_own_event or not (*wanted, *changing):
        return {}
    rows = own_rows(cohort, outcome, con)
    for state in wanted:
        days = state_days(study, con, state, rows["patient_id"])
        for at in study.landmark.days if study.landmark is not None else ():
            with findings.guard(f"landmark, {state} at day {at}", outcome.endpoint.id):
                with_days = rows.assign(**{DAYS: days})
                for name, frames in _landmark(
                    study, cohort, outcome, with_days, findings, state, at
                ).items():
                    tables[name] += frames
    for state in changing:
        days = state_days(study, con, state, rows["patient_id"])
        with findings.guard(f"time-dependent, {state}", outcome.endpoint.id):
            found = _time_dependent(
                study, cohort, outcome, rows.assign(**{DAYS: days}), findings, state
            )
            for name, frames in found.items():
                tables[name] += frames
    return tables


def _comparable(
    states: tuple[str, ...], outcome: Outcome, findings: Findings, how: str
) -> tuple[str, ...]:
    """The states other than the endpoint's own event, which ends the time at risk of itself."""
    own = [state for state in states if state_endpoint(state) == outcome.endpoint.id]
    for state in own:
        findings.add(
            "state_is_the_event",
            "warn",
            about=f"{how}, {state}: nobody is at risk any more once it is reached",
            endpoint=outcome.endpoint.id,
        )
    return tuple(state for state in states if state not in own)


def _landmark(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    rows: pd.DataFrame,
    findings: Findings,
    state: str,
    at: int,
) -> Tables:
    """The comparison of those still at risk at a day."""
    about = f"{state} at day {at}"
    later = survival.landmark_rows(rows, at=at, state_time=DAYS, entry="entry")
    groups = later["state"].map(REACHED)
    smallest = min((groups == name).sum() for name in REACHED.values())
    findings.at_least(
        "landmark_at_risk",
        float(smallest),
        AT_RISK_FEW,
        about=f"people in the smaller group, {about}",
        endpoint=outcome.endpoint.id,
    )
    tables: Tables = {}
    if smallest == 0:
        return tables
    later = later.assign(**{GROUP: groups})
    if not outcome.causes:
        curve = survival.kaplan_meier(
            later, entry=_entry(later), by=GROUP, conf_type=study.conf_type
        ).rename(columns={GROUP: "stratum"})
        tables["landmark_curve"] = [_curve(curve, state=state, method="landmark", landmark_days=at)]
        if later["event"].any():
            test = survival.log_rank(later, by=GROUP, entry=_entry(later))
            tables["comparison_test"] = [_test(test, about)]
    fitted = []
    for name, adjusted in _models(study, f"cox_landmark_{at}"):
        design = _design(study, cohort, later, adjusted=adjusted)
        design = _with_state(design, state, later.loc[design.complete, GROUP])
        fitted += _fitted(design, outcome, findings, name, state)
    return {**tables, "hazard_ratio": fitted}


def _time_dependent(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    rows: pd.DataFrame,
    findings: Findings,
    state: str,
) -> Tables:
    """Cox models in which people change group when they reach the state; Simon-Makuch curves."""
    tables: Tables = {}
    if not outcome.causes:
        curve = survival.simon_makuch(
            rows, state_time=DAYS, entry=_entry(rows), state="reached", conf_type=study.conf_type
        )
        curve = curve.assign(stratum=curve["reached"].map(REACHED)).drop(columns="reached")
        tables["landmark_curve"] = [
            _curve(curve, state=state, method="simon_makuch", landmark_days=None)
        ]
    fitted = []
    for name, adjusted in _models(study, "cox_time_dependent"):
        design = _design(study, cohort, rows, adjusted=adjusted)
        split = survival.counting_rows(design.frame, states={"reached": DAYS}, entry="entry")
        split = split.drop(columns="entry").rename(columns={"start": "entry"})
        groups = split["reached"].map(REACHED)
        changed = design.with_frame(split.drop(columns="reached"))
        changed = _with_state(changed, state, groups)
        fitted += [
            part.assign(n=len(design.frame))
            for part in _fitted(changed, outcome, findings, name, state)
        ]
    return {**tables, "hazard_ratio": fitted}


def _models(study: Study, name: str) -> list[tuple[str, bool]]:
    """Alone, and beside the stratum and the covariates when the study adjusts."""
    adjusted = [(f"{name}_adjusted", True)] if study.adjust_for else []
    return [(name, False), *adjusted]


def _design(study: Study, cohort: Cohort, rows: pd.DataFrame, *, adjusted: bool) -> DesignMatrix:
    """The study's variables when adjusted, none otherwise; with the event and the state's days."""
    if adjusted:
        design = build_design(study, cohort, rows, adjusted=True, stratified=True)
    else:
        kept, strata = pd.Series(True, index=rows.index), model_strata(study, rows)
        frame = rows[["time", "entry"]]
        if strata is not None:
            kept = strata.notna()
            frame = frame.assign(**{STRATA: strata})[kept]
        design = DesignMatrix(frame, (), {}, kept, ())
    beside = rows.loc[design.complete, ["event", DAYS]].reset_index(drop=True)
    joined = design.with_frame(design.frame.reset_index(drop=True).join(beside))
    return with_clusters(study, rows, joined)


def _with_state(design: DesignMatrix, state: str, groups: pd.Series) -> DesignMatrix:
    return design.with_frame(
        design.frame.assign(**{state: groups.to_numpy()}),
        variables=(state, *design.variables),
        references={state: REACHED[0], **design.references},
    )


def _fitted(
    design: DesignMatrix, outcome: Outcome, findings: Findings, name: str, state: str
) -> list[pd.DataFrame]:
    own = outcome.own_cause
    about = name if own is None else f"{name}, cause {own}"
    frame = design.frame.drop(columns=DAYS)
    asked = not name.endswith("_adjusted")
    if not asked:
        look_at_missing(design, outcome, findings, about)
    if has_too_few_events(frame, design, outcome, findings, about, asked=asked):
        return []
    tables = []
    with findings.guard(f"{about}, {state}", outcome.endpoint.id):
        try:
            fitted = fitted_rows(design, frame, outcome, findings, about)
        except survival.AnalysisError:
            # Nobody is in the state, or nobody has the event in it: there is nothing to compare.
            what = f"{state}, {about} not fitted"
            findings.add(
                "later_state_not_comparable", "warn", about=what, endpoint=outcome.endpoint.id
            )
        else:
            tables.append(fitted.assign(model=name, cause=own))
    return tables


def _entry(rows: pd.DataFrame) -> str | None:
    return "entry" if (rows["entry"] > 0).any() else None


def _curve(curve: pd.DataFrame, **labels: Any) -> pd.DataFrame:
    found = curve.rename(columns={"time": "time_days"}).assign(**labels)
    return found.assign(landmark_days=found["landmark_days"].astype("float64"))


def _test(test: survival.TestResult, about: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "cause": None,
                "stratify_by": about,
                "test": "log_rank",
                "horizon_days": np.nan,
                "statistic": test.statistic,
                "degrees_of_freedom": test.degrees_of_freedom,
                "p_value": test.p_value,
            }
        ]
    )
