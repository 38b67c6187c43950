"""A swimmer plot: one bar a person, what happened to them along it. It shows people.

Belongs here: the drawing. It is made on explicit request from an internal release only, and never
part of a report, of metadata or of a public release. Does not belong here: whose bars.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analyses.figures import grid, style
from analyses.figures.look import Look
from analyses.figures.survival import WIDTH
from analyses.figures.time_axis import time_axis

MOST_PEOPLE = 120
_BAR = 0.13


def swimmer_figure(people: pd.DataFrame, events: pd.DataFrame, *, look: Look | None = None) -> str:
    """Bars of follow-up, longest first, grouped by stratum, events as markers; SVG.

    `people`: one row a person: id, stratum, time_days, died (0/1); `events`: id, time_days, event
    (its name). People are numbered, their ids are not drawn. At most MOST_PEOPLE are drawn, the
    longest followed ones.
    """
    look = look or Look()
    rows = people.sort_values("time_days", ascending=False, kind="stable").head(MOST_PEOPLE)
    strata = sorted(rows["stratum"].astype(str).unique(), key=lambda s: (look.place(s, 99), s))
    rows = pd.concat([rows[rows["stratum"].astype(str) == s] for s in strata]) if strata else rows
    kinds = list(dict.fromkeys(events["event"].astype(str)))
    place = {person: number for number, person in enumerate(rows["id"])}
    axis = time_axis(float(rows["time_days"].max()) if len(rows) else 1.0, look.unit)
    keys = len(strata) + len(kinds) + 2
    head = 0.2 + 0.2 * grid.key_rows(keys)
    height = max(1.0, _BAR * len(rows))
    with style.drawing():
        figure = style.new_figure(WIDTH, head + height + 0.6)
        axes = style.axes_at(figure, 0.78, head, WIDTH - 1.1, height)
        for number, stratum in enumerate(strata):
            of = rows[rows["stratum"].astype(str) == stratum]
            spots = [place[person] for person in of["id"]]
            axes.barh(
                spots, of["time_days"], height=0.72, **grid.field(look.place(stratum, number))
            )
            grid.field_key(figure, number, look.name(stratum), look.place(stratum, number))
        first = len(strata)
        for number, kind in enumerate(kinds):
            of = events[(events["event"].astype(str) == kind) & events["id"].isin(place)]
            mark: dict[str, Any] = {"marker": style.marker(number), "markeredgecolor": style.INK}
            mark |= {"color": style.colour(number + len(strata)), "markersize": 4.5}
            spots = [place[person] for person in of["id"]]
            axes.plot(of["time_days"], spots, linestyle="none", markeredgewidth=0.5, **mark)
            grid.line_key(figure, first + number, look.name(kind), linestyle="none", **mark)
        first += len(kinds)
        died = rows[rows["died"].astype(bool)]
        ends: dict[str, Any] = {
            "marker": "x",
            "color": style.INK,
            "markersize": 4.0,
            "linestyle": "none",
        }
        axes.plot(died["time_days"], [place[p] for p in died["id"]], **ends)
        grid.line_key(figure, first, "Death", **ends)
        alive = rows[~rows["died"].astype(bool)]
        goes_on: dict[str, Any] = {
            "marker": ">",
            "color": style.MUTED,
            "markersize": 3.5,
            "linestyle": "none",
        }
        axes.plot(alive["time_days"], [place[p] for p in alive["id"]], **goes_on)
        grid.line_key(figure, first + 1, "In follow-up", **goes_on)
        style.tidy(axes)
        axes.yaxis.grid(visible=False)
        axes.set_xlim(0, axis.limit_days * 1.02)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks([])
        axes.set_xticks(axis.ticks_days, labels=axis.tick_labels)
        axes.set_xlabel(axis.label(look.origin), labelpad=4)
        axes.set_ylabel(f"{len(rows)} of {len(people)} people")
        return style.to_svg(figure)
