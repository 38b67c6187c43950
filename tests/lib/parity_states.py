"""Multi-state courses, competing risks of prodlim and simultaneous bands, held against R.

Belongs here: those methods and their cases. Does not belong here: the others (parity_methods.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses import survival
from tests.lib.parity import Method, labelled

Frame = pd.DataFrame
LIMITS = ("ci_lower", "ci_upper")
HEART = ("waiting", "transplanted", "dead")
COURSES = ("well", "ill", "dead")


def occupation(frame: Frame, **options: Any) -> Frame:
    """State-occupation probabilities, under the names R's script gives."""
    found = labelled(survival.state_occupation(frame, **options), "state")
    return found.rename(columns={"n_at_risk": "n_risk"})


def time_in(frame: Frame, **options: Any) -> Frame:
    """Expected times in states."""
    return labelled(survival.time_in_state(frame, **options), "state")


def matrix(frame: Frame, **options: Any) -> Frame:
    """Transition probabilities; etm takes nobody to be at 0."""
    return labelled(survival.transition_probabilities(frame, **options), "from_state")


def bands(frame: Frame, *, by: str | None = None, entry: str | None = None, **more: Any) -> Frame:
    """Simultaneous bands of a table's counts."""
    counts = survival.risk_table(frame, by=by, entry=entry)
    return labelled(survival.simultaneous_bands(counts, **more), "time")


def prodlim(frame: Frame, *, by: str) -> Frame:
    """Incidences where prodlim has a row."""
    return labelled(survival.cumulative_incidence(frame, by=by), "cause")


def certain(rows: Frame, name: str) -> np.ndarray:
    """Where R has no limits: the estimate at 0 and before anybody moves; else missing."""
    expected = np.full(len(rows), np.nan)
    if name in LIMITS:
        zero = (rows["probability_ours"] == 0).to_numpy()
        before = ((rows["probability_ours"] == 1) & (rows["std_error_ours"] == 0)).to_numpy()
        expected[zero] = 0.0
        expected[before] = rows["probability_ours"][before]
        # All of a state, but after moves: nothing is known of the limits.
        expected[before & np.isnan(rows[f"{name}_ours"].to_numpy(float))] = np.nan
    return expected


LATE = {"states": COURSES, "by": "group"}
OCCUPATIONS: dict[str, dict[str, Any]] = {
    "heart": {"states": HEART},
    "heart_by": {"states": HEART, "by": "surgery"},
    "courses": {"states": COURSES},
    "courses_by": LATE,
    "courses_initial": {**LATE, "initial": "well"},
}
TIMES: dict[str, dict[str, Any]] = {
    "heart": {"states": HEART, "horizon": [90, 365, 1200]},
    "heart_by": {"states": HEART, "by": "surgery", "horizon": 365},
    "courses": {"states": COURSES, "horizon": [3, 7.5]},
    "courses_initial": {**LATE, "initial": "well", "horizon": 6},
}
MATRICES: dict[str, dict[str, Any]] = {
    "heart": {"states": HEART},
    "heart_later": {"states": HEART, "after": 60},
    "courses": {"states": COURSES},
    "courses_later": {"states": COURSES, "after": 4},
}
HALL = {"by": "sex", "kind": "hall_wellner"}
BANDS: dict[str, dict[str, Any]] = {
    "lung": {"by": "sex"},
    "lung_arcsine": {"by": "sex", "transform": "arcsine", "start": 30, "end": 600},
    "lung_plain": {
        "by": "sex", "transform": "plain", "start": 30, "end": 600, "confidence": 0.9,
    },
    "lung_hall": HALL,
    "lung_hall_arcsine": {**HALL, "transform": "arcsine", "start": 30, "end": 600},
    "lung_hall_plain": {
        **HALL, "transform": "plain", "start": 30, "end": 600, "confidence": 0.99,
    },
    "gbsg2": {"by": "horTh"},
    "gbsg2_hall": {"by": "horTh", "kind": "hall_wellner"},
    "ties": {"by": "group", "kind": "hall_wellner"},
    "macs_entry": {"entry": "entry"},
    "whas500": {"by": "gender"},
    "veteran_hall": {"by": "treatment", "kind": "hall_wellner"},
}  # fmt: skip
PRODLIM: dict[str, dict[str, Any]] = {
    "lung": {"by": "sex"},
    "gbsg2": {"by": "horTh"},
    "ties": {"by": "group"},
    "rossi": {"by": "fin"},
    "cgvhd": {"by": "tx"},
    "bmt": {"by": "dis"},
}
STATE_METHODS: tuple[Method, ...] = (
    Method(
        "state_occupation", "state_occupation", "survival::survfit (multi-state, istate, id)",
        occupation, ("group", "state", "time"),
        ("n_risk", "n_event", "probability", "std_error", *LIMITS), OCCUPATIONS, missing=certain,
    ),
    Method(
        "time_in_state", "time_in_state", "areas of survival::survfit(influence)", time_in,
        ("group", "state", "horizon"), ("mean_time", "std_error"), TIMES,
    ),
    Method(
        "transition_probabilities", "transition_probabilities", "etm::etm", matrix,
        ("group", "from_state", "to_state", "time"), ("probability", "std_error"), MATRICES,
    ),
    Method(
        "cumulative_incidence (prodlim)", "prodlim", "prodlim::prodlim(Hist)", prodlim,
        ("group", "cause", "time"), ("incidence", "std_error"), PRODLIM,
    ),
    Method(
        "simultaneous_bands", "simultaneous_bands",
        "formulas of Klein and Moeschberger on survival::survfit", bands,
        ("group", "time"), ("survival", "band_lower", "band_upper", "critical_value"), BANDS,
    ),
)  # fmt: skip
