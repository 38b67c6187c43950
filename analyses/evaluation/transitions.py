"""Where people of a course are at a later horizon, by the state they are in at an earlier day.

Belongs here: transition probabilities between the horizons, as rows of results. Does not belong
here: the course (multi_state.py) and the estimator (analyses.survival).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses import survival

_ESTIMATES = ["probability", "std_error", "ci_lower", "ci_upper"]
_PAIR = ["stratum", "from_state", "to_state"]


def transition_rows(
    stays: pd.DataFrame, states: Sequence[str], horizons: Sequence[int]
) -> pd.DataFrame:
    """A row a stratum, day, later horizon, state left and state that can be reached from it.

    stays: id, stratum, start, stop, from, to. The days are that of the start, when everybody is in
    the first of `states`, and the horizons but the last. Of a state that nobody is in on the day
    there is no row.
    """
    days = [0, *horizons]
    parts = []
    for place, day in enumerate(days[:-1]):
        found = survival.transition_probabilities(
            stays, after=float(day), by="stratum", states=states
        )
        there = _people(stays, states, day)
        parts += [
            _at(found, there, stays, states, horizon).assign(
                from_days=float(day), horizon_days=float(horizon)
            )
            for horizon in days[place + 1 :]
        ]
    return pd.concat(parts, ignore_index=True)


def _people(stays: pd.DataFrame, states: Sequence[str], day: int) -> pd.DataFrame:
    """stratum, from_state, n_at_risk: who is in a state, under observation, after the day."""
    there = stays["start"] <= day
    there &= (stays["from"] == states[0]) if day == 0 else (stays["stop"] > day)
    counted = stays[there].groupby(["stratum", "from"]).size().rename("n_at_risk").reset_index()
    return counted.rename(columns={"from": "from_state"})


def _at(
    found: pd.DataFrame,
    there: pd.DataFrame,
    stays: pd.DataFrame,
    states: Sequence[str],
    horizon: int,
) -> pd.DataFrame:
    """The probabilities at one horizon; missing beyond the data, unless everybody is dead."""
    order = {state: place for place, state in enumerate(states)}
    rows = there.merge(pd.DataFrame({"to_state": list(states)}), how="cross")
    rows = rows[rows["to_state"].map(order) >= rows["from_state"].map(order)]
    upto = found[found["time"] <= horizon].groupby(_PAIR, sort=False).tail(1)
    rows = rows.merge(upto, on=_PAIR, how="left")
    unmoved = rows["time"].isna()
    stay = (rows["from_state"] == rows["to_state"]).astype(float)
    for name in _ESTIMATES:
        rows[name] = rows[name].mask(unmoved, 0.0 if name == "std_error" else stay)
    last = rows["stratum"].map(stays.groupby("stratum")["stop"].max())
    dead = rows["probability"].where(rows["to_state"] == states[-1], 0.0)
    all_dead = dead.groupby([rows["stratum"], rows["from_state"]]).transform("max") > 1 - 1e-12
    unknown = (last < horizon) & ~all_dead
    rows[_ESTIMATES] = rows[_ESTIMATES].mask(unknown, np.nan)
    return rows.drop(columns="time")
