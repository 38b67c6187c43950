"""The quality-of-life kinds of ``atmp-rwe figure``: which rows, and which drawing of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from orchestration.commands.query import QueryError

#: The table each kind is drawn from.
TABLES = {
    "quality_of_life": "quality_of_life_curve",
    "quality_of_life_estimands": "quality_of_life_curve",
    "quality_of_life_change": "quality_of_life_change",
    "quality_of_life_scales": "quality_of_life_curve",
    "quality_of_life_heat_map": "quality_of_life_change",
    "quality_adjusted": "qaly",
}


def drawing(kind: str, rows: pd.DataFrame, wanted: str | None) -> Callable[[], Any]:
    """What draws `kind` of a study's rows of its table.

    wanted: `<instrument>[:<scale>]`, a scale as the table names it (`total:parent`); the first ones
    of the table when not given. Raises QueryError naming those there are.
    """
    from analyses import figures
    from analyses.report import labels
    from analyses.report.quality_of_life_figures import (
        ESTIMANDS,
        better,
        headline_scales,
        method_name,
        method_of_each,
        one_method,
        panel_title,
    )
    from analyses.report.tables import levels, sorted_by

    instrument, _, scale = (wanted or "").partition(":")
    instrument = _one_of(levels(rows, "instrument"), instrument, "instrument")
    rows = rows[rows["instrument"] == instrument]
    scales = sorted_by(levels(rows, "scale"), labels.scales(instrument))
    look = _look(rows, {s: panel_title(s, labels.scale(s, instrument), instrument) for s in scales})
    if kind == "quality_of_life_scales":
        others = [s for s in scales if s not in headline_scales(scales, instrument)] or scales
        shown, usual, notes = method_of_each(rows, others)
        ends = labels.ends_of_scales(others, instrument)
        return lambda: figures.draw_quality_of_life_scales(
            shown, others, ends=ends, look=look, estimand=f"Mean: {usual}", notes=notes
        )
    if kind == "quality_of_life_heat_map":
        ways = {s: better(s, instrument) for s in scales}
        return lambda: figures.draw_quality_of_life_heat_map(rows, scales, ways, look=look)
    scale = _one_of(headline_scales(scales, instrument) if not scale else scales, scale, "scale")
    rows = rows[rows["scale"] == scale]
    name, toward = labels.scale(scale, instrument), labels.direction(scale, instrument)
    if kind == "quality_of_life_change":
        return lambda: figures.draw_quality_of_life_change(
            rows, better=better(scale, instrument), y_label=f"{name}, change", look=look
        )
    if kind == "quality_of_life_estimands":
        drawn = [method for method in ESTIMANDS if method in levels(rows, "method")]
        look = _look(rows, {m: labels.METHODS.get(m, m) for m in drawn})
        return lambda: figures.draw_quality_of_life_methods(
            rows, drawn, y_label=f"{name}, mean", look=look
        )
    if kind == "quality_adjusted":
        known = rows[rows["qaly"].notna()]
        known = known[known["discount_rate"] == known["discount_rate"].max()]
        if known.empty:
            raise QueryError(f"No quality-adjusted years of {scale} could be estimated.")
        return lambda: figures.draw_quality_adjusted(known, look=look)
    y_label = f"{name}, mean" + (f" ({toward})" if toward else "")
    shown = one_method(rows)
    return lambda: figures.draw_quality_of_life(
        shown, y_label=y_label, look=look, estimand=f"Mean: {method_name(shown)}"
    )


def _one_of(known: list[str], wanted: str, what: str) -> str:
    if not wanted:
        return known[0]
    if wanted not in known:
        raise QueryError(f"There is no {what} {wanted} of it; there are: {', '.join(known)}.")
    return wanted


def _look(rows: pd.DataFrame, names: dict[str, str]) -> Any:
    from analyses.figures import Look
    from analyses.report import labels

    strata = {str(code): labels.words(str(code)) for code in rows["stratum"].unique()}
    visits = {}
    if "visit" in rows.columns:
        visits = {str(visit): labels.visit(str(visit)) for visit in rows["visit"].unique()}
    return Look(
        names={**strata, **visits, **names}, origin=labels.origin(rows["analysis_set"].iloc[0])
    )
