"""Quality-of-life figures: the mean per visit with its band, and completion aligned under it.

Belongs here: the layout of these figures. Does not: scores, means, or what a scale means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from analyses.figures import style
from analyses.figures.curve_panel import ROW, key_line, table_under
from analyses.figures.look import Drawing, Look, Panel, Point, Points
from analyses.figures.survival import WIDTH, label_margin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PLOT_HEIGHT = 2.7
_RIGHT = 0.22
_SMALL = (1.28, 0.42, 0.62, 0.62)  # height, gap across, gap down, left margin of a small panel
_LEAST_SPAN: Final = {1.0: 0.2, 100.0: 20.0}  # the vertical axis never shows less: no drama


def quality_of_life_figure(
    curve: pd.DataFrame, *, y_label: str = "Mean score", look: Look | None = None
) -> str:
    """The quality-of-life figure as SVG; parameters as `draw_quality_of_life`."""
    return draw_quality_of_life(curve, y_label=y_label, look=look).svg


def draw_quality_of_life(
    curve: pd.DataFrame,
    *,
    y_label: str = "Mean score",
    look: Look | None = None,
    estimand: str = "",
) -> Drawing:
    """Mean scores of one instrument, scale and method over the visits.

    `curve`: rows of results.quality_of_life_curve: stratum, visit, time_days, n_expected,
    n_completed, mean, ci_lower, ci_upper. Visits are evenly spaced (early ones crowd on a time
    axis) and the axis says so. Under the axis: forms completed / expected. estimand: what the mean
    is of, written over the plot.
    """
    look = look or Look()
    visits = visits_of(curve)
    means = points_of(curve, visits, look)
    tables = _completion(curve, visits, means, look)
    with style.drawing():
        left = label_margin([name for name, _, _ in tables])
        top = 0.14 + ROW * 1.1 * len(means) + 0.1
        height = top + _PLOT_HEIGHT + 0.72 + ROW * len(tables)
        figure = style.new_figure(WIDTH, height)
        plot = WIDTH - left - _RIGHT
        axes = style.axes_at(figure, left, top, plot, _PLOT_HEIGHT)
        draw_means(axes, means, len(visits))
        axes.set_xticks(range(len(visits)), labels=[style.plain(look.name(v), 12) for v in visits])
        axes.set_xlabel("Visit (evenly spaced, not to scale)", labelpad=4)
        _write_estimand(figure, estimand)
        axes.set_ylabel(style.plain(y_label, 60))
        for number, stratum in enumerate(means):
            y = 0.16 + ROW * 1.1 * number
            key_line(figure, (left, left + 0.36), y, stratum.place)
            label = style.plain(look.name(stratum.name), 60)
            figure.text((left + 0.44) / WIDTH, 1 - y / height, label, va="center", fontsize=9)
        first, last = axes.get_xlim()
        columns = [left + plot * (i - first) / (last - first) for i in range(len(visits))]
        start = top + _PLOT_HEIGHT + 0.6
        table_under(figure, (0.04, start, 0.0, 0.22), columns, tables, "Completed / expected")
        panel = panel_of_means(axes, "", means)
        return Drawing(style.to_svg(figure), (panel,), None, "score")


def draw_quality_of_life_scales(
    curve: pd.DataFrame,
    scales: Sequence[str],
    *,
    ends: Mapping[str, tuple[float, float]],
    look: Look | None = None,
    estimand: str = "",
    notes: Mapping[str, str] | None = None,
) -> Drawing:
    """Small panels, one a scale (named by `look.names`), each from end to end of the scale.

    ends: the lowest and highest score of each scale; one that is not named holds its means. notes:
    what the mean of a scale is of where it is not `estimand`, written in its panel.
    """
    look = look or Look()
    one_axis = len({ends.get(scale) for scale in scales}) == 1
    visits = visits_of(curve)
    tall, across_gap, down_gap, left = _SMALL
    across = 3
    down = -(-len(scales) // across)
    plot = (WIDTH - left - _RIGHT - across_gap * (across - 1)) / across
    levels = curve["scale"].astype(str)
    with style.drawing():
        drawings = [(s, points_of(curve[levels == s], visits, look)) for s in scales]
        strata = max((m for _, m in drawings), key=len, default=())
        head = 0.2 + ROW * 1.1 * len(strata)
        figure = style.new_figure(WIDTH, head + down * (tall + down_gap) + 0.12)
        height = figure.get_size_inches()[1]
        for number, stratum in enumerate(strata):
            y = 0.16 + ROW * 1.1 * number
            key_line(figure, (left, left + 0.36), y, stratum.place)
            label = style.plain(look.name(stratum.name), 60)
            figure.text((left + 0.44) / WIDTH, 1 - y / height, label, va="center", fontsize=9)
        _write_estimand(figure, estimand)
        panels = []
        for number, (scale, means) in enumerate(drawings):
            column, row = number % across, number // across
            x = left + column * (plot + across_gap)
            y = head + row * (tall + down_gap) + 0.2
            axes = style.axes_at(figure, x, y, plot, tall)
            draw_means(axes, means, len(visits), limits=ends.get(scale), size=2.6)
            if scale in ends:
                ticks = np.linspace(*ends[scale], 5)
                axes.set_yticks(ticks, labels=[f"{tick:.3g}" for tick in ticks])
            axes.tick_params(labelleft=column == 0 or not one_axis)
            _write_note(axes, (notes or {}).get(scale, ""))
            axes.tick_params(labelsize=7.5)
            axes.set_xticks(
                range(len(visits)), labels=[style.plain(v, 4) for v in short_visits(visits)]
            )
            if number + across >= len(drawings):
                axes.set_xlabel(visit_axis(visits), fontsize=7.5, labelpad=2)
            title = style.plain(look.name(scale), 34)
            axes.set_title(title, loc="left", fontsize=8.5, fontweight="bold", pad=4)
            panels.append(panel_of_means(axes, title, means))
        return Drawing(style.to_svg(figure), tuple(panels), None, "score")


def visits_of(curve: pd.DataFrame) -> list[str]:
    """Visit names in the order of their time."""
    when = curve.groupby(curve["visit"].astype(str), sort=True)["time_days"].min()
    return [str(visit) for visit in when.sort_values(kind="stable").index]


_MONTH = re.compile(r"(?:m|month)[_ ]?(\d+)", re.IGNORECASE)


def short_visits(visits: Sequence[str]) -> list[str]:
    """Visit names that fit a small panel: `baseline` becomes `BL`, `M12` and `month_12` `12`."""
    short = []
    for visit in visits:
        month = _MONTH.fullmatch(visit)
        short.append("BL" if _is_baseline(visit) else month[1] if month else visit)
    return short


def visit_axis(visits: Sequence[str]) -> str:
    """What the short names of the visits are: an axis label."""
    later = [visit for visit in visits if not _is_baseline(visit)]
    what = "Month" if all(_MONTH.fullmatch(visit) for visit in later) else "Visit"
    return what if len(later) == len(visits) else f"{what} (BL: baseline)"


def _is_baseline(visit: str) -> bool:
    return visit.lower().startswith("base")


def _write_estimand(figure: Figure, estimand: str) -> None:
    """What the mean is of, at the right of the key."""
    width, height = figure.get_size_inches()
    words = style.plain(estimand, 60)
    figure.text(
        1 - _RIGHT / width, 1 - 0.16 / height, words, ha="right", va="center", fontsize=8,
        color=style.MUTED,
    )  # fmt: skip


def _write_note(axes: Axes, note: str) -> None:
    """What the mean of one panel is of, at its foot."""
    words = style.plain(note, 40)
    axes.text(0.02, 0.03, words, transform=axes.transAxes, fontsize=6.5, color=style.MUTED)


def _number(value: Any) -> float:
    return float("nan") if pd.isna(value) else float(value)


def points_of(curve: pd.DataFrame, visits: Sequence[str], look: Look) -> tuple[Points, ...]:
    """The means of each stratum at the visits, strata in the order of their colours."""
    levels = curve["stratum"].astype(str)
    names = sorted(levels.unique(), key=lambda n: (look.place(n, 0), n))[: look.max_strata]
    places = {visit: float(i) for i, visit in enumerate(visits)}
    found = []
    for i, name in enumerate(names):
        rows = curve[levels == name].sort_values("time_days", kind="stable")
        points = tuple(
            Point(
                position=places[str(row.visit)],
                label=str(row.visit),
                value=_number(row.mean),
                lower=_number(row.ci_lower),
                upper=_number(row.ci_upper),
                n=_number(row.n_completed),
            )
            for row in rows.itertuples(index=False)
        )
        found.append(Points(name, look.place(name, i), points))
    return tuple(found)


def _completion(
    curve: pd.DataFrame, visits: Sequence[str], means: Sequence[Points], look: Look
) -> list[tuple[str, int, list[str]]]:
    rows = []
    for stratum in means:
        of = curve[curve["stratum"].astype(str) == stratum.name].copy()
        of.index = pd.Index(of["visit"].astype(str))
        cells = []
        for visit in visits:
            if visit not in of.index:
                cells.append("")
                continue
            row = of.loc[[visit]].iloc[0]
            counts = (_number(row["n_completed"]), _number(row["n_expected"]))
            cells.append(" / ".join("\u2013" if np.isnan(n) else f"{n:.0f}" for n in counts))
        rows.append((style.plain(look.name(stratum.name), 26), stratum.place, cells))
    return rows


def draw_means(
    axes: Axes,
    means: Sequence[Points],
    n_visits: int,
    *,
    limits: tuple[float, float] | None = None,
    size: float = 4.2,
    bands: bool = True,
) -> None:
    """The means of each stratum over evenly spaced visits, with their limits as bands."""
    shown: list[float] = []
    for stratum in means:
        tint = style.colour(stratum.place)
        known = [p for p in stratum.points if np.isfinite(p.value)]
        x = [p.position for p in known]
        low = [p.lower for p in known]
        high = [p.upper for p in known]
        if bands and len(means) <= 4:
            axes.fill_between(x, low, high, color=tint, alpha=0.15, linewidth=0, zorder=2)
        axes.plot(
            x,
            [p.value for p in known],
            color=tint,
            linestyle=style.dash(stratum.place),
            linewidth=1.5,
            marker=style.marker(stratum.place),
            markersize=size,
            markeredgewidth=0,
            zorder=3,
        )
        shown += [v for p in known for v in (p.value, p.lower, p.upper) if np.isfinite(v)]
    style.tidy(axes)
    axes.set_xlim(-0.35, n_visits - 0.65)
    axes.set_ylim(*(limits or limits_of(shown)))


def limits_of(values: Sequence[float]) -> tuple[float, float]:
    """Limits that hold the values with some air, and never magnify a small difference."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    scale = 1.0 if high <= 1.5 else 100.0
    missing = max(0.0, _LEAST_SPAN[scale] - (high - low)) / 2
    air = 0.06 * max(high - low, _LEAST_SPAN[scale])
    ceiling = scale if high <= scale else float("inf")
    return low - missing - air, min(high + missing + air, ceiling * 1.02)


def panel_of_means(axes: Axes, title: str, means: tuple[Points, ...]) -> Panel:
    place = axes.get_position()
    first, last = axes.get_xlim()
    low, high = axes.get_ylim()
    return Panel(
        title=title,
        box=(place.x0, 1 - place.y1, place.x1, 1 - place.y0),
        x_limits=(float(first), float(last)),
        y_limits=(float(low), float(high)),
        means=means,
    )
