"""The effect of the stratum in subgroups: rows of results.subgroup.

Belongs here: which subgroups a study gets. Does not belong here: the models (analyses.survival).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses import survival
from analyses.cohort import MISSING, Cohort
from analyses.cohort.covariates import level_text
from analyses.evaluation.findings import Findings
from analyses.evaluation.outcome import Outcome, own_rows
from analyses.studies import Study

# More levels than this are a measurement, not subgroups.
MOST_LEVELS = 12


def subgroup_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """One frame a variable; under competing events of the endpoint's own event."""
    if study.subgroups is None or not outcome.has_own_event or len(cohort.compared_levels) < 2:
        return {}
    rows = own_rows(cohort, outcome, con)
    rows = rows[rows["stratum"] != MISSING]
    tables = []
    for variable in study.subgroups.by:
        with findings.guard(f"subgroup, {variable}", outcome.endpoint.id):
            tables.append(_subgroup(study, cohort, outcome, rows, findings, variable))
    return {"subgroup": tables}


def _subgroup(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    rows: pd.DataFrame,
    findings: Findings,
    variable: str,
) -> pd.DataFrame:
    assert study.subgroups is not None
    assert study.stratify_by is not None
    known = rows[rows[variable].notna()]
    if known[variable].nunique() > MOST_LEVELS:
        raise survival.AnalysisError(
            f"{variable} has more than {MOST_LEVELS} levels: subgroups need one with few, such as"
            " age_group"
        )
    levels = known[variable] if known[variable].dtype.kind == "f" else level_text(known[variable])
    of = known[["time", "event", "entry"]].assign(
        **{study.stratify_by: known["stratum"].to_numpy(), variable: levels.to_numpy()}
    )
    found = survival.subgroup_effects(
        of,
        group=study.stratify_by,
        by=variable,
        entry="entry" if outcome.delayed else None,
        reference=cohort.reference,
        min_events=study.subgroups.min_events,
    )
    few = found.effects[found.effects["hazard_ratio"].isna()]["level"].nunique()
    findings.add(
        "subgroups_without_estimate",
        "warn" if few else "pass",
        about=f"levels of {variable} with too few events or no finite estimate",
        endpoint=outcome.endpoint.id,
        value=few,
        threshold=0,
    )
    level = level_text(pd.to_numeric(found.effects["level"])) if levels.dtype.kind == "f" else None
    return found.effects.assign(
        cause=outcome.own_cause,
        variable=variable,
        level=found.effects["level"] if level is None else level,
        reference=cohort.reference,
        interaction_p_value=None if found.interaction is None else found.interaction.p_value,
    )
