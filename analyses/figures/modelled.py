"""Parametric models beside what was seen: curves with the extrapolation shaded, and hazards.

Belongs here: these two figures. Does not belong here: fitting, the log-log plot (log_log.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyses.figures import grid, style
from analyses.figures.curve_panel import panel_of, percent_axis
from analyses.figures.look import Drawing, Line, Look, Panel
from analyses.figures.steps import step_curves
from analyses.figures.time_axis import TimeAxis, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_FAMILIES = 7
SMOOTHED = "Smoothed, without a model"


def draw_extrapolation(
    curves: pd.DataFrame,
    observed: pd.DataFrame,
    *,
    families: Sequence[str] = (),
    y_label: str = "Survival probability (%)",
    look: Look | None = None,
) -> Drawing:
    """Modelled survival over the Kaplan-Meier curve, a panel a stratum.

    `curves`: rows of results.parametric_curve of one endpoint (at most seven families are drawn,
    those of `families` first); `observed`: rows of results.survival_curve of the same. What lies
    after a group's last observed time is shaded: there only the model speaks.
    """
    look = look or Look()
    names, strata = _families(curves, families), _strata(curves, look)
    axis = time_axis(float(curves["time_days"].max()), look.unit)
    steps = {curve.name: curve for curve in step_curves(observed, "survival")}
    with style.drawing():
        figure, panels = grid.panels(
            [look.name(s) for s in strata], keys=grid.key_rows(len(names) + 1)
        )
        grid.line_key(figure, 0, "Kaplan-Meier", color=style.INK, linewidth=2.2)
        _family_keys(figure, names, look, first=1)
        found: list[Panel] = []
        for axes, stratum in zip(panels, strata, strict=True):
            mine = curves[curves["stratum"].astype(str) == stratum]
            _models(axes, mine, names, "survival")
            seen = steps.get(stratum)
            if seen is not None and len(seen.time):
                days = np.concatenate([[0.0], seen.time])
                values = np.concatenate([[1.0], seen.value])
                axes.step(days, values, where="post", color=style.INK, linewidth=2.0, zorder=5)
                axes.axvspan(seen.last, axis.limit_days, color=style.GRID, alpha=0.7, zorder=0)
                axes.text(seen.last, 1.0, " extrapolated", fontsize=8, color=style.MUTED, va="top")
            _time(axes, axis, look)
            percent_axis(axes, 1.0)
            read = [] if seen is None else [Line("Kaplan-Meier", 0, seen, tint=style.INK)]
            read += _read(mine, names, "survival", ("ci_lower", "ci_upper"))
            found.append(panel_of(axes, look.name(stratum), read))
        panels[0].set_ylabel(y_label)
        return Drawing(style.to_svg(figure), tuple(found), axis, value_name="Survival")


def draw_hazard(
    smoothed: pd.DataFrame,
    curves: pd.DataFrame | None = None,
    *,
    families: Sequence[str] = (),
    look: Look | None = None,
) -> Drawing:
    """The smoothed hazard with its band, and the modelled ones over the same time.

    `smoothed`: rows of results.smoothed_hazard of one endpoint; `curves`: of parametric_curve.
    """
    look = look or Look()
    strata = _strata(smoothed, look)
    fitted = pd.DataFrame(columns=["family"]) if curves is None else curves
    names = _families(fitted, families)
    axis = time_axis(float(smoothed["time_days"].max()), look.unit)
    with style.drawing():
        figure, panels = grid.panels(
            [look.name(s) for s in strata], keys=grid.key_rows(len(names) + 1)
        )
        grid.line_key(figure, 0, SMOOTHED, color=style.INK, linewidth=2.2)
        _family_keys(figure, names, look, first=1)
        top = 1.35 * float(smoothed["hazard_per_year"].quantile(0.98))
        found: list[Panel] = []
        for axes, stratum in zip(panels, strata, strict=True):
            mine = smoothed[smoothed["stratum"].astype(str) == stratum]
            days = mine["time_days"].to_numpy(dtype=float)
            lower, upper = (mine[c].to_numpy(dtype=float) for c in ("ci_lower", "ci_upper"))
            axes.fill_between(
                days, lower, upper, color=style.INK, alpha=0.12, linewidth=0, zorder=1
            )
            axes.plot(days, mine["hazard_per_year"], color=style.INK, linewidth=2.0, zorder=5)
            (curve,) = step_curves(mine, "hazard_per_year", smooth=True)
            read = [Line(SMOOTHED, 0, curve, tint=style.INK)]
            if len(names):
                of = fitted[fitted["stratum"].astype(str) == stratum]
                until = of["time_days"] <= axis.limit_days
                of = of[until & (of["time_days"] > 0)]
                _models(axes, of, names, "hazard_per_year")
                limits = ("hazard_ci_lower", "hazard_ci_upper")
                read += _read(of, names, "hazard_per_year", limits)
            _time(axes, axis, look)
            axes.set_ylim(0, max(top, 1e-6))
            found.append(panel_of(axes, look.name(stratum), read))
        panels[0].set_ylabel("Hazard (events per person-year)")
        return Drawing(style.to_svg(figure), tuple(found), axis, "hazard", value_name="Hazard")


def _families(curves: pd.DataFrame, wanted: Sequence[str]) -> list[str]:
    known = [str(name) for name in curves["family"].dropna().unique()]
    return [*(f for f in wanted if f in known), *(f for f in known if f not in wanted)][
        :MOST_FAMILIES
    ]


def _strata(frame: pd.DataFrame, look: Look) -> list[str]:
    found = sorted(frame["stratum"].astype(str).unique(), key=lambda s: (look.place(s, 99), s))
    return found[: look.max_strata]


def _family_keys(figure: object, names: Sequence[str], look: Look, *, first: int) -> None:
    for number, name in enumerate(names):
        line = {"color": style.colour(number), "linestyle": style.dash(number)}
        grid.line_key(figure, first + number, look.name(name), **line)  # type: ignore[arg-type]


def _models(axes: Axes, curves: pd.DataFrame, names: Sequence[str], value: str) -> None:
    for number, name in enumerate(names):
        of = curves[curves["family"] == name].sort_values("time_days")
        axes.plot(
            of["time_days"], of[value], color=style.colour(number), linestyle=style.dash(number),
            linewidth=1.5, zorder=4,
        )  # fmt: skip


def _read(
    curves: pd.DataFrame, names: Sequence[str], value: str, limits: tuple[str, str]
) -> list[Line]:
    """The modelled curves of a panel as they are read out."""
    columns = {limits[0]: "ci_lower", limits[1]: "ci_upper"}
    known = curves[["family", "time_days", value, *(c for c in columns if c in curves.columns)]]
    found = step_curves(known.rename(columns=columns), value, by="family", order=names, smooth=True)
    return [Line(c.name, names.index(c.name), c) for c in found if c.name in names]


def _time(axes: Axes, axis: TimeAxis, look: Look) -> None:
    style.tidy(axes)
    axes.set_xlim(0, axis.limit_days)
    ticks = list(zip(axis.ticks_days, axis.tick_labels, strict=True))
    every = 2 if len(ticks) > 6 else 1
    axes.set_xticks([t for t, _ in ticks[::every]], labels=[text for _, text in ticks[::every]])
    axes.set_xlabel(f"{axis.unit.capitalize()} since {look.origin}", labelpad=3)
