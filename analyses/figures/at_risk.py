"""How many are at risk under a stacked figure, and where too few are.

Belongs here: what figures of fields say of the people behind them. Does not: curves, which have
their own table (curve_panel.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analyses.figures import style
from analyses.figures.curve_panel import ROW, table_under
from analyses.figures.look import Look
from analyses.figures.steps import Floats, StepCurve
from analyses.figures.time_axis import TimeAxis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Inches under the axis that the row takes.
FOOT = 0.3


def at_risk_at(curves: Sequence[StepCurve], days: Floats) -> Floats | None:
    """People at risk just before `days`, over curves of different people; None when not known."""
    if not curves or not all(np.isfinite(curve.at_risk).any() for curve in curves):
        return None
    total: Floats = np.sum([curve.at_risk_at(days) for curve in curves], axis=0)
    return total


def show_at_risk(
    figure: Figure, axes: Axes, curves: Sequence[StepCurve], axis: TimeAxis, look: Look
) -> None:
    """The numbers at risk under the ticks, and the fields faint where fewer than the look's
    `faint_below` are left. Nothing where the table knows no numbers."""
    ticks = at_risk_at(curves, np.asarray(axis.ticks_days, dtype="float64"))
    if ticks is None:
        return
    width, height = figure.get_size_inches()
    place = axes.get_position()
    columns = [
        width * (place.x0 + place.width * tick / axis.limit_days) for tick in axis.ticks_days
    ]
    # The label stands once, left of the first panel of a row.
    label = "At risk" if width * place.x0 < 1.0 else ""
    cells = [f"{n:.0f}" if np.isfinite(n) else "" for n in ticks]
    top = height * (1 - place.y0) + 0.56 - ROW
    table_under(figure, (0.04, top, 0.0, 0.0), columns, [(label, -1, cells)], "")
    until = firm_until(curves, look.faint_below)
    if until < min(axis.limit_days, max(curve.last for curve in curves)):
        axes.axvspan(
            until, axis.limit_days, facecolor=style.PAPER, alpha=0.55, linewidth=0, zorder=4
        )
        axes.axvline(until, color=style.MUTED, linewidth=1.0, linestyle=(0, (1, 2)), zorder=5)


def firm_until(curves: Sequence[StepCurve], minimum: int) -> float:
    """The last time with at least `minimum` at risk; infinite when the numbers are not known."""
    times = np.unique(np.concatenate([curve.time for curve in curves])) if curves else np.array([])
    total = at_risk_at(curves, times)
    if total is None:
        return float("inf")
    enough = times[total >= minimum]
    return float(enough[-1]) if len(enough) else 0.0
