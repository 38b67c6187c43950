"""The visits a form can belong to: nominal days and the windows around them.

The calendar only. Which form goes to which visit is `assignment`, who was expected at one is
`expected`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from analyses.errors import AnalysisError


@dataclass(frozen=True)
class Visit:
    """A planned visit: days from the index date, `first_day` and `last_day` both in the window."""

    name: str
    nominal_day: int
    first_day: int
    last_day: int


# The baseline is the last form of so many days up to the index date, that day included.
BASELINE_DAYS = 90
DEFAULT_DAYS = {
    "baseline": 0, "M1": 30, "M3": 91, "M6": 182, "M12": 365, "M18": 548, "M24": 730, "M36": 1096,
}  # fmt: skip


def planned_visits(days: Mapping[str, int]) -> tuple[Visit, ...]:
    """The visits with these nominal days, the first of which is the baseline on day 0.

    After the baseline the windows leave no gap: each reaches half way to the next visit, and a day
    as far from both belongs to the earlier one. The last window is as long after its visit as
    before it.

    Raises AnalysisError: the first day is not 0, the days do not ascend, or nothing follows.
    """
    nominal = list(days.values())
    if len(nominal) < 2 or nominal[0] != 0:
        message = "visits begin with the baseline on day 0, and at least one follows it"
        raise AnalysisError(message)
    if any(later <= earlier for earlier, later in pairwise(nominal)):
        message = "the days of visits ascend, each after the one before it"
        raise AnalysisError(message)
    first = [-BASELINE_DAYS, 1, *((a + b) // 2 + 1 for a, b in pairwise(nominal[1:]))]
    last = [0, *(day - 1 for day in first[2:]), 2 * nominal[-1] - first[-1]]
    return tuple(map(Visit, days, nominal, first, last))


DEFAULT_VISITS = planned_visits(DEFAULT_DAYS)


def check_visits(visits: tuple[Visit, ...]) -> None:
    """Refuses windows that overlap, leave a gap, or do not hold their own visit.

    Raises AnalysisError naming the visit.
    """
    for visit in visits:
        if not visit.first_day <= visit.nominal_day <= visit.last_day:
            message = f"the window of visit {visit.name} does not hold its nominal day"
            raise AnalysisError(message)
    for earlier, later in pairwise(visits):
        if later.first_day != earlier.last_day + 1:
            message = (
                f"the window of visit {later.name} must start the day after that of "
                f"{earlier.name} ends"
            )
            raise AnalysisError(message)
