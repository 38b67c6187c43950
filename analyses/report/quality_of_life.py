"""The quality-of-life blocks of a study, one an instrument.

Belongs here: which figures and tables a questionnaire gets. Does not: scoring, means, drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from analyses import figures
from analyses.report import labels
from analyses.report.cohort_tables import completion_table, mean_table
from analyses.report.context import StudyContext
from analyses.report.embedding import Figure, embed, slug
from analyses.report.outcomes import Block
from analyses.report.tables import Table, levels, sorted_by, where

_HEADLINE_SCALES = ("utility", "vas", "QL", "total")


def quality_of_life_blocks(context: StudyContext) -> list[Block]:
    """A block per instrument: headline scales, the other scales in small, completion, means."""
    curves, completion = context.table("quality_of_life_curve"), context.table("completion")
    instruments = sorted(set(levels(curves, "instrument")) | set(levels(completion, "instrument")))
    blocks = []
    for instrument in instruments:
        curve = where(curves, instrument=instrument)
        forms = where(completion, instrument=instrument)
        title = labels.instrument(instrument)
        tables = (
            ()
            if forms.empty
            else (completion_table(forms, context.strata, f"{title}: completion"),)
        )
        folded: tuple[Table, ...] = ()
        if not curve.empty:
            folded = (mean_table(curve, context.strata, f"{title}: mean scores"),)
        blocks.append(
            Block(
                id=slug(f"{context.id}-{instrument}"),
                title=title,
                definition="",
                figures=tuple(_quality_of_life_figures(context, curve, instrument)),
                tables=tables,
                warnings=tuple(context.warnings(f"quality_of_life:{instrument}")),
                folded=folded,
            )
        )
    return blocks


def _quality_of_life_figures(
    context: StudyContext, curve: pd.DataFrame, instrument: str
) -> Iterator[Figure]:
    if curve.empty:
        return
    scales = sorted_by(levels(curve, "scale"), labels.scales(instrument))
    headline = [s for s in scales if s in _HEADLINE_SCALES] or scales[:1]
    visits = {visit: labels.visit(visit) for visit in levels(curve, "visit")}
    names = {s: labels.scale(s, instrument) for s in scales}
    look = context.look(curve["analysis_set"].iloc[0], **visits)
    for scale in headline:
        of = _one_method(where(curve, scale=scale))
        name = names[scale]
        toward = labels.direction(scale, instrument)
        drawing = figures.draw_quality_of_life(
            of, y_label=f"{name}, mean" + (f" ({toward})" if toward else ""), look=look
        )
        method = labels.METHODS.get(str(of["method"].iloc[0]), str(of["method"].iloc[0]))
        caption = (
            f"{labels.instrument(instrument)}, {labels.inside(name)}: mean per visit "
            f"({method}) with 95% confidence band; forms completed of those expected "
            "(alive and in follow-up) under each visit. The vertical axis does not start at 0."
        )
        alternative = (
            f"Mean {labels.inside(name)} per visit and group; the table of means has the values."
        )
        figure_id = f"{context.id}-{instrument}-{scale}"
        yield embed(
            drawing,
            figure_id,
            caption=caption,
            alternative=alternative,
            names={**context.names(), **visits},
        )
    others = [s for s in scales if s not in headline]
    if others:
        yield _small_panels(context, curve, instrument, others, names)


def _small_panels(
    context: StudyContext,
    curve: pd.DataFrame,
    instrument: str,
    scales: Sequence[str],
    names: dict[str, str],
) -> Figure:
    short = {s: _panel_title(s, names[s], instrument) for s in scales}
    look = context.look(curve["analysis_set"].iloc[0], **short)
    drawing = figures.draw_quality_of_life_scales(_one_method(curve), scales, look=look)
    caption = (
        f"{labels.instrument(instrument)}, other scales: mean per visit with 95% confidence band, "
        "all from 0 to 100. BL: baseline; numbers: months. Arrows: the direction that is better."
    )
    shown = ", ".join(labels.inside(names[s]) for s in scales)
    return embed(
        drawing.svg,
        f"{context.id}-{instrument}-scales",
        caption=caption,
        alternative=f"Small panels of mean scores: {shown}. The table of means has the values.",
    )


def _panel_title(scale: str, name: str, instrument: str) -> str:
    arrow = {"higher is better": " \u2191", "higher is worse": " \u2193"}
    return name + arrow.get(labels.direction(scale, instrument), "")


def _one_method(curve: pd.DataFrame) -> pd.DataFrame:
    """The rows of one method: a model's means if there are any, else the observed ones."""
    for method in ("mixed_model", "observed"):
        found = where(curve, method=method)
        if not found.empty:
            return found
    return where(curve, method=levels(curve, "method")[0])
