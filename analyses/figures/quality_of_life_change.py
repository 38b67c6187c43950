"""Change from baseline: its mean in the band of what matters, and the shares of people under it.

Belongs here: the layout of this figure. Does not: changes, or which change matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyses.figures import style
from analyses.figures.curve_panel import ROW, key_line, table_under
from analyses.figures.look import Drawing, Look, Points
from analyses.figures.quality_of_life import draw_means, panel_of_means, points_of, visits_of
from analyses.figures.survival import WIDTH, label_margin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RIGHT = 0.22
_TALL, _BARS = 2.2, 1.25  # inches of the two panels
# Palette places of the shares, worst first, with their hatching for a print without colours.
_SHARES = (
    ("n_deteriorated", "Deteriorated", 1, "////"),
    ("n_stable", "Stable", 6, ""),
    ("n_improved", "Improved", 2, "...."),
)


def draw_quality_of_life_change(
    change: pd.DataFrame, *, better: int, y_label: str, look: Look
) -> Drawing:
    """Mean change with limits per visit and stratum, and the people changed, as stacked bars.

    change: rows of results.quality_of_life_change of one instrument and scale. better: 1 where a
    higher score is better, -1 where it is worse. The band holds changes too small to matter; bars
    are of those who answered both visits, one a stratum in the order of the key, and missing where
    no threshold is known or the numbers are withheld.
    """
    rows = change.rename(columns={"mean_change": "mean"}).assign(n_completed=change["n"])
    visits = visits_of(rows)
    means = points_of(rows, visits, look)
    tables = _numbers(rows, visits, means, look)
    has_bars = bool(rows[[name for name, *_ in _SHARES]].notna().all(axis=1).any())
    with style.drawing():
        left = label_margin([name for name, _, _ in tables])
        top = 0.14 + ROW * 1.1 * len(means) + 0.1
        under = top + _TALL + 0.14 + (_BARS + 0.42 if has_bars else 0)
        height = under + 0.62 + ROW * len(tables)
        figure = style.new_figure(WIDTH, height)
        plot = WIDTH - left - _RIGHT
        for number, stratum in enumerate(means):
            y = 0.16 + ROW * 1.1 * number
            key_line(figure, (left, left + 0.36), y, stratum.place)
            label = style.plain(look.name(stratum.name), 60)
            figure.text((left + 0.44) / WIDTH, 1 - y / height, label, va="center", fontsize=9)
        axes = style.axes_at(figure, left, top, plot, _TALL)
        _draw_change(axes, rows, means, len(visits), better)
        axes.set_ylabel(style.plain(y_label, 44))
        ticks = [style.plain(look.name(visit), 12) for visit in visits]
        lowest = axes
        if has_bars:
            axes.tick_params(labelbottom=False)
            bars = style.axes_at(figure, left, top + _TALL + 0.42, plot, _BARS)
            _draw_shares(bars, rows, visits, means)
            _key_of_shares(figure, left, top + _TALL + 0.24)
            lowest = bars
        lowest.set_xticks(range(len(visits)), labels=ticks)
        if not has_bars:
            axes.set_xticks(range(len(visits)), labels=ticks)
        first, last = axes.get_xlim()
        columns = [left + plot * (i - first) / (last - first) for i in range(len(visits))]
        table_under(figure, (0.04, under + 0.34, 0.0, 0.22), columns, tables, "Answered both")
        panel = panel_of_means(axes, "", means)
        return Drawing(style.to_svg(figure), (panel,), None, "score")


def _draw_change(
    axes: Axes, rows: pd.DataFrame, means: tuple[Points, ...], n_visits: int, better: int
) -> None:
    thresholds = rows[["threshold_improvement", "threshold_deterioration"]].dropna()
    shown = [
        v for line in means for p in line.points for v in (p.lower, p.upper, p.value) if v == v
    ]
    if len(thresholds):
        good, bad = (float(thresholds[name].iloc[0]) for name in thresholds)
        low, high = (-bad, good) if better > 0 else (-good, bad)
        axes.axhspan(low, high, color=style.GRID, alpha=0.6, linewidth=0, zorder=0)
        shown += [1.4 * low, 1.4 * high]
    axes.axhline(0, color=style.MUTED, linewidth=0.8, zorder=1)
    span = max((abs(value) for value in shown), default=1.0) * 1.08
    draw_means(axes, means, n_visits, limits=(-span, span))
    for place, words in ((0.97, "better" if better > 0 else "worse"), (0.03, None)):
        word = words or ("worse" if better > 0 else "better")
        axes.text(
            0.995, place, word, transform=axes.transAxes, ha="right", fontsize=8,
            va="top" if place > 0.5 else "bottom", color=style.MUTED,
        )  # fmt: skip


def _draw_shares(
    axes: Axes, rows: pd.DataFrame, visits: list[str], means: tuple[Points, ...]
) -> None:
    width = 0.74 / len(means)
    for number, stratum in enumerate(means):
        of = rows[rows["stratum"].astype(str) == stratum.name].set_index("visit")
        of = of.reindex(visits)
        parts = of[[name for name, *_ in _SHARES]].astype("float64")
        share = 100 * parts.div(parts.sum(axis=1, skipna=False), axis=0).to_numpy()
        x = np.arange(len(visits)) - 0.37 + width * (number + 0.5)
        floor = np.zeros(len(visits))
        for column, (_, _, place, hatch) in enumerate(_SHARES):
            height = np.nan_to_num(share[:, column])
            bars = axes.bar(
                x, height, width * 0.9, bottom=floor, color=style.colour(place),
                alpha=0.35 if place == 6 else 0.75, linewidth=0, zorder=2,
            )  # fmt: skip
            if hatch:
                axes.bar(
                    x, height, width * 0.9, bottom=floor, color="none", hatch=hatch,
                    edgecolor=style.PAPER, linewidth=0, zorder=3, alpha=0.6,
                )  # fmt: skip
            for bar, value in zip(bars, share[:, column], strict=True):
                if value >= 14 and width > 0.2:
                    axes.text(
                        bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2,
                        f"{value:.0f}", ha="center", va="center", fontsize=7.5, zorder=4,
                    )  # fmt: skip
            floor = floor + height
    style.tidy(axes)
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 50, 100])
    axes.set_ylabel("People (%)")
    axes.set_xlim(-0.35 - 0.1, len(visits) - 0.55)
    axes.set_xlim(-0.35, len(visits) - 0.65)


def _key_of_shares(figure: Figure, left: float, y: float) -> None:
    from matplotlib.patches import Rectangle

    width, height = figure.get_size_inches()
    for number, (_, words, place, _) in enumerate(reversed(_SHARES)):
        x = left + number * 1.25
        figure.add_artist(
            Rectangle(
                (x / width, 1 - (y + 0.06) / height), 0.16 / width, 0.12 / height,
                facecolor=style.colour(place), alpha=0.35 if place == 6 else 0.75,
                transform=figure.transFigure, linewidth=0,
            )
        )  # fmt: skip
        figure.text((x + 0.22) / width, 1 - y / height, words, va="center", fontsize=8.5)


def _numbers(
    rows: pd.DataFrame, visits: list[str], means: tuple[Points, ...], look: Look
) -> list[tuple[str, int, list[str]]]:
    found = []
    for stratum in means:
        of = rows[rows["stratum"].astype(str) == stratum.name].set_index("visit")["n"]
        of = of.reindex(visits)
        cells = ["\u2013" if pd.isna(n) else f"{float(n):.0f}" for n in of]
        found.append((style.plain(look.name(stratum.name), 26), stratum.place, cells))
    return found
