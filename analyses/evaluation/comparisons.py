"""Comparisons of the strata of one endpoint: rows of results.comparison_test.

Belongs here: which tests and contrasts a study gets. Does not belong here: curves (curves.py),
models (regression.py), and the estimators (analyses.survival).
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from analyses import survival
from analyses.cohort import MISSING, Cohort
from analyses.evaluation.findings import Findings
from analyses.evaluation.outcome import Outcome, own_rows
from analyses.studies import Study


def comparison_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """The frames of results.comparison_test, each analysis apart from the others."""
    if len(cohort.compared_levels) < 2:
        return {}
    tables: list[pd.DataFrame] = []
    if outcome.endpoint.has_competing:
        if outcome.delayed:
            # Gray's risk sets of the subdistribution are those of people seen from the origin.
            findings.add("gray_with_delayed_entry", "warn", endpoint=outcome.endpoint.id)
            return {}
        for number, cause in enumerate(outcome.causes, start=1):
            with findings.guard(f"gray, cause {cause}", outcome.endpoint.id):
                tables += _gray(study, outcome, con, number)
        return {"comparison_test": tables}
    with findings.guard("log_rank", outcome.endpoint.id):
        tables.append(_log_rank(study, outcome, con))
    tables += _asked(study, cohort, outcome, con, findings)
    with findings.guard("contrasts", outcome.endpoint.id):
        tables.append(_contrasts(study, cohort, outcome, con))
    return {"comparison_test": tables}


def _log_rank(study: Study, outcome: Outcome, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    if outcome.delayed:
        rows = con.execute(outcome.known_strata).df()
        test = survival.log_rank(rows, by="stratum", entry="entry")
    else:
        counts = survival.counts_from_duckdb(con, outcome.known_strata, by="stratum")
        test = survival.log_rank_from_counts(counts, by="stratum")
    return pd.DataFrame([_row(study, "log_rank", test)])


def _asked(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> list[pd.DataFrame]:
    """The stratified and the weighted log-rank tests of the study."""
    if study.log_rank is None:
        return []
    rows = own_rows(cohort, outcome, con)
    rows = rows[rows["stratum"] != MISSING]
    entry = "entry" if outcome.delayed else None
    tables = []
    for rho, gamma in study.log_rank.weights:
        with findings.guard(f"fleming_harrington, {rho:g}, {gamma:g}", outcome.endpoint.id):
            test = survival.log_rank(rows, by="stratum", entry=entry, rho=rho, gamma=gamma)
            name = f"fleming_harrington_{rho:g}_{gamma:g}"
            tables.append(pd.DataFrame([_row(study, name, test)]))
    strata = list(study.log_rank.strata)
    if strata:
        with findings.guard("stratified_log_rank", outcome.endpoint.id):
            known = rows[rows[strata].notna().all(axis=1)]
            test = survival.log_rank(known, by="stratum", strata=strata, entry=entry)
            tables.append(pd.DataFrame([_row(study, "stratified_log_rank", test)]))
            if len(known) < len(rows):
                findings.add(
                    "incomplete_covariates",
                    "warn",
                    about="patients left out of stratified_log_rank",
                    endpoint=outcome.endpoint.id,
                    value=len(rows) - len(known),
                    threshold=0,
                )
    return tables


def _gray(
    study: Study, outcome: Outcome, con: duckdb.DuckDBPyConnection, number: int
) -> list[pd.DataFrame]:
    """Gray's test of one cause; none of a cause that nobody of a known stratum had."""
    counts = survival.counts_from_duckdb(con, outcome.known_strata, cause="cause", by="stratum")
    if not (counts["n_event"] * (counts["cause"] == number)).any():
        return []
    test = survival.gray_from_counts(counts, of=number, by="stratum")
    return [pd.DataFrame([_row(study, "gray", test, cause=outcome.causes[number - 1])])]


def _contrasts(
    study: Study, cohort: Cohort, outcome: Outcome, con: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    """Each stratum less the reference at each horizon: restricted means, then survival."""
    counts = survival.counts_from_duckdb(
        con, outcome.known_strata, entry="entry" if outcome.delayed else None, by="stratum"
    )
    horizons = list(study.horizons_days)
    curve = survival.kaplan_meier_from_counts(counts, conf_type=study.conf_type)
    means = survival.restricted_mean_from_counts(counts, horizon=horizons)
    at = survival.survival_at(curve, horizons)
    # With two strata there is one difference; with more each has its level in its name.
    several = len(cohort.compared_levels) > 2
    rows = []
    for test, estimates, value in (
        ("rmst_difference", means, "rmst"),
        ("survival_difference", at, "survival"),
    ):
        found = survival.difference_of(estimates, value, by="stratum", reference=cohort.reference)
        rows += [
            {
                "cause": None,
                "stratify_by": study.stratify_by,
                "test": f"{test}: {one.stratum}" if several else test,
                "horizon_days": one.horizon,
                "statistic": one.difference,
                "degrees_of_freedom": None,
                "p_value": one.p_value,
            }
            for one in found.itertuples()
        ]
    return pd.DataFrame(rows)


def _row(
    study: Study, name: str, test: survival.TestResult, *, cause: str | None = None
) -> dict[str, Any]:
    return {
        "cause": cause,
        "stratify_by": study.stratify_by,
        "test": name,
        "horizon_days": None,
        "statistic": test.statistic,
        "degrees_of_freedom": test.degrees_of_freedom,
        "p_value": test.p_value,
    }
