"""Stacked incidences: what became of people over time, the fields adding up to 1.

Belongs here: stacked cumulative incidence. Does not belong here: estimates, curves side by side
(incidence.py) and states of a course (states.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.figures import grid, style
from analyses.figures.curve_panel import percent_axis
from analyses.figures.look import Look
from analyses.figures.steps import Floats
from analyses.figures.time_axis import time_axis

REST = "none"  # the field that is left: nothing of it yet


def stacked_incidence_figure(
    curve: pd.DataFrame, *, causes: Sequence[str] = (), look: Look | None = None
) -> str:
    """Cumulative incidences of all causes on top of each other, and who has had none; SVG.

    `curve`: rows of results.cumulative_incidence of one endpoint: stratum, cause, time_days,
    incidence. `causes`: from the lowest field up.
    """
    look = look or Look()
    keys = ["stratum", "time_days"] if "stratum" in curve.columns else ["time_days"]
    total = curve.groupby(keys, as_index=False, sort=False)["incidence"].sum()
    free = total.assign(cause=REST, incidence=(1 - total["incidence"]).clip(lower=0.0))
    frame = pd.concat([curve, free], ignore_index=True)
    order = [*(causes or sorted(curve["cause"].astype(str).unique())), REST]
    return _figure(frame.rename(columns={"incidence": "value"}), "cause", order, look)


def _figure(frame: pd.DataFrame, by: str, order: Sequence[str], look: Look) -> str:
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
        )
        for number, state in enumerate(states):
            grid.field_key(figure, number, look.name(state), _place(state, number))
        for axes, stratum in zip(panels, strata, strict=True):
            mine = frame[frame["stratum"].astype(str) == stratum]
            wide = mine.pivot_table(index="time_days", columns=by, values="value", aggfunc="last")
            days, heights = _corners(wide.reindex(columns=states).ffill(), axis.limit_days)
            base = np.zeros_like(days)
            for number, state in enumerate(states):
                top = base + heights[state]
                axes.fill_between(days, base, top, step="post", **grid.field(_place(state, number)))
                base = top
            style.tidy(axes)
            axes.set_xlim(0, axis.limit_days)
            axes.set_xticks(axis.ticks_days, labels=axis.tick_labels)
            percent_axis(axes, 1.0)
            axes.set_ylim(0, 1)
            axes.set_xlabel(f"{axis.unit.capitalize()} since {look.origin}", labelpad=3)
        panels[0].set_ylabel("Probability (%)")
        return style.to_svg(figure)


def _place(state: str, number: int) -> int:
    """Blank for the rest, whatever its place."""
    return grid.BLANK if state == REST else number % (len(style.PALETTE) - 1)


def _corners(wide: pd.DataFrame, limit: float) -> tuple[Floats, dict[str, Floats]]:
    """Times from 0, where the first field that is left over holds, to the limit of the axis."""
    days = np.concatenate([[0.0], wide.index.to_numpy(dtype=float), [limit]])
    heights = {}
    for name in wide.columns:
        values = wide[name].fillna(0.0).to_numpy(dtype=float)
        first = values[0] if len(values) and wide.index[0] == 0 else float(name == REST)
        heights[str(name)] = np.concatenate([[first], values, values[-1:]])
    return days, heights
