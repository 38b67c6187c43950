"""State-occupation probabilities and time in states: the Aalen-Johansen estimate of a course.

Belongs here: what is estimated of people from the origin on, with the infinitesimal-jackknife
variance. Does not belong here: reading rows (course.py), and the matrix from a later time
(transition_probabilities.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, divide
from analyses.survival.counts import whole
from analyses.survival.course import Course, Step, check_state, courses
from analyses.survival.groups import By
from analyses.survival.limits import ConfidenceType, confidence_limits, normal_quantile

ROUNDING = 1e-12


def state_occupation(
    frame: pd.DataFrame,
    *,
    person: str = "id",
    start: str = "start",
    stop: str = "stop",
    from_state: str = "from",
    to_state: str = "to",
    by: By = None,
    states: Sequence[str] | None = None,
    initial: str | None = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
) -> pd.DataFrame:
    """Probability of being in each state at each time: R's `survfit` of a multi-state outcome.

    A row is a stay: `person` was in `from_state` over (start, stop] and then went to `to_state`
    (missing: observation ended, or goes on in the next row). A first row that starts at 0 or less
    is from the origin, 0 included; one that starts later is delayed entry. `states` gives their
    order (default: alphabetical). `initial`: the state all are in at the origin (default: the
    shares of those under observation when the first of them moves).

    Returns `[by,] state, time, n_at_risk, n_event, probability, std_error, ci_lower, ci_upper`: a
    row a group, state and distinct time at which a row ends; `n_at_risk` are in the state just
    before, `n_event` enter it. The variance is the infinitesimal jackknife over people, as in
    `survfit`; it needs no Markov assumption (nor does the estimate, without delayed entry: Datta
    and Satten 2001). Limits as in `cumulative_incidence`; where nobody has moved they are the
    estimate.
    """
    of_group, found = courses(
        frame, person=person, start=start, stop=stop, from_state=from_state, to_state=to_state,
        states=states, by=by,
    )  # fmt: skip
    parts = []
    for code, course in enumerate(found):
        check_state(course.states, initial, "initial")
        walk = _Walk.over(course, initial, ())
        body = _long(walk, course.states, confidence, conf_type)
        parts.append(of_group.label(np.full(len(body["time"]), code), body))
    if not parts:
        raise AnalysisError("state_occupation needs rows: the frame has none")
    return pd.concat(parts, ignore_index=True)


def time_in_state(
    frame: pd.DataFrame,
    *,
    horizon: float | Sequence[float],
    person: str = "id",
    start: str = "start",
    stop: str = "stop",
    from_state: str = "from",
    to_state: str = "to",
    by: By = None,
    states: Sequence[str] | None = None,
    initial: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Expected time spent in each state up to each horizon: areas under `state_occupation`.

    Returns `[by,] state, horizon, mean_time, std_error, ci_lower, ci_upper`: over the states they
    add up to the horizon. Normal limits; the variance is the infinitesimal jackknife, R's
    `summary(survfit(..., influence = TRUE), rmean = horizon)`. Beyond the last time, with people
    in a state that is left by somebody, all are missing (NaN).
    """
    horizons = np.sort(np.atleast_1d(np.asarray(horizon, dtype=np.float64)))
    if not np.all(np.isfinite(horizons) & (horizons > 0)):
        raise AnalysisError("horizon must be a finite number above 0")
    of_group, found = courses(
        frame, person=person, start=start, stop=stop, from_state=from_state, to_state=to_state,
        states=states, by=by,
    )  # fmt: skip
    z = normal_quantile(confidence)
    parts = []
    for code, course in enumerate(found):
        check_state(course.states, initial, "initial")
        walk = _Walk.over(course, initial, tuple(horizons))
        size = len(course.states)
        mean, error = (values.T.ravel() for values in (walk.mean_time, walk.mean_error))
        body = {
            "state": np.repeat(np.asarray(course.states, dtype=object), len(horizons)),
            "horizon": np.tile(horizons, size),
            "mean_time": mean,
            "std_error": error,
            "ci_lower": mean - z * error,
            "ci_upper": mean + z * error,
        }
        parts.append(of_group.label(np.full(len(mean), code), body))
    if not parts:
        raise AnalysisError("time_in_state needs rows: the frame has none")
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class _Walk:
    """What was found along the steps: a row a step (mean times: a row a horizon)."""

    steps: tuple[Step, ...]
    probability: Floats
    std_error: Floats
    mean_time: Floats
    mean_error: Floats

    @classmethod
    def over(cls, course: Course, initial: str | None, horizons: Sequence[float]) -> "_Walk":
        """Follow the distribution, and each person's influence on it, from step to step."""
        now = _Distribution(course, initial)
        steps, means = tuple(course.steps()), []
        found: list[tuple[Floats, Floats]] = []
        waiting = list(horizons)
        for step in steps:
            while waiting and waiting[0] < step.time:
                means.append(now.area_until(waiting.pop(0)))
            if horizons:
                now.area_until(max(step.time, 0.0))
            now.move(step)
            found.append((now.p, _root_of_squares(now.influence)))
        last = steps[-1].time if steps else 0.0
        # In a state that somebody was seen in people may move on after the last time.
        settled = now.p[np.unique(course.origin)].sum() < ROUNDING
        unknown = np.full(len(course.states), np.nan)
        for horizon in waiting:
            known = settled or horizon <= last
            means.append(now.area_until(horizon) if known else (unknown, unknown))
        shape = (-1, len(course.states))
        return cls(
            steps=steps,
            probability=np.array([p for p, _ in found]).reshape(shape),
            std_error=np.array([error for _, error in found]).reshape(shape),
            mean_time=np.array([mean for mean, _ in means]).reshape(shape),
            mean_error=np.array([error for _, error in means]).reshape(shape),
        )


