"""What a study asked beside curves and tests: contrasts, later states, subgroups, courses.

Belongs here: their figures and tables as blocks. Does not: the first curves (outcomes.py), drawing,
estimates.
"""

from __future__ import annotations

import pandas as pd

from analyses import figures
from analyses.report import forests, labels
from analyses.report import formatting as fmt
from analyses.report.context import StudyContext
from analyses.report.embedding import Figure, embed, slug
from analyses.report.outcomes import Block
from analyses.report.tables import Table, levels, records, where


def detail_blocks(context: StudyContext) -> list[Block]:
    """The blocks in reading order: those of each endpoint, then the course."""
    endpoints = {
        endpoint
        for name in ("contrast", "survival_quantile", "landmark_curve", "subgroup")
        for endpoint in levels(context.table(name), "endpoint")
    }
    blocks = []
    for endpoint in (e for e in context.study.get("endpoints") or () if str(e) in endpoints):
        blocks += _endpoint(context, str(endpoint))
    return blocks + _course(context)


def _endpoint(context: StudyContext, endpoint: str) -> list[Block]:
    title = labels.endpoint(endpoint)
    named = (
        ("contrast", "differences and quantiles", _contrasts),
        ("landmark", "by a later state", _later_states),
        ("subgroup", "subgroups", _subgroups),
    )
    blocks = []
    for kind, words, build in named:
        drawn, tables = build(context, endpoint)
        if drawn or tables:
            blocks.append(
                Block(
                    id=slug(f"{context.id}-{endpoint}-{kind}"),
                    title=f"{title}: {words}",
                    definition="",
                    figures=tuple(drawn),
                    tables=tuple(tables),
                    # Its other warnings stand beside the endpoint's curves.
                    warnings=tuple(w for w in context.warnings(endpoint) if w[0] == "fail"),
                    notes=tuple(context.warnings(endpoint, "subgroups"))
                    if kind == "subgroup"
                    else (),
                )
            )
    return blocks


def _contrasts(context: StudyContext, endpoint: str) -> tuple[list[Figure], list[Table]]:
    tables = []
    for name, table in (("contrast", _contrast_table), ("survival_quantile", _quantile_table)):
        found = where(context.table(name), endpoint=endpoint)
        for adjustment in levels(found, "adjustment"):
            under = "" if adjustment == "none" else ", under the study's weights"
            tables.append(table(where(found, adjustment=adjustment), under))
    return [], tables


def _contrast_table(contrasts: pd.DataFrame, under: str) -> Table:
    rows = []
    for r in records(contrasts):
        days = str(r["contrast"]) == "rmst_difference"
        show = fmt.significant if days else fmt.number
        shown = [show(r[c]) for c in ("estimate", "ci_lower", "ci_upper")]
        against = f"{labels.words(r['level'])} vs {labels.words(r['reference'])}"
        rows.append(
            (labels.words(r["contrast"]), against, fmt.day_label(r["horizon_days"]),
             fmt.with_limits(*shown), fmt.p_value(r["p_value"]))
        )  # fmt: skip
    headers = ("Contrast", "Groups", "Horizon", "Estimate (95% CI)", "p")
    return Table(f"Differences and ratios between groups{under}", headers, tuple(rows), 3)


def _quantile_table(quantiles: pd.DataFrame, under: str) -> Table:
    lines = []
    for r in records(quantiles):
        shown = [fmt.months(r[c]) for c in ("time_days", "ci_lower", "ci_upper")]
        share = fmt.percent(r["probability"], 0)
        lines.append((labels.words(r["stratum"]), share, fmt.with_limits(*shown)))
    columns = ("Group", "Had the event, %", "By months (95% CI)")
    return Table(f"Times by which shares had the event{under}", columns, tuple(lines), 1)


def _later_states(context: StudyContext, endpoint: str) -> tuple[list[Figure], list[Table]]:
    curves = where(context.table("landmark_curve"), endpoint=endpoint)
    drawn = []
    if not curves.empty:
        parts = curves.groupby(["state", "method", "landmark_days"], dropna=False, sort=False)
        for (state, method, day), part in parts:
            drawn.append(_later_figure(context, endpoint, str(state), str(method), day, part))
    return drawn, []


