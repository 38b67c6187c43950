"""The section of one study: everything the template needs, in reading order.

Belongs here: assembling a study's blocks, its forest plot and its attrition. Does not: the blocks
of single outcomes (outcomes.py), the page around the studies (page.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analyses import figures
from analyses.report import cohort_tables, curve_tables, diagnostics, labels
from analyses.report import formatting as fmt
from analyses.report.context import StudyContext
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
    alerts: list[tuple[str, str, str]]
    diagnostics: Table
    attrition: Table
    flow: Figure | None
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
    ratios, behind = diagnostics.without_failed_models(ratios, found)
    tests = context.table("comparison_test")
    baseline = context.table("baseline")
    efficacy, safety = incidence_blocks(context)
    nothing = Table("", (), ())
    return Section(
        id=context.id,
        title=str(context.study.get("title") or context.id),
        estimand=estimand_rows(context.study, adjusted=not context.table("hazard_ratio").empty),
        alerts=diagnostics.alerts(found),
        diagnostics=nothing if found.empty else cohort_tables.diagnostic_table(found),
        attrition=nothing if attrition.empty else cohort_tables.attrition_table(attrition),
        flow=_flow(context),
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


def _forest(context: StudyContext, frame: pd.DataFrame) -> Figure | None:
    """Hazard ratios of the groups: unadjusted (open) and adjusted (filled) under each endpoint."""
    stratum = str(context.study.get("stratify_by") or "")
    if frame.empty or not stratum:
        return None
    of_group = frame[frame["term"].astype(str).str.startswith(f"{stratum}=")]
    # Models of a later state have the groups beside it.
    of_group = of_group[~of_group["model"].astype(str).str.contains("landmark|time_dependent")]
    rows: list[figures.ForestRow] = []
    heading = ""
    for r in records(of_group):
        of = str(r["endpoint"])
        title = labels.endpoint(of)
        if not fmt.missing(r["cause"]) and str(r["cause"]) != of:
            title = f"{title}: {labels.cause(r['cause'], of)}"
        if title != heading:
            rows.append(figures.ForestRow(title, heading=True))
            heading = title
        level = labels.words(str(r["term"]).partition("=")[2])
        unadjusted = "unadjusted" in str(r["model"])
        kind = "unadjusted" if unadjusted else "adjusted"
        if str(r["model"]).startswith("fine_gray"):
            kind = "subdistribution (Fine-Gray)"
        for mark, words in (("_firth", "penalised"), ("_imputed", "imputed")):
            if str(r["model"]).endswith(mark):
                kind = f"{kind}, {words}"
        ratio, lower, upper = (
            None if fmt.missing(r[c]) else float(r[c])
            for c in ("hazard_ratio", "ci_lower", "ci_upper")
        )
        label = f"{level}, {kind}"
        rows.append(figures.ForestRow(label, ratio, lower, upper, firm=not unadjusted))
    if not rows:
        return None
    references = [str(v) for v in of_group["reference"].dropna().unique()]
    against = labels.words(references[0]) if len(references) == 1 else "the reference"
    return embed(
        figures.forest_figure(rows, favours=("Lower hazard", f"Higher hazard than {against}")),
        f"{context.id}-forest",
        caption=f"Hazard ratios against {against} with 95% confidence intervals, logarithmic axis. "
        "Open squares: unadjusted; filled: adjusted. Read them with the proportional-hazards "
        "tests in the table.",
        alternative="Forest plot of hazard ratios; the table of all terms has the values.",
    )