class _Distribution:
    """People over states, and the influence of each person (row) on it, at a time that moves on."""

    def __init__(self, course: Course, initial: str | None) -> None:
        self.course = course
        people, self.place = np.unique(course.person, return_inverse=True)
        self.p = course.initial(initial)
        self.influence = np.zeros((len(people), len(self.p)))
        if initial is None:
            seen = course.starting()
            share = np.eye(len(self.p))[course.origin[seen]] - self.p
            self.influence[self.place[seen]] = share / len(seen)
        self.clock = 0.0
        self.area, self.area_influence = np.zeros_like(self.p), np.zeros_like(self.influence)

    def area_until(self, time: float) -> tuple[Floats, Floats]:
        """Mean time in each state up to a time, and its standard error."""
        self.area = self.area + (time - self.clock) * self.p
        self.area_influence += (time - self.clock) * self.influence
        self.clock = time
        return self.area, _root_of_squares(self.area_influence)

    def move(self, step: Step) -> None:
        """p (I + dA), and its derivative in the weight of each person."""
        if not len(step.moving):
            return
        matrix = step.matrix
        per_person = divide(self.p, step.n_at_risk)
        self.influence = self.influence @ matrix
        origin, to = self.course.origin, self.course.to
        # At risk without moving takes the mean move away; moving adds the whole of it.
        mean_move = (matrix - np.eye(len(matrix))) * per_person[:, None]
        self.influence[self.place[step.at_risk]] -= mean_move[origin[step.at_risk]]
        who = self.place[step.moving]
        np.add.at(self.influence, (who, to[step.moving]), per_person[origin[step.moving]])
        np.add.at(self.influence, (who, origin[step.moving]), -per_person[origin[step.moving]])
        self.p = self.p @ matrix


def _root_of_squares(influence: Floats) -> Floats:
    total: Floats = np.sqrt(np.einsum("ij,ij->j", influence, influence))
    return total


def _long(
    walk: _Walk, states: tuple[str, ...], confidence: float, conf_type: ConfidenceType
) -> dict[str, np.ndarray[tuple[int], np.dtype[Any]]]:
    """A row a state and step."""
    size, number = len(states), len(walk.steps)
    probability, error = walk.probability.T.ravel(), walk.std_error.T.ravel()
    lower, upper = confidence_limits(
        np.minimum(probability, 1.0), error, confidence=confidence, conf_type=conf_type, certain=0.0
    )
    moved = np.cumsum([step.moved.sum() for step in walk.steps]) > 0
    nobody = np.tile(~moved, size) & (error == 0)
    at_risk = np.array([step.n_at_risk for step in walk.steps]).reshape(-1, size)
    entered = np.array([step.moved.sum(axis=0) for step in walk.steps]).reshape(-1, size)
    return {
        "state": np.repeat(np.asarray(states, dtype=object), number),
        "time": np.tile(np.array([step.time for step in walk.steps]), size),
        "n_at_risk": whole(at_risk.T.ravel()),
        "n_event": whole(entered.T.ravel()),
        "probability": probability,
        "std_error": error,
        "ci_lower": np.where(nobody, probability, lower),
        "ci_upper": np.where(nobody, probability, upper),
    }
