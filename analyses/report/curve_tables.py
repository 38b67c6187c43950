"""Tables beside curves: survival at a glance, incidence at horizons, tests, hazard ratios.

Belongs here: results rows to table texts. Does not: estimating; an incidence at a horizon is read
off the curve's last step before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.tables import Table, levels, records, sorted_by, where

Cell = Callable[[pd.DataFrame], str]


def survival_table(summary: pd.DataFrame, order: Sequence[str], title: str) -> Table:
    """A column per stratum: people, events, follow-up, median, survival, restricted mean."""
    strata = sorted_by(levels(summary, "stratum"), order)
    groups = [where(summary, stratum=stratum) for stratum in strata]

    def line(name: str, cell: Callable[[pd.DataFrame], str]) -> tuple[str, ...]:
        return (name, *(cell(group) for group in groups))

    def statistic(name: str, show: Callable[[Any], str], *, limits: bool = True) -> Cell:
        return lambda group: _cell(where(group, statistic=name), show, limits=limits)

    def at(name: str, horizon: float, show: Callable[[Any], str]) -> Cell:
        return lambda group: _cell(_at(group, name, horizon), show)

    rows = [
        line("Patients", lambda group: fmt.count(group["n"].iloc[0])),
        line("Events", lambda group: fmt.count(group["n_event"].iloc[0])),
        line("Median follow-up, months", statistic("follow_up_median", fmt.months, limits=False)),
        line("Median, months (95% CI)", statistic("median", fmt.months)),
    ]
    for h in _horizons(summary, "survival_at"):
        name = f"At {fmt.day_label(h)}, % (95% CI)"
        rows.append(line(name, at("survival_at", h, fmt.percent)))
    for h in _horizons(summary, "rmst"):
        name = f"Restricted mean to {fmt.day_label(h)}, months (95% CI)"
        rows.append(line(name, at("rmst", h, _mean_months)))
    note = (
        "Kaplan-Meier estimates; months are of 30.44 days; follow-up by reverse Kaplan-Meier. "
        "Not reached: the curve stays above one half. Not estimable: beyond the data."
    )
    headers = ("", *(labels.words(stratum) for stratum in strata))
    return Table(f"{title}: estimates per group", headers, tuple(rows), 1, (note,))


def _mean_months(days: Any) -> str:
    return fmt.months(days, fmt.NOT_ESTIMABLE)


def _horizons(summary: pd.DataFrame, statistic: str) -> list[float]:
    found = where(summary, statistic=statistic)
    return [] if found.empty else sorted(float(h) for h in found["horizon_days"].dropna().unique())


def _at(frame: pd.DataFrame, statistic: str, horizon: float) -> pd.DataFrame:
    found = where(frame, statistic=statistic)
    return found if found.empty else found[found["horizon_days"].astype("float64") == horizon]


def _cell(rows: pd.DataFrame, show: Callable[[Any], str], *, limits: bool = True) -> str:
    if rows.empty:
        return fmt.NONE
    row = rows.iloc[0]
    if not limits:
        return show(row["value"])
    if fmt.missing(row["value"]) and show(None) == fmt.NOT_ESTIMABLE:
        return fmt.NOT_ESTIMABLE
    return fmt.with_limits(show(row["value"]), show(row["ci_lower"]), show(row["ci_upper"]))


def incidence_table(
    curve: pd.DataFrame, endpoint: str, order: Sequence[str], horizons: Sequence[float], title: str
) -> Table:
    """Events and cumulative incidence at horizons, per cause and stratum."""
    headers = ["Event", "Group", "Events, all follow-up"]
    headers += [f"Incidence at {fmt.day_label(h)}, % (95% CI)" for h in horizons]
    rows = []
    for cause in sorted_by(levels(curve, "cause"), (endpoint,)):
        of_cause = where(curve, cause=cause)
        for stratum in sorted_by(levels(of_cause, "stratum"), order):
            of = where(of_cause, stratum=stratum).sort_values("time_days", kind="stable")
            row = [labels.cause(cause, endpoint), labels.words(stratum)]
            row.append(fmt.count(of["n_event"].sum(min_count=1)))
            row += [_incidence_at(of, horizon) for horizon in horizons]
            rows.append(tuple(row))
    notes = ("Aalen-Johansen estimates. Not estimable: the horizon lies beyond the data.",)
    return Table(f"{title}: cumulative incidence", tuple(headers), tuple(rows), 2, notes)


def _incidence_at(curve: pd.DataFrame, horizon: float) -> str:
    if curve.empty or float(curve["time_days"].max()) < horizon:
        return fmt.NOT_ESTIMABLE
    before = curve[curve["time_days"] <= horizon]
    if before.empty:
        return fmt.percent(0.0)
    row = before.iloc[-1]
    return fmt.with_limits(
        fmt.percent(row["incidence"]), fmt.percent(row["ci_lower"]), fmt.percent(row["ci_upper"])
    )


def comparison_table(tests: pd.DataFrame) -> Table:
    """Tests of equality between the groups."""
    headers = ("Endpoint", "Event", "Test", "Horizon", "Statistic", "df", "p")
    rows = []
    for r in records(tests):
        of = str(r["endpoint"])
        cause = fmt.NONE if fmt.missing(r["cause"]) else labels.cause(r["cause"], of)
        horizon = fmt.NONE if fmt.missing(r["horizon_days"]) else fmt.day_label(r["horizon_days"])
        numbers = (fmt.number(r["statistic"]), fmt.count(r["degrees_of_freedom"]))
        test = labels.words(r["test"])
        if " at day " in str(r["stratify_by"]):  # groups of a landmark, not the strata
            test = f"{test}, {labels.inside(str(r['stratify_by']))}"
        rows.append(
            (labels.endpoint(of), cause, test, horizon, *numbers, fmt.p_value(r["p_value"]))
        )
    strata = [v for v in levels(tests, "stratify_by") if " at day " not in v]
    by = ", ".join(labels.words(v) for v in strata)
    caption = f"Tests of equality between groups{f' of {by.lower()}' if by else ''}"
    return Table(caption, headers, tuple(rows), 4, ("Two-sided; not corrected for multiplicity.",))


def ratio_table(ratios: pd.DataFrame) -> Table:
    """Every term of every model."""
    headers = (
        *("Endpoint", "Model", "Term", "Patients", "Events"),
        *("Hazard ratio (95% CI)", "p", "p of proportional hazards"),
    )
    rows = []
    for r in records(ratios):
        of = str(r["endpoint"])
        name = labels.endpoint(of)
        if not fmt.missing(r["cause"]) and str(r["cause"]) != of:
            name = f"{name}: {labels.cause(r['cause'], of)}"
        limits = [fmt.number(r[column]) for column in ("ci_lower", "ci_upper")]
        term = labels.term(r["term"], r["reference"])
        if fmt.missing(r["reference"]):
            term += ", per unit"
        counts = (fmt.count(r["n"]), fmt.count(r["n_event"]))
        ratio = fmt.with_limits(fmt.number(r["hazard_ratio"]), *limits)
        p = (fmt.p_value(r["p_value"]), fmt.p_value(r["ph_p_value"]))
        rows.append((name, labels.words(r["model"]), term, *counts, ratio, *p))
    notes = ("Complete cases of each model. Proportional hazards: score test of cox.zph 3.",)
    return Table("Hazard ratios of all terms", headers, tuple(rows), 3, notes)
