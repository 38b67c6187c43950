"""The mean number of recurrent events over time.

Belongs here: its figure. Does not belong here: the estimate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses.figures import grid, style
from analyses.figures.curve_panel import panel_of
from analyses.figures.look import Drawing, Line, Look, Panel
from analyses.figures.steps import StepCurve, end_of_interest, step_curves
from analyses.figures.time_axis import TimeAxis, time_axis


def draw_mean_count(curve: pd.DataFrame, *, look: Look | None = None) -> Drawing:
    """Mean cumulative counts with bands, a line a stratum, a panel an event type.

    `curve`: rows of results.mean_cumulative_count: event_type, stratum, time_days, mean_count and,
    where known, n_at_risk, n_event, ci_lower, ci_upper. When no event is seen after the first
    quarter of follow-up, the time axis ends soon after the last.
    """
    look = look or Look()
    curves = {
        str(kind): step_curves(of, "mean_count", order=look.order)[: look.max_strata]
        for kind, of in curve.groupby("event_type", sort=False)
    }
    everything = [one for of in curves.values() for one in of]
    strata = list(dict.fromkeys(one.name for one in everything))
    axis = time_axis(end_of_interest(everything), look.unit)
    lines = {name: _line(look.place(name, number)) for number, name in enumerate(strata)}
    with style.drawing():
        keys = strata if len(strata) > 1 else []
        figure, panels = grid.panels(
            [look.name(kind) for kind in curves], height=2.3, keys=grid.key_rows(len(keys))
        )
        for number, name in enumerate(keys):
            grid.line_key(figure, number, look.name(name), **lines[name])
        found: list[Panel] = []
        for axes, (kind, of) in zip(panels, curves.items(), strict=True):
            for one in of:
                _draw(axes, one, axis, lines[one.name])
            style.tidy(axes)
            axes.set_xlim(0, axis.limit_days)
            axes.set_ylim(bottom=0)
            ticks = list(zip(axis.ticks_days, axis.tick_labels, strict=True))
            every = 2 if len(ticks) > 6 else 1
            axes.set_xticks([t for t, _ in ticks[::every]], labels=[x for _, x in ticks[::every]])
            axes.set_xlabel(f"{axis.unit.capitalize()} since {look.origin}", labelpad=3)
            read = [Line(c.name, look.place(c.name, strata.index(c.name)), c) for c in of]
            found.append(panel_of(axes, look.name(kind), read))
        if panels:
            panels[0].set_ylabel("Mean events a person")
        return Drawing(style.to_svg(figure), tuple(found), axis, "count", value_name="Events")


def _line(place: int) -> dict[str, Any]:
    return {"color": style.colour(place), "linestyle": style.dash(place)}


def _draw(axes: Any, curve: StepCurve, axis: TimeAxis, line: dict[str, Any]) -> None:
    shown = curve.time <= axis.limit_days
    days = np.concatenate([[0.0], curve.time[shown]])
    value, lower, upper = (
        np.concatenate([[0.0], column[shown]]) for column in (curve.value, curve.lower, curve.upper)
    )
    if curve.last > axis.limit_days:
        days = np.append(days, axis.limit_days)
        value, lower, upper = (np.append(c, c[-1]) for c in (value, lower, upper))
    axes.step(days, value, where="post", linewidth=1.7, zorder=3, **line)
    axes.fill_between(days, lower, upper, step="post", color=line["color"], alpha=0.14, linewidth=0)
