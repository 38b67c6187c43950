"""Quality-adjusted life years: estimate and limits by horizon, stratum and method.

Belongs here: the layout of this figure. Does not: the years.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.figures import style
from analyses.figures.curve_panel import ROW
from analyses.figures.look import Look
from analyses.figures.survival import WIDTH

MONTH = 365.25 / 12
_LEFT, _RIGHT, _TALL = 0.72, 0.22, 2.2
_MARKERS = {"partitioned": "o", "weighted": "D"}


def draw_quality_adjusted(years: pd.DataFrame, *, look: Look) -> str:
    """Points with 95 % limits; rows of results.qaly of one utility and discount rate. SVG.

    Full markers: partitioned survival; open ones: weighted. The grey line is full health for the
    whole time.
    """
    strata = years["stratum"].astype(str)
    names = sorted(strata.unique(), key=lambda n: (look.place(n, 0), n))[: look.max_strata]
    horizons = sorted(years["horizon_days"].unique())
    methods = [method for method in _MARKERS if (years["method"] == method).any()]
    step = 0.7 / max(len(names) * len(methods), 1)
    with style.drawing():
        head = 0.2 + ROW * 1.1 * len(names) + ROW * 1.1
        figure = style.new_figure(WIDTH, head + _TALL + 0.62)
        height = figure.get_size_inches()[1]
        axes = style.axes_at(figure, _LEFT, head, WIDTH - _LEFT - _RIGHT, _TALL)
        top = 0.0
        for place, horizon in enumerate(horizons):
            full = float(horizon) / 365.25
            axes.plot([place - 0.42, place + 0.42], [full, full], color=style.MUTED, linewidth=1)
            top = max(top, full)
        for number, name in enumerate(names):
            tint = style.colour(look.place(name, number))
            for which, method in enumerate(methods):
                rows = years[(strata == name) & (years["method"] == method)]
                offset = (number * len(methods) + which + 0.5) * step - 0.35
                x = [horizons.index(h) + offset for h in rows["horizon_days"]]
                value = rows["qaly"].astype("float64").to_numpy()
                low = rows["ci_lower"].astype("float64").to_numpy()
                high = rows["ci_upper"].astype("float64").to_numpy()
                axes.vlines(x, low, high, color=tint, linewidth=1.6)
                axes.plot(
                    x, value, linestyle="none", marker=_MARKERS[method], markersize=5.5,
                    color=tint, markerfacecolor=tint if which == 0 else style.PAPER,
                )  # fmt: skip
                top = max(top, float(np.nanmax(high, initial=0)))
            y = 0.16 + ROW * 1.1 * number
            figure.text(
                _LEFT / WIDTH, 1 - y / height, "\u25a0", color=tint, va="center", fontsize=10
            )
            label = style.plain(look.name(name), 60)
            figure.text((_LEFT + 0.2) / WIDTH, 1 - y / height, label, va="center", fontsize=9)
        y = 0.16 + ROW * 1.1 * len(names)
        words = "Full: survival times mean utility. Open: own years, weighted. Line: full health."
        figure.text(
            _LEFT / WIDTH, 1 - y / height, words, va="center", fontsize=8, color=style.MUTED
        )
        style.tidy(axes)
        axes.set_xlim(-0.5, len(horizons) - 0.5)
        axes.set_ylim(0, top * 1.08 or 1.0)
        axes.set_xticks(range(len(horizons)), labels=[f"{h / MONTH:.0f} months" for h in horizons])
        axes.set_ylabel("Quality-adjusted life years")
        return style.to_svg(figure)
