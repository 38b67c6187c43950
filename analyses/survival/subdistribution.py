"""Risk sets of the Fine-Gray model: those with a competing event stay in them, weighted.

A person with a competing event at T counts at a later time t with weight W(t) / W(T), where W is
the probability of still being under observation: a product of a term of the time and a term of the
row. Sums over risk sets are therefore running totals, as in `cox_risk`, and the rows are never
split at each censoring time, as R's `finegray` splits them to the same effect.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from analyses.errors import AnalysisError, rows
from analyses.survival.arrays import Booleans, Floats, Ints, cumulative_sum, divide, sum_at
from analyses.survival.cox_risk import EfronSets


@dataclass(frozen=True)
class SubdistributionSets(EfronSets):
    """`EfronSets` of the event modelled, in which rows of a competing event stay.

    `stays`: positions of those rows; `since`: first cell after the end of each of them; `until`:
    end of the cells of its stratum; `part`: 1 / W just before its end. `observed`: W just before
    each cell.
    """

    stays: Ints
    since: Ints
    until: Ints
    part: Floats
    observed: Floats

    @classmethod
    def with_competing(
        cls,
        time: Floats,
        event: Booleans,
        competing: Booleans,
        entry: Floats | None,
        weight: Floats,
        stratum: Ints,
    ) -> Self:
        """`event` and `competing` are the causes of the end of each row; neither is censored."""
        plain = EfronSets.of(time, event, entry, weight, stratum)
        ended = event | competing
        at_cells, at_ends = np.ones(plain.n_cells), np.ones(len(time))
        for code in np.unique(stratum):
            mine, cells = stratum == code, plain.cell_stratum == code
            start = None if entry is None else entry[mine]
            asked = np.concatenate([plain.cell_time[cells], time[mine]])
            found = _under_observation(time[mine], ended[mine], start, asked)
            at_cells[cells], at_ends[mine] = np.split(found, [np.count_nonzero(cells)])
        stays = np.flatnonzero(competing & (weight > 0))
        stays = stays[plain.last[stays] < _end(plain, stratum[stays])]
        lost = int(np.count_nonzero(at_ends[stays] <= 0))
        if lost:
            raise AnalysisError(
                "fine_gray: the probability of being under observation is 0 at the competing event"
                f" of {rows(lost)}; entries are too late for the model"
            )
        return cls(
            **vars(plain),
            stays=stays,
            since=plain.last[stays],
            until=_end(plain, stratum[stays]),
            part=1.0 / at_ends[stays],
            observed=at_cells,
        )

    def at_risk(self, values: Floats) -> Floats:
        """Sum of row values over the risk set of each cell, competing events weighted."""
        joining = sum_at(self.since, self.n_cells, values[self.stays] * self.part)
        return super().at_risk(values) + self.observed * cumulative_sum(joining, self.cell_stratum)

    def over_run(self, values: Floats) -> Floats:
        """Sum of cell values over the cells each row counts in, by its weight there."""
        gathered = super().over_run(values)
        total = np.concatenate([[0.0], np.cumsum(values * self.observed)])
        gathered[self.stays] += (total[self.until] - total[self.since]) * self.part
        return gathered


def _end(sets: EfronSets, stratum: Ints) -> Ints:
    """The end of each row's stratum among the cells."""
    return np.searchsorted(sets.cell_stratum, stratum, side="right").astype(np.int64)


def _under_observation(
    time: Floats, ended: Booleans, entry: Floats | None, asked: Floats
) -> Floats:
    """Probability of being under observation just before some times: Kaplan-Meier of censoring,
    events leaving before the censorings of their day, times that of having entered, which is
    Kaplan-Meier of the entries with time running backwards (Geskus, Biometrics 2011)."""
    scale, place = np.unique(time, return_inverse=True)
    late = np.zeros(len(time)) if entry is None else entry
    left = sum_at(place, len(scale))
    under = left[::-1].cumsum()[::-1] - _later(np.sort(late[late > 0]), scale)
    events = sum_at(place[ended], len(scale))
    staying = np.cumprod(1.0 - divide(left - events, under - events))
    found: Floats = np.append(1.0, staying)[np.searchsorted(scale, asked)]
    if entry is None or not np.any(entry > 0):
        return found
    starts, number = np.unique(late[late > 0], return_counts=True)
    # At risk of entering at s: who entered by then and leaves later.
    inside = len(time) - np.searchsorted(np.sort(time), starts, side="right")
    inside = inside - (len(time) - np.searchsorted(np.sort(late), starts, side="right"))
    entered = np.cumprod((1.0 - divide(number.astype(float), inside.astype(float)))[::-1])[::-1]
    both: Floats = found * np.append(entered, 1.0)[np.searchsorted(starts, asked)]
    return both


def _later(entry: Floats, scale: Floats) -> Floats:
    """How many of the sorted entries are not before each time."""
    number: Floats = (len(entry) - np.searchsorted(entry, scale)).astype(np.float64)
    return number
