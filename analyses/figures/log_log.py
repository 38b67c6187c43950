"""The log-log plot: whether hazards are proportional, and whether a curve is Weibull's.

Belongs here: its figure. Does not belong here: tests of proportional hazards.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analyses.figures import grid, style
from analyses.figures.curve_panel import panel_of
from analyses.figures.look import Drawing, Line, Look
from analyses.figures.steps import StepCurve, step_curves
from analyses.figures.time_axis import TimeAxis


def draw_log_log(
    observed: pd.DataFrame, *, look: Look | None = None, title: str = "survival"
) -> Drawing:
    """log(-log S) against log time, a line a stratum: parallel under proportional hazards.

    A straight line is a Weibull curve. `observed`: rows of results.survival_curve of one endpoint,
    whose name is `title`.
    """
    look = look or Look()
    curves = step_curves(observed, "survival", order=look.order)[: look.max_strata]
    lines = [
        Line(c.name, look.place(c.name, number), c, drawn=_transformed(c))
        for number, c in enumerate(curves)
    ]
    with style.drawing():
        figure, panels = grid.panels(
            [""], height=3.1, keys=grid.key_rows(len(lines)), title_each=False
        )
        axes = panels[0]
        for number, line in enumerate(lines):
            drawn = {"color": style.colour(line.place), "linestyle": style.dash(line.place)}
            grid.line_key(figure, number, look.name(line.name), **drawn)
            assert line.drawn is not None
            inside = np.isfinite(line.drawn.value)
            axes.step(
                line.drawn.time[inside],
                line.drawn.value[inside],
                where="post",
                linewidth=1.7,
                **drawn,
            )
        style.tidy(axes)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel(f"Days since {look.origin} (logarithmic)", labelpad=3)
        axes.set_ylabel(f"log(-log({style.plain(title, 44)}))")
        panel = panel_of(axes, "", lines)
        axis = TimeAxis("days", 1.0, panel.x_limits[1])
        return Drawing(
            style.to_svg(figure), (panel,), axis, logarithmic_time=True, value_name="Survival"
        )


def _transformed(curve: StepCurve) -> StepCurve:
    """log(-log S) where there is one: after day 0, with survival above 0 and below 1."""
    inside = (curve.value > 0) & (curve.value < 1) & (curve.time > 0)
    height = np.full(len(curve.time), np.nan)
    height[inside] = np.log(-np.log(curve.value[inside]))
    return replace(curve, start=float("nan"), value=height)
