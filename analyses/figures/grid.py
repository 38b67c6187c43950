"""Panels side by side, one a group, under one key of line samples or fields.

Belongs here: the layout that the figures of several groups share. Does not belong here: what is
drawn in a panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analyses.figures import style
from analyses.figures.survival import WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HATCHES = ("", "////", "....", "\\\\\\\\", "xx", "++", "--")
BLANK = -1  # the place of what is left over: no colour, no hatching
_LEFT, _RIGHT, _GAP = 0.78, 0.2, 0.72
_ROW = 0.2


def panels(
    titles: Sequence[str],
    *,
    height: float = 2.6,
    keys: int = 0,
    title_each: bool = True,
    foot: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """A figure with a panel a title, at most two across, room for `keys` lines above and `foot`
    inches under each axis."""
    across = min(2, max(len(titles), 1))
    width = (WIDTH - _LEFT - _RIGHT - _GAP * (across - 1)) / across
    head = 0.12 + _ROW * keys + (0.06 if keys else 0.0)
    above, below = (0.3 if title_each else 0.08), 0.56 + foot
    block = above + height + below
    rows = -(-max(len(titles), 1) // across)
    figure = style.new_figure(WIDTH, head + rows * block)
    found = []
    for number, title in enumerate(titles):
        column, row = number % across, number // across
        axes = style.axes_at(
            figure, _LEFT + column * (width + _GAP), head + row * block + above, width, height
        )
        if title_each:
            text = style.plain(title, 48)
            axes.set_title(text, loc="left", fontsize=9.5, fontweight="bold", pad=5)
        found.append(axes)
    return figure, found


def line_key(figure: Figure, number: int, text: str, **line: Any) -> None:
    """A sample of a line and what it is, on line `number` of the key; two stand side by side."""
    from matplotlib.lines import Line2D

    x, y = _place(figure, number)
    width, _ = figure.get_size_inches()
    # A mark without a line stands once.
    ends = [x + 0.2 / width] if line.get("linestyle") == "none" else [x, x + 0.38 / width]
    options: dict[str, Any] = {"linewidth": 1.7, **line}
    sample = Line2D(ends, [y] * len(ends), transform=figure.transFigure, **options)
    figure.add_artist(sample)
    figure.text(x + 0.47 / width, y, style.plain(text, 44), va="center", fontsize=8.8)


def field_key(figure: Figure, number: int, text: str, place: int) -> None:
    """A sample of a filled field and what it is."""
    from matplotlib.patches import Rectangle

    x, y = _place(figure, number)
    width, height = figure.get_size_inches()
    figure.add_artist(
        Rectangle(
            (x, y - 0.065 / height), 0.34 / width, 0.13 / height, transform=figure.transFigure,
            **field(place),
        )
    )  # fmt: skip
    figure.text(x + 0.43 / width, y, style.plain(text, 44), va="center", fontsize=8.8)


def key_rows(count: int) -> int:
    """Lines of a key of so many entries."""
    return -(-count // 2)


def field(place: int) -> dict[str, Any]:
    """Colour and hatching of a field: told apart in grey too."""
    if place == BLANK:
        return {"facecolor": style.GRID, "edgecolor": style.MUTED, "linewidth": 0.5}
    tint = style.colour(place)
    return {
        "facecolor": _lighter(tint),
        "edgecolor": tint,
        # After the last colour the colours begin again, with other hatches.
        "hatch": HATCHES[(place + place // len(style.PALETTE)) % len(HATCHES)],
        "linewidth": 0.7,
    }


def _lighter(tint: str) -> str:
    parts = [int(tint[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * 0.45):02x}" for part in parts)


def _place(figure: Figure, number: int) -> tuple[float, float]:
    width, height = figure.get_size_inches()
    column, row = number % 2, number // 2
    return (_LEFT + column * 3.3) / width, 1 - (0.14 + _ROW * row) / height
