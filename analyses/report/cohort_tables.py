"""Tables about the cohort and the study: attrition, baseline, diagnostics, completion, means.

Belongs here: results rows to table texts. Does not: curves and models (curve_tables.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.tables import Table, levels, records, sorted_by, where

_STATUS = {"fail": 0, "warn": 1, "pass": 2}


def status_of(value: object) -> str:
    """fail, warn or pass, whatever the spelling."""
    text = str(value).lower()
    if text.startswith(("fail", "err")):
        return "fail"
    return "warn" if text.startswith("warn") else "pass"


def attrition_table(attrition: pd.DataFrame) -> Table:
    """The steps from the sources to the cohort."""
    rows = [
        (
            fmt.count(r["step"]),
            str(r["reason"]),
            fmt.count(r["n_excluded"]),
            fmt.count(r["n_remaining"]),
        )
        for r in records(attrition.sort_values("step", kind="stable"))
    ]
    headers = ("Step", "Criterion", "Excluded", "Remaining")
    return Table("Attrition", headers, tuple(rows), 2)


def baseline_table(baseline: pd.DataFrame, order: Sequence[str]) -> Table:
    """One column a stratum; n (%) for levels, median (q1 to q3) or mean (SD) for numbers."""
    strata = sorted_by(levels(baseline, "stratum"), order)
    if "overall" in strata and len(strata) > 1:
        strata = [*(s for s in strata if s != "overall"), "overall"]
    cells: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    differences: dict[tuple[str, str], float] = {}
    for r in records(baseline):
        key = (str(r["variable"]), "" if fmt.missing(r["level"]) else str(r["level"]))
        cells.setdefault(key, {}).setdefault(str(r["stratum"]), {})[str(r["statistic"])] = r[
            "value"
        ]
        if not fmt.missing(r["smd"]):
            differences[key] = max(abs(float(r["smd"])), differences.get(key, 0.0))
    rows: list[tuple[str, ...]] = []
    for (variable, level), of in cells.items():
        for suffix, shown in _lines(of, strata):
            name = labels.words(variable) + (f": {labels.words(level)}" if level else "") + suffix
            smd = differences.get((variable, level))
            last = fmt.NONE if smd is None or suffix.endswith("missing") else fmt.number(smd)
            rows.append((name, *shown, last))
    headers = ("Characteristic", *(labels.words(s) for s in strata), "SMD")
    note = (
        "Percentages are of patients whose value is known. SMD: largest absolute standardised "
        "mean difference from the reference group; above 0.10 deserves attention."
    )
    return Table("Baseline characteristics at the index date", headers, tuple(rows), 1, (note,))


def _lines(of: dict[str, dict[str, Any]], strata: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The lines of one variable and level: (suffix of the name, one text a stratum)."""
    known = {statistic for values in of.values() for statistic in values}
    lines = []

    def line(suffix: str, *needs: str) -> None:
        shown = [_combine(of.get(s, {}), needs) for s in strata]
        lines.append((suffix, shown))

    if {"n", "percent"} <= known:
        line(", n (%)", "n", "percent")
    elif "n" in known:
        line(", n", "n")
    if {"median", "q1", "q3"} <= known:
        line(", median (quartiles)", "median", "q1", "q3")
    if {"mean", "sd"} <= known:
        line(", mean (SD)", "mean", "sd")
    if "missing" in known and any(of.get(s, {}).get("missing") for s in strata):
        line(", missing", "missing")
    return lines


def _combine(values: dict[str, Any], needs: Sequence[str]) -> str:
    if any(need not in values or fmt.missing(values[need]) for need in needs):
        return fmt.NONE
    first, *rest = (values[need] for need in needs)
    if needs[0] == "n":
        return fmt.count(first) + (f" ({fmt.number(rest[0], 1)})" if rest else "")
    if needs[0] == "missing":
        return fmt.count(first)
    digits = 1 if abs(float(first)) >= 10 else 2
    shown = [fmt.number(value, digits) for value in rest]
    return f"{fmt.number(first, digits)} ({' to '.join(shown)})"


