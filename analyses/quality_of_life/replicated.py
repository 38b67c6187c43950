"""Kaplan-Meier survival of many bootstrap replicates at once.

A replicate is a vector of how often each person was drawn; the people as they are is the vector of
ones. Published curves are `analyses.survival`, which gives them with their limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.quality_of_life.answers import Booleans, Floats


@dataclass(frozen=True)
class ReplicatedCurve:
    """times (m), ascending; survival (replicates, m + 1): before the first and after each."""

    times: Floats
    survival: Floats

    def at(self, when: Floats, *, before: bool = False) -> Floats:
        """Survival at each of `when` (replicates, when), or just before it."""
        return self.survival[:, np.searchsorted(self.times, when, "left" if before else "right")]


def replicated_curve(
    time: Floats,
    event: Booleans,
    drawn: Floats,
    *,
    entry: Floats | None = None,
    of_censoring: bool = False,
) -> ReplicatedCurve:
    """The curve of each row of `drawn` (replicates, people).

    People are at risk in (entry, time], from the start on without an entry. `of_censoring` takes
    the censored for the events; who dies on the day of a censoring is then no longer
    at risk of it, as deaths come before censorings on a day. Where nobody is at risk any more the
    curve stays.
    """
    order = np.argsort(time, kind="stable")
    times, first = np.unique(time[order], return_index=True)
    counts = drawn[:, order]
    died = np.add.reduceat(counts * event[order], first, axis=1)
    ended = np.add.reduceat(counts, first, axis=1)
    at_risk = np.cumsum(ended[:, ::-1], axis=1)[:, ::-1]
    if entry is not None and (entry > 0).any():
        at_risk = at_risk - _not_yet(times, entry, drawn)
    events = ended - died if of_censoring else died
    risk = at_risk - died if of_censoring else at_risk
    hazard = np.divide(events, risk, out=np.zeros_like(events), where=risk > 0)
    curve = np.cumprod(1 - hazard, axis=1)
    return ReplicatedCurve(times, np.column_stack([np.ones(len(drawn)), curve]))


def _not_yet(times: Floats, entry: Floats, drawn: Floats) -> Floats:
    """How many enter at each of `times` or later (replicates, times)."""
    late = np.flatnonzero(entry > 0)
    # The number of times at or before each entry: at those the person is not at risk.
    until = np.searchsorted(times, entry[late], "right")
    order = np.argsort(until, kind="stable")
    total = np.cumsum(drawn[:, late[order]][:, ::-1], axis=1)[:, ::-1]
    total = np.column_stack([total, np.zeros(len(drawn))])
    first = np.searchsorted(until[order], np.arange(len(times)), "right")
    return np.asarray(total[:, first])
