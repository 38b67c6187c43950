"""Quality-adjusted life years up to a horizon, with bootstrap limits.

Two estimators that stay valid though people are censored: the naive area under each censored
person's utilities would not be, since who lives long and well is censored with more of them. Which
people and scores enter is for the caller.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.follow_up import ever_at_risk
from analyses.quality_of_life.replicated import replicated_curve

YEAR = 365.25
# Intervals the years are earned in, for the weights: a quarter of a year.
INTERVAL = 91
REPLICATES = 1000
# The French guide's 2.5 % a year (HAS 2020), from memory and not verified: say the rate you want.
DISCOUNT_RATE = 0.025


def quality_adjusted_survival(
    time: Floats,
    event: Booleans,
    utilities: Floats,
    days: Sequence[int],
    *,
    horizons: Sequence[int],
    weights: Floats | None = None,
    entry: Floats | None = None,
    discount_rate: float = DISCOUNT_RATE,
    later: tuple[float, float] | None = None,
    replicates: int = REPLICATES,
    seed: int = 20260630,
) -> pd.DataFrame:
    """Mean quality-adjusted life years of one group.

    Args:
        time: days of follow-up (people). event: whether they ended with a death.
        utilities: (people, visits), NaN where not given. days: of the visits, ascending, the first
            one being the start.
        horizons: days. discount_rate: yearly, 0.025 for 2.5 %. later: another rate, and the years
            after which it holds for each year to come.
        weights: of answering (people, visits), as `answering.answering_weights`; 1 when not given.
        entry: days of registration: people are at risk in (entry, time] (left truncation); who
            never is counts nowhere.

    Returns:
        method, horizon_days, n, qaly, std_error, ci_lower, ci_upper. `partitioned` is the area
        under survival (Kaplan-Meier) times the mean utility of those alive, joined by straight
        lines between visits (Glasziou et al., Stat Med 1990;9:1259-1276). `weighted` sums each
        person's own years, the last utility carried forward and the first one back, over quarters
        of a year, in each of those not censored in it, weighted by the inverse probability of not
        being censored (Zhao & Tsiatis, Biometrika 1997;84:339-348, with the partition of Bang &
        Tsiatis, Biometrika 2000;87:329-343); people without any utility are left out of it. Under
        delayed entry a quarter is that of the people under observation as it begins, weighted to
        the share alive then (Kaplan-Meier), the same sum when nobody enters late; one that begins
        with nobody under observation is NaN. Limits are percentiles of bootstrap samples of
        people, with the weights of answering as they are. A horizon beyond the last follow-up with
        somebody alive, or for `partitioned` beyond the last visit two people answered, is NaN.
    """
    entries = np.zeros(len(time)) if entry is None else entry
    answering = np.ones(utilities.shape) if weights is None else weights
    # By what is known of people, not by who they are: the same samples under other pseudonyms.
    order = np.lexsort((*answering.T, *utilities.T, event, entries, time))
    time, event, entries = time[order], event[order], entries[order]
    utilities, answering = utilities[order], answering[order]
    seen = ever_at_risk(entries, time)
    known = ~np.isnan(utilities).all(axis=1) & seen
    if not known.any():
        message = "nobody has a utility; quality-adjusted survival needs some"
        raise AnalysisError(message)
    random = np.random.default_rng(seed)
    rows = []
    for method, who in (("partitioned", seen), ("weighted", known)):
        n = int(who.sum())
        drawn = np.vstack(
            [np.ones(n), random.multinomial(n, np.full(n, 1 / n), size=replicates).astype(float)]
        )
        given = (time[who], event[who], utilities[who])
        late = entries[who]
        for horizon in horizons:
            value = _present_value(horizon, discount_rate, later)
            if method == "weighted":
                years = _weighted(*given, days, value, drawn, late)
            else:
                years = _partitioned(*given, days, value, drawn, answering[who], late)
            rows.append({"method": method, "horizon_days": horizon, "n": n, **_limits(years)})
    return pd.DataFrame(rows)


def _present_value(horizon: int, rate: float, later: tuple[float, float] | None) -> Floats:
    """What each day is worth, in years of today: discounted to its middle, within 1e-9 of the
    integral over it."""
    years = (np.arange(horizon) + 0.5) / YEAR
    if later is None:
        return np.asarray(np.exp(-np.log1p(rate) * years) / YEAR)
    later_rate, after = later
    early, late = np.minimum(years, after), np.maximum(years - after, 0)
    return np.asarray(np.exp(-np.log1p(rate) * early - np.log1p(later_rate) * late) / YEAR)


def _limits(years: Floats) -> dict[str, float]:
    """The estimate, which comes first, with what the replicates after it tell."""
    if np.isnan(years[0]):
        return dict.fromkeys(("qaly", "std_error", "ci_lower", "ci_upper"), np.nan)
    lower, upper = np.nanquantile(years[1:], [0.025, 0.975])
    error = np.nanstd(years[1:], ddof=1)
    return {"qaly": years[0], "std_error": error, "ci_lower": lower, "ci_upper": upper}


def _known_until(time: Floats, event: Booleans) -> float:
    """The last day survival is known at: for ever once the last person died."""
    last = time.max()
    return np.inf if event[time == last].all() else float(last)


def _partitioned(
    time: Floats,
    event: Booleans,
    utilities: Floats,
    days: Sequence[int],
    value: Floats,
    drawn: Floats,
    weights: Floats,
    entry: Floats,
) -> Floats:
    """Survival times mean utility, day by day."""
    horizon = len(value)
    told = np.flatnonzero((~np.isnan(utilities)).sum(axis=0) > 1)
    beyond = horizon > _known_until(time, event)
    if beyond or not len(told) or told[0] != 0 or horizon > days[told[-1]]:
        return np.full(len(drawn), np.nan)
    w = np.where(np.isnan(utilities), 0.0, weights)[:, told]
    with np.errstate(invalid="ignore"):
        means = (drawn @ (w * np.nan_to_num(utilities[:, told]))) / (drawn @ w)
    at = np.asarray(days)[told]
    # Each day's mean utility is a combination of those of the visits around it.
    lines = np.array([np.interp(np.arange(horizon) + 0.5, at, row) for row in np.eye(len(at))])
    alive = replicated_curve(time, event, drawn, entry=entry).at(np.arange(horizon, dtype=float))
    return np.asarray((alive * (means @ lines)) @ value)


def _weighted(
    time: Floats,
    event: Booleans,
    utilities: Floats,
    days: Sequence[int],
    value: Floats,
    drawn: Floats,
    entry: Floats,
) -> Floats:
    """Everybody's own years, by quarter, weighted by the inverse probability of no censoring."""
    horizon = len(value)
    if horizon > _known_until(time, event):
        return np.full(len(drawn), np.nan)
    uncensored = replicated_curve(time, event, drawn, entry=entry, of_censoring=True)
    alive = replicated_curve(time, event, drawn, entry=entry)
    # Years earned up to each day by carrying utilities, were the person alive.
    visit_of_day = np.searchsorted(np.asarray(days), np.arange(horizon), "right") - 1
    carried = pd.DataFrame(utilities).ffill(axis=1).bfill(axis=1).to_numpy()
    earned = np.cumsum(carried[:, visit_of_day] * value, axis=1)
    earned = np.column_stack([np.zeros(len(time)), earned])
    people = np.arange(len(time))
    total = np.zeros(len(drawn))
    for start in range(0, horizon, INTERVAL):
        end = min(start + INTERVAL, horizon)
        until = np.minimum(time, end)
        began = (time > start) & (entry <= start)
        complete = began & (event | (time >= end))
        last = np.floor(until).astype(int)
        years = np.where(complete, earned[people, last] - earned[people, start], 0.0)
        kept = uncensored.at(until[complete], before=True)
        share = np.divide(drawn[:, complete], kept, out=np.zeros_like(kept), where=kept > 0)
        # Those under observation stand for the share alive. Without late entries this is 1 / n:
        # survival times no censoring is the share of everybody that is still under observation.
        begin = np.array([start], dtype=float)
        living, n_began = alive.at(begin)[:, 0], drawn[:, began].sum(axis=1)
        stand_for = living * uncensored.at(begin)[:, 0]
        each = np.divide(stand_for, n_began, out=np.zeros_like(living), where=n_began > 0)
        if (entry > 0).any():
            each[(n_began == 0) & (living > 0)] = np.nan
        total += each * (share @ years[complete])
    return np.asarray(total)
