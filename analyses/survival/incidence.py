"""Cumulative incidence under competing risks: the exact Aalen-Johansen estimate."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import (
    Booleans,
    Floats,
    Ints,
    cumulative_sum,
    divide,
    previous,
    sum_at,
)
from analyses.survival.columns import numbers, refuse, times
from analyses.survival.counts import grouping, long_table, wanted_causes, whole
from analyses.survival.frames import rows_with_cause
from analyses.survival.groups import By
from analyses.survival.jackknife import Influences
from analyses.survival.limits import ConfidenceType, confidence_limits
from analyses.survival.product_limit import survival
from analyses.survival.risk_sets import Rows
from analyses.survival.truncation import truncate_curve


def cumulative_incidence(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    cause: str = "cause",
    entry: str | None = None,
    weight: str | None = None,
    by: By = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
    causes: Sequence[int] | None = None,
    min_at_risk: int | None = None,
    robust: bool = False,
) -> pd.DataFrame:
    """Aalen-Johansen cumulative incidence of each cause, exact with tied times.

    `cause` is a whole number, 0 censored. `causes` lists those to report (default: those seen in
    the frame; every group has them all). The other parameters are those of `kaplan_meier`.

    Returns `[by,] cause, time, n_at_risk, n_event, incidence, std_error, ci_lower, ci_upper` (and
    `weighted_at_risk, weighted_event` with `weight`): one row a group, cause and distinct event or
    censoring time. `std_error` is that of R's `survival::survfit` on a multi-state outcome (the
    infinitesimal jackknife, equal to `prodlim`'s without delayed entry). Whole weights stand for
    rows repeated so often, unless `robust`. Limits are those of R's `conf.type` of the same name,
    that is on log(-log incidence) by default. At incidence 0 both limits are 0; at 1 they are
    missing (NaN).
    """
    rows, of_row = rows_with_cause(frame, time=time, cause=cause, entry=entry, weight=weight, by=by)
    wanted = wanted_causes(of_row, causes)
    people = rows.risk_sets()
    sets = people if rows.weight is None else rows.risk_sets(weighted=True)
    size, group = len(sets.time), sets.group
    of_cause = [_sums(rows, of_row == c, size, rows.weight) for c in wanted]
    before = previous(survival(sets.n_at_risk, sets.n_event, group), group, 1.0)
    estimates = [_incidence(events, sets.n_at_risk, before, group) for events in of_cause]
    variances = [
        _variance(
            rows, of_row == c, sets.n_at_risk, sets.n_event, events, before, group, estimate, robust
        )
        for c, events, estimate in zip(wanted, of_cause, estimates, strict=True)
    ]
    columns: dict[str, list[Floats] | list[Ints]] = {
        "n_event": [whole(_sums(rows, of_row == c, size, None)) for c in wanted],
        **_limited(estimates, variances, confidence, conf_type),
    }
    if rows.weight is not None:
        columns["weighted_at_risk"] = [sets.n_at_risk for _ in wanted]
        columns["weighted_event"] = of_cause
    curve = long_table(people, wanted, columns)
    return curve if min_at_risk is None else truncate_curve(curve, min_at_risk)


def cumulative_incidence_from_counts(
    counts: pd.DataFrame, *, confidence: float = 0.95, conf_type: ConfidenceType = "log-log"
) -> pd.DataFrame:
    """`cumulative_incidence` of a count table (`cause_table`, `counts_from_duckdb`).

    `counts` has `[by,] cause, time, n_at_risk, n_event`, every cause at every time of its group.
    Without delayed entry the result is that of the rows. With it the standard error is the
    Greenwood form, since influences need to know who entered when.
    """
    by, _ = grouping(counts)
    cause = numbers(counts, "cause")
    order = np.lexsort((times(counts, "time"), cause, by.code))
    ordered, code, cause = counts.iloc[order].reset_index(drop=True), by.code[order], cause[order]
    at_risk, events = numbers(ordered, "n_at_risk"), numbers(ordered, "n_event")
    refuse("n_event", (events < 0) | (events > at_risk), "negative or above those at risk")
    rank, distinct = pd.factorize(ordered["time"].to_numpy(dtype=float))
    place = pd.factorize(code * max(len(distinct), 1) + rank)[0].astype(np.int64)
    size = int(place.max()) + 1 if len(place) else 0
    if len(np.unique(cause)) * size != len(ordered):
        raise AnalysisError(
            "a count table of competing risks has every cause at every time of its group once:"
            " make it with cause_table"
        )
    all_events = sum_at(place, size, events)[place]
    block = code * (len(np.unique(cause)) + 1) + np.unique(cause, return_inverse=True)[1]
    before = previous(survival(at_risk, all_events, block), block, 1.0)
    estimate = _incidence(events, at_risk, before, block)
    variance = _multinomial_variance(at_risk, all_events, events, before, block, estimate)
    parts = _limited([estimate], [variance], confidence, conf_type)
    return ordered.assign(**{name: part[0] for name, part in parts.items()})


def _sums(rows: Rows, mine: Booleans, size: int, weight: Floats | None) -> Floats:
    return sum_at(rows.place[mine], size, None if weight is None else weight[mine])


def _incidence(events: Floats, at_risk: Floats, before: Floats, group: Ints) -> Floats:
    # Rounding can leave the sum of many small steps a hair above 1.
    return np.minimum(cumulative_sum(before * divide(events, at_risk), group), 1.0)


def _variance(
    rows: Rows,
    is_own: Booleans,
    at_risk: Floats,
    event: Floats,
    own: Floats,
    before: Floats,
    group: Ints,
    incidence: Floats,
    robust: bool,
) -> Floats:
    counted = not robust and not rows.weight_is_no_count
    if counted and rows.entry is None:
        return _multinomial_variance(at_risk, event, own, before, group, incidence)
    return Influences.of(rows, group, counted=counted).incidence_variance(
        at_risk, event, own, before, incidence, is_event=rows.event, is_own=is_own
    )


def _multinomial_variance(
    at_risk: Floats, event: Floats, own: Floats, before: Floats, group: Ints, incidence: Floats
) -> Floats:
    """Greenwood's form for competing risks, tied causes included (multinomial at each time).

    Everybody at risk at u changes F(t) by S(u-)/n at an own event and takes away
    (F(t) - F(u)) / (n - d) at any event; squares are summed and the square of F(t) factored out.
    """
    survivors = np.where(event < at_risk, at_risk - event, 0.0)
    left = 1.0 - divide(own, at_risk)
    square = own * left * divide(before, at_risk) ** 2
    taken = divide(event, at_risk * survivors)
    cross = np.where(survivors > 0, divide(own * before, at_risk**2), 0.0)

    def total(values: Floats) -> Floats:
        return cumulative_sum(values, group)

    variance = total(square + taken * incidence**2 + 2 * cross * incidence)
    variance += incidence**2 * total(taken) - 2 * incidence * total(taken * incidence + cross)
    return np.maximum(variance, 0.0)


def _limited(
    estimates: list[Floats],
    variances: list[Floats],
    confidence: float,
    conf_type: ConfidenceType,
) -> dict[str, list[Floats] | list[Ints]]:
    errors = [np.sqrt(variance) for variance in variances]
    limits = [
        confidence_limits(e, s, confidence=confidence, conf_type=conf_type, certain=0.0)
        for e, s in zip(estimates, errors, strict=True)
    ]
    return {
        "incidence": estimates,
        "std_error": errors,
        "ci_lower": [lower for lower, _ in limits],
        "ci_upper": [upper for _, upper in limits],
    }
