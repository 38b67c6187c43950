"""Stacked probabilities of states over time, a panel a stratum.

Belongs here: the layout of the figure. Does not: estimating, which states a course has.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analyses.figures import style
from analyses.figures.at_risk import FOOT, show_at_risk
from analyses.figures.curve_panel import panel_of, percent_axis
from analyses.figures.look import Drawing, Line, Look, Panel
from analyses.figures.stacked import apart, fill_below
from analyses.figures.steps import step_curves
from analyses.figures.survival import WIDTH
from analyses.figures.time_axis import time_axis

_PLOT, _HEAD, _BELOW, _LEFT, _GAP = 2.3, 0.62, 0.62 + FOOT, 0.6, 0.35
Floats = npt.NDArray[np.float64]
# Readable in grey: fills go from light to dark, the last state (death) the darkest, each hatched.
_FILLS = ("#DDE7F3", "#8CC5A2", "#F0C766", "#D98A4E", "#B79BC9", "#9FB4C7")
_LAST = "#5B5B5B"
_HATCHES = ("", "..", "//", "xx", "--", "++")


def draw_states(
    probability: pd.DataFrame, *, horizon_days: float | None = None, look: Look | None = None
) -> Drawing:
    """Stacked state-occupation probabilities.

    `probability`: rows of results.state_probability: stratum, state, time_days, probability and,
    where known, n_at_risk, ci_lower, ci_upper. The states are stacked in the order of the rows,
    the last one on top. `horizon_days` ends the axis (default: the last time). Under each panel
    stands how many are under observation; fields are faint where too few are.
    """
    look = look or Look()
    states = [str(name) for name in probability["state"].unique()]
    strata = [str(name) for name in probability["stratum"].unique()][: look.max_strata]
    last = float(probability["time_days"].max()) if horizon_days is None else horizon_days
    axis = time_axis(last, look.unit)
    across = min(2, len(strata))
    down = -(-len(strata) // across)
    width = (WIDTH - _LEFT - 0.12 - _GAP * (across - 1)) / across
    with style.drawing():
        figure = style.new_figure(WIDTH, _HEAD + down * (_PLOT + _BELOW))
        panels: list[Panel] = []
        for place, stratum in enumerate(strata):
            left = _LEFT + (place % across) * (width + _GAP)
            top = _HEAD + (place // across) * (_PLOT + _BELOW)
            axes = style.axes_at(figure, left, top, width, _PLOT)
            mine = probability[probability["stratum"].astype(str) == stratum]
            time, shares = _stacked(mine, states, axis.limit_days)
            top_edge = np.zeros(len(time))
            for number, share in enumerate(shares):
                top_edge = top_edge + share
                fill_below(
                    axes,
                    time,
                    top_edge,
                    zorder=2 - number / 100,
                    facecolor=_fill(number, len(states)),
                    edgecolor=style.PAPER,
                    hatch=_HATCHES[number % len(_HATCHES)],
                    linewidth=0.4,
                )
            axes.set_xlim(0, axis.limit_days)
            percent_axis(axes, 1.0)
            axes.set_ylim(0, 1)
            axes.set_xticks(axis.ticks_days, labels=axis.tick_labels)
            axes.set_xlabel(axis.label(look.origin))
            if place % across == 0:
                axes.set_ylabel("Probability (%)")
            if len(strata) > 1:
                axes.set_title(style.plain(look.name(stratum), 40), loc="left", fontsize=9)
            style.tidy(axes)
            # A person is in one state at a time: the numbers in the states add up.
            show_at_risk(figure, axes, step_curves(mine, "probability", by="state"), axis, look)
            panels.append(panel_of(axes, look.name(stratum), _read(mine, time, shares, states)))
        _key(figure, [look.name(state) for state in states])
        return Drawing(style.to_svg(figure), tuple(panels), axis, value_name="Probability")


def _read(rows: pd.DataFrame, time: Floats, shares: list[Floats], states: list[str]) -> list[Line]:
    """Each state's probability as it is read out, marked at the upper edge of its field."""
    found, top = [], np.zeros(len(time))
    curves = {c.name: c for c in step_curves(rows, "probability", by="state", order=states)}
    for number, (state, share) in enumerate(zip(states, shares, strict=True)):
        top = top + share
        if state not in curves:
            continue
        # The first state holds everybody before the first row.
        curve = replace(curves[state], start=float(share[0]))
        edge = replace(curve, start=float(top[0]), time=time[1:], value=top[1:])
        found.append(Line(state, number, curve, tint=_fill(number, len(states)), drawn=edge))
    return found


def _stacked(
    rows: pd.DataFrame, states: list[str], limit: float
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]], list[np.ndarray[tuple[int], np.dtype[np.float64]]]
]:
    """Times from 0, and the probability of each state from each of them on."""
    wide = rows.pivot_table(index="time_days", columns="state", values="probability")
    wide = apart(wide.reindex(columns=states).fillna(0.0).sort_index(), limit)
    time = wide.index.to_numpy(dtype=np.float64)
    start = np.zeros(len(states))
    start[0] = 1.0
    values = np.vstack([start, wide.to_numpy(dtype=np.float64)])
    return np.append(0.0, time), [values[:, number] for number in range(len(states))]


def _fill(number: int, size: int) -> str:
    return _LAST if number == size - 1 else _FILLS[number % len(_FILLS)]


def _key(figure: object, names: list[str]) -> None:
    from matplotlib.patches import Patch

    patches = [
        Patch(
            facecolor=_fill(number, len(names)),
            edgecolor=style.PAPER,
            hatch=_HATCHES[number % len(_HATCHES)],
            label=style.plain(name, 30),
        )
        for number, name in enumerate(names)
    ]
    figure.legend(  # type: ignore[attr-defined]
        handles=patches,
        loc="upper left",
        bbox_to_anchor=(0.08, 1.0),
        ncols=min(5, len(names)),
        frameon=False,
        fontsize=8.5,
        handlelength=1.6,
    )
