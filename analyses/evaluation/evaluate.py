"""A study, evaluated: every result table, and a few headline numbers.

Belongs here: the order of the analyses and what they share. Does not belong here: any one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import duckdb
import pandas as pd

from analyses.cohort import WORKING_TABLES, Cohort, build_cohort
from analyses.cohort.strata import refuse_reference
from analyses.evaluation.baseline import baseline_table
from analyses.evaluation.comparisons import comparison_tables
from analyses.evaluation.curve_details import detail_tables
from analyses.evaluation.curves import incidence_table, survival_tables
from analyses.evaluation.deterioration import load_deterioration
from analyses.evaluation.extrapolation import extrapolation_tables
from analyses.evaluation.findings import Findings
from analyses.evaluation.headlines import headlines
from analyses.evaluation.imputed_models import imputed_tables
from analyses.evaluation.landmarks import landmark_tables
from analyses.evaluation.multi_state import multi_state_tables
from analyses.evaluation.outcome import RELATION, Outcome, load_outcome
from analyses.evaluation.quality_of_life import quality_of_life_tables
from analyses.evaluation.regression import hazard_ratio_tables
from analyses.evaluation.robustness import look_at_robustness
from analyses.evaluation.safety import safety_tables
from analyses.evaluation.subgroups import subgroup_tables
from analyses.evaluation.weighted import weighted_tables
from analyses.results import RESULT_TABLES, Evaluation, conform, empty
from analyses.studies import Endpoint, Study, find_endpoint, is_deterioration

Parts = dict[str, list[pd.DataFrame]]
StudyStep = Callable[
    [Study, Cohort, duckdb.DuckDBPyConnection, Findings], Mapping[str, pd.DataFrame]
]
EndpointStep = Callable[
    [Study, Cohort, Outcome, duckdb.DuckDBPyConnection, Findings],
    Mapping[str, list[pd.DataFrame]],
]

# What is made of each endpoint with an event beside its curve: a name for messages, and the
# function that gives frames by table. An analysis that a study does not ask for gives none.
ENDPOINT_STEPS: tuple[tuple[str, EndpointStep], ...] = (
    ("comparison", comparison_tables),
    ("curve_details", detail_tables),
    ("regression", hazard_ratio_tables),
    ("extrapolation", extrapolation_tables),
    ("imputation", imputed_tables),
    ("landmark", landmark_tables),
    ("subgroup", subgroup_tables),
    ("robustness", look_at_robustness),
)
# What is made of the study as a whole, after its endpoints.
STUDY_STEPS: tuple[tuple[str, StudyStep], ...] = (
    ("multi_state", multi_state_tables),
    ("safety", safety_tables),
    ("quality_of_life", quality_of_life_tables),
)


def evaluate(study: Study, con: duckdb.DuckDBPyConnection) -> Evaluation:
    """Every table of RESULT_TABLES for one study, from a connection on schema marts.

    The connection may be read-only: only temporary tables study_* are made, and dropped at the
    end. An analysis that fails becomes a row of `diagnostic` and the others go on;
    a study that asks for what a source cannot give raises StudyError. A cohort without patients
    leaves every table empty but attrition and diagnostic.
    """
    findings = Findings(study.id, study.analysis_set)
    parts: Parts = defaultdict(list)
    try:
        cohort = build_cohort(study, con)
        _look_at_cohort(study, cohort, findings)
        parts["attrition"].append(cohort.attrition)
        if not cohort.patients.empty:
            _analyse(study, cohort, con, findings, parts)
    finally:
        for table in (RELATION, *WORKING_TABLES):
            con.execute(f"DROP TABLE IF EXISTS temp.{table}")
    parts["diagnostic"].insert(0, findings.table())
    tables = {name: _assemble(study, cohort, name, parts[name]) for name in RESULT_TABLES}
    return Evaluation(study.id, tables, headlines(tables))


def _analyse(
    study: Study,
    cohort: Cohort,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
    parts: Parts,
) -> None:
    with findings.guard("baseline"):
        parts["baseline"].append(baseline_table(study, cohort))
    for name in study.endpoints:
        loaded: list[Outcome] = []
        with findings.guard("outcome", name):
            loaded.append(_outcome(study, name, cohort, con, findings))
        for outcome in loaded:
            for table, frames in _endpoint(study, cohort, outcome, con, findings).items():
                parts[table] += [_labelled(frame, outcome.endpoint) for frame in frames]
    for name_of_step, study_step in STUDY_STEPS:
        with findings.guard(name_of_step):
            for table, frame in study_step(study, cohort, con, findings).items():
                parts[table].append(frame)


def _outcome(
    study: Study,
    name: str,
    cohort: Cohort,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> Outcome:
    endpoint = find_endpoint(name)
    if is_deterioration(name):
        return load_deterioration(study, endpoint, cohort, con, findings)
    return load_outcome(study, endpoint, con, findings)


def _endpoint(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> Parts:
    """The frames of one endpoint by table, each analysis apart from the others."""
    endpoint = outcome.endpoint
    parts: Parts = defaultdict(list)
    if outcome.sizes.empty:
        findings.add("nobody_at_risk", "warn", endpoint=endpoint.id, value=0, threshold=1)
        return parts
    method = "cumulative_incidence" if endpoint.has_competing else "kaplan_meier"
    curves = incidence_table if endpoint.has_competing else survival_tables
    with findings.guard(method, endpoint.id):
        for table, frame in curves(study, outcome, con, findings).items():
            parts[table].append(frame)
    for table, frames in weighted_tables(study, cohort, outcome, con, findings).items():
        parts[table] += frames
    if outcome.n_event == 0:
        # Without an event there is a curve, but nothing to test or to model.
        findings.add("no_events", "warn", endpoint=endpoint.id, value=0, threshold=1)
        return parts
    for name, step in ENDPOINT_STEPS:
        with findings.guard(name, endpoint.id):
            for table, frames in step(study, cohort, outcome, con, findings).items():
                parts[table] += frames
    return parts


def _labelled(frame: pd.DataFrame, endpoint: Endpoint) -> pd.DataFrame:
    return frame.assign(endpoint=endpoint.id)


def _assemble(study: Study, cohort: Cohort, name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The frames of one table, conformed, concatenated, strata in reading order."""
    common = {"study_id": study.id, "analysis_set": study.analysis_set, "adjustment": "none"}
    columns = RESULT_TABLES[name].names
    filled = []
    for frame in frames:
        missing = {key: common[key] for key in common if key in columns and key not in frame}
        filled.append(conform(name, frame.assign(**missing)))
    kept = [frame for frame in filled if not frame.empty]
    if not kept:
        return empty(name)
    table = pd.concat(kept, ignore_index=True)
    return _in_reading_order(cohort, table) if "stratum" in columns else table