def diagnostic_table(diagnostics: pd.DataFrame) -> Table:
    """All diagnostics, the failing ones first."""
    found = records(diagnostics)
    found.sort(key=lambda r: _STATUS[status_of(r["status"])])
    rows = []
    for r in found:
        name, _, concerns = str(r["diagnostic"]).partition(": ")
        of = "Whole study" if fmt.missing(r["endpoint"]) else labels.endpoint(r["endpoint"])
        text = labels.words(name) + (f": {labels.term(concerns)}" if concerns else "")
        values = (fmt.significant(r["value"]), fmt.significant(r["threshold"]))
        rows.append((status_of(r["status"]), of, text, *values))
    headers = ("Status", "Endpoint", "Diagnostic", "Value", "Threshold")
    marks = {i: row[0] for i, row in enumerate(rows)}
    return Table("Diagnostics", headers, tuple(rows), 3, (), marks)


def completion_table(completion: pd.DataFrame, order: Sequence[str], caption: str) -> Table:
    """Forms of one instrument per visit, of those alive and of all; reasons where missing."""
    rows: list[tuple[str, ...]] = []
    for stratum in sorted_by(levels(completion, "stratum"), order):
        of = where(completion, stratum=stratum)
        for visit in levels(of, "visit"):
            head = (labels.words(stratum), labels.visit(visit))
            rows.append((*head, *_completed(where(of, visit=visit))))
    headers = (
        *("Group", "Visit", "In the analysis set", "Alive, in follow-up"),
        *("Completed", "% of those alive", "Without a form, by reason"),
    )
    return Table(caption, headers, tuple(rows), 2, trailing_texts=1)


def _completed(forms: pd.DataFrame) -> tuple[str, ...]:
    """The cells of a visit: its own row has no reason, each other row is a reason's people."""
    parts = records(forms)
    reasons = [r for r in parts if not fmt.missing(r["reason"])]
    visit = next((r for r in parts if fmt.missing(r["reason"])), None)
    if visit is None:
        return (*[fmt.NONE] * 4, fmt.NONE)
    expected, number = visit["n_expected"], visit["n_completed"]
    share = fmt.NONE
    if not fmt.missing(number) and not fmt.missing(expected) and float(expected) > 0:
        share = fmt.percent(float(number) / float(expected), 0)
    said = [
        f"{labels.inside(labels.words(r['reason']))} {fmt.count(r['n_fixed'])}" for r in reasons
    ]
    counts = (fmt.count(visit["n_fixed"]), fmt.count(expected), fmt.count(number))
    return (*counts, share, "; ".join(said) or fmt.NONE)


def mean_table(curve: pd.DataFrame, order: Sequence[str], caption: str) -> Table:
    """Mean scores of one instrument per scale, method, stratum and visit; not of an empty frame."""
    instrument = levels(curve, "instrument")[0]
    visits = curve.drop_duplicates("visit").sort_values("time_days", kind="stable")
    names = [str(v) for v in visits["visit"]]
    rows = []
    for scale in sorted_by(levels(curve, "scale"), labels.scales(instrument)):
        for method in levels(where(curve, scale=scale), "method"):
            of = where(curve, scale=scale, method=method)
            for stratum in sorted_by(levels(of, "stratum"), order):
                cells = [_mean(where(of, stratum=stratum, visit=visit)) for visit in names]
                name = labels.scale(scale, instrument)
                rows.append(
                    (name, labels.METHODS.get(method, method), labels.words(stratum), *cells)
                )
    headers = ("Scale", "Estimate", "Group", *(labels.visit(v) for v in names))
    return Table(caption, headers, tuple(rows), 3, ("Mean (95% CI).",))


def _mean(rows: pd.DataFrame) -> str:
    if rows.empty:
        return fmt.NONE
    row = rows.iloc[0]
    digits = 3 if str(row["scale"]) == "utility" else 1
    shown = [fmt.number(row[c], digits) for c in ("mean", "ci_lower", "ci_upper")]
    return fmt.with_limits(*shown)


def plain_table(frame: pd.DataFrame, caption: str) -> Table:
    """Any other results table as it is, without its study."""
    kept = [c for c in frame.columns if c not in ("study_id", "analysis_set")]
    kept = [c for c in kept if not frame[c].isna().all()]
    texts = [c for c in kept if not pd.api.types.is_numeric_dtype(frame[c])]
    columns = [*texts, *(c for c in kept if c not in texts)]
    rows = tuple(
        tuple(
            labels.words(r[c]) if c in texts and not fmt.missing(r[c]) else fmt.significant(r[c])
            for c in columns
        )
        for r in records(frame)
    )
    headers = tuple(labels.words(c) for c in columns)
    return Table(caption, headers, rows, max(1, len(texts)))
