"""Who leaves and who enters when: follow-up reduced to sums per group and distinct time.

The one place that knows ties (events before censorings) and delayed entry (at risk in (entry,
time]). Estimators take what is computed here; they never sort rows themselves.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analyses.survival.arrays import Booleans, Floats, Ints, starts_of_groups, sum_at
from analyses.survival.columns import are_whole
from analyses.survival.groups import Groups


@dataclass(frozen=True)
class RiskSets:
    """Sums at each group's distinct times, sorted by group and time.

    `entry_group`, `entry_time`: the rows that came under observation after the origin, sorted too.
    `nobody_stays`: where everybody at risk has the event, known of people: sums of weights round.
    """

    groups: Groups
    group: Ints
    time: Floats
    n_event: Floats
    n_exit: Floats
    entry_group: Ints
    entry_time: Floats
    entry_count: Floats
    nobody_stays: Booleans | None = None

    @cached_property
    def n_at_risk(self) -> Floats:
        """At risk just before each distinct time of the same group."""
        if self.nobody_stays is None:
            return self._summed
        return np.where(self.nobody_stays, self.n_event, self._summed)

    @property
    def _summed(self) -> Floats:
        if len(self.entry_time):
            return self.at_risk(self.group, self.time)
        starts = starts_of_groups(self.group)
        ends = np.append(starts[1:], len(self.group))[: len(starts)]
        total = np.concatenate([[0.0], np.cumsum(self.n_exit)])
        left: Floats = np.repeat(total[ends], ends - starts) - total[:-1]
        return left

    @property
    def n_censored(self) -> Floats:
        return self.n_exit - self.n_event

    def at_risk(self, group: Ints, time: Floats) -> Floats:
        """At risk in any group just before any time."""
        scale = np.unique(np.concatenate([self.time, self.entry_time, time]))
        wanted = _key(group, time, scale)
        end_of_group = (group + 1) * len(scale)
        return _sum_between(
            _key(self.group, self.time, scale), self.n_exit, wanted, end_of_group
        ) - (
            _sum_between(
                _key(self.entry_group, self.entry_time, scale),
                self.entry_count,
                wanted,
                end_of_group,
            )
        )


@dataclass(frozen=True)
class Rows:
    """Checked rows: what the reductions take. `entry` 0 is from the origin, 0 included."""

    groups: Groups
    time: Floats
    event: Booleans
    entry: Floats | None
    weight: Floats | None

    @property
    def weight_is_no_count(self) -> bool:
        """Whether there are weights that cannot be numbers of people."""
        return self.weight is not None and not are_whole(self.weight)

    @cached_property
    def _distinct(self) -> tuple[Ints, Ints, Floats]:
        rank, times = pd.factorize(self.time, sort=True)
        code = self.groups.code * max(len(times), 1) + rank
        place, observed = pd.factorize(code, sort=True)
        observed = np.asarray(observed, dtype=np.int64)
        size = max(len(times), 1)
        return place.astype(np.int64), observed // size, np.asarray(times)[observed % size]

    @property
    def place(self) -> Ints:
        """Position of each row's end among the distinct times of its group."""
        return self._distinct[0]

    def risk_sets(self, *, weighted: bool = False) -> RiskSets:
        """Sums of people, or of their weights."""
        place, group, time = self._distinct
        weight = self.weight if weighted else None
        of_events = self.event.astype(np.float64)
        entry_group, entry_time, entry_count = self._late(weight)
        people = None if weight is None else self.risk_sets()
        return RiskSets(
            groups=self.groups,
            group=group,
            time=time,
            n_event=sum_at(place, len(time), of_events if weight is None else of_events * weight),
            n_exit=sum_at(place, len(time), weight),
            entry_group=entry_group,
            entry_time=entry_time,
            entry_count=entry_count,
            nobody_stays=None if people is None else people.n_at_risk == people.n_event,
        )

    def entry_place(self) -> Ints:
        """Position of the first distinct time of its group that each row is at risk at."""
        _, group, time = self._distinct
        scale = np.unique(np.concatenate([time, self.time if self.entry is None else self.entry]))
        entry = np.full(len(self.time), -np.inf) if self.entry is None else self.entry.copy()
        entry[entry <= 0] = -np.inf
        wanted = self.groups.code * len(scale) + np.searchsorted(scale, entry, side="right")
        return np.searchsorted(_key(group, time, scale), wanted).astype(np.int64)

    def _late(self, weight: Floats | None) -> tuple[Ints, Floats, Floats]:
        if self.entry is None:
            return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
        late = np.flatnonzero(self.entry > 0)
        order = late[np.lexsort((self.entry[late], self.groups.code[late]))]
        count = np.ones(len(order)) if weight is None else weight[order]
        return self.groups.code[order], self.entry[order], count


def _key(group: Ints, time: Floats, scale: Floats) -> Ints:
    key: Ints = group * len(scale) + np.searchsorted(scale, time)
    return key


def _sum_between(key: Ints, values: Floats, start: Ints, end: Ints) -> Floats:
    """Sum of the values whose sorted key is in [start, end)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    between: Floats = total[np.searchsorted(key, end)] - total[np.searchsorted(key, start)]
    return between
