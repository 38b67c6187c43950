"""Cumulative incidence figures: a panel per cause (strata as lines) or the other way round.

Belongs here: the layout of competing-risks figures. Does not: estimates.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from analyses.figures import style
from analyses.figures.curve_panel import (
    ROW,
    at_risk_rows,
    draw_curves,
    key_line,
    panel_of,
    percent_axis,
    table_under,
)
from analyses.figures.look import Drawing, Line, Look, Panel
from analyses.figures.steps import StepCurve, end_of_interest, step_curves
from analyses.figures.survival import WIDTH, label_margin
from analyses.figures.time_axis import TimeAxis, time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PLOT_HEIGHT = 2.5
_GAP = 0.62
_RIGHT = 0.2
_ROUND_TOPS: Final = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def incidence_figure(
    curve: pd.DataFrame, *, panels: Literal["cause", "stratum"] = "cause", look: Look | None = None
) -> str:
    """The cumulative incidence figure as SVG; parameters as `draw_incidence`."""
    return draw_incidence(curve, panels=panels, look=look).svg


def draw_incidence(
    curve: pd.DataFrame,
    *,
    panels: Literal["cause", "stratum"] = "cause",
    causes: Sequence[str] = (),
    look: Look | None = None,
) -> Drawing:
    """Cumulative incidence of one endpoint, analysis set and adjustment.

    `curve`: rows of results.cumulative_incidence: stratum, cause, time_days, incidence and, where
    known, n_at_risk, n_event, ci_lower, ci_upper. `causes`: their order, the endpoint's own first.
    All panels share both axes. When the first cause (any cause, in panels by stratum) is not seen
    after the first quarter of follow-up, the time axis ends soon after its last event.
    """
    look = look or Look()
    groups = _panels(curve, panels, causes, look)
    curves = [line.curve for _, lines in groups for line in lines]
    own = [line.curve for line in groups[0][1]] if panels == "cause" and groups else curves
    axis = time_axis(end_of_interest(own), look.unit)
    top = _top(curves, axis)
    with style.drawing():
        return _layout(groups, axis, top, look, at_risk_once=panels == "stratum")


def _panels(
    curve: pd.DataFrame, panels: str, causes: Sequence[str], look: Look
) -> list[tuple[str, tuple[Line, ...]]]:
    inner = "stratum" if panels == "cause" else "cause"
    levels = curve[panels].astype(str)
    known = list(causes) if panels == "cause" else list(look.order)
    names = sorted(levels.unique(), key=lambda n: (known.index(n) if n in known else len(known), n))
    order = look.order if inner == "stratum" else tuple(causes)
    groups = []
    for name in names:
        found = step_curves(curve[levels == name], "incidence", by=inner, order=order)
        found = tuple(replace(c, truncated=look.truncated) for c in found)
        lines = tuple(
            Line(c.name, order.index(c.name) if c.name in order else len(order) + i, c)
            for i, c in enumerate(found[: look.max_strata])
        )
        groups.append((name, lines))
    return groups


def _top(curves: Sequence[StepCurve], axis: TimeAxis) -> float:
    """The lowest round top that clears the curves and, within reason, their limits."""
    highest = upper = 0.0
    for curve in curves:
        shown = curve.time <= axis.limit_days
        highest = max(highest, float(np.nanmax(curve.value[shown], initial=0.0)))
        upper = max(upper, float(np.nanmax(curve.upper[shown], initial=0.0)))
    wanted = min(1.0, max(highest * 1.08, min(upper, highest * 1.8)))
    return next((top for top in _ROUND_TOPS if top >= wanted - 1e-9), 1.0)


def _layout(
    groups: Sequence[tuple[str, tuple[Line, ...]]],
    axis: TimeAxis,
    top: float,
    look: Look,
    *,
    at_risk_once: bool,
) -> Drawing:
    across = min(2, len(groups))
    keys = _distinct([line for _, lines in groups for line in lines])
    show_keys = len(keys) > 1
    tables = [at_risk_rows(lines, axis, look, 26) for _, lines in groups]
    if at_risk_once:  # the causes of one stratum share their risk set
        tables = [[("At risk", 0, rows[0][2])] if rows else [] for rows in tables]
    deepest = max((len(rows) for rows in tables), default=0)
    left = label_margin([name for rows in tables for name, _, _ in rows])
    head = 0.14 + (ROW * 1.1 * len(keys) + 0.06 if show_keys else 0)
    below = 0.52 + (0.14 + ROW * deepest if deepest else 0)
    plot = (WIDTH - left - _RIGHT - _GAP * (across - 1)) / across
    titles = [_title(look.name(name), plot) for name, _ in groups]
    above = 0.28 + 0.15 * max((title.count("\n") for title in titles), default=0)
    block = above + _PLOT_HEIGHT + below
    rows_of_panels = -(-len(groups) // across)
    figure = style.new_figure(WIDTH, head + rows_of_panels * block + 0.05)
    axis = _fewer_ticks(axis, plot)
    for number, line in enumerate(keys if show_keys else ()):
        _key(figure, line, left, 0.14 + ROW * 1.1 * number, look)
    drawn: list[Panel] = []
    for number, (name, lines) in enumerate(groups):
        column, row = number % across, number // across
        x, y = left + column * (plot + _GAP), head + row * block + above
        axes = style.axes_at(figure, x, y, plot, _PLOT_HEIGHT)
        draw_curves(axes, lines, axis, look)
        percent_axis(axes, top)
        axes.set_title(titles[number], loc="left", fontsize=9.5, fontweight="bold", pad=5)
        axes.set_xlabel(axis.label(look.origin) if across == 1 else _short(axis, look), labelpad=3)
        if column == 0:
            axes.set_ylabel("Cumulative incidence (%)")
        drawn.append(panel_of(axes, look.name(name), lines))
        table = at_risk_rows(lines, axis, look, 26)
        if at_risk_once:
            table = [("At risk", 0, table[0][2])] if table else []
        if column:  # the labels stand once, left of the first panel of the row
            table = [("", -1, cells) for _, _, cells in table]
        _table(figure, table, (x, y + _PLOT_HEIGHT + 0.58, plot), axis, column, once=at_risk_once)
    return Drawing(style.to_svg(figure), tuple(drawn), axis, value_name="Incidence")


def _table(
    figure: Figure,
    rows: list[tuple[str, int, list[str]]],
    at: tuple[float, float, float],
    axis: TimeAxis,
    column: int,
    *,
    once: bool,
) -> None:
    if not rows:
        return
    x, y, plot = at
    columns = [x + plot * tick / axis.limit_days for tick in axis.ticks_days]
    if once:
        table_under(figure, (0.04, y - ROW, 0.0, 0.0), columns, rows, "")
        return
    swatch = 0.0 if column else 0.22
    table_under(figure, (0.04, y, 0.0, swatch), columns, rows, "" if column else "At risk")


def _fewer_ticks(axis: TimeAxis, plot: float) -> TimeAxis:
    """At least 0.42 inches a tick, so that numbers at risk do not touch."""
    step = axis.step
    while (
        plot
        * step
        * (axis.ticks_days[1] if len(axis.ticks_days) > 1 else 1e9)
        / (axis.step * axis.limit_days)
        < 0.42
    ):
        step *= 2
    return TimeAxis(axis.unit, step, axis.limit_days)


def _title(name: str, plot: float) -> str:
    """A panel's title on at most two lines of the width of the plot."""
    lines = textwrap.wrap(style.plain(name, 80), max(20, int(plot / 0.083)))
    return "\n".join([lines[0], style.plain(" ".join(lines[1:]), 40)] if lines[1:] else lines)


def _short(axis: TimeAxis, look: Look) -> str:
    return f"{axis.unit.capitalize()} since {look.origin}"


def _distinct(lines: Sequence[Line]) -> list[Line]:
    seen: dict[str, Line] = {}
    for line in lines:
        seen.setdefault(line.name, line)
    return sorted(seen.values(), key=lambda line: line.place)


def _key(figure: Figure, line: Line, left: float, y: float, look: Look) -> None:
    width, height = figure.get_size_inches()
    key_line(figure, (left, left + 0.36), y, line.place)
    text = style.plain(look.name(line.name), 60)
    figure.text((left + 0.44) / width, 1 - y / height, text, va="center", fontsize=9)
