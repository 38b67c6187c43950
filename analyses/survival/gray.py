"""Gray's test of cumulative incidences in k groups, stratified or not. Curves are in `incidence`.

The only test here; the chi-squared statistic of scores and a covariance is `log_rank`'s.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Booleans, Floats, Ints, divide
from analyses.survival.columns import causes, numbers, refuse, times
from analyses.survival.counts import cause_table, grouping
from analyses.survival.groups import By, groups, names_of
from analyses.survival.log_rank import TestResult, chi_squared

_NO_EVENTS = "gray_test needs events of the cause compared: no row has one"


def gray_test(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    cause: str = "cause",
    of: int = 1,
    by: By,
    strata: By = None,
    rho: float = 0.0,
) -> TestResult:
    """Gray's test (Ann Stat 1988) that the groups of `by` share the cumulative incidence of a
    cause: R's `cmprsk::cuminc(time, cause, by, strata, rho)$Tests`.

    `cause` is a whole number, 0 censored; `of` is the one compared, every other one competes.
    `rho`: the weight (1 - incidence)^rho. Everybody is at risk from the origin: the test is not
    defined under delayed entry. Raises `AnalysisError` with fewer than two groups, without an
    event of the cause, or when no two groups are ever at risk together.
    """
    by_names, strata_names = names_of(by), names_of(strata)
    if not by_names:
        raise AnalysisError("gray_test compares groups: name a column in 'by'")
    if len(frame) and not np.any(causes(frame, cause) == of):
        raise AnalysisError(_NO_EVENTS)
    cells = [*strata_names, *(name for name in by_names if name not in strata_names)]
    counts = cause_table(frame, time=time, cause=cause, by=cells)
    return gray_from_counts(counts, of=of, by=by, strata=strata, rho=rho)


def gray_from_counts(
    counts: pd.DataFrame, *, of: int = 1, by: By, strata: By = None, rho: float = 0.0
) -> TestResult:
    """`gray_test` of a count table (`cause_table`, `counts_from_duckdb`) without delayed entry,
    whose columns before `cause` are those of `by` and `strata`."""
    all_groups = groups(counts, names_of(by))
    if all_groups.count < 2:
        raise AnalysisError(
            f"gray_test needs two groups or more in 'by': there are {all_groups.count}"
        )
    is_own = numbers(counts, "cause") == of
    events = numbers(counts, "n_event")
    if not np.any(is_own & (events > 0)):
        raise AnalysisError(_NO_EVENTS)
    _refuse_entries(counts)
    strata_of = groups(counts, names_of(strata))
    score = np.zeros(all_groups.count)
    covariance = np.zeros((all_groups.count, all_groups.count))
    for stratum in range(strata_of.count):
        here = strata_of.code == stratum
        risk = _at_times(counts[here], all_groups.code[here], all_groups.count, is_own[here])
        if risk.own.any():
            s, v = _scores(risk, rho)
            score += s
            covariance += v
    return chi_squared(score, covariance, "gray_test")


@dataclass(frozen=True)
class _Risk:
    """People at each time of any event (row) in each group (column): at risk, with an event of
    the cause compared, with another's."""

    at_risk: Floats
    own: Floats
    other: Floats


def _at_times(counts: pd.DataFrame, group: Ints, size: int, is_own: Booleans) -> _Risk:
    event = counts["n_event"].to_numpy(dtype=float)
    scale, place = np.unique(times(counts, "time"), return_inverse=True)
    own, other = np.zeros((len(scale), size)), np.zeros((len(scale), size))
    np.add.at(own, (place[is_own], group[is_own]), event[is_own])
    np.add.at(other, (place[~is_own], group[~is_own]), event[~is_own])
    at_risk = np.full((len(scale), size), -1.0)
    at_risk[place, group] = counts["n_at_risk"].to_numpy(dtype=float)
    # Nobody leaves a group between two of its own times: at risk is what the next of them says.
    at_risk = np.vstack([at_risk, np.zeros(size)])
    following = np.where(at_risk >= 0, np.arange(len(at_risk))[:, None], len(scale))
    following = np.minimum.accumulate(following[::-1], axis=0)[::-1]
    at_risk = np.take_along_axis(at_risk, following, axis=0)[:-1]
    kept = (own + other).sum(axis=1) > 0
    return _Risk(at_risk[kept], own[kept], other[kept])


