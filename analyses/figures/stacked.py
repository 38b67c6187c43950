"""Stacked incidences: what became of people over time, the fields adding up to 1.

Belongs here: stacked cumulative incidence. Does not belong here: estimates, curves side by side
(incidence.py) and states of a course (states.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analyses.figures import grid, style
from analyses.figures.at_risk import FOOT, show_at_risk
from analyses.figures.curve_panel import panel_of, percent_axis
from analyses.figures.look import Drawing, Line, Look, Panel
from analyses.figures.steps import Floats, step_curves
from analyses.figures.time_axis import time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 240
REST = "none"  # the field that is left: nothing of it yet


def draw_stacked_incidence(
    curve: pd.DataFrame, *, causes: Sequence[str] = (), look: Look | None = None, title: str = ""
) -> Drawing:
    """Cumulative incidences of all causes on top of each other, and who has had none.

    `curve`: rows of results.cumulative_incidence of one endpoint: stratum, cause, time_days,
    incidence and, where known, n_at_risk, ci_lower, ci_upper. `causes`: from the lowest field up.
    `title`: what the endpoint is called, at the vertical axis. Under each panel stands how many are
    at risk; fields are faint where too few are.
    """
    look = look or Look()
    keys = ["stratum", "time_days"] if "stratum" in curve.columns else ["time_days"]
    total = curve.groupby(keys, as_index=False, sort=False)["incidence"].sum()
    free = total.assign(cause=REST, incidence=(1 - total["incidence"]).clip(lower=0.0))
    frame = pd.concat([curve, free], ignore_index=True)
    order = [*(causes or sorted(curve["cause"].astype(str).unique())), REST]
    return _figure(frame.rename(columns={"incidence": "value"}), "cause", order, look, title)


def _figure(frame: pd.DataFrame, by: str, order: Sequence[str], look: Look, title: str) -> Drawing:
    frame = frame.assign(**{by: frame[by].astype(str)})
    if "stratum" not in frame.columns:
        frame = frame.assign(stratum="overall")
    seen = list(dict.fromkeys(frame[by]))
    states = [*(state for state in order if state in seen), *(s for s in seen if s not in order)]
    strata = sorted(frame["stratum"].astype(str).unique(), key=lambda s: (look.place(s, 99), s))
    strata = strata[: look.max_strata]
    axis = time_axis(float(frame["time_days"].max()) if len(frame) else 1.0, look.unit)
    with style.drawing():
        figure, panels = grid.panels(
            [look.name(s) for s in strata],
            keys=grid.key_rows(len(states)),
            title_each=len(strata) > 1,
            foot=FOOT,
        )
        for number, state in enumerate(states):
            grid.field_key(figure, number, look.name(state), _place(state, number))
        found: list[Panel] = []
        for axes, stratum in zip(panels, strata, strict=True):
            mine = frame[frame["stratum"].astype(str) == stratum]
            wide = mine.pivot_table(index="time_days", columns=by, values="value", aggfunc="last")
            days, heights = _corners(wide.reindex(columns=states).ffill(), axis.limit_days)
            read = {c.name: c for c in step_curves(mine, "value", by=by) if c.name != REST}
            lines: list[Line] = []
            top = np.zeros_like(days)
            for number, state in enumerate(states):
                top = top + heights[state]
                field = grid.field(_place(state, number))
                fill_below(axes, days, top, zorder=2 - number / 100, **field)
                if state in read:
                    edge = replace(read[state], time=days[1:], value=top[1:])
                    lines.append(Line(state, _place(state, number), read[state], drawn=edge))
            style.tidy(axes)
            axes.set_xlim(0, axis.limit_days)
            axes.set_xticks(axis.ticks_days, labels=axis.tick_labels)
            percent_axis(axes, 1.0)
            axes.set_ylim(0, 1)
            axes.set_xlabel(f"{axis.unit.capitalize()} since {look.origin}", labelpad=3)
            # The causes of a stratum share their risk set.
            show_at_risk(figure, axes, [line.curve for line in lines[:1]], axis, look)
            found.append(panel_of(axes, look.name(stratum), lines))
        panels[0].set_ylabel("\n".join(filter(None, (style.plain(title, 44), "Probability (%)"))))
        return Drawing(style.to_svg(figure), tuple(found), axis, value_name="Incidence")


def _place(state: str, number: int) -> int:
    """Blank for the rest, whatever its place."""
    return grid.BLANK if state == REST else number


def fill_below(axes: Axes, days: Floats, top: Floats, **field: Any) -> None:
    """A step function filled down to 0; a lower field covers it with a higher `zorder`."""
    corner = np.append(True, top[1:] != top[:-1])
    x, y = np.append(days[corner], days[-1]), np.append(top[corner], top[-1])
    edge = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    axes.fill(np.append(edge[0], [x[-1], x[0]]), np.append(edge[1], [0.0, 0.0]), **field)


def apart(wide: pd.DataFrame, limit: float) -> pd.DataFrame:
    """The rows (times) that can be told apart on an axis to `limit`, the last of each column of
    picture elements: what a print shows, in a fraction of the bytes."""
    column = np.floor(wide.index.to_numpy(dtype=float) / limit * COLUMNS)
    return wide[np.append(column[1:] != column[:-1], True)[: len(wide)]]


def _corners(wide: pd.DataFrame, limit: float) -> tuple[Floats, dict[str, Floats]]:
    """Times from 0, where all is left over, to the last one observed within the axis."""
    last = min(limit, float(wide.index[-1])) if len(wide) else limit
    wide = apart(wide[wide.index <= limit], limit)
    days = np.concatenate([[0.0], wide.index.to_numpy(dtype=float), [last]])
    heights = {}
    for name in wide.columns:
        values = wide[name].fillna(0.0).to_numpy(dtype=float)
        first = values[0] if len(values) and wide.index[0] == 0 else float(name == REST)
        heights[str(name)] = np.concatenate([[first], values, values[-1:]])
    return days, heights
