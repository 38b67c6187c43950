"""The mean number of recurrent events over time.

Belongs here: its figure. Does not belong here: the estimate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses.figures import grid, style
from analyses.figures.look import Look
from analyses.figures.time_axis import time_axis


def mean_count_figure(curve: pd.DataFrame, *, look: Look | None = None) -> str:
    """Mean cumulative counts with bands, a line a stratum, a panel an event type; SVG.

    `curve`: rows of results.mean_cumulative_count: event_type, stratum, time_days, mean_count and,
    where known, ci_lower, ci_upper.
    """
    look = look or Look()
    types = [str(kind) for kind in dict.fromkeys(curve["event_type"])]
    strata = sorted(curve["stratum"].astype(str).unique(), key=lambda s: (look.place(s, 99), s))
    strata = strata[: look.max_strata]
    axis = time_axis(float(curve["time_days"].max()) if len(curve) else 1.0, look.unit)
    with style.drawing():
        keys = grid.key_rows(len(strata)) if len(strata) > 1 else 0
        figure, panels = grid.panels([look.name(kind) for kind in types], height=2.3, keys=keys)
        for axes, kind in zip(panels, types, strict=True):
            for number, stratum in enumerate(strata):
                place = look.place(stratum, number)
                line: dict[str, Any] = {
                    "color": style.colour(place),
                    "linestyle": style.dash(place),
                }
                if keys:
                    grid.line_key(figure, number, look.name(stratum), **line)
                of = curve[(curve["event_type"] == kind) & (curve["stratum"] == stratum)]
                of = of.sort_values("time_days")
                days = np.concatenate([[0.0], of["time_days"].to_numpy(dtype=float)])
                value, lower, upper = (
                    np.concatenate([[0.0], of[name].to_numpy(dtype=float)])
                    for name in ("mean_count", "ci_lower", "ci_upper")
                )
                axes.step(days, value, where="post", linewidth=1.7, zorder=3, **line)
                axes.fill_between(
                    days, lower, upper, step="post", color=line["color"], alpha=0.14, linewidth=0
                )
            style.tidy(axes)
            axes.set_xlim(0, axis.limit_days)
            axes.set_ylim(bottom=0)
            ticks = list(zip(axis.ticks_days, axis.tick_labels, strict=True))
            every = 2 if len(ticks) > 6 else 1
            axes.set_xticks([t for t, _ in ticks[::every]], labels=[x for _, x in ticks[::every]])
            axes.set_xlabel(f"{axis.unit.capitalize()} since {look.origin}", labelpad=3)
        panels[0].set_ylabel("Mean events a person")
        return style.to_svg(figure)
