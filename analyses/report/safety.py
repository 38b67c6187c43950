"""The safety block of a study: rates, mean numbers of events, standardised incidence.

Belongs here: its tables and figure. Does not belong here: cumulative incidence of toxicities, which
is an endpoint (outcomes.py).
"""

from __future__ import annotations

import pandas as pd

from analyses import figures
from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.context import StudyContext
from analyses.report.embedding import Figure, embed, slug
from analyses.report.outcomes import Block
from analyses.report.tables import Table, levels, records, sorted_by, where


def safety_blocks(context: StudyContext) -> list[Block]:
    """One block of rates and recurrent events; none when the study does not ask for them."""
    rates, curve = context.table("incidence_rate"), context.table("mean_cumulative_count")
    ratios = context.table("standardised_incidence")
    if rates.empty and ratios.empty:
        return []
    tables = []
    if not rates.empty:
        tables.append(_rates(context, rates))
    if not ratios.empty:
        tables.append(_ratios(context, ratios))
    return [
        Block(
            id=slug(f"{context.id}-safety-rates"),
            title="Rates and numbers of events",
            definition="One event a person, type and day; nothing before the start of the clock.",
            figures=() if curve.empty else (_figure(context, curve),),
            tables=tuple(tables),
        )
    ]


def event_name(code: object) -> str:
    """An event type as words, `crs_grade_3` as CRS of grade 3 or more."""
    kind, found, grade = str(code).partition("_grade_")
    name = kind.upper() if kind in ("crs", "icans") else labels.words(kind)
    return f"{name} of grade {grade} or more" if found and grade < "5" else name


def _rates(context: StudyContext, rates: pd.DataFrame) -> Table:
    rows: list[tuple[str, ...]] = []
    for kind in levels(rates, "event_type"):
        of = where(rates, event_type=kind)
        for stratum in sorted_by(levels(of, "stratum"), context.strata):
            mine = where(of, stratum=stratum)
            first, every, robust = (
                where(mine, counting=counting, method=method)
                for counting, method in (
                    ("first", "exact_poisson"), ("all", "exact_poisson"), ("all", "robust"),
                )
            )  # fmt: skip
            rows.append(
                (
                    event_name(kind),
                    labels.words(stratum),
                    _value(first, "n_with_event"),
                    _value(every, "n_event"),
                    fmt.NONE if every.empty else _years(every["person_years"].iloc[0]),
                    _rate(first),
                    _rate(every),
                    _rate(robust, limits_only=True),
                )
            )
    headers = (
        *("Event", "Group", "People", "Events", "Person-years"),
        *("First, per 100 years", "All, per 100 years", "All, robust limits"),
    )
    note = (
        "Exact Poisson limits; robust limits also hold when events of a person come in clusters. "
        "Time of first events ends at them."
    )
    return Table("Exposure-adjusted rates (95% CI)", headers, tuple(rows), 2, (note,))


def _value(rows: pd.DataFrame, column: str) -> str:
    return fmt.NONE if rows.empty else fmt.count(rows[column].iloc[0])


def _years(value: object) -> str:
    return fmt.number(value, 1, fmt.NONE)


def _rate(rows: pd.DataFrame, *, limits_only: bool = False) -> str:
    if rows.empty or fmt.missing(rows["rate_per_100_years"].iloc[0]):
        return fmt.NONE
    row = rows.iloc[0]
    numbers = [row[name] for name in ("rate_per_100_years", "ci_lower", "ci_upper")]
    value, lower, upper = (fmt.number(number, 1) for number in numbers)
    return fmt.limits(lower, upper) if limits_only else fmt.with_limits(value, lower, upper)


def _ratios(context: StudyContext, ratios: pd.DataFrame) -> Table:
    rows = []
    for stratum in sorted_by(levels(ratios, "stratum"), context.strata):
        for r in records(where(ratios, stratum=stratum)):
            limits = ("ratio", "ci_lower", "ci_upper")
            numbers = [fmt.number(r[name], 2, fmt.NONE) for name in limits]
            rows.append(
                (
                    event_name(r["event_type"]),
                    labels.words(stratum),
                    fmt.count(r["observed"]),
                    fmt.number(r["expected"], 2, fmt.NONE),
                    _years(r["person_years"]),
                    fmt.NONE if fmt.missing(r["ratio"]) else fmt.with_limits(*numbers),
                    fmt.p_value(r["p_value"]),
                )
            )
    headers = ("Event", "Group", "Observed", "Expected", "Person-years", "Ratio (95% CI)", "p")
    note = "Expected at the reference rates of the same sex, age and calendar year."
    return Table("Standardised incidence", headers, tuple(rows), 2, (note,))


def _figure(context: StudyContext, curve: pd.DataFrame) -> Figure:
    names = {kind: event_name(kind) for kind in levels(curve, "event_type")}
    look = context.look(curve["analysis_set"].iloc[0], "", **names)
    return embed(
        figures.draw_mean_count(curve, look=look),
        f"{context.id}-mean-count",
        caption="Mean cumulative number of events a person since "
        f"{look.origin}, death ending them (Ghosh and Lin), with 95% confidence band.",
        alternative="Mean cumulative counts of " + ", ".join(names.values()) + ".",
        names={**context.names(), **names},
    )
