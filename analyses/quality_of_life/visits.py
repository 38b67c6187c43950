"""The visits a form can belong to: nominal days and the windows around them.

The calendar only. Which form goes to which visit is `assignment`, who was expected at one is
`expected`.
"""

from __future__ import annotations

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


# The baseline is the last form of the 90 days up to the index date, that day included. After it
# the windows leave no gap: each reaches half way to the next visit, and a day as far from both
# belongs to the earlier one. The last window is as long after its visit as before it.
DEFAULT_VISITS: tuple[Visit, ...] = (
    Visit("baseline", 0, -90, 0),
    Visit("M1", 30, 1, 60),
    Visit("M3", 91, 61, 136),
    Visit("M6", 182, 137, 273),
    Visit("M12", 365, 274, 456),
    Visit("M18", 548, 457, 639),
    Visit("M24", 730, 640, 913),
    Visit("M36", 1096, 914, 1278),
)


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
