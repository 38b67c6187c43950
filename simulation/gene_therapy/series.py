"""Small builders the disease modules share: long tables of events, observations, forms, stays."""

import numpy as np
import pandas as pd

from simulation.calendar import plus


def dated(row: np.ndarray, start: np.ndarray, days: np.ndarray, **columns: object) -> pd.DataFrame:
    """A long table: `row`, `date` = start + days (infinite days left out) and constant columns."""
    days = np.asarray(days, dtype=float)
    happens = np.isfinite(days)
    out = pd.DataFrame({"row": row[happens], "date": plus(start[happens], days[happens])})
    for name, value in columns.items():
        out[name] = value[happens] if isinstance(value, np.ndarray) else value
    return out


def events(
    row: np.ndarray, start: np.ndarray, days: np.ndarray, event_type: str, **columns: object
) -> pd.DataFrame:
    """Events of one type; grade and detail empty unless given."""
    table = dated(row, start, days, event_type=event_type, **columns)
    return table.assign(
        **{name: "" for name in ("grade", "grade_scale", "detail") if name not in table}
    )


def repeated(
    row: np.ndarray,
    start: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    gap_days: float,
    rng: np.random.Generator,
    *,
    regular: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeated days from `begin` to `end` for each row: (row, start, days), one entry an event.

    Gaps are exponential (a Poisson process), or nearly constant when `regular`.
    """
    span = np.maximum(end - begin, 0.0)
    most = int(np.ceil(span.max(initial=0.0) / gap_days * 1.5)) + 6
    shape = (len(row), most)
    gaps = rng.normal(gap_days, 3.0, shape) if regular else rng.exponential(gap_days, shape)
    days = begin[:, None] + np.cumsum(np.maximum(gaps, 1.0), axis=1)
    at, _ = np.nonzero(days < end[:, None])
    return row[at], start[at], np.floor(days[days < end[:, None]])


def visits(size: int, days: dict[str, int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Days of each visit, a few days around the planned one (the baseline kept as planned)."""
    return {
        name: np.full(size, float(day)) + (0 if day <= 0 else rng.integers(-7, 15, size))
        for name, day in days.items()
    }


def likert(health: np.ndarray, keys: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """PedsQL answers 0 (never a problem) to 4 from a latent health, as text, one column a key."""
    ease = np.linspace(-0.5, 0.7, len(keys))
    felt = health[:, None] + ease + rng.normal(0.0, 0.7, (len(health), len(keys)))
    cuts = np.array([0.6, -0.2, -1.0, -1.9])
    answers = np.sum(felt[:, :, None] < cuts, axis=2).astype(str).astype(object)
    answers[rng.random(answers.shape) < 0.01] = ""
    return pd.DataFrame(answers, columns=keys)


def pedsql_keys(age_years: float) -> list[str]:
    """Item keys of the form for an age: the toddlers' form (2 to 4 years) has 3 school items."""
    school = 3 if age_years < 5 else 5
    groups = (("pf", 8), ("ef", 5), ("sf", 5), ("sc", school))
    return [f"{name}{number}" for name, count in groups for number in range(1, count + 1)]