def _in_reading_order(cohort: Cohort, table: pd.DataFrame) -> pd.DataFrame:
    """Strata in the cohort's order inside each endpoint, variable or instrument; else as it was."""
    keys = [name for name in ("endpoint", "variable", "instrument", "scale") if name in table]
    position = {level: place for place, level in enumerate(cohort.levels)}
    order = pd.DataFrame({"stratum": table["stratum"].map(position).fillna(-1)})
    for key in keys:
        order[key] = pd.factorize(table[key])[0]
    sorted_rows = order.sort_values([*keys, "stratum"], kind="stable").index
    return table.loc[sorted_rows].reset_index(drop=True)


def _look_at_cohort(study: Study, cohort: Cohort, findings: Findings) -> None:
    for kind, code in cohort.absent:
        findings.add(f"{kind}_not_found", "warn", about=code, value=0, threshold=1)
    if not cohort.reference_as_asked:
        # Curves of each level say what they say without a reference: they and other studies go on.
        with findings.guard("comparison"):
            refuse_reference(study, cohort.levels)
    if cohort.patients.empty:
        findings.add("empty_cohort", "warn", value=0, threshold=1)
    else:
        findings.add("later_treatments", "pass", value=cohort.later_treatments)
        # Most registers date no covariate: no warning, but what a reader should know.
        for name, people in cohort.undated.items():
            if people:
                about = (
                    f"{name}, people told by a value that cannot be shown to be of before the start"
                )
                findings.add("undated_covariate", "pass", about=about, value=people)
