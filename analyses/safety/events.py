"""People at risk and their events, as the estimators of safety take them.

Belongs here: checking the two frames against each other. Does not belong here: estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.arrays import Booleans, Floats, Ints


@dataclass(frozen=True)
class Recurrent:
    """One row a person: at risk in (entry, time], `died` at `time` or censored there.

    One row an event: `person` (place of the person), `at` (its time). People at risk from the
    origin count events at time 0 too. `prior`: who had the event before they came under
    observation, and so is not at risk of a first one.
    """

    entry: Floats
    time: Floats
    died: Booleans
    prior: Booleans
    person: Ints
    at: Floats

    @property
    def n(self) -> int:
        """People."""
        return len(self.time)

    @property
    def person_time(self) -> float:
        """Time at risk of all people, in the unit of time."""
        return float(np.sum(self.time - self.entry))

    @property
    def counts(self) -> Floats:
        """Events of each person."""
        return np.bincount(self.person, minlength=self.n).astype(np.float64)

    def first_events(self) -> Floats:
        """Time of each person's first event, infinite without one."""
        first = np.full(self.n, np.inf)
        np.minimum.at(first, self.person, self.at)
        return first


def recurrent_of(
    people: pd.DataFrame,
    events: pd.DataFrame,
    *,
    id: str = "id",  # noqa: A002 - the column's name, as in R
    time: str = "time",
    died: str | None = "died",
    entry: str | None = None,
    prior: str | None = None,
    at: str = "time",
) -> Recurrent:
    """`people`: one row a person (`id`, end of follow-up `time`, `died` 0/1, `entry`, `prior` 0/1:
    an event before `entry`); `events`: one row an event (`id`, its time `at`).

    Several events of a person at one time count as often as they are given. Raises
    `AnalysisError` for a repeated person, an event of somebody unknown, and an event outside its
    person's time at risk; somebody in follow-up from the origin may have one at time 0.
    """
    ends = columns.times(people, time)
    starts = np.zeros(len(people)) if entry is None else columns.entries(people, entry, ends, time)
    nobody = np.zeros(len(people), dtype=bool)
    dead = nobody if died is None else columns.indicator(people, died)
    before = nobody if prior is None else columns.indicator(people, prior)
    if columns.present(people, id).duplicated().any():
        raise AnalysisError(f"column '{id}' of the people repeats a value: give one row a person")
    when = columns.times(events, at)
    place = pd.Index(people[id]).get_indexer(columns.present(events, id))
    columns.refuse(id, place < 0, "not among the people")
    late = (when > ends[place]) | ((when <= starts[place]) & (starts[place] > 0))
    columns.refuse(at, late, "outside the person's follow-up")
    return Recurrent(starts, ends, dead, before, place.astype(np.int64), when)