def _scores(risk: _Risk, rho: float) -> tuple[Floats, Floats]:
    """Scores of a stratum and their covariance, in the notation of Gray (1988), section 4.

    With n people at risk, S the survival of no event and F the incidence of the cause in a group,
    h = n / S(-) estimates how many would be at risk had the competing events been censored, and
    R = h (1 - F(-)) how many are at risk of the subdistribution. The covariance is a sum over
    times and groups of influences squared; the factors for ties are those of `cmprsk`.
    """
    n, own, d = risk.at_risk, risk.own, risk.own + risk.other
    present = n > 0
    after = np.cumprod(1.0 - divide(d, n), axis=0).astype(np.float64, copy=False)
    before = np.vstack([np.ones(n.shape[1]), after[:-1]])
    incidence = np.cumsum(before * divide(own, n), axis=0)
    incidence_before = np.vstack([np.zeros(n.shape[1]), incidence[:-1]])
    h = divide(n, before) * present
    total: Floats = h.sum(axis=1)
    subrisk = h * (1.0 - incidence_before)
    events: Floats = own.sum(axis=1)
    pooled: Floats = np.cumsum(divide(events, total))
    pooled_before: Floats = np.append(0.0, pooled[:-1])
    weight = (1.0 - pooled_before) ** rho
    expected = subrisk * divide(events, subrisk.sum(axis=1))[:, None]
    score = (weight[:, None] * (own - expected)).sum(axis=0)

    # a[t, i, k]: how the score of group i answers to an event in group k at t.
    share = divide(h, total[:, None])
    a = h[:, :, None] * (np.eye(n.shape[1])[None] - share[:, None, :]) * weight[:, None, None]
    step = divide(events, total * (1.0 - pooled_before))
    c = np.cumsum(a * step[:, None, None], axis=0)
    later = c[-1][None] - c
    left = np.where(after > 0, divide(1.0 - pooled[:, None], after), 0.0)

    odds: Floats = total[:, None] * before
    tied = _tie_factor(events[:, None], odds)
    variance_own = tied * divide(divide(before * events[:, None], total[:, None]), n)
    influence = a + (1.0 - left)[:, None, :] * later
    covariance = _squares(influence, np.where(present, variance_own, 0.0))

    variance_other = _tie_factor(risk.other, n) * before**2 * divide(risk.other, n**2)
    influence = left[:, None, :] * -later
    covariance += _squares(influence, np.where(after > 0, variance_other, 0.0))
    return score, covariance


def _tie_factor(events: Floats, at_risk: Floats) -> Floats:
    """(n - d) / (n - 1) where more than one event falls on a time, else 1."""
    factor: Floats = 1.0 - np.where(events > 1, divide(events - 1.0, at_risk - 1.0), 0.0)
    return factor


def _squares(influence: Floats, variance: Floats) -> Floats:
    """Sum over times t and groups k of variance[t, k] influence[t, :, k] influence[t, :, k]'."""
    i = influence.swapaxes(0, 1).reshape(influence.shape[1], -1)
    total: Floats = (i * variance.ravel()) @ i.T
    return total


def _refuse_entries(counts: pd.DataFrame) -> None:
    """People at risk must be those at the first time less all who left: never more than before."""
    cells, _ = grouping(counts)
    order = np.lexsort((numbers(counts, "cause"), times(counts, "time"), cells.code))
    group, at_risk = cells.code[order], counts["n_at_risk"].to_numpy(dtype=float)[order]
    grown = np.append(False, (group[1:] == group[:-1]) & (at_risk[1:] > at_risk[:-1]))
    refuse("n_at_risk", grown, "above that of an earlier time (delayed entry)")
