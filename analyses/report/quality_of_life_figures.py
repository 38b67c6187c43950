"""The figures of a questionnaire: what is drawn of which scale, with captions and alternatives.

Belongs here: choice and words. Does not: drawing (analyses.figures), means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from analyses import figures
from analyses.figures import Look
from analyses.report import labels
from analyses.report.context import StudyContext
from analyses.report.embedding import Figure, embed
from analyses.report.tables import levels, sorted_by, where

_HEADLINE_SCALES = ("utility", "vas", "QL", "total")
_UTILITIES = ("utility", "utility_crosswalk")
# The estimands drawn side by side: a model that takes deaths as drop-out beside those that do not.
ESTIMANDS = ("observed", "mixed_model", "while_alive", "composite", "survivors")


def headline_scales(scales: Sequence[str], instrument: str) -> list[str]:
    """The scales drawn in full, by any respondent; the first one of an instrument without."""
    ordered = sorted_by(scales, labels.scales(instrument))
    return [s for s in ordered if s.partition(":")[0] in _HEADLINE_SCALES] or ordered[:1]


def quality_of_life_figures(
    context: StudyContext, curve: pd.DataFrame, instrument: str
) -> Iterator[Figure]:
    """Curve, estimands and change of each headline scale; the other scales; years."""
    if curve.empty:
        return
    scales = sorted_by(levels(curve, "scale"), labels.scales(instrument))
    headline = headline_scales(scales, instrument)
    change = where(context.table("quality_of_life_change"), instrument=instrument)
    for scale in headline:
        of = where(curve, scale=scale)
        yield _curve(context, of, instrument, scale)
        drawn = [method for method in ESTIMANDS if method in levels(of, "method")]
        if "composite" in drawn:
            yield _estimands(context, of, instrument, scale, drawn)
        if not where(change, scale=scale).empty:
            yield _change(context, where(change, scale=scale), instrument, scale)
    others = [s for s in scales if s not in headline and s not in _UTILITIES]
    if others:
        yield _small_panels(context, curve, instrument, others)
    if len(scales) > 3 and not change.empty:
        yield _heat_map(context, change, instrument)
    yield from _years(context, instrument)


def _look(context: StudyContext, rows: pd.DataFrame, **names: str) -> Look:
    visits = {visit: labels.visit(visit) for visit in levels(rows, "visit")}
    return context.look(rows["analysis_set"].iloc[0], **visits, **names)


def _curve(context: StudyContext, of: pd.DataFrame, instrument: str, scale: str) -> Figure:
    rows = one_method(of)
    name, toward = labels.scale(scale, instrument), labels.direction(scale, instrument)
    look = _look(context, of)
    method = method_name(rows)
    drawing = figures.draw_quality_of_life(
        rows,
        y_label=f"{name}, mean" + (f" ({toward})" if toward else ""),
        look=look,
        estimand=f"Mean: {method}",
    )
    caption = (
        f"{labels.instrument(instrument)}, {labels.inside(name)}: mean per visit "
        f"({method}) with 95% confidence band; people with a score of this "
        "scale, of those expected (alive and in follow-up), under each visit: a form received may "
        "have too few answers for a score. The vertical axis does not start at 0."
    )
    return embed(
        drawing,
        f"{context.id}-{instrument}-{scale}",
        caption=caption,
        alternative=f"Mean {labels.inside(name)} per visit and group; "
        "the table of means has the values.",
        names=dict(look.names),
    )


def _estimands(
    context: StudyContext, of: pd.DataFrame, instrument: str, scale: str, drawn: Sequence[str]
) -> Figure:
    name = labels.scale(scale, instrument)
    methods = {method: labels.METHODS.get(method, method) for method in drawn}
    look = _look(context, of, **methods)
    drawing = figures.draw_quality_of_life_methods(of, drawn, y_label=f"{name}, mean", look=look)
    caption = (
        f"{labels.instrument(instrument)}, {labels.inside(name)}: the same visits under different "
        "estimands. More than 5% died, so that they answer different questions: of all as if "
        "nobody had died, of those still alive, of all with the dead at the worst score (a utility "
        "of 0), or of those alive at the last visit. BL: baseline; numbers: months."
    )
    return embed(
        drawing,
        f"{context.id}-{instrument}-{scale}-estimands",
        caption=caption,
        alternative=f"Mean {labels.inside(name)} by estimand: {', '.join(methods.values())}; "
        "the table of means has the values.",
        names=dict(look.names),
    )


def _change(context: StudyContext, of: pd.DataFrame, instrument: str, scale: str) -> Figure:
    name = labels.scale(scale, instrument)
    way = better(scale, instrument)
    look = _look(context, of)
    drawing = figures.draw_quality_of_life_change(
        of, better=way, y_label=f"{name}, change", look=look
    )
    known = bool(of["threshold_deterioration"].notna().any())
    band = (
        "The grey band holds changes smaller than the minimal important difference; bars: share of "
        "people improved, stable and deteriorated by it, one bar a group in the order of the key."
        if known
        else "No minimal important difference is known for this scale."
    )
    caption = (
        f"{labels.instrument(instrument)}, {labels.inside(name)}: mean change from baseline with "
        f"95% confidence band, of those who answered both visits. {band}"
    )
    return embed(
        drawing,
        f"{context.id}-{instrument}-{scale}-change",
        caption=caption,
        alternative=f"Change of {labels.inside(name)} from baseline per visit and group; the "
        "table of changes has the values.",
        names=dict(look.names),
    )


def _small_panels(
    context: StudyContext, curve: pd.DataFrame, instrument: str, scales: Sequence[str]
) -> Figure:
    names = {s: labels.scale(s, instrument) for s in scales}
    short = {s: panel_title(s, names[s], instrument) for s in scales}
    look = context.look(curve["analysis_set"].iloc[0], **short)
    rows, usual, others = method_of_each(curve, scales)
    ends = labels.ends_of_scales(scales, instrument)
    drawing = figures.draw_quality_of_life_scales(
        rows, scales, ends=ends, look=look, estimand=f"Mean: {usual}", notes=others
    )
    caption = (
        f"{labels.instrument(instrument)}, other scales: mean per visit ({usual}) with 95% "
        "confidence band, each from the lowest to the highest score of its scale. "
        + "".join(f"{names[s]}: {method}. " for s, method in others.items())
        + "BL: baseline; numbers: months. Arrows: the direction that is better."
    )
    shown = ", ".join(labels.inside(names[s]) for s in scales)
    return embed(
        drawing.svg,
        f"{context.id}-{instrument}-scales",
        caption=caption,
        alternative=f"Small panels of mean scores: {shown}. The table of means has the values.",
    )


def _heat_map(context: StudyContext, change: pd.DataFrame, instrument: str) -> Figure:
    scales = sorted_by(levels(change, "scale"), labels.scales(instrument))
    ways = {scale: better(scale, instrument) for scale in scales}
    names = {s: panel_title(s, labels.scale(s, instrument), instrument) for s in scales}
    look = context.look(change["analysis_set"].iloc[0], **names)
    svg = figures.draw_quality_of_life_heat_map(change, scales, ways, look=look)
    return embed(
        svg,
        f"{context.id}-{instrument}-heat-map",
        caption=f"{labels.instrument(instrument)}: mean change from baseline of every scale, of "
        "those who answered both visits. Blue: for the better; orange: for the worse; full colour "
        "at twice the minimal important difference. Numbers: months and points. Arrows: the "
        "direction that is better.",
        alternative="Heat map of mean changes by scale and visit; the table of changes has the "
        "values.",
    )


def _years(context: StudyContext, instrument: str) -> Iterator[Figure]:
    """A figure per utility, at the highest discount rate."""
    years = where(context.table("qaly"), instrument=instrument)
    for scale in levels(years, "scale"):
        of = where(years, scale=scale)
        of = of[of["qaly"].notna()]
        if of.empty:
            continue
        rate = float(of["discount_rate"].max())
        of = of[of["discount_rate"] == rate]
        svg = figures.draw_quality_adjusted(of, look=context.look(of["analysis_set"].iloc[0]))
        name = labels.scale(scale, instrument)
        discounted = f"discounted at {100 * rate:g}% a year" if rate > 0 else "not discounted"
        yield embed(
            svg,
            f"{context.id}-{instrument}-{scale}-years",
            caption=f"{labels.instrument(instrument)}, {labels.inside(name)}: mean "
            f"quality-adjusted life years up to each horizon, {discounted}, with 95% "
            "bootstrap limits.",
            alternative="Quality-adjusted life years by group, horizon and method; the table has "
            "the values.",
        )


def better(scale: str, instrument: str) -> int:
    """1 where a higher score of the scale is better, -1 where it is worse."""
    return -1 if labels.direction(scale, instrument) == "higher is worse" else 1


def panel_title(scale: str, name: str, instrument: str) -> str:
    """The name of a scale with an arrow towards better."""
    arrow = {"higher is better": " \u2191", "higher is worse": " \u2193"}
    return name + arrow.get(labels.direction(scale, instrument), "")


def method_name(rows: pd.DataFrame) -> str:
    """The method of rows of one, in words."""
    method = str(rows["method"].iloc[0])
    return labels.METHODS.get(method, method)


def method_of_each(
    curve: pd.DataFrame, scales: Sequence[str]
) -> tuple[pd.DataFrame, str, dict[str, str]]:
    """Rows of one method a scale (`one_method`), the method of most scales, and that of the others.

    A scale may be without a model where others have one.
    """
    rows = {scale: one_method(where(curve, scale=scale)) for scale in scales}
    named = {scale: method_name(of) for scale, of in rows.items()}
    usual = max(named.values(), key=list(named.values()).count)
    others = {scale: method for scale, method in named.items() if method != usual}
    return pd.concat(rows.values(), ignore_index=True), usual, others


def one_method(curve: pd.DataFrame) -> pd.DataFrame:
    """The rows of one method: a model's means if there are any, else the observed ones."""
    for method in ("mixed_model", "observed"):
        found = where(curve, method=method)
        if not found.empty:
            return found
    return where(curve, method=levels(curve, "method")[0])
