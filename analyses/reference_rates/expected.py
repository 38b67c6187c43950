"""What reference rates lead to expect of people followed from a day on.

Belongs here: walking people through ages and calendar years (a Lexis diagram, exactly: rates change
on birthdays and at new year). Does not belong here: where rates come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.reference_rates.table import SEXES, RateTable
from analyses.survival.arrays import Floats, Ints

DAYS_PER_YEAR = 365.25
_MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class People:
    """At the start: sex (place in SEXES, -1 unknown), age in years, calendar year."""

    sex: Ints
    age: Floats
    year: Floats

    @staticmethod
    def of(sex: pd.Series, age_years: pd.Series, start_date: pd.Series) -> People:
        """From columns; AnalysisError when an age or a date is missing."""
        missing = int((age_years.isna() | start_date.isna()).sum())
        if missing:
            raise AnalysisError(
                f"age or start date is missing in {missing} of {len(age_years)} rows: "
                "no expected rate can be looked up"
            )
        dates = pd.to_datetime(start_date)
        year = dates.dt.year + (dates.dt.dayofyear - 1) / DAYS_PER_YEAR
        return People(
            sex.map(dict(zip(SEXES, range(2), strict=True))).fillna(-1).to_numpy(np.int64),
            age_years.to_numpy(np.float64),
            year.to_numpy(np.float64),
        )

    def __len__(self) -> int:
        return len(self.sex)


def hazard_at(rates: RateTable, people: People, days: Floats) -> Floats:
    """Each person's expected rate on their own day since the start, per day."""
    passed = np.asarray(days, dtype=np.float64) / DAYS_PER_YEAR
    return rates.at(people.sex, people.age + passed, people.year + passed) / DAYS_PER_YEAR


def cumulative_hazard(
    rates: RateTable, people: People, days: Floats, start: Floats | None = None
) -> Floats:
    """Each person's rate summed from `start` (default 0) to their own `days`: expected events."""
    total = _from_origin(rates, people, np.asarray(days, dtype=np.float64))
    if start is None or not np.any(start > 0):
        return total
    return total - _from_origin(rates, people, np.asarray(start, dtype=np.float64))


def expected_survival(rates: RateTable, people: People, days: Floats) -> Floats:
    """Mean expected survival of the people at each day: Ederer's first method.

    That of R's `survexp(method = "ederer")` with constant rates within a year of age and calendar.
    """
    wanted = np.atleast_1d(np.asarray(days, dtype=np.float64))
    # People of one sex, age in months and month of the start share their expectation.
    table = pd.DataFrame(
        {"sex": people.sex, "age": np.round(people.age, 6), "year": np.round(people.year, 6)}
    )
    alike = table.groupby(["sex", "age", "year"], sort=False).size().reset_index(name="n")
    of = People(
        alike["sex"].to_numpy(np.int64),
        alike["age"].to_numpy(np.float64),
        alike["year"].to_numpy(np.float64),
    )
    share = alike["n"].to_numpy(np.float64) / max(len(people), 1)
    found: Floats = np.array(
        [share @ np.exp(-_from_origin(rates, of, np.full(len(of), day))) for day in wanted]
    )
    return found


def _from_origin(rates: RateTable, people: People, days: Floats) -> Floats:
    until = days / DAYS_PER_YEAR
    whole = int(np.ceil(until.max(initial=0.0))) + 1
    block = max(1, _MOST_CELLS // (2 * whole + 1))
    parts = [
        _block(
            rates,
            People(people.sex[at], people.age[at], people.year[at]),
            until[at],
            whole,
        )
        for at in (slice(s, s + block) for s in range(0, len(people), block))
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _block(rates: RateTable, people: People, until: Floats, whole: int) -> Floats:
    steps = np.arange(1, whole + 1)
    birthdays = np.floor(people.age)[:, None] + steps - people.age[:, None]
    new_years = np.floor(people.year)[:, None] + steps - people.year[:, None]
    edges = np.sort(np.concatenate([birthdays, new_years], axis=1), axis=1)
    edges = np.minimum(np.column_stack([np.zeros(len(people)), edges]), until[:, None])
    width = np.diff(edges, axis=1)
    middle = (edges[:, 1:] + edges[:, :-1]) / 2
    rate = rates.at(
        np.broadcast_to(people.sex[:, None], middle.shape),
        people.age[:, None] + middle,
        people.year[:, None] + middle,
    )
    total: Floats = np.sum(width * rate, axis=1)
    return total
