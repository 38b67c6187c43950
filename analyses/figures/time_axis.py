"""The time axis of a curve: days in, a sensible unit and round ticks out.

Belongs here: units, ticks and their wording. Does not: drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["days", "months", "years"]

DAYS_PER: Final[dict[Unit, float]] = {"days": 1.0, "months": 365.25 / 12, "years": 365.25}
_STEPS: Final[dict[Unit, tuple[float, ...]]] = {
    "days": (1, 2, 5, 7, 14, 30, 60, 90, 180, 365),
    "months": (1, 2, 3, 6, 12, 24, 60),
    "years": (0.5, 1, 2, 5, 10, 20),
}
_MOST_INTERVALS: Final = 8
_LAST_DAY_IN_DAYS: Final = 100
_LAST_DAY_IN_MONTHS: Final = 37 * DAYS_PER["months"]


@dataclass(frozen=True)
class TimeAxis:
    """An axis from 0 to `limit_days`, with a tick every `step` units."""

    unit: Unit
    step: float
    limit_days: float

    @property
    def ticks_days(self) -> tuple[float, ...]:
        """Positions of the ticks in days."""
        width = self.step * DAYS_PER[self.unit]
        return tuple(i * width for i in range(int(self.limit_days / width + 1e-9) + 1))

    @property
    def tick_labels(self) -> tuple[str, ...]:
        """The ticks in the display unit."""
        return tuple(f"{i * self.step:g}" for i in range(len(self.ticks_days)))

    def label(self, origin: str) -> str:
        """The axis title; it says the unit, and how many days one of it is."""
        title = f"{self.unit.capitalize()} since {origin}"
        if self.unit == "days":
            return title
        return f"{title} (1 {self.unit[:-1]} = {DAYS_PER[self.unit]:.2f} days)"


def time_axis(longest_days: float, unit: Unit | None = None) -> TimeAxis:
    """The axis for follow-up of `longest_days`: days to 100, months to 3 years, then years."""
    longest = max(float(longest_days), 1.0)
    limit = longest * 1.01
    if unit is None:
        if longest <= _LAST_DAY_IN_DAYS:
            unit = "days"
        else:
            unit = "months" if longest <= _LAST_DAY_IN_MONTHS else "years"
    span = limit / DAYS_PER[unit]
    steps = _STEPS[unit]
    step = next((s for s in steps if span / s <= _MOST_INTERVALS + 0.5), None)
    if step is None:
        step = steps[-1] * -(-span // (steps[-1] * _MOST_INTERVALS))
    return TimeAxis(unit, float(step), limit)
