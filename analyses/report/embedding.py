"""A drawing made part of the page: its SVG inline, its alternative text, its read-out data.

Belongs here: SVG to inline SVG, curves to the numbers behind the read-out. Does not: drawing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from analyses.figures import Drawing, Panel
from analyses.figures import style as figure_style
from analyses.figures.look import Line, Points
from analyses.figures.time_axis import DAYS_PER, TimeAxis

Floats = npt.NDArray[np.float64]
_POSITIONS: Final = 366
_VARIABLES: Final = {
    figure_style.INK: "var(--ink)",
    figure_style.MUTED: "var(--muted)",
    figure_style.GRID: "var(--grid)",
    figure_style.PAPER: "var(--paper)",
    **{c.lower(): f"var(--series-{i})" for i, c in enumerate(figure_style.PALETTE)},
}


@dataclass(frozen=True)
class Figure:
    """A figure of the page. `readout` is None where there is nothing to read out."""

    id: str
    svg: Markup
    caption: str
    readout: dict[str, Any] | None = None


def embed(
    drawing: Drawing | str,
    figure_id: str,
    *,
    caption: str,
    alternative: str,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """The figure for the page; `alternative` says in words what is drawn."""
    figure_id = slug(figure_id)
    svg = drawing if isinstance(drawing, str) else drawing.svg
    readout = None if isinstance(drawing, str) else _readout(drawing, names or {})
    return Figure(figure_id, inline(svg, figure_id, alternative), caption, readout)


def slug(text: str) -> str:
    """A text as an id of the page."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)


def inline(svg: str, figure_id: str, alternative: str) -> Markup:
    """An SVG document as an element of the page: own ids, colours of the page, a label."""
    text = re.sub(r' (xmlns(:\w+)?|width|height|version)="[^"]*"', _keep_inside, svg)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{figure_id}-', text)
    text = text.replace('xlink:href="#', f'href="#{figure_id}-')
    text = text.replace("url(#", f"url(#{figure_id}-")
    text = re.sub(r'style="[^"]*"', _themed, text)
    label = Markup('<svg role="img" aria-label="{}" ').format(alternative)
    return Markup(text.replace("<svg ", label, 1))  # noqa: S704 - matplotlib escapes all texts


def _keep_inside(match: re.Match[str]) -> str:
    """Drops attributes of the root element only (clip rectangles have a width and height too)."""
    head = match.string[: match.start()]
    return "" if head.count("<") == 1 else match.group(0)


def _themed(match: re.Match[str]) -> str:
    return re.sub(r"#[0-9a-f]{6}", lambda c: _VARIABLES.get(c.group(0), c.group(0)), match.group(0))


def _readout(drawing: Drawing, names: Mapping[str, str]) -> dict[str, Any] | None:
    """What the script needs to show values along a figure: positions, boxes, series."""
    if drawing.axis is not None:
        days, shares = _days(drawing)
        positions = [round(float(share), 5) for share in shares]
        unit: str = drawing.axis.unit
        labels = [_time(float(d), drawing.axis) for d in days]
        series = [
            _line(n, line, days, names) for n, p in enumerate(drawing.panels) for line in p.lines
        ]
    else:
        first = max((p.means for p in drawing.panels), key=len, default=())
        points = max((m.points for m in first), key=len, default=())
        low, high = drawing.panels[0].x_limits if drawing.panels else (0.0, 1.0)
        positions = [round((p.position - low) / (high - low), 5) for p in points]
        labels, unit = [names.get(p.label, p.label) for p in points], "visit"
        order = [p.position for p in points]
        series = [_means(n, m, order, names) for n, p in enumerate(drawing.panels) for m in p.means]
    if not positions or not series:
        return None
    return {
        "kind": drawing.kind,
        "value": drawing.value_name,
        "unit": unit,
        "positions": positions,
        "labels": labels,
        "panels": [_panel(panel, names) for panel in drawing.panels],
        "series": series,
    }


def _days(drawing: Drawing) -> tuple[Floats, Floats]:
    """Whole days along the axis, as many as a reader can tell apart, and their places on it."""
    assert drawing.axis is not None
    limit = drawing.axis.limit_days
    if drawing.logarithmic_time:
        first, last = drawing.panels[0].x_limits
        days = np.unique(np.ceil(np.geomspace(max(first, 1.0), last, _POSITIONS)))
        days = days[days <= last]
        return days, np.log(days / first) / np.log(last / first)
    # Panels side by side are half as wide.
    most = _POSITIONS if len(drawing.panels) == 1 else _POSITIONS // 2
    step = max(1, int(np.ceil(limit / most)))
    days = np.arange(0, limit, step, dtype="float64")
    return days, days / limit


def _time(days: float, axis: TimeAxis) -> str:
    if axis.unit == "days":
        return f"Day {days:.0f}"
    return f"{days / DAYS_PER[axis.unit]:.1f} {axis.unit} (day {days:.0f})"


def _panel(panel: Panel, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": names.get(panel.title, panel.title),
        "box": [round(v, 5) for v in panel.box],
        "y": [round(v, 5) for v in panel.y_limits],
    }


def _line(panel: int, line: Line, days: Floats, names: Mapping[str, str]) -> dict[str, Any]:
    curve = line.curve
    drawn = {} if line.drawn is None else {"drawn": _numbers(line.drawn.values_at(days), 4)}
    return {
        "panel": panel,
        "name": names.get(line.name, line.name),
        "colour": line.place % len(figure_style.PALETTE),
        **({} if line.tint is None else {"tint": _VARIABLES.get(line.tint, line.tint)}),
        **drawn,
        "value": _numbers(curve.values_at(days), 4),
        "lower": _numbers(curve.values_at(days, curve.lower), 4),
        "upper": _numbers(curve.values_at(days, curve.upper), 4),
        "n": _numbers(curve.at_risk_at(days), 0),
    }


def _means(
    panel: int, means: Points, order: list[float], names: Mapping[str, str]
) -> dict[str, Any]:
    at = {p.position: p for p in means.points}
    found = [at.get(position) for position in order]
    columns = {
        key: [float("nan") if p is None else float(getattr(p, key)) for p in found]
        for key in ("value", "lower", "upper", "n")
    }
    return {
        "panel": panel,
        "name": names.get(means.name, means.name),
        "colour": means.place % len(figure_style.PALETTE),
        **{key: _numbers(np.asarray(column), 3) for key, column in columns.items()},
    }


def _numbers(values: Any, digits: int) -> list[float | None]:
    """Rounded numbers; None where there is none, since JSON knows no NaN."""
    if digits == 0:
        return [None if np.isnan(v) else int(v) for v in values]
    return [None if np.isnan(v) else round(float(v), digits) for v in values]
