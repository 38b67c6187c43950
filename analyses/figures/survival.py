"""Kaplan-Meier figures: curves with bands, medians and the numbers at risk under the axis.

Belongs here: the layout of survival figures. Does not: estimates; a median is drawn only when the
caller brings it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from analyses.figures import style
from analyses.figures.curve_panel import (
    MOST_BANDS,
    ROW,
    at_risk_rows,
    draw_curves,
    key_line,
    panel_of,
    percent_axis,
    table_under,
)
from analyses.figures.look import Drawing, Line, Look
from analyses.figures.steps import step_curves
from analyses.figures.time_axis import DAYS_PER, TimeAxis, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Median = tuple[float | None, float | None, float | None]
WIDTH = 7.4
_PLOT_HEIGHT = 3.25
_RIGHT = 0.22


def survival_figure(
    curve: pd.DataFrame,
    *,
    medians: Mapping[str, Median] | None = None,
    bands: pd.DataFrame | None = None,
    y_label: str = "Survival probability (%)",
    look: Look | None = None,
) -> str:
    """The survival figure as SVG; parameters as `draw_survival`."""
    return draw_survival(curve, medians=medians, bands=bands, y_label=y_label, look=look).svg


def draw_survival(
    curve: pd.DataFrame,
    *,
    medians: Mapping[str, Median] | None = None,
    bands: pd.DataFrame | None = None,
    y_label: str = "Survival probability (%)",
    look: Look | None = None,
) -> Drawing:
    """Kaplan-Meier curves of one endpoint, analysis set and adjustment.

    `curve`: rows of results.survival_curve: stratum, time_days, survival and, where known,
    n_at_risk, n_event, n_censored, ci_lower, ci_upper. `medians`: stratum -> (median, lower,
    upper) in days, None where not reached; named in the key and marked at 50 %. `bands`: rows of
    results.survival_band (stratum, time_days, band_lower, band_upper); the edges of the
    simultaneous bands are thin lines around the pointwise ones, which stay filled.
    """
    look = look or Look()
    lines = _lines(curve, look)
    axis = time_axis(max((line.curve.last for line in lines), default=1.0), look.unit)
    with style.drawing():
        figure, axes = _layout(lines, axis, medians or {}, look)
        if bands is not None:
            _band_edges(axes, lines, bands, axis)
        _median_marks(axes, lines, medians or {})
        axes.set_ylabel(y_label)
        panel = panel_of(axes, "", lines)
        return Drawing(style.to_svg(figure), (panel,), axis, value_name="Survival")


def survival_png(
    curve: pd.DataFrame, *, title: str = "", look: Look | None = None, dpi: int = 100
) -> bytes:
    """A picture of a curve for run metadata, PNG.

    Give it the disclosure-controlled curve only (`analyses.disclosure.disclosed_curve`): whatever
    is in the frame is drawn, of its first analysis set and adjustment. Censoring ticks are never
    drawn, whatever `look` says. A frame without rows, as of too few events, gives a picture that
    says so.
    """
    look = replace(look or Look(), censor_ticks=False, faint_below=0)
    for column in ("analysis_set", "adjustment"):
        if column in curve.columns and len(curve):
            curve = curve[curve[column] == curve[column].iloc[0]]
    lines = _lines(curve, look)
    axis = time_axis(max((line.curve.last for line in lines), default=1.0), look.unit)
    with style.drawing():
        figure, axes = _layout(lines, axis, {}, look)
        axes.set_ylabel("Survival probability (%)")
        if not lines:
            middle = axes.transAxes
            axes.text(0.5, 0.5, "Too few events to show a curve", transform=middle, ha="center")
        if title:
            axes.set_title(style.plain(title, 90), loc="left", fontsize=9.5)
        return style.to_png(figure, dpi)


def _lines(curve: pd.DataFrame, look: Look) -> tuple[Line, ...]:
    curves = step_curves(curve, "survival", order=look.order)[: look.max_strata]
    curves = tuple(replace(curve, truncated=look.truncated) for curve in curves)
    return tuple(Line(c.name, look.place(c.name, i), c) for i, c in enumerate(curves))


def label_margin(names: Sequence[str], least: float = 0.72) -> float:
    """Inches left of a panel that hold the longest row label, its swatch and the axis labels."""
    return max(least, 0.56 + max((style.width_of(name, 8.5) for name in names), default=0.0))


def _layout(
    lines: Sequence[Line], axis: TimeAxis, medians: Mapping[str, Median], look: Look
) -> tuple[Figure, Axes]:
    rows = at_risk_rows(lines, axis, look, 26)
    keys = [] if len(lines) == 1 and not medians else list(lines)
    left = label_margin([name for name, _, _ in rows])
    top = 0.14 + ROW * 1.1 * len(keys) + (0.1 if keys else 0.12)
    below = 0.56 + (0.16 + ROW * len(rows) if rows else 0)
    figure = style.new_figure(WIDTH, top + _PLOT_HEIGHT + below)
    axes = style.axes_at(figure, left, top, WIDTH - left - _RIGHT, _PLOT_HEIGHT)
    draw_curves(axes, lines, axis, look)
    percent_axis(axes, 1.0)
    axes.set_xlabel(axis.label(look.origin), labelpad=4)
    for number, line in enumerate(keys):
        # Beside a wide column of labels the key begins left of the plot, to have room.
        _key(figure, line, (min(left, 1.6), 0.16 + ROW * 1.1 * number), medians, axis, look)
    if rows:
        plot = WIDTH - left - _RIGHT
        columns = [left + plot * tick / axis.limit_days for tick in axis.ticks_days]
        start = top + _PLOT_HEIGHT + 0.6
        table_under(figure, (0.04, start, 0.0, 0.22), columns, rows, "At risk")
    return figure, axes


def _key(
    figure: Figure,
    line: Line,
    at: tuple[float, float],
    medians: Mapping[str, Median],
    axis: TimeAxis,
    look: Look,
) -> None:
    width, height = figure.get_size_inches()
    key_line(figure, (at[0], at[0] + 0.36), at[1], line.place)
    said = f" \u2013 {_median_text(medians[line.name], axis)}" if line.name in medians else ""
    room = width - at[0] - 0.5
    for limit in (60, 48, 36, 24):
        text = style.plain(look.name(line.name), limit) + said
        if style.width_of(text, 9) <= room:
            break
    figure.text((at[0] + 0.44) / width, 1 - at[1] / height, text, va="center", fontsize=9)


def _band_edges(axes: Axes, lines: Sequence[Line], bands: pd.DataFrame, axis: TimeAxis) -> None:
    """The simultaneous bands, known between two times; with more curves than bands, none."""
    if len(lines) > MOST_BANDS:
        return
    limits = bands[bands["time_days"] <= axis.limit_days].sort_values("time_days", kind="stable")
    for line in lines:
        known = limits[limits["stratum"].astype(str) == line.name]
        for edge in ("band_lower", "band_upper"):
            axes.step(
                known["time_days"], known[edge], where="post", color=style.colour(line.place),
                linewidth=0.6, zorder=2.5,
            )  # fmt: skip


def _median_text(median: Median, axis: TimeAxis) -> str:
    day = DAYS_PER[axis.unit]
    middle, *limits = median
    if middle is None:
        return "median not reached"
    shown = ["not reached" if limit is None else f"{limit / day:.1f}" for limit in limits]
    return f"median {middle / day:.1f} {axis.unit} (95% CI {shown[0]} to {shown[1]})"


def _median_marks(axes: Axes, lines: Sequence[Line], medians: Mapping[str, Median]) -> None:
    found = [(line, medians[line.name][0]) for line in lines if line.name in medians]
    reached = [(line, days) for line, days in found if days is not None]
    if not reached:
        return
    furthest = max(days for _, days in reached)
    guide: dict[str, Any] = {
        "color": style.MUTED,
        "linewidth": 0.8,
        "linestyle": (0, (2, 2)),
        "zorder": 1.5,
    }
    axes.plot([0, furthest], [0.5, 0.5], **guide)
    for line, days in reached:
        axes.plot([days, days], [0, 0.5], **{**guide, "color": style.colour(line.place)})
