"""Observed means by when and how people stopped answering: drop-out seen before it is modelled.

Counts and means of those who answered, by pattern; models of drop-out are `sensitivity`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.observed_mean import observed_mean
from analyses.quality_of_life.score_range import limits_within, score_range
from analyses.quality_of_life.sensitivity import drop_outs
from analyses.quality_of_life.visits import Visit


def answer_patterns(
    scales: list[Answered],
    followed: FollowUp,
    visits: tuple[Visit, ...],
    instrument: Instrument,
) -> pd.DataFrame:
    """By scale, stratum, last visit with a score, what ended the answers, and visit.

    Columns: scale, stratum, last_visit, ended_by (`drop_out`; `death`; `end_of_data` where nothing
    more was to come), visit, time_days, n (people of the pattern), n_completed, mean, std_error,
    ci_lower, ci_upper; a row where somebody answered.
    """
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    parts = []
    for one in scales:
        given = ~np.isnan(one.scores)
        has = given.any(axis=1)
        last = given.shape[1] - 1 - np.argmax(given[:, ::-1], axis=1)
        _, drops = drop_outs(one)
        ended = np.where(
            drops.any(axis=1), "drop_out", np.where(followed.died, "death", "end_of_data")
        )
        people = pd.DataFrame({"stratum": one.stratum, "last": last, "ended_by": ended})[has]
        sizes = people.value_counts().rename("n").reset_index()
        person, place = np.nonzero(given)
        rows = people.loc[person].assign(place=place, value=one.scores[person, place])
        keys = ["stratum", "last", "ended_by"]
        table = observed_mean(rows, [*keys, "place"]).merge(sizes, on=keys)
        table = limits_within(table, *score_range(instrument, one.scale), "mean")
        table = table.sort_values([*keys, "place"])
        names = dict(enumerate(one.visits))
        table = table.assign(
            scale=one.name, last_visit=table["last"].map(names), visit=table["place"].map(names)
        )
        parts.append(table.assign(time_days=table["visit"].map(days)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
