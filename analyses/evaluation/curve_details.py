"""What is read from the Kaplan-Meier curves of an endpoint beside their summaries.

Belongs here: quantiles, simultaneous bands, contrasts of strata with limits. Does not belong here:
the curves (curves.py), tests (comparisons.py), the estimators (analyses.survival).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses import survival
from analyses.cohort import Cohort
from analyses.evaluation.findings import Findings
from analyses.evaluation.outcome import RELATION, Outcome
from analyses.studies import Study

SHARES = (0.25, 0.5, 0.75)


def detail_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """survival_quantile, survival_band and contrast of an endpoint without competing events."""
    if outcome.endpoint.has_competing:
        return {}
    entry = "entry" if outcome.delayed else None
    counts = survival.counts_from_duckdb(con, RELATION, entry=entry, by="stratum")
    tables: dict[str, list[pd.DataFrame]] = {}
    with findings.guard("survival_quantile", outcome.endpoint.id):
        tables["survival_quantile"] = [_quantiles(study, outcome, counts)]
    if study.bands is not None:
        with findings.guard(f"bands, {study.bands}", outcome.endpoint.id):
            tables["survival_band"] = [_bands(study, counts)]
    if len(cohort.compared_levels) > 1:
        with findings.guard("contrast", outcome.endpoint.id):
            tables["contrast"] = [_contrasts(study, cohort, outcome, con)]
    return tables


def _quantiles(study: Study, outcome: Outcome, counts: pd.DataFrame) -> pd.DataFrame:
    curve = survival.kaplan_meier_from_counts(counts, conf_type=study.conf_type)
    return quantile_table(outcome, curve)


def quantile_table(outcome: Outcome, curve: pd.DataFrame) -> pd.DataFrame:
    """The rows of survival_quantile that curves with their limits give."""
    found = survival.quantiles_of_curve(curve, probabilities=SHARES)
    return found.rename(columns={"quantile": "time_days"}).merge(
        outcome.sizes, on="stratum", how="left"
    )


def _bands(study: Study, counts: pd.DataFrame) -> pd.DataFrame:
    assert study.bands is not None
    found = survival.simultaneous_bands(counts, kind=study.bands)
    if study.min_at_risk is not None:
        # A band is computed over the whole curve and ends with what is shown of it.
        shown = survival.truncate_curve(counts, study.min_at_risk)[["stratum", "time"]]
        found = found.merge(shown, on=["stratum", "time"])
    return found.rename(columns={"time": "time_days"}).assign(band=study.bands, transform="log-log")


def _contrasts(
    study: Study, cohort: Cohort, outcome: Outcome, con: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    """Each known stratum against the reference at each horizon."""
    counts = survival.counts_from_duckdb(
        con, outcome.known_strata, entry="entry" if outcome.delayed else None, by="stratum"
    )
    horizons = list(study.horizons_days)
    means = survival.restricted_mean_from_counts(counts, horizon=horizons)
    curve = survival.kaplan_meier_from_counts(counts, conf_type=study.conf_type)
    return contrast_table(study, cohort, means, survival.survival_at(curve, horizons))


def contrast_table(
    study: Study, cohort: Cohort, means: pd.DataFrame, at: pd.DataFrame
) -> pd.DataFrame:
    """The rows of contrast that restricted means and survival at the study's horizons give, of the
    known strata."""
    base = cohort.reference
    parts = {
        "rmst_difference": survival.difference_of(means, "rmst", by="stratum", reference=base),
        "rmst_ratio": survival.ratio_of(means, "rmst", by="stratum", reference=base),
        "survival_difference": survival.difference_of(at, "survival", by="stratum", reference=base),
    }
    as_estimate = {"difference": "estimate", "ratio": "estimate"}
    found = pd.concat(
        [part.rename(columns=as_estimate).assign(contrast=name) for name, part in parts.items()],
        ignore_index=True,
    )
    return found.rename(columns={"stratum": "level", "horizon": "horizon_days"}).assign(
        stratify_by=study.stratify_by
    )
