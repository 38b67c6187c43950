"""Whether follow-up is long enough for a cure fraction to be told from late events.

Belongs here: the evidence on the plateau of the curve. Does not belong here: cure models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.survival.counts import risk_table


@dataclass(frozen=True)
class CureSupport:
    """Evidence for a plateau. Times in the unit of the data.

    `plateau_share`: length of the level stretch after the last event as a share of follow-up;
    `n_on_plateau`: people still at risk when the last event has happened; `q_n`: Maller and Zhou's
    (1994, 1996) number of events within the plateau's length before the last event, as a share of
    all people; `p_insufficient`: their alpha_n = (1 - q_n)^n, small when follow-up is sufficient.
    """

    last_event: float
    last_time: float
    plateau_share: float
    n_on_plateau: int
    q_n: float
    p_insufficient: float


def cure_support(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
) -> CureSupport:
    """Maller and Zhou's statistics of sufficient follow-up, and who is on the plateau.

    The statistic counts the events in (2 t_event - t_last, t_event], with t_event the last event
    and t_last the longest follow-up. Without an event everything is missing (NaN).
    """
    counts = risk_table(frame, time=time, event=event, entry=entry)
    events = counts[counts["n_event"] > 0]
    last = float(counts["time"].max()) if len(counts) else float("nan")
    if events.empty:
        nothing = float("nan")
        return CureSupport(nothing, last, nothing, 0, nothing, nothing)
    last_event = float(events["time"].max())
    start = 2 * last_event - last
    people = int(counts["n_event"].sum() + counts["n_censored"].sum())
    near = events[(events["time"] > start) & (events["time"] <= last_event)]
    q_n = float(near["n_event"].sum()) / people if last > last_event else 0.0
    after = counts[counts["time"] > last_event]
    return CureSupport(
        last_event=last_event,
        last_time=last,
        plateau_share=(last - last_event) / last if last > 0 else 0.0,
        n_on_plateau=int(after["n_at_risk"].iloc[0]) if len(after) else 0,
        q_n=q_n,
        p_insufficient=float(np.exp(people * np.log1p(-q_n))) if q_n < 1 else 0.0,
    )
