"""All scales of an instrument by visit: change from baseline as colour and number.

Belongs here: the layout of this figure. Does not: changes, or which change matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyses.figures import style
from analyses.figures.look import Look
from analyses.figures.quality_of_life import short_visits, visit_axis, visits_of
from analyses.figures.survival import WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELL = 0.215  # inches of a row
_LABELS, _RIGHT, _GAP = 1.95, 0.2, 0.3
_BETTER, _WORSE = 0, 1  # places in the palette
# A change of so many thresholds has the full colour.
_FULL = 2.0


def draw_quality_of_life_heat_map(
    change: pd.DataFrame, scales: Sequence[str], better: Mapping[str, int], *, look: Look
) -> str:
    """Mean change of every scale at every visit after the baseline, one panel a stratum.

    change: rows of results.quality_of_life_change of one instrument. better: by scale, 1 where a
    higher score is better, else -1. Blue is for the better and orange for the worse, full at twice
    the change that matters; a scale without such a threshold has its numbers only. SVG.
    """
    visits = visits_of(change)
    strata = change["stratum"].astype(str)
    names = sorted(strata.unique(), key=lambda n: (look.place(n, 0), n))[:4]
    width = (WIDTH - _LABELS - _RIGHT - _GAP * (len(names) - 1)) / len(names)
    tall = _CELL * len(scales)
    with style.drawing():
        figure = style.new_figure(WIDTH, tall + 0.75)
        for number, name in enumerate(names):
            left = _LABELS + number * (width + _GAP)
            axes = style.axes_at(figure, left, 0.3, width, tall)
            _draw(axes, change[strata == name], scales, visits, better)
            ticks = [style.plain(visit, 5) for visit in short_visits(visits)]
            axes.set_xticks(range(len(visits)), labels=ticks)
            labels = [style.plain(look.name(scale), 30) for scale in scales]
            axes.set_xlabel(visit_axis(visits), fontsize=8, labelpad=3)
            axes.set_yticks(range(len(scales)), labels=labels if number == 0 else [])
            axes.tick_params(length=0, labelsize=8)
            title = style.plain(look.name(name), 34)
            axes.set_title(title, loc="left", fontsize=8.5, fontweight="bold", pad=4)
        return style.to_svg(figure)


def _draw(
    axes: Axes,
    change: pd.DataFrame,
    scales: Sequence[str],
    visits: Sequence[str],
    better: Mapping[str, int],
) -> None:
    from matplotlib.patches import Rectangle

    rows = change.set_index(["scale", "visit"])
    small = len(visits) > 5
    for y, scale in enumerate(scales):
        for x, visit in enumerate(visits):
            if (scale, visit) not in rows.index:
                continue
            row = rows.loc[(scale, visit)]
            value = float("nan") if pd.isna(row["mean_change"]) else float(row["mean_change"])
            if np.isnan(value):
                continue
            good = value * better[scale] >= 0
            name = "threshold_improvement" if good else "threshold_deterioration"
            matters = row[name]
            if not pd.isna(matters):
                depth = min(abs(value) / (_FULL * float(matters)), 1.0)
                tint = style.colour(_BETTER if good else _WORSE)
                axes.add_patch(
                    Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=tint, alpha=0.8 * depth)
                )
            # Points of a scale to 100, hundredths of a utility.
            digits = 2 if not pd.isna(matters) and float(matters) < 1 else 0
            text = f"{value:+.{digits}f}" if round(value, digits) else f"{0:.{digits}f}"
            text = text.replace("-", "\u2212")
            axes.text(x, y, text, ha="center", va="center", fontsize=6.5 if small else 7.5)
    axes.set_xlim(-0.5, len(visits) - 0.5)
    axes.set_ylim(len(scales) - 0.5, -0.5)
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
