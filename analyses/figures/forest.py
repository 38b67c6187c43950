"""Forest plots of hazard ratios: estimates as text beside their intervals on a log axis.

Belongs here: the layout of forest plots. Does not: models, or what a term means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyses.figures import style
from analyses.figures.survival import WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.235
_LABEL = 2.85
_TEXT = 1.65
_TICKS: Final = (0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0)
_WIDEST: Final = (0.02, 50.0)  # intervals beyond end in an arrow


@dataclass(frozen=True)
class ForestRow:
    """One line: a heading (`ratio` None and `heading` true), or an estimate with its limits.

    `firm` draws a filled square (adjusted), otherwise an open one (unadjusted). `note` is what the
    estimate column says when there is no estimate.
    """

    label: str
    ratio: float | None = None
    lower: float | None = None
    upper: float | None = None
    firm: bool = True
    heading: bool = False
    note: str = "not estimable"


def forest_figure(
    rows: Sequence[ForestRow], *, favours: tuple[str, str] = ("", ""), label: str = "Hazard ratio"
) -> str:
    """Hazard ratios on a log axis, as SVG.

    `favours`: what is said left and right of 1 under the axis.
    """
    height = 0.34 + _ROW * len(rows) + 0.62
    with style.drawing():
        figure = style.new_figure(WIDTH, height)
        plot = WIDTH - _LABEL - _TEXT - 0.1
        axes = style.axes_at(figure, _LABEL, 0.34, plot, _ROW * len(rows))
        low, high = _limits(rows)
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.axvline(1.0, color=style.MUTED, linewidth=0.9, zorder=1)
        for place, row in enumerate(rows):
            _row(figure, axes, place, row, (low, high))
        _text(figure, WIDTH - _TEXT + 0.12, 0.2, f"{label} (95% CI)", bold=True)
        _finish(axes, low, high)
        _favours(figure, favours, height, plot, (low, high))
        return style.to_svg(figure)


def _row(
    figure: Figure, axes: Axes, place: int, row: ForestRow, limits: tuple[float, float]
) -> None:
    y = 0.34 + _ROW * (place + 0.5)
    indent = 0.04 if row.heading else 0.2
    _text(figure, indent, y, style.plain(row.label, 56), bold=row.heading)
    if row.heading:
        return
    if row.ratio is None:
        _text(figure, WIDTH - _TEXT + 0.12, y, row.note)
        return
    shown = ["not estimable" if v is None else _digits(v) for v in (row.lower, row.upper)]
    _text(figure, WIDTH - _TEXT + 0.12, y, f"{_digits(row.ratio)} ({shown[0]} to {shown[1]})")
    low, high = limits
    ends = (row.lower or low, row.upper or high)
    axes.plot(
        [max(ends[0], low), min(ends[1], high)],
        [place, place],
        color=style.PALETTE[0],
        linewidth=1.4,
        solid_capstyle="butt",
        zorder=2,
    )
    for end, edge, arrow in ((ends[0], low, "<"), (ends[1], high, ">")):
        if (end <= edge) if arrow == "<" else (end >= edge):
            axes.plot([edge], [place], marker=arrow, color=style.PALETTE[0], markersize=5)
    if low <= row.ratio <= high:
        axes.plot(
            [row.ratio],
            [place],
            marker="s",
            markersize=6,
            color=style.PALETTE[0],
            markerfacecolor=style.PALETTE[0] if row.firm else style.PAPER,
            markeredgewidth=1.2,
            zorder=3,
        )


def _digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.95 else f"{value:.1f}" if value < 99.5 else f"{value:.0f}"


def _limits(rows: Sequence[ForestRow]) -> tuple[float, float]:
    values = [v for r in rows for v in (r.ratio, r.lower, r.upper) if v is not None and v > 0]
    low = max(_WIDEST[0], min([0.6, *values]) / 1.12)
    high = min(_WIDEST[1], max([1.7, *values]) * 1.12)
    return low, high


def _finish(axes: Axes, low: float, high: float) -> None:
    from matplotlib.ticker import NullLocator

    ticks = [t for t in _TICKS if low <= t <= high]
    while len(ticks) > 6:  # thin out, but keep 1
        ticks = [t for i, t in enumerate(ticks) if (i - ticks.index(1.0)) % 2 == 0]
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, labels=[f"{t:g}" for t in ticks])
    axes.set_yticks([])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3.5, pad=3.5)


def _favours(
    figure: Figure,
    favours: tuple[str, str],
    height: float,
    plot: float,
    limits: tuple[float, float],
) -> None:
    share = math.log(1 / limits[0]) / math.log(limits[1] / limits[0])
    one = _LABEL + plot * share
    width = figure.get_size_inches()[0]
    for text, side, shift in ((favours[0], "right", -0.08), (favours[1], "left", 0.08)):
        if text:
            figure.text(
                (one + shift) / width,
                0.14 / height,
                style.plain(text, 46),
                ha=side,
                va="center",
                fontsize=8,
                color=style.MUTED,
            )


def _text(figure: Figure, x: float, y: float, text: str, *, bold: bool = False) -> None:
    width, height = figure.get_size_inches()
    figure.text(
        x / width,
        1 - y / height,
        text,
        va="center",
        ha="left",
        fontsize=8.8,
        fontweight="bold" if bold else "normal",
    )
