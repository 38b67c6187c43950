"""The attrition flow: who was left after each step, and who went and why.

Belongs here: the drawing. Does not: counting.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from analyses.figures import style
from analyses.figures.survival import WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MAIN = (0.05, 3.2)  # left, width of the boxes of those who stay
_SIDE = (3.95, 3.4)  # and of those who go
_LINE = 0.165
_GAP = 0.2


def attrition_figure(attrition: pd.DataFrame, *, unit: str = "patients") -> str:
    """The flow of one analysis set as SVG.

    `attrition`: step, reason, n_remaining, n_excluded, one row a step; the first row is the start.
    """
    rows = attrition.sort_values("step", kind="stable")
    boxes = [
        (str(r.reason), _count(r.n_remaining), _count(r.n_excluded))
        for r in rows.itertuples(index=False)
    ]
    plans = [_plan(i, *box, unit) for i, box in enumerate(boxes)]
    heights = [_height(main, side) for main, side in plans]
    with style.drawing():
        figure = style.new_figure(WIDTH, sum(heights) + _GAP * (len(heights) - 1) + 0.1)
        top = 0.05
        for place, ((main, side), height) in enumerate(zip(plans, heights, strict=True)):
            if place:
                _arrow(figure, _middle(), top - _GAP, _middle(), top)
            _box(figure, _MAIN, top, height, main, bold_first=True)
            if side:
                _box(figure, _SIDE, top, height, side, bold_first=False)
                _arrow(figure, sum(_MAIN), top + height / 2, _SIDE[0], top + height / 2)
            top += height + _GAP
        return style.to_svg(figure)


def _count(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _plan(
    place: int, reason: str, remaining: int | None, excluded: int | None, unit: str
) -> tuple[list[str], list[str]]:
    left = "suppressed" if remaining is None else f"{remaining:,}".replace(",", "\u202f")
    reason = style.plain(reason, 160)
    if place == 0:
        return [f"{left} {unit}", *textwrap.wrap(reason, 44)], []
    gone = "suppressed" if excluded is None else f"{excluded:,}".replace(",", "\u202f")
    return [f"{left} {unit} remain"], [f"{gone} excluded", *textwrap.wrap(reason, 46)]


def _height(main: list[str], side: list[str]) -> float:
    return 0.16 + _LINE * max(len(main), len(side), 1)


def _middle() -> float:
    return _MAIN[0] + _MAIN[1] / 2


def _box(
    figure: Figure,
    place: tuple[float, float],
    top: float,
    height: float,
    lines: list[str],
    *,
    bold_first: bool,
) -> None:
    from matplotlib.patches import Rectangle

    width, total = figure.get_size_inches()
    left, wide = place
    figure.add_artist(
        Rectangle(
            (left / width, 1 - (top + height) / total),
            wide / width,
            height / total,
            facecolor="none",
            edgecolor=style.INK if bold_first else style.MUTED,
            linewidth=0.9,
            linestyle="solid" if bold_first else (0, (3, 2)),
            transform=figure.transFigure,
        )
    )
    start = top + height / 2 - _LINE * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        figure.text(
            (left + 0.12) / width,
            1 - (start + _LINE * number) / total,
            line,
            va="center",
            ha="left",
            fontsize=9,
            fontweight="bold" if number == 0 else "normal",
        )


def _arrow(figure: Figure, x0: float, y0: float, x1: float, y1: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    width, total = figure.get_size_inches()
    figure.add_artist(
        FancyArrowPatch(
            (x0 / width, 1 - y0 / total),
            (x1 / width, 1 - y1 / total),
            arrowstyle="-|>",
            mutation_scale=8,
            shrinkA=0,
            shrinkB=0,
            linewidth=0.9,
            color=style.MUTED,
            transform=figure.transFigure,
        )
    )
