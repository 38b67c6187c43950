"""The estimands of a score side by side: one panel a stratum, one line a method.

Belongs here: the layout of this figure. Does not: the means, or what a method estimates.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analyses.figures import style
from analyses.figures.curve_panel import ROW, key_line
from analyses.figures.look import Drawing, Look, Points
from analyses.figures.quality_of_life import (
    draw_means,
    limits_of,
    panel_of_means,
    points_of,
    short_visits,
    visit_axis,
    visits_of,
)
from analyses.figures.survival import WIDTH

_LEFT, _RIGHT, _ACROSS_GAP, _DOWN_GAP = 0.72, 0.22, 0.42, 0.76
_HEIGHTS = {1: 2.5, 2: 2.1, 3: 1.6}  # inches of a panel, by how many stand in a row


def draw_quality_of_life_methods(
    curve: pd.DataFrame, methods: Sequence[str], *, y_label: str, look: Look
) -> Drawing:
    """Means of one instrument and scale over the visits, by method in panels of the strata.

    curve: rows of results.quality_of_life_curve; methods: those drawn, in the order of their
    colours, named by `look.names`. All panels have one vertical axis; no bands, which would hide
    each other: the table of means has the limits.
    """
    visits = visits_of(curve)
    names = curve["stratum"].astype(str)
    strata = sorted(names.unique(), key=lambda n: (look.place(n, 0), n))[:6]
    by_method = Look(order=tuple(methods), names=look.names, max_strata=len(methods))
    shown = curve[curve["method"].isin(methods)]
    by_name = {
        name: shown[shown["stratum"].astype(str) == name].assign(stratum=lambda of: of["method"])
        for name in strata
    }
    drawings: list[tuple[str, tuple[Points, ...]]] = [
        (
            name,
            points_of(by_name[name], visits, by_method),
        )
        for name in strata
    ]
    across = min(len(strata), 3)
    down = -(-len(strata) // across)
    tall = _HEIGHTS[across]
    plot = (WIDTH - _LEFT - _RIGHT - _ACROSS_GAP * (across - 1)) / across
    values = [p.value for _, means in drawings for line in means for p in line.points]
    low, high = limits_of([value for value in values if value == value])
    with style.drawing():
        head = 0.24 + ROW * 1.1 * -(-len(methods) // 2)
        figure = style.new_figure(WIDTH, head + down * (tall + _DOWN_GAP) + 0.1)
        height = figure.get_size_inches()[1]
        for number, method in enumerate(methods):
            x, y = _LEFT + (number % 2) * 3.3, 0.16 + ROW * 1.1 * (number // 2)
            key_line(figure, (x, x + 0.36), y, number)
            label = style.plain(look.name(method), 44)
            figure.text((x + 0.44) / WIDTH, 1 - y / height, label, va="center", fontsize=8.5)
        panels = []
        for number, (name, means) in enumerate(drawings):
            column, row = number % across, number // across
            x = _LEFT + column * (plot + _ACROSS_GAP)
            y = head + row * (tall + _DOWN_GAP) + 0.2
            axes = style.axes_at(figure, x, y, plot, tall)
            draw_means(axes, means, len(visits), limits=(low, high), size=3.2, bands=False)
            axes.tick_params(labelleft=column == 0, labelsize=8)
            ticks = [style.plain(visit, 5) for visit in short_visits(visits)]
            axes.set_xticks(range(len(visits)), labels=ticks)
            axes.set_xlabel(visit_axis(visits), fontsize=8, labelpad=2)
            title = style.plain(look.name(name), 40)
            axes.set_title(title, loc="left", fontsize=8.5, fontweight="bold", pad=4)
            if column == 0:
                axes.set_ylabel(style.plain(y_label, 44), fontsize=8.5)
            panels.append(panel_of_means(axes, title, means))
        return Drawing(style.to_svg(figure), tuple(panels), None, "score")
