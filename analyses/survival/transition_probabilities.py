"""The matrix of transition probabilities from a later time on, with Greenwood's variance.

Belongs here: from each state a person may be in at `after`. Does not belong here: the probabilities
of all people from the origin (multi_state.py).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats
from analyses.survival.course import Course, courses
from analyses.survival.groups import By
from analyses.survival.limits import ConfidenceType, confidence_limits


def transition_probabilities(
    frame: pd.DataFrame,
    *,
    after: float = 0.0,
    person: str = "id",
    start: str = "start",
    stop: str = "stop",
    from_state: str = "from",
    to_state: str = "to",
    by: By = None,
    states: Sequence[str] | None = None,
    confidence: float = 0.95,
    conf_type: ConfidenceType = "log-log",
) -> pd.DataFrame:
    """The Aalen-Johansen matrix P(after, t) for a Markov course: R's `etm`.

    Rows as in `state_occupation`. Returns `[by,] from_state, to_state, time, probability,
    std_error, ci_lower, ci_upper`: a row a group, pair of states and time after `after` at which
    somebody moves. From a state nobody is ever seen in there is nothing to say but that they stay.
    The variance is Greenwood's (Andersen, Borgan, Gill and Keiding 1993, 4.4.20), which takes moves
    at different times for independent: it holds for Markov courses, that of `state_occupation`
    for any.
    """
    of_group, found = courses(
        frame, person=person, start=start, stop=stop, from_state=from_state, to_state=to_state,
        states=states, by=by,
    )  # fmt: skip
    if not (np.isfinite(after) and after >= 0):
        raise AnalysisError("after must be a finite number from 0 up")
    parts = []
    for code, course in enumerate(found):
        times, probability, error = _matrices(course, after)
        lower, upper = confidence_limits(
            np.clip(probability, 0.0, 1.0), error, confidence=confidence, conf_type=conf_type,
            certain=0.0,
        )  # fmt: skip
        size, number = len(course.states), len(times)
        names = np.asarray(course.states, dtype=object)
        body = {
            "from_state": np.repeat(names, size * number),
            "to_state": np.tile(np.repeat(names, number), size),
            "time": np.tile(times, size * size),
            "probability": probability,
            "std_error": error,
            "ci_lower": lower,
            "ci_upper": upper,
        }
        parts.append(of_group.label(np.full(len(probability), code), body))
    if not parts:
        raise AnalysisError("transition_probabilities needs rows: the frame has none")
    return pd.concat(parts, ignore_index=True)


def _matrices(course: Course, after: float) -> tuple[Floats, Floats, Floats]:
    """Times, and probabilities and standard errors raveled as (from, to, time)."""
    size = len(course.states)
    p, covariance = np.eye(size), np.zeros((size, size, size))
    times, matrices, errors = [], [], []
    for step in course.steps(after=after if after > 0 else -np.inf):
        if not len(step.moving):
            continue
        matrix = step.matrix
        # Of one person in state j the next state is multinomial: row j of the matrix.
        spread = np.eye(size) * matrix[:, None, :] - matrix[:, :, None] * matrix[:, None, :]
        spread /= np.maximum(step.n_at_risk, 1.0)[:, None, None]
        covariance = matrix.T @ covariance @ matrix + np.einsum("hj,jkl->hkl", p**2, spread)
        p = p @ matrix
        times.append(step.time)
        matrices.append(p)
        errors.append(np.sqrt(np.maximum(np.einsum("hkk->hk", covariance), 0.0)))
    shape = (len(times), size, size)
    parts = (np.array(of).reshape(shape).transpose(1, 2, 0).ravel() for of in (matrices, errors))
    probability, error = parts
    return np.array(times), probability, error
