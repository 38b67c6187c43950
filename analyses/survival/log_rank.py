"""The log-rank test of k groups, stratified or not. Curves and effect sizes are elsewhere."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, divide
from analyses.survival.counts import read_counts
from analyses.survival.frames import rows_of
from analyses.survival.groups import By, Groups, groups, names_of
from analyses.survival.limits import chi_squared_p_value
from analyses.survival.risk_sets import RiskSets


@dataclass(frozen=True)
class TestResult:
    """A chi-squared test."""

    __test__: ClassVar[bool] = False  # a name pytest would otherwise collect

    statistic: float
    degrees_of_freedom: int
    p_value: float


def log_rank(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    by: By,
    strata: By = None,
    entry: str | None = None,
) -> TestResult:
    """Log-rank test (Mantel-Haenszel) that the groups of `by` share one hazard.

    R's `survdiff(Surv(time, event) ~ by + strata(strata))`; with delayed entry, the score test of
    `coxph(Surv(entry, time, event) ~ by, ties = "exact")`. A group never at risk at an event of
    its stratum adds no degree of freedom. Raises `AnalysisError` with fewer than two groups,
    without an event, or when no two groups are ever at risk together.
    """
    by_names, strata_names = names_of(by), names_of(strata)
    if not by_names:
        raise AnalysisError("log_rank compares groups: name a column in 'by'")
    cells = [*strata_names, *(name for name in by_names if name not in strata_names)]
    rows = rows_of(frame, time=time, event=event, entry=entry, by=cells)
    levels = rows.groups.levels
    return _test(rows.risk_sets(), groups(levels, by_names), groups(levels, strata_names))


def log_rank_from_counts(counts: pd.DataFrame, *, by: By, strata: By = None) -> TestResult:
    """`log_rank` of a count table without delayed entry whose columns before `time` are those of
    `by` and `strata`. Whole weights count."""
    ordered, cells, at_risk, event = read_counts(counts)
    size = len(ordered)
    is_last = np.append(cells.code[1:] != cells.code[:-1], True)[:size]
    following = np.where(is_last, 0.0, np.append(at_risk[1:], 0.0)[:size])
    leaving = at_risk - following
    people = ordered["n_event"].to_numpy() + ordered["n_censored"].to_numpy()
    if np.any(leaving < event) or (
        "weighted_at_risk" not in ordered.columns and np.any(leaving != people)
    ):
        raise AnalysisError(
            "column 'n_at_risk' grows by entries after the origin: who is at risk between two"
            " times is not in the counts, so test the rows with log_rank"
        )
    sets = RiskSets(
        groups=cells,
        group=cells.code,
        time=ordered["time"].to_numpy(dtype=float),
        n_event=event,
        n_exit=leaving,
        entry_group=np.empty(0, dtype=np.int64),
        entry_time=np.empty(0),
        entry_count=np.empty(0),
    )
    levels = cells.levels
    return _test(sets, groups(levels, names_of(by)), groups(levels, names_of(strata)))


def _test(sets: RiskSets, by: Groups, strata: Groups) -> TestResult:
    """`by` and `strata`: the groups each cell (group of `sets`) belongs to."""
    if by.count < 2:
        raise AnalysisError(f"log_rank needs two groups or more in 'by': there are {by.count}")
    if not np.any(sets.n_event > 0):
        raise AnalysisError("log_rank needs events: no row has one")
    return _chi_squared(*_scores(*_at_event_times(sets, by, strata)))


def _at_event_times(sets: RiskSets, by: Groups, strata: Groups) -> tuple[Floats, Floats]:
    """At risk and events of each group (column) at each event time of each stratum (row)."""
    mine = sets.n_event > 0
    cell, (time_rank, times) = sets.group[mine], pd.factorize(sets.time[mine], sort=True)
    row, observed = pd.factorize(strata.code[cell] * len(times) + time_rank)
    stratum, time = np.asarray(observed) // len(times), times[np.asarray(observed) % len(times)]
    event = np.zeros((len(observed), by.count))
    np.add.at(event, (row, by.code[cell]), sets.n_event[mine])
    # A group without a row in a stratum is not at risk in it.
    cell_of = np.full((strata.count, by.count), -1, dtype=np.int64)
    cell_of[strata.code, by.code] = np.arange(len(by.code))
    cells = cell_of[stratum]
    at_risk = np.zeros_like(event)
    here = cells >= 0
    at_risk[here] = sets.at_risk(cells[here], np.broadcast_to(time[:, None], here.shape)[here])
    return at_risk, event


def _scores(at_risk: Floats, event: Floats) -> tuple[Floats, Floats]:
    """Observed less expected events per column, and their hypergeometric covariance."""
    n, d = at_risk.sum(axis=1), event.sum(axis=1)
    share = at_risk / n[:, None]
    spread = divide(d * (n - d), n - 1)
    covariance = np.diag(spread @ share) - share.T @ (share * spread[:, None])
    return (event - share * d[:, None]).sum(axis=0), covariance


def _chi_squared(difference: Floats, variance: Floats) -> TestResult:
    scale = np.sqrt(np.maximum(np.diag(variance), 0.0))
    kept = scale > 0
    correlation = variance[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept])
    # The differences sum to 0 over groups at risk together, so the rank is less than the number
    # of groups; the generalised inverse equals leaving one of them out.
    degrees = int(np.linalg.matrix_rank(correlation, tol=1e-9, hermitian=True)) if kept.any() else 0
    if degrees == 0:
        raise AnalysisError("log_rank: no two groups are at risk together when an event happens")
    z = difference[kept] / scale[kept]
    statistic = float(z @ np.linalg.pinv(correlation, rcond=1e-9, hermitian=True) @ z)
    return TestResult(statistic, degrees, chi_squared_p_value(statistic, degrees))
