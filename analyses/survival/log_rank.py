"""Log-rank tests of k groups, weighted and stratified or not. Effect sizes are elsewhere."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints, divide, previous
from analyses.survival.counts import read_counts
from analyses.survival.frames import rows_of
from analyses.survival.groups import By, Groups, groups, names_of
from analyses.survival.limits import chi_squared_p_value
from analyses.survival.product_limit import survival
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
    rho: float = 0.0,
    gamma: float = 0.0,
) -> TestResult:
    """Log-rank test (Mantel-Haenszel) that the groups of `by` share one hazard.

    R's `survdiff(Surv(time, event) ~ by + strata(strata), rho = rho)`; with delayed entry, the
    score test of `coxph(Surv(entry, time, event) ~ by, ties = "exact")`. `rho`, `gamma`: the
    weights S^rho (1 - S)^gamma of Fleming and Harrington (1981), S being Kaplan-Meier of all
    groups of the stratum just before each event: `rho=1` is the Peto-Peto form of Wilcoxon's
    test (early differences), `gamma=1` looks at late ones. A group never at risk at an event of
    its stratum adds no degree of freedom. Raises `AnalysisError` with fewer than two groups,
    without an event, or when no two groups are ever at risk together.
    """
    by_names, strata_names = names_of(by), names_of(strata)
    if not by_names:
        raise AnalysisError("log_rank compares groups: name a column in 'by'")
    cells = [*strata_names, *(name for name in by_names if name not in strata_names)]
    rows = rows_of(frame, time=time, event=event, entry=entry, by=cells)
    levels = rows.groups.levels
    by_groups, strata_groups = groups(levels, by_names), groups(levels, strata_names)
    return _test(rows.risk_sets(), by_groups, strata_groups, (rho, gamma))


def log_rank_from_counts(
    counts: pd.DataFrame, *, by: By, strata: By = None, rho: float = 0.0, gamma: float = 0.0
) -> TestResult:
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
    by_groups, strata_groups = groups(levels, names_of(by)), groups(levels, names_of(strata))
    return _test(sets, by_groups, strata_groups, (rho, gamma))


def _test(sets: RiskSets, by: Groups, strata: Groups, powers: tuple[float, float]) -> TestResult:
    """`by` and `strata`: the groups each cell (group of `sets`) belongs to."""
    if min(powers) < 0 or not np.all(np.isfinite(powers)):
        raise AnalysisError("rho and gamma of log_rank are finite numbers from 0 up")
    if by.count < 2:
        raise AnalysisError(f"log_rank needs two groups or more in 'by': there are {by.count}")
    if not np.any(sets.n_event > 0):
        raise AnalysisError("log_rank needs events: no row has one")
    at_risk, event, stratum = _at_event_times(sets, by, strata)
    weight = _weights(at_risk.sum(axis=1), event.sum(axis=1), stratum, *powers)
    return chi_squared(*_scores(at_risk, event, weight), "log_rank")


def _weights(at_risk: Floats, event: Floats, stratum: Ints, rho: float, gamma: float) -> Floats:
    before = previous(survival(at_risk, event, stratum), stratum, 1.0)
    weight: Floats = before**rho * (1.0 - before) ** gamma
    return weight


def _at_event_times(sets: RiskSets, by: Groups, strata: Groups) -> tuple[Floats, Floats, Ints]:
    """At risk and events of each group (column) at each event time of each stratum (row), and
    the stratum of each row."""
    mine = sets.n_event > 0
    cell, (time_rank, times) = sets.group[mine], pd.factorize(sets.time[mine], sort=True)
    row, observed = pd.factorize(strata.code[cell] * len(times) + time_rank, sort=True)
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
    return at_risk, event, stratum.astype(np.int64)


def _scores(at_risk: Floats, event: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted observed less expected events per column, and their hypergeometric covariance."""
    n, d = at_risk.sum(axis=1), event.sum(axis=1)
    share = at_risk / n[:, None]
    spread = weight**2 * divide(d * (n - d), n - 1)
    covariance = np.diag(spread @ share) - share.T @ (share * spread[:, None])
    return weight @ (event - share * d[:, None]), covariance


def chi_squared(difference: Floats, variance: Floats, name: str) -> TestResult:
    """The test that scores which sum to 0 over groups are 0; `name` is for a message."""
    scale = np.sqrt(np.maximum(np.diag(variance), 0.0))
    kept = scale > 0
    correlation = variance[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept])
    # The differences sum to 0 over groups at risk together, so the rank is less than the number
    # of groups; the generalised inverse equals leaving one of them out.
    degrees = int(np.linalg.matrix_rank(correlation, tol=1e-9, hermitian=True)) if kept.any() else 0
    if degrees == 0:
        raise AnalysisError(f"{name}: no two groups are at risk together when an event happens")
    z = difference[kept] / scale[kept]
    # Rounding can leave a statistic of 0 a hair below it.
    quadratic = float(z @ np.linalg.pinv(correlation, rcond=1e-9, hermitian=True) @ z)
    statistic = max(quadratic, 0.0)
    return TestResult(statistic, degrees, chi_squared_p_value(statistic, degrees))
