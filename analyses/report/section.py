"""The section of one study: everything the template needs, in reading order.

Belongs here: assembling a study's blocks, its forest plot and its attrition. Does not: the blocks
of single outcomes (outcomes.py), the page around the studies (page.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analyses import figures
from analyses.report import cohort_tables, curve_tables, diagnostics, forests
from analyses.report import formatting as fmt
from analyses.report.context import StudyContext
from analyses.report.diagnostics import Alert
from analyses.report.embedding import Figure, embed
from analyses.report.estimand import estimand_rows
from analyses.report.extrapolation import extrapolation_blocks
from analyses.report.outcomes import (
    Block,
    incidence_blocks,
    survival_blocks,
)
from analyses.report.quality_of_life import quality_of_life_blocks
from analyses.report.safety import safety_blocks
from analyses.report.survival_details import detail_blocks
from analyses.report.tables import Table, records

_OTHERS = {
    "balance": "Balance before and after adjustment",
}


@dataclass(frozen=True)
class Section:
    """A study as shown. `empty` is the sentence said when nobody was left to analyse."""

    id: str
    title: str
    estimand: list[tuple[str, str]]
    failed: list[Alert]
    cautions: list[tuple[str, list[Alert]]]
    diagnostics: Table
    model_cautions: list[Alert]
    attrition: Table
    flow: Figure | None
    steps: list[tuple[str, str, str]]
    baseline: Table
    survival: list[Block]
    incidence: list[Block]
    safety: list[Block]
    extrapolation: list[Block]
    quality_of_life: list[Block]
    tests: Table
    forest: Figure | None
    ratios: Table
    ratios_behind: Table
    details: list[Block]
    others: list[Table]
    empty: str


def section(context: StudyContext) -> Section:
    """The section of a study; a table that is missing or empty leaves its part empty."""
    ratios = context.table("hazard_ratio")
    attrition = context.table("attrition")
    found = context.table("diagnostic")
    alerts = diagnostics.alerts(found)
    ratios, behind = diagnostics.without_failed_models(ratios, found)
    tests = context.table("comparison_test")
    baseline = context.table("baseline")
    efficacy, safety = incidence_blocks(context)
    nothing = Table("", (), ())
    return Section(
        id=context.id,
        title=str(context.study.get("title") or context.id),
        estimand=estimand_rows(context.study, adjusted=not context.table("hazard_ratio").empty),
        failed=[alert for alert in alerts if alert.status == "fail"],
        cautions=diagnostics.by_kind([alert for alert in alerts if alert.status != "fail"]),
        diagnostics=nothing if found.empty else cohort_tables.diagnostic_table(found),
        model_cautions=_model_cautions(found),
        attrition=nothing if attrition.empty else cohort_tables.attrition_table(attrition),
        flow=_flow(context),
        steps=_steps(attrition),
        baseline=nothing
        if baseline.empty
        else cohort_tables.baseline_table(baseline, context.strata),
        survival=survival_blocks(context),
        incidence=efficacy,
        safety=[*safety, *safety_blocks(context)],
        extrapolation=extrapolation_blocks(context),
        quality_of_life=quality_of_life_blocks(context),
        tests=nothing if tests.empty else curve_tables.comparison_table(tests),
        forest=_forest(context, ratios),
        ratios=nothing if ratios.empty else curve_tables.ratio_table(ratios),
        ratios_behind=nothing if behind.empty else curve_tables.ratio_table(behind),
        details=detail_blocks(context),
        others=[
            cohort_tables.plain_table(context.table(name), caption)
            for name, caption in _OTHERS.items()
            if not context.table(name).empty
        ],
        empty=_empty(context),
    )


def _model_cautions(found: pd.DataFrame) -> list[Alert]:
    """The warnings about regression models; those that failed stand before their hazard ratios."""
    if found.empty:
        return []
    of_models = found["diagnostic"].astype(str).map(diagnostics.concerns_model)
    return [one for one in diagnostics.alerts(found[of_models]) if one.status != "fail"]


def _empty(context: StudyContext) -> str:
    names = ("survival_curve", "survival_summary", "cumulative_incidence", "quality_of_life_curve")
    if any(not context.table(name).empty for name in names):
        return ""
    attrition = context.table("attrition")
    if attrition.empty:
        return "This study has no results in this release."
    last = attrition.sort_values("step", kind="stable").iloc[-1]
    if fmt.missing(last["n_remaining"]) or int(last["n_remaining"]) > 0:
        return "This study has a cohort but no estimates in this release."
    return (
        "Nobody is left in this cohort, so nothing was estimated. "
        "The attrition below shows at which step the patients went."
    )


def _flow(context: StudyContext) -> Figure | None:
    attrition = context.table("attrition")
    if attrition.empty:
        return None
    rows = attrition.sort_values("step", kind="stable")
    first, last = rows["n_remaining"].iloc[0], rows["n_remaining"].iloc[-1]
    return embed(
        figures.attrition_figure(attrition),
        f"{context.id}-attrition",
        caption="From the treatments registered to the patients analysed.",
        alternative=f"Flow from {fmt.count(first)} to {fmt.count(last)} patients in "
        f"{len(rows)} steps; the table below lists them.",
    )


def _steps(attrition: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(reason, remaining, excluded) of each step, for screens too narrow for the drawing."""
    if attrition.empty:
        return []
    rows = records(attrition.sort_values("step", kind="stable"))
    return [
        (str(r["reason"]), fmt.count(r["n_remaining"]), fmt.count(r["n_excluded"]) if n else "")
        for n, r in enumerate(rows)
    ]


def _forest(context: StudyContext, frame: pd.DataFrame) -> Figure | None:
    """Hazard ratios of the groups: unadjusted (open) and adjusted (filled) under each endpoint."""
    stratum = str(context.study.get("stratify_by") or "")
    if frame.empty or not stratum:
        return None
    drawing = forests.draw_ratios(frame, stratum)
    if drawing is None:
        return None
    against = forests.against(forests.of_groups(frame, stratum))
    return embed(
        drawing,
        f"{context.id}-forest",
        caption=f"Hazard ratios against {against} with 95% confidence intervals, logarithmic axis. "
        "Open squares: unadjusted; filled: adjusted. Read them with the proportional-hazards "
        "tests in the table.",
        alternative="Forest plot of hazard ratios; the table of all terms has the values.",
    )
