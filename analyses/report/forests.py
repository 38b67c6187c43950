"""Rows of forest plots: hazard ratios of the groups, and their effect in subgroups.

Belongs here: which rows a forest plot gets and what they are called. Does not: drawing, captions.
"""

from __future__ import annotations

import pandas as pd

from analyses import figures
from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.diagnostics import without_failed_models
from analyses.report.tables import levels, records

_KINDS = {"_weighted": "weighted", "_firth": "penalised", "_imputed": "imputed"}


def draw_ratios(ratios: pd.DataFrame, stratify_by: str) -> str | None:
    """The groups' hazard ratios under each endpoint, unadjusted ones open; None without any.

    `ratios`: rows of results.hazard_ratio of one study.
    """
    of_group = of_groups(ratios, stratify_by)
    rows = _ratio_rows(of_group)
    if not rows:
        return None
    favours = ("Lower hazard", f"Higher hazard than {against(of_group)}")
    return figures.forest_figure(rows, favours=favours)


def draw_subgroups(found: pd.DataFrame) -> str:
    """The effect of the groups in each level; `found`: rows of results.subgroup of one endpoint."""
    favours = ("Lower hazard", f"Higher hazard than {against(found)}")
    return figures.forest_figure(_subgroup_rows(found), favours=favours)


def of_groups(ratios: pd.DataFrame, stratify_by: str) -> pd.DataFrame:
    """The rows that compare the groups; models of a later state have the groups beside it."""
    found = ratios[ratios["term"].astype(str).str.startswith(f"{stratify_by}=")]
    return found[~found["model"].astype(str).str.contains("landmark|time_dependent")]


def shown_ratios(ratios: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """The ratios of models without a failing diagnostic: those that are drawn."""
    return without_failed_models(ratios, diagnostics)[0]


def against(found: pd.DataFrame) -> str:
    """The reference of a table of ratios, in words."""
    references = [str(v) for v in found["reference"].dropna().unique()]
    return labels.words(references[0]) if len(references) == 1 else "the reference"


def _ratio_rows(of_group: pd.DataFrame) -> list[figures.ForestRow]:
    under: dict[str, list[figures.ForestRow]] = {}
    for r in records(of_group):
        of = str(r["endpoint"])
        title = labels.endpoint(of)
        if not fmt.missing(r["cause"]) and str(r["cause"]) != of:
            title = f"{title}: {labels.cause(r['cause'], of)}"
        rows = under.setdefault(title, [figures.ForestRow(title, heading=True)])
        level = labels.words(str(r["term"]).partition("=")[2])
        unadjusted = "unadjusted" in str(r["model"])
        kind = "unadjusted" if unadjusted else "adjusted"
        if str(r["model"]).startswith("fine_gray"):
            kind = f"{kind}, subdistribution (Fine-Gray)"
        for mark, words in _KINDS.items():
            if mark in str(r["model"]):
                kind = f"{kind}, {words}"
        rows.append(figures.ForestRow(f"{level}, {kind}", *_ratio(r), firm=not unadjusted))
    return [row for rows in under.values() for row in rows]


def _subgroup_rows(found: pd.DataFrame) -> list[figures.ForestRow]:
    rows: list[figures.ForestRow] = []
    before, several = "", len(levels(found, "term")) > 1
    for r in records(found):
        variable = labels.words(r["variable"])
        if variable != before:
            p = fmt.p_value(r["interaction_p_value"])
            rows.append(figures.ForestRow(f"{variable} (interaction p {p})", heading=True))
            before = variable
        level = labels.words(r["level"])
        counts = f"{fmt.count(r['n_event'])}/{fmt.count(r['n'])}"
        term = labels.words(str(r["term"]).partition("=")[2])
        label = f"{level}: {term}, {counts}" if several else f"{level}, {counts}"
        rows.append(figures.ForestRow(label, *_ratio(r), note="too few events"))
    return rows


def _ratio(row: dict[str, object]) -> tuple[float | None, float | None, float | None]:
    ratio, lower, upper = (
        None if fmt.missing(row[c]) else float(row[c])  # type: ignore[arg-type]
        for c in ("hazard_ratio", "ci_lower", "ci_upper")
    )
    return ratio, lower, upper
