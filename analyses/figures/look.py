"""What a caller may choose about a figure, and the geometry that comes back with it.

Belongs here: options and results of drawing. Does not: drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from analyses.figures.steps import StepCurve
from analyses.figures.time_axis import TimeAxis, Unit

FAINT_BELOW = 10  # people at risk below which a curve is drawn faint


@dataclass(frozen=True)
class Look:
    """Options shared by the figures.

    `order`: strata in the order of their colours; `names`: what to call strata, causes, scales;
    `origin`: what time 0 is; `bands`: confidence bands (None: with up to four strata);
    `censor_ticks`: a tick per time at which someone was censored (never for a picture that leaves
    the analysts' circle); `faint_below`: the curve is faint where fewer are at risk;
    `max_strata`: only that many strata are drawn; `truncated`: curves end where few are left, so
    that nobody knows from them how many there are later.
    """

    order: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    origin: str = "start"
    unit: Unit | None = None
    bands: bool | None = None
    censor_ticks: bool = False
    faint_below: int = FAINT_BELOW
    max_strata: int = 12
    truncated: bool = False

    def name(self, key: str) -> str:
        """The display name of a stratum, cause or scale."""
        return self.names.get(key, key)

    def place(self, key: str, fallback: int) -> int:
        """The place of a stratum among the colours: the same in all figures of a study."""
        return self.order.index(key) if key in self.order else len(self.order) + fallback


@dataclass(frozen=True)
class Line:
    """One line of a panel: its name, its place among the colours, and the curve read out.

    `tint`: its colour, where that is none of the palette. `drawn`: the curve drawn, where that is
    not the one read out (a stacked field ends above its own value).
    """

    name: str
    place: int
    curve: StepCurve
    tint: str | None = None
    drawn: StepCurve | None = None


@dataclass(frozen=True)
class Point:
    """A mean at a visit: `position` on the horizontal axis, value and limits (NaN: unknown)."""

    position: float
    label: str
    value: float
    lower: float
    upper: float
    n: float


@dataclass(frozen=True)
class Points:
    """The means of one stratum."""

    name: str
    place: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Panel:
    """Where a panel lies: `box` = left, top, right, bottom as shares of the figure's width and
    height; `x_limits`, `y_limits` in data units (days or places; proportions or scores)."""

    title: str
    box: tuple[float, float, float, float]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    lines: tuple[Line, ...] = ()
    means: tuple[Points, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """An SVG document and the geometry of its panels, from which a read-out can be made.

    `value_name`: what the read-out calls its values."""

    svg: str
    panels: tuple[Panel, ...]
    axis: TimeAxis | None = None
    kind: Literal["proportion", "score", "hazard", "count"] = "proportion"
    logarithmic_time: bool = False
    value_name: str = "Value"
