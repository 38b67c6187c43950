"""What happened to a member of the transplant registry, as episodes: onset, course, end.

One row an episode; the same for every delivery. Which forms tell it is in `forms.py`.
"""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.streams import stream

GRADED = ("crs", "icans", "infection", "prolonged_cytopenia")
DATED = ("progression", "second_malignancy", "next_treatment")
_INFECTIONS = 3
_FROM_HISTORY = {"progression": "progression", "next_treatment": "next_treatment"}


def episodes(members: pd.DataFrame, seed: int) -> pd.DataFrame:
    """True episodes of `histories`, in the order of members, kinds and onsets.

    Columns: registry_id, kind, onset_date, resolution_date (NaT: never, or of a kind without one),
    first_grade (while it began) and grade (the highest); grades are 0 for kinds without one.
    """
    size = len(members)
    rng = stream(seed, "transplant.episodes")
    infusion = members["infusion_date"].to_numpy().astype("datetime64[D]")
    parts = []
    for kind in ("crs", "icans"):
        grade = members[f"{kind}_grade"].to_numpy()
        onset = members[f"{kind}_date"].to_numpy().astype("datetime64[D]")
        lasts = rng.integers(2, 11, size).astype(float)
        parts.append(of_kind(members, kind, np.where(grade > 0, onset, _nat(size)), lasts, grade))
    gap = np.cumsum(np.ceil(rng.exponential(260.0, (size, _INFECTIONS))) + 45.0, axis=1)
    for i in range(_INFECTIONS):
        onset = plus(infusion, gap[:, i])
        lasts, grade = rng.integers(5, 41, size).astype(float), rng.integers(2, 5, size)
        parts.append(of_kind(members, "infection", onset, lasts, grade))
    low = rng.random(size) < 0.3
    onset = plus(infusion, np.where(low, rng.integers(28, 61, size), np.inf))
    lasts, grade = rng.integers(20, 301, size).astype(float), rng.integers(3, 5, size)
    worsens = rng.random(size) < 0.5
    part = of_kind(members, "prolonged_cytopenia", onset, lasts, grade)
    parts.append(part.assign(first_grade=np.where(worsens, 3, grade)))
    second = np.where(rng.random(size) < 0.03, rng.integers(200, 1500, size), np.inf)
    never = np.full(size, np.inf)
    none = np.zeros(size, dtype=np.int64)
    parts.append(of_kind(members, "second_malignancy", plus(infusion, second), never, none))
    for kind, column in _FROM_HISTORY.items():
        onset = members[f"{column}_date"].to_numpy().astype("datetime64[D]")
        parts.append(of_kind(members, kind, onset, never, none))
    out = pd.concat(parts, ignore_index=True)
    out = out[out["onset_date"].notna()]
    return out.sort_values(["registry_id", "kind", "onset_date"], kind="stable", ignore_index=True)


def _nat(size: int) -> np.ndarray:
    return np.full(size, np.datetime64("NaT", "D"))


def of_kind(
    members: pd.DataFrame, kind: str, onset: np.ndarray, lasts: np.ndarray, grade: np.ndarray
) -> pd.DataFrame:
    """Episodes of one kind, a row a member: `onset` NaT for none, `lasts` days to the resolution
    (infinite for none), `grade` from the beginning."""
    return pd.DataFrame(
        {
            "registry_id": members["registry_id"].to_numpy(),
            "kind": kind,
            "onset_date": onset,
            "resolution_date": plus(onset, lasts),
            "first_grade": grade,
            "grade": grade,
        }
    )
