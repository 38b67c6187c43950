"""Curves and the numbers read from them, estimated on counts.

Belongs here: Kaplan-Meier, its summaries and cumulative incidence of one endpoint, as rows of
results. Does not belong here: tests (comparisons.py), models, the estimators (analyses.survival).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses import survival
from analyses.evaluation.findings import AT_RISK_FEW, Findings
from analyses.evaluation.outcome import RELATION, Outcome, read_rows
from analyses.studies import Study

_LIMITS = ["std_error", "ci_lower", "ci_upper"]


def survival_tables(
    study: Study, outcome: Outcome, con: duckdb.DuckDBPyConnection, findings: Findings
) -> dict[str, pd.DataFrame]:
    """survival_curve and survival_summary of an endpoint without competing events."""
    entry = "entry" if outcome.delayed else None
    counts = survival.counts_from_duckdb(con, RELATION, entry=entry, by="stratum")
    if counts.empty:
        return {}
    curve = survival.kaplan_meier_from_counts(counts, conf_type=study.conf_type)
    horizons = survival.survival_at(curve, study.horizons_days)
    follow_up = _follow_up(study, counts)
    summary = summary_table(
        outcome,
        median=survival.median_from_counts(counts, conf_type=study.conf_type),
        rmst=survival.restricted_mean_from_counts(counts, horizon=list(study.horizons_days)),
        survival_at=horizons,
        follow_up_median=follow_up,
    )
    _look_at_risk_sets(outcome, horizons, findings)
    _look_beyond(outcome, curve, horizons, findings)
    _look_at_follow_up(study, outcome, follow_up, findings)
    return {
        "survival_curve": curve_table(study, curve),
        "survival_summary": summary,
    }


def summary_table(outcome: Outcome, **statistics: pd.DataFrame) -> pd.DataFrame:
    """survival_summary of the estimates of each statistic by stratum."""
    tables = [_summary(name, found) for name, found in statistics.items()]
    return pd.concat(tables, ignore_index=True).merge(outcome.sizes, on="stratum", how="left")


def incidence_table(
    study: Study, outcome: Outcome, con: duckdb.DuckDBPyConnection, findings: Findings
) -> dict[str, pd.DataFrame]:
    """cumulative_incidence of an endpoint with competing events: a curve for every cause."""
    codes = list(range(1, len(outcome.causes) + 1))
    counts = survival.counts_from_duckdb(con, RELATION, cause="cause", by="stratum")
    if outcome.delayed or set(counts["cause"]) != set(codes):
        # The variance under delayed entry needs rows; so does a curve of an event nobody had.
        rows = read_rows(con)
        if rows.empty:
            return {}
        curve = survival.cumulative_incidence(
            rows,
            entry="entry" if outcome.delayed else None,
            by="stratum",
            conf_type=study.conf_type,
            causes=codes,
        )
    else:
        curve = survival.cumulative_incidence_from_counts(counts, conf_type=study.conf_type)
    # Of all causes, which together say whether anybody is left; at risk are the same people.
    at = survival.survival_at(curve, study.horizons_days)
    horizons = at[at["cause"] == 1]
    _look_at_risk_sets(outcome, horizons, findings)
    _look_beyond(outcome, curve, horizons, findings)
    any_event = f"SELECT * REPLACE (CAST(cause > 0 AS INTEGER) AS event) FROM {RELATION}"
    ends = survival.counts_from_duckdb(
        con, any_event, entry="entry" if outcome.delayed else None, by="stratum"
    )
    _look_at_follow_up(study, outcome, _follow_up(study, ends), findings)
    return {"cumulative_incidence": curve_table(study, with_names_of_causes(outcome, curve))}


def with_names_of_causes(outcome: Outcome, curve: pd.DataFrame) -> pd.DataFrame:
    """The incidences with each cause's name in place of its number."""
    return curve.assign(cause=curve["cause"].map(dict(enumerate(outcome.causes, start=1))))


def curve_table(study: Study, curve: pd.DataFrame) -> pd.DataFrame:
    """The curve as it is shown; what is read from it (medians, means) is of the whole."""
    least = study.min_at_risk
    shown = curve if least is None else survival.truncate_curve(curve, least)
    return shown.rename(columns={"time": "time_days"})


def _follow_up(study: Study, counts: pd.DataFrame) -> pd.DataFrame:
    """Reverse Kaplan-Meier on counts: the end of observation is the event."""
    reversed_counts = counts.assign(n_event=counts["n_censored"], n_censored=counts["n_event"])
    return survival.median_from_counts(reversed_counts, conf_type=study.conf_type)


def _summary(statistic: str, frame: pd.DataFrame) -> pd.DataFrame:
    estimates = dict.fromkeys(("median", "rmst", "survival"), "value")
    named = frame.rename(columns={**estimates, "horizon": "horizon_days"})
    rows = named.assign(statistic=statistic)
    for column in ("horizon_days", *_LIMITS):
        if column not in rows.columns:
            rows[column] = float("nan")
    return rows[["stratum", "statistic", "horizon_days", "value", *_LIMITS]]


def _look_at_risk_sets(outcome: Outcome, horizons: pd.DataFrame, findings: Findings) -> None:
    """People at risk at each horizon in the smallest stratum."""
    for days, at in horizons.groupby("horizon"):
        findings.at_least(
            "number_at_risk",
            float(at["n_at_risk"].min()),
            AT_RISK_FEW,
            about=f"day {days:g}",
            endpoint=outcome.endpoint.id,
        )


def _look_beyond(
    outcome: Outcome, curve: pd.DataFrame, horizons: pd.DataFrame, findings: Findings
) -> None:
    """Horizons at which the curve is not known: beyond the last observed time, with somebody left
    who had no event."""
    value = "incidence" if "incidence" in horizons else "survival"
    for row in horizons[horizons[value].isna()].itertuples():
        findings.add(
            "horizon_beyond_data",
            "warn",
            about=f"day {row.horizon:g}, stratum {row.stratum}",
            endpoint=outcome.endpoint.id,
            value=float(curve.loc[curve["stratum"] == row.stratum, "time"].max()),
            threshold=float(row.horizon),
        )


def _look_at_follow_up(
    study: Study, outcome: Outcome, follow_up: pd.DataFrame, findings: Findings
) -> None:
    """Whether half of each stratum was followed to the last horizon."""
    last = float(study.horizons_days[-1])
    for row in follow_up.itertuples():
        findings.at_least(
            "follow_up_maturity",
            None if pd.isna(row.median) else float(row.median),
            last,
            about=f"median days of follow-up, stratum {row.stratum}",
            endpoint=outcome.endpoint.id,
        )
