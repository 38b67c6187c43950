"""The mean cumulative number of recurrent events, death ending them.

Belongs here: the estimate and its robust variance. Does not belong here: rates (rates.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.safety.events import Recurrent
from analyses.survival.arrays import Floats, divide
from analyses.survival.limits import normal_quantile

_MOST_CELLS = 4_000_000


def mean_cumulative_count(sample: Recurrent, *, confidence: float = 0.95) -> pd.DataFrame:
    """`time, n_at_risk, n_event, n_death, mean_count, std_error, ci_lower, ci_upper`.

    Ghosh and Lin (Biometrics 2000): the sum of S(u-) dN(u) / Y(u), S being the Kaplan-Meier curve
    of death and Y the people alive and in follow-up; without deaths it is the estimate of Nelson
    and Lawless (the cumulative hazard of R's `survfit(Surv(start, stop, event), id)`). Events come
    before deaths and censorings of the same time. The variance is the sum of squares of each
    person's influence: robust to events of a person that come together. Limits on the log scale.
    One row a time at which something happened to somebody (event, death or end of follow-up).
    """
    times = np.unique(np.concatenate([sample.time, sample.at]))
    ends = np.searchsorted(times, sample.time)
    when = np.searchsorted(times, sample.at)
    size = len(times)
    left = np.bincount(ends, minlength=size)
    # At risk at a time: whoever has entered before it and has not left before it.
    entered = np.searchsorted(times, sample.entry, side="right")
    entered[sample.entry <= 0] = 0
    joined = np.bincount(np.minimum(entered, size - 1), minlength=size)
    at_risk = np.cumsum(joined) - np.concatenate([[0], np.cumsum(left)[:-1]])
    events = np.bincount(when, minlength=size).astype(np.float64)
    deaths = np.bincount(ends[sample.died], minlength=size).astype(np.float64)
    alive = np.cumprod(1 - divide(deaths, at_risk.astype(np.float64)))
    before = np.concatenate([[1.0], alive[:-1]])
    step = divide(before * events, at_risk.astype(np.float64))
    mean = np.cumsum(step)
    error = np.sqrt(_variance(sample, (ends, when, entered), at_risk, (events, deaths), step))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(normal_quantile(confidence) * error / mean)
        lower, upper = mean / factor, mean * factor
    return pd.DataFrame(
        {
            "time": times,
            "n_at_risk": at_risk,
            "n_event": events.astype(np.int64),
            "n_death": deaths.astype(np.int64),
            "mean_count": mean,
            "std_error": error,
            "ci_lower": np.where(mean > 0, lower, 0.0),
            "ci_upper": np.where(mean > 0, upper, 0.0),
        }
    )


def _variance(
    sample: Recurrent,
    places: tuple[np.ndarray, np.ndarray, np.ndarray],
    at_risk: np.ndarray,
    counted: tuple[Floats, Floats],
    step: Floats,
) -> Floats:
    """Sum over people of the square of their influence on the mean, at every time.

    A person's influence is the derivative of the estimate by their weight: S(u-) dM(u) / Y(u) of
    their own events, less the change of S(u-) by their own death, S(u-) dM_D(s) / (Y(s) - d(s)).
    """
    ends, when, entered = places
    events, deaths = counted
    people = at_risk.astype(np.float64)
    # What everybody at risk takes away at each time: from the rate, and from survival.
    rate = divide(step, people)
    survivors = np.where(deaths < people, people - deaths, 0.0)
    hazard = divide(deaths, people * survivors)
    total = np.zeros(len(step))
    order = np.argsort(sample.person, kind="stable")
    place_of_event, owner = when[order], sample.person[order]
    starts = np.searchsorted(owner, np.arange(sample.n + 1))
    block = max(1, _MOST_CELLS // max(len(step), 1))
    before = divide(step, events) * people  # S(u-) where there is an event
    for first in range(0, sample.n, block):
        chosen = np.arange(first, min(first + block, sample.n))
        here = np.zeros((len(chosen), len(step)))
        mine = slice(starts[chosen[0]], starts[chosen[-1] + 1])
        own = divide(before, people)[place_of_event[mine]]
        np.add.at(here, (owner[mine] - first, place_of_event[mine]), own)
        grid = np.arange(len(step))
        present = (grid >= entered[chosen][:, None]) & (grid <= ends[chosen][:, None])
        here -= present * rate
        # The change of log S before each time, of deaths at earlier times.
        change = present * hazard
        dying = sample.died[chosen]
        at_death = divide(np.ones(len(step)), survivors)[ends[chosen[dying]]]
        change[np.flatnonzero(dying), ends[chosen[dying]]] -= at_death
        change = np.cumsum(change, axis=1)
        earlier = np.concatenate([np.zeros((len(chosen), 1)), change[:, :-1]], axis=1)
        here += earlier * step
        total += np.sum(np.cumsum(here, axis=1) ** 2, axis=0)
    return total
