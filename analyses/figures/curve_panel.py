"""One panel of step curves with the numbers at risk aligned under its ticks.

Belongs here: what Kaplan-Meier and incidence figures have in common. Does not: layout of a whole
figure, choice of what is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from analyses.figures import style
from analyses.figures.look import Line, Look, Panel
from analyses.figures.steps import Floats, StepCurve
from analyses.figures.time_axis import TimeAxis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.185  # inches of one line of the table under a panel, or of the key above it
MOST_BANDS = 4


def draw_curves(axes: Axes, lines: Sequence[Line], axis: TimeAxis, look: Look) -> None:
    """Bands, then lines, then censoring ticks; the axes get their limits and ticks."""
    bands = len(lines) <= MOST_BANDS if look.bands is None else look.bands
    for line in lines:
        curve, tint = line.curve, style.colour(line.place)
        days, (value, lower, upper) = _stairs(curve, axis.limit_days)
        if bands:
            axes.fill_between(
                days, lower, upper, step="post", color=tint, alpha=0.16, linewidth=0, zorder=2
            )
        firm, faint = _split(days, value, _firm_until(curve, look.faint_below))
        _line(axes, firm, tint, style.dash(line.place), 1.0)
        _line(axes, faint, tint, style.dash(line.place), 0.42)
        if look.censor_ticks:
            _censor_ticks(axes, curve, tint, axis.limit_days)
    style.tidy(axes)
    axes.set_xlim(0, axis.limit_days)
    axes.set_xticks(axis.ticks_days, labels=axis.tick_labels)


def percent_axis(axes: Axes, top: float) -> None:
    """The vertical axis from 0 to `top` (a proportion), labelled in %."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if top / s <= 5.01)
    ticks = [i * step for i in range(round(top / step) + 1)]
    axes.set_ylim(0, top * 1.02)
    axes.set_yticks(ticks, labels=[f"{tick * 100:g}" for tick in ticks])


def table_under(
    figure: Figure,
    box: tuple[float, float, float, float],
    columns: Sequence[float],
    rows: Sequence[tuple[str, int, Sequence[str]]],
    heading: str,
) -> None:
    """A table whose cells stand under the axis at `columns` (inches from the left).

    `box`: left edge of the row labels, top of the heading, right edge of the row labels, and
    width in inches of the colour swatch (0: none).
    """
    left, top, label_right, swatch = box
    width, height = figure.get_size_inches()

    def write(x: float, y: float, text: str, **kind: Any) -> None:
        figure.text(x / width, 1 - y / height, text, va="center", fontsize=8.5, **kind)

    write(left, top, heading, ha="left", color=style.MUTED)
    for number, (name, place, cells) in enumerate(rows, start=1):
        y = top + number * ROW
        if swatch:
            key_line(figure, (left, left + swatch), y, place)
        write(left + swatch + (0.06 if swatch else 0), y, name, ha="left")
        for x, cell in zip(columns, cells, strict=True):
            write(max(x, label_right), y, cell, ha="center")


def key_line(figure: Figure, ends: tuple[float, float], y: float, place: int) -> None:
    """A short sample of a stratum's line."""
    from matplotlib.lines import Line2D

    width, height = figure.get_size_inches()
    sample = Line2D(
        [ends[0] / width, ends[1] / width],
        [1 - y / height] * 2,
        color=style.colour(place),
        linestyle=style.dash(place),
        linewidth=1.8,
        transform=figure.transFigure,
    )
    figure.add_artist(sample)


def panel_of(axes: Axes, title: str, lines: Sequence[Line]) -> Panel:
    """The geometry of drawn axes."""
    place = axes.get_position()
    low, high = axes.get_ylim()
    first, last = axes.get_xlim()
    return Panel(
        title=title,
        box=(place.x0, 1 - place.y1, place.x1, 1 - place.y0),
        x_limits=(float(first), float(last)),
        y_limits=(float(low), float(high)),
        lines=tuple(lines),
    )


def at_risk_rows(
    lines: Sequence[Line], axis: TimeAxis, look: Look, limit: int
) -> list[tuple[str, int, list[str]]]:
    """Rows of the table of numbers at risk at the ticks; empty when the table knows none."""
    ticks = np.asarray(axis.ticks_days, dtype="float64")
    return [
        (
            style.plain(look.name(line.name), limit),
            line.place,
            [f"{n:.0f}" if np.isfinite(n) else "" for n in line.curve.at_risk_at(ticks)],
        )
        for line in lines
        if np.isfinite(line.curve.at_risk).any()
    ]


def _stairs(curve: StepCurve, limit: float) -> tuple[Floats, list[Floats]]:
    """Corners of the curve and its limits from day 0 to the last observed time, or to `limit`."""
    kept = curve.time <= limit
    days = np.concatenate(([0.0], curve.time[kept]))
    columns = [
        np.concatenate(([curve.start], column[kept]))
        for column in (curve.value, curve.lower, curve.upper)
    ]
    if curve.last > limit:
        days = np.append(days, limit)
        columns = [np.append(column, column[-1]) for column in columns]
    corner = np.zeros(len(days), dtype=bool)
    corner[[0, -1]] = True
    for column in columns:
        corner[1:] |= ~((column[1:] == column[:-1]) | np.isnan(column[1:]))
    return days[corner], [column[corner] for column in columns]


def _firm_until(curve: StepCurve, minimum: int) -> float:
    """The last time with at least `minimum` at risk; infinite when the counts are unknown."""
    if not np.isfinite(curve.at_risk).any():
        return float("inf")
    enough = curve.time[curve.at_risk >= minimum]
    return float(enough[-1]) if len(enough) else 0.0


def _split(
    days: Floats, value: Floats, until: float
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """The stairs up to `until` and those after it, meeting at `until`."""
    kept = days <= until
    if kept.all():
        return (days, value), (days[:0], value[:0])
    level = value[kept][-1]
    firm = np.append(days[kept], until), np.append(value[kept], level)
    return firm, (np.append(until, days[~kept]), np.append(level, value[~kept]))


def _line(
    axes: Axes, corners: tuple[Floats, Floats], tint: str, pattern: object, alpha: float
) -> None:
    axes.step(
        *corners,
        where="post",
        color=tint,
        linestyle=pattern,
        linewidth=1.7,
        alpha=alpha,
        zorder=3,
        solid_joinstyle="miter",
        dash_capstyle="butt",
    )


def _censor_ticks(axes: Axes, curve: StepCurve, tint: str, limit: float) -> None:
    censored = (curve.n_censored > 0) & (curve.time <= limit)
    axes.plot(
        curve.time[censored],
        curve.value[censored],
        linestyle="none",
        marker="|",
        markersize=5,
        markeredgewidth=0.8,
        color=tint,
        zorder=4,
    )