def _later_figure(
    context: StudyContext, endpoint: str, state: str, method: str, day: object, part: pd.DataFrame
) -> Figure:
    what = labels.inside(labels.words(state))
    look = context.look(part["analysis_set"].iloc[0], endpoint)
    names = {"reached": f"{labels.words(state)}", "not_reached": f"No {what} yet"}
    landmark = method == "landmark"
    if not landmark and part["n_at_risk"].notna().all():
        # Nobody is in the state before the first comes into it.
        nobody = part[part["stratum"] == "reached"].head(1)
        start = {"time_days": 0.0, "n_at_risk": 0, "n_event": 0, "n_censored": 0, "survival": 1.0}
        limits = {"std_error": 0.0, "ci_lower": 1.0, "ci_upper": 1.0}
        part = pd.concat([nobody.assign(**start, **limits), part], ignore_index=True)
    at = fmt.day_label(day) if landmark else ""
    look = figures.Look(
        order=("not_reached", "reached"),
        names=names,
        origin=f"{at} after {look.origin}" if landmark else look.origin,
    )
    caption = (
        f"Landmark at {at}: people still at risk then, by {what} until then. Who had the event, or "
        "left, before is in no group."
        if landmark
        else f"Simon-Makuch: people change group on the day of {what}; no curve of a person."
    )
    return embed(
        figures.draw_survival(part, y_label=f"{labels.free_of(endpoint)} (%)", look=look),
        f"{context.id}-{endpoint}-{state}-{method}-{at}",
        caption=f"{caption} With 95% confidence band.",
        alternative=f"Survival curves of two groups, by {what}.",
        names=names,
    )


def _subgroups(context: StudyContext, endpoint: str) -> tuple[list[Figure], list[Table]]:
    found = where(context.table("subgroup"), endpoint=endpoint)
    if found.empty:
        return [], []
    texts = []
    for r in records(found):
        shown = [fmt.number(r[c]) for c in ("hazard_ratio", "ci_lower", "ci_upper")]
        texts.append(
            (labels.words(r["variable"]), labels.words(r["level"]),
             labels.term(r["term"], r["reference"]), fmt.count(r["n"]), fmt.count(r["n_event"]),
             fmt.with_limits(*shown), fmt.p_value(r["interaction_p_value"]))
        )  # fmt: skip
    headers = (
        *("Variable", "Level", "Comparison", "Patients", "Events"),
        *("Hazard ratio (95% CI)", "p of interaction"),
    )
    table = Table("Hazard ratios in subgroups", headers, tuple(texts), 3)
    caption = (
        f"Unadjusted hazard ratios against {forests.against(found)} in subgroups, events/patients, "
        "with 95% confidence intervals. The interaction p-value, not that of a subgroup, says "
        "whether the effect differs; it is not corrected for the number of variables."
    )
    figure = embed(
        forests.draw_subgroups(found), f"{context.id}-{endpoint}-subgroups", caption=caption,
        alternative="Forest plot of subgroups; the table below has the values.",
    )  # fmt: skip
    return [figure], [table]


def _course(context: StudyContext) -> list[Block]:
    probability = context.table("state_probability")
    times, moves = context.table("state_time"), context.table("state_transition")
    if times.empty and probability.empty:
        return []
    drawn, tables = [], []
    names = {state: labels.words(state) for state in levels(times, "state")}
    if not probability.empty:
        horizon = float(times["horizon_days"].max()) if not times.empty else None
        look = context.look(probability["analysis_set"].iloc[0])
        shown = figures.Look(names={**context.names(), **names}, origin=look.origin)
        drawn.append(
            embed(
                figures.draw_states(probability, horizon_days=horizon, look=shown),
                f"{context.id}-course-states",
                caption=f"Probability of being in each state since {look.origin} "
                "(Aalen-Johansen), stacked. Faint: fewer than "
                f"{shown.faint_below} under observation.",
                alternative="Stacked areas; the table below has the mean time in each state.",
                names=shown.names,
            )
        )
    if not times.empty:
        rows = []
        for r in records(times):
            shown_days = [
                fmt.months(r[c], fmt.NOT_ESTIMABLE) for c in ("mean_days", "ci_lower", "ci_upper")
            ]
            rows.append(
                (labels.words(r["stratum"]), names[str(r["state"])],
                 fmt.day_label(r["horizon_days"]), fmt.with_limits(*shown_days))
            )  # fmt: skip
        headers = ("Group", "State", "Up to", "Mean months in it (95% CI)")
        tables.append(Table("Expected time in each state", headers, tuple(rows), 3))
    if not moves.empty:
        rows = []
        for r in records(moves):
            to = "observation ends" if fmt.missing(r["to_state"]) else labels.words(r["to_state"])
            group, origin = labels.words(r["stratum"]), labels.words(r["from_state"])
            rows.append((group, origin, to, fmt.count(r["n"])))
        headers = ("Group", "From", "To", "Patients")
        tables.append(Table("Moves between states", headers, tuple(rows), 3))
    block = Block(
        id=slug(f"{context.id}-course"),
        title="Course through states",
        definition="A person is in the last of the states reached so far.",
        figures=tuple(drawn),
        tables=tuple(tables),
    )
    return [block]
