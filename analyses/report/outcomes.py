"""The outcome blocks of a study: survival, competing events, safety.

Belongs here: which figures and tables an outcome gets, and what their captions and alternative
texts say. Does not: drawing, estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from analyses import figures
from analyses.report import deterioration, labels
from analyses.report import formatting as fmt
from analyses.report.context import StudyContext
from analyses.report.curve_tables import incidence_table, survival_table
from analyses.report.embedding import Figure, embed, slug
from analyses.report.tables import Table, levels, records, sorted_by, where

_ACUTE_HORIZONS = (30.0,)


@dataclass(frozen=True)
class Block:
    """One outcome: title, definition, diagnostics that did not pass, figures, tables.

    `failed`: a diagnostic failed, so that the results are shown behind a warning; not for those of
    `notes`, which concern a part that is not shown.
    """

    id: str
    title: str
    definition: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    warnings: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    folded: tuple[Table, ...] = field(default=())

    @property
    def failed(self) -> bool:
        """Whether the results are to be shown behind a warning."""
        return any(status == "fail" for status, _ in self.warnings)


def survival_blocks(context: StudyContext) -> list[Block]:
    """A block per endpoint without competing events."""
    curves, summary = context.table("survival_curve"), context.table("survival_summary")
    blocks = []
    for endpoint in _endpoints(context, curves, summary):
        title = labels.endpoint(endpoint)
        drawn, tables = [], []
        parts = _parts(curves, summary, endpoint)
        for number, (analysis_set, adjustment) in enumerate(parts):
            key = {"endpoint": endpoint, "analysis_set": analysis_set, "adjustment": adjustment}
            curve, numbers = where(curves, **key), where(summary, **key)
            name = _part_title(title, adjustment, many=len(parts) > 1)
            figure_id = f"{context.id}-{endpoint}-{number}"
            if not curve.empty:
                drawn.append(_survival_figure(context, curve, numbers, figure_id, name))
            if not numbers.empty:
                tables.append(survival_table(numbers, context.strata, name))
        blocks.append(_block(context, endpoint, drawn, tables))
    return blocks


def _block(
    context: StudyContext, endpoint: str, drawn: Sequence[Figure], tables: Sequence[Table]
) -> Block:
    return Block(
        id=slug(f"{context.id}-{endpoint}"),
        title=labels.endpoint(endpoint),
        definition=labels.definition(endpoint) or deterioration.definition(endpoint, context.study),
        figures=tuple(drawn),
        tables=tuple(tables),
        warnings=tuple(context.warnings(endpoint)),
        notes=tuple(context.warnings(endpoint, "not_made")),
    )


def _survival_figure(
    context: StudyContext, curve: pd.DataFrame, numbers: pd.DataFrame, figure_id: str, title: str
) -> Figure:
    analysis_set = curve["analysis_set"].iloc[0]
    endpoint = str(curve["endpoint"].iloc[0])
    found = where(numbers, statistic="median")
    medians = {
        str(row["stratum"]): tuple(
            None if fmt.missing(row[c]) else float(row[c])
            for c in ("value", "ci_lower", "ci_upper")
        )
        for row in records(found)
    }
    look = context.look(analysis_set, endpoint)
    bands = _bands(context, curve)
    drawing = figures.draw_survival(
        curve,
        medians=medians,  # type: ignore[arg-type]  # three values each, by construction
        bands=bands,
        y_label=f"{labels.free_of(endpoint)} (%)",
        look=look,
    )
    shown = "Kaplan-Meier estimate with pointwise 95% confidence limits (shaded)"
    if curve["adjustment"].iloc[0] == "weighted":
        shown += ", weighted; numbers at risk count people"
    if bands is not None:
        kind = labels.words(bands["band"].iloc[0])
        shown += (
            f" and simultaneous 95% band ({labels.inside(kind)}, thin lines: the whole curve "
            "lies in it with 95% confidence)"
        )
    ticks = "; ticks mark censored follow-up" if context.ticks else ""
    caption = (
        f"{title} since {look.origin}. {shown}{ticks}. Dotted: median. "
        f"Faint: fewer than {look.faint_below} at risk.{context.ends}"
    )
    said = "; ".join(
        f"{labels.words(s)}: median {fmt.months(m[0])}" + ("" if m[0] is None else " months")
        for s, m in sorted(medians.items())
    )
    alternative = f"Survival curves, {labels.inside(title)}. {said or 'See the table below'}."
    return embed(
        drawing, figure_id, caption=caption, alternative=alternative, names=context.names()
    )


def _bands(context: StudyContext, curve: pd.DataFrame) -> pd.DataFrame | None:
    """The simultaneous bands of a curve, when the study has them and they can be told apart."""
    key = {name: curve[name].iloc[0] for name in ("endpoint", "analysis_set", "adjustment")}
    found = where(context.table("survival_band"), **key)
    few = curve["stratum"].nunique() <= figures.MOST_BANDS
    return found if few and not found.empty else None


def _endpoints(context: StudyContext, *frames: pd.DataFrame) -> list[str]:
    found = {endpoint for frame in frames for endpoint in levels(frame, "endpoint")}
    return sorted_by(found, [str(e) for e in context.study.get("endpoints") or ()])


def _parts(*frames_and_endpoint: pd.DataFrame | str) -> list[tuple[str, str]]:
    """(analysis set, adjustment) of an endpoint, the unadjusted ones first."""
    *frames, endpoint = frames_and_endpoint
    found = set()
    for frame in frames:
        assert isinstance(frame, pd.DataFrame)
        of = where(frame, endpoint=endpoint)
        if not of.empty:
            pairs = of[["analysis_set", "adjustment"]].astype(str).drop_duplicates()
            found |= set(pairs.itertuples(index=False, name=None))
    return sorted(found, key=lambda p: (p[1] not in ("none", "unadjusted"), p))


def _part_title(title: str, adjustment: str, *, many: bool) -> str:
    if not many and adjustment in ("none", "unadjusted"):
        return title
    said = "unadjusted" if adjustment == "none" else labels.words(adjustment).lower()
    return f"{title} ({said})"


def incidence_blocks(context: StudyContext) -> tuple[list[Block], list[Block]]:
    """Blocks of the endpoints with competing events: (efficacy, safety)."""
    curves = context.table("cumulative_incidence")
    efficacy: list[Block] = []
    safety: list[Block] = []
    for endpoint in _endpoints(context, curves):
        drawn, tables = [], []
        parts = _parts(curves, endpoint)
        for number, (analysis_set, adjustment) in enumerate(parts):
            key = {"endpoint": endpoint, "analysis_set": analysis_set, "adjustment": adjustment}
            curve = where(curves, **key)
            title = _part_title(labels.endpoint(endpoint), adjustment, many=len(parts) > 1)
            figure_id = f"{context.id}-{endpoint}-{number}"
            drawn.append(_incidence_figure(context, curve, endpoint, figure_id, title))
            if len(levels(curve, "cause")) > 1 and not endpoint.startswith(labels.SAFETY):
                drawn.append(_stacked_figure(context, curve, endpoint, figure_id, title))
            horizons = _horizons(context, endpoint)
            tables.append(incidence_table(curve, endpoint, context.strata, horizons, title))
        block = _block(context, endpoint, drawn, tables)
        (safety if endpoint.startswith(labels.SAFETY) else efficacy).append(block)
    return efficacy, safety


def _horizons(context: StudyContext, endpoint: str) -> Sequence[float]:
    if endpoint.startswith(labels.ACUTE):
        return _ACUTE_HORIZONS
    return [float(h) for h in context.study.get("horizons_days") or (182, 365, 730)]


def _incidence_figure(
    context: StudyContext, curve: pd.DataFrame, endpoint: str, figure_id: str, title: str
) -> Figure:
    causes = sorted_by(levels(curve, "cause"), (endpoint,))
    names = {cause: labels.cause(cause, endpoint) for cause in causes}
    look = context.look(curve["analysis_set"].iloc[0], endpoint, **names)
    by_cause = endpoint in causes
    drawing = figures.draw_incidence(
        curve, panels="cause" if by_cause else "stratum", causes=causes, look=look
    )
    days = drawing.axis.limit_days if drawing.axis else 0.0
    weighted = ", weighted" if curve["adjustment"].iloc[0] == "weighted" else ""
    cut = ""
    if float(curve["time_days"].max()) > days + 1:
        cut = f" The axis ends at {fmt.day_label(round(days))}: follow-up goes on without events."
        if by_cause and len(causes) > 1:
            cut = (
                f" The axis ends at {fmt.day_label(round(days))}, soon after the last "
                f"{labels.inside(names[endpoint])}; follow-up goes on."
            )
    caption = (
        f"{title} since {look.origin}. Aalen-Johansen estimate with 95% confidence band{weighted}; "
        f"the vertical axis is cut to the range seen. Faint: fewer than {look.faint_below} "
        f"at risk.{context.ends}{cut}"
    )
    panels = ", ".join(names[c] for c in causes)
    alternative = f"Cumulative incidence curves: {panels}. The table below gives the values."
    return embed(
        drawing,
        figure_id,
        caption=caption,
        alternative=alternative,
        names={**context.names(), **names},
    )


def _stacked_figure(
    context: StudyContext, curve: pd.DataFrame, endpoint: str, figure_id: str, title: str
) -> Figure:
    causes = sorted_by(levels(curve, "cause"), (endpoint,))
    names = {cause: labels.cause(cause, endpoint) for cause in causes}
    look = context.look(
        curve["analysis_set"].iloc[0], endpoint, **names, **{figures.REST: "None of these yet"}
    )
    return embed(
        figures.draw_stacked_incidence(curve, causes=causes, look=look),
        f"{figure_id}-stacked",
        caption=f"{title} since {look.origin}: the same incidences on top of each other. What is "
        f"left above them is the probability of none of these events yet. Faint: fewer than "
        f"{look.faint_below} at risk.{context.ends}",
        alternative=f"Stacked areas: {', '.join(names.values())}, none of these.",
        names=dict(look.names),
    )
