"""Courses through states, checked: who was in which state from when to when, and went where.

Belongs here: reading rows of a multi-state model, and their counts at each time. Does not belong
here: what is estimated from them (multi_state.py, transition_probabilities.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.survival import columns
from analyses.survival.arrays import Booleans, Floats, Ints, divide
from analyses.survival.groups import By, Groups, free_names_of, groups

STAYS = -1


@dataclass(frozen=True)
class Step:
    """What happens at a time: people at risk in each state just before it, and how many of them go
    from each state (row) to each (column); `at_risk` and `moving` are positions of rows."""

    time: float
    n_at_risk: Floats
    moved: Floats
    at_risk: Ints
    moving: Ints

    @property
    def matrix(self) -> Floats:
        """I + dA: the share of each state that is in each state just after."""
        share = divide(self.moved, self.n_at_risk[:, None])
        return np.eye(len(share)) + share - np.diag(share.sum(axis=1))


@dataclass(frozen=True)
class Course:
    """Rows of one group: at risk in (entry, stop], `entry` -inf from the origin; `to` STAYS when
    the row ends in no other state."""

    states: tuple[str, ...]
    person: Ints
    entry: Floats
    stop: Floats
    origin: Ints
    to: Ints

    @property
    def n_people(self) -> int:
        return len(np.unique(self.person))

    def steps(self, after: float = -np.inf) -> Iterator[Step]:
        """Every distinct time at which a row ends, later than `after`."""
        size = len(self.states)
        order = np.argsort(self.stop, kind="stable")
        ends = self.stop[order]
        times = np.unique(ends[ends > after])
        starts = np.searchsorted(ends, times, side="left")
        stops = np.searchsorted(ends, times, side="right")
        for time, first, last in zip(times, starts, stops, strict=True):
            leaving = order[first:last]
            moving = leaving[self.to[leaving] != STAYS]
            staying = order[first:]
            at_risk = staying[self.entry[staying] < time]
            moved = np.zeros((size, size))
            np.add.at(moved, (self.origin[moving], self.to[moving]), 1.0)
            counted = np.bincount(self.origin[at_risk], minlength=size).astype(np.float64)
            yield Step(float(time), counted, moved, at_risk, moving)

    def initial(self, given: str | None) -> Floats:
        """The distribution before the first step: all in the state given, else the shares of those
        under observation when the first of them moves (R's `survfit`)."""
        if given is not None:
            return np.asarray([float(state == given) for state in self.states])
        seen = self.origin[self.starting()]
        return np.bincount(seen, minlength=len(self.states)) / max(len(seen), 1)

    def starting(self) -> Ints:
        """Rows under observation when the first row moves (ends, if none does)."""
        moving = self.to != STAYS
        first = self.stop[moving].min() if moving.any() else self.stop.max()
        return np.flatnonzero((self.entry < first) & (self.stop >= first))


def courses(
    frame: pd.DataFrame,
    *,
    person: str,
    start: str,
    stop: str,
    from_state: str,
    to_state: str,
    states: Sequence[str] | None,
    by: By,
) -> tuple[Groups, list[Course]]:
    """The checked rows of each group.

    Raises `AnalysisError` on a missing or negative time, a start that is not before its stop, rows
    of a person that overlap, do not follow from each other, or change the group, a move into the
    state a person is in, and a state that is not listed.
    """
    stops = columns.times(frame, stop)
    starts = columns.entries(frame, start, stops, stop)
    who = columns.present(frame, person)
    columns.refuse(person, who.isna().to_numpy(), "missing")
    origin_text, to_text = (columns.present(frame, name) for name in (from_state, to_state))
    columns.refuse(from_state, origin_text.isna().to_numpy(), "missing")
    known = _states(origin_text, to_text, states)
    origin, to = (_codes(text, known) for text in (origin_text, to_text))
    unlisted = (origin == STAYS) | ((to == STAYS) & to_text.notna().to_numpy())
    columns.refuse(from_state, unlisted, "in a state that is not listed, here or in the next one,")
    columns.refuse(to_state, (to == origin) & (to != STAYS), "the state the row was in")
    code: Ints = pd.factorize(who)[0].astype(np.int64)
    of_group = groups(frame, free_names_of(by))
    entry = _check_order((start, from_state), code, starts, stops, origin, to)
    _check_group(person, code, of_group.code)
    found = []
    for number in range(of_group.count):
        mine = of_group.code == number
        found.append(Course(known, code[mine], entry[mine], stops[mine], origin[mine], to[mine]))
    return of_group, found


def check_state(course_states: Sequence[str], state: str | None, option: str) -> None:
    """AnalysisError unless the state is one of the model."""
    if state is not None and state not in course_states:
        raise AnalysisError(f"{option} is not a state: the states are {', '.join(course_states)}")


def _states(origin: pd.Series, to: pd.Series, given: Sequence[str] | None) -> tuple[str, ...]:
    if given is not None:
        if len(set(given)) != len(given):
            raise AnalysisError("states lists a state twice")
        return tuple(given)
    seen = {str(name) for name in origin} | {str(name) for name in to.dropna()}
    return tuple(sorted(seen))


def _codes(text: pd.Series, states: tuple[str, ...]) -> Ints:
    place = {state: number for number, state in enumerate(states)}
    return np.array([STAYS if pd.isna(s) else place.get(str(s), STAYS) for s in text], np.int64)


def _check_order(
    names: tuple[str, str],
    person: Ints,
    start: Floats,
    stop: Floats,
    origin: Ints,
    to: Ints,
) -> Floats:
    """The time each row is entered at: -inf for who is there from the origin."""
    order = np.lexsort((stop, start, person))
    follows = np.append(False, person[order][1:] == person[order][:-1])[: len(order)]
    before, after = order[:-1][follows[1:]], order[1:][follows[1:]]
    _refuse_some(
        names[0], start[after] < stop[before], "before the end of the row before of the same person"
    )
    expected = np.where(to[before] == STAYS, origin[before], to[before])
    joined = start[after] == stop[before]
    _refuse_some(names[1], joined & (origin[after] != expected), "not where the row before ended")
    entry = start.copy()
    entry[order[~follows & (start[order] <= 0)]] = -np.inf
    return entry


def _check_group(name: str, person: Ints, group: Ints) -> None:
    pairs = len(set(zip(person.tolist(), group.tolist(), strict=True)))
    changed = pairs - len(np.unique(person))
    if changed:
        raise AnalysisError(
            f"column '{name}' is in more than one group of 'by' for {changed} people"
        )


def _refuse_some(name: str, bad: Booleans, what: str) -> None:
    count = int(np.count_nonzero(bad))
    if count:
        raise AnalysisError(f"column '{name}' is {what} in {rows(count)}")
