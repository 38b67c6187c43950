"""Diagnostics as the report reads them: what they concern, and what they put behind a warning.

A diagnostic of a regression model concerns that model's hazard ratios; every other diagnostic of
an endpoint concerns its curves.
"""

from __future__ import annotations

import re

import pandas as pd

from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.cohort_tables import status_of
from analyses.report.tables import records

_MODEL = re.compile(r"\b((?:cox|fine_gray)\w*)(?:, cause ([^:]+?))?(?=$|:| not fitted)")


def concerns_model(diagnostic: str) -> bool:
    """Whether a diagnostic is about a regression model rather than the curves."""
    return _MODEL.search(diagnostic) is not None


def without_failed_models(
    ratios: pd.DataFrame, diagnostics: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hazard ratios of the models without a failing diagnostic, and those of the others."""
    if ratios.empty or diagnostics.empty:
        return ratios, ratios.iloc[:0]
    failed = {
        (str(row["endpoint"]), found[1], found[2])
        for row in records(diagnostics)
        if status_of(row["status"]) == "fail"
        and (found := _MODEL.search(str(row["diagnostic"]))) is not None
    }
    behind = [
        (str(row["endpoint"]), str(row["model"]), _cause(row["cause"])) in failed
        for row in records(ratios)
    ]
    mask = pd.Series(behind, index=ratios.index)
    return ratios[~mask], ratios[mask]


def alerts(diagnostics: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(status, endpoint, sentence) of what did not pass, worst first, one per kind."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in records(diagnostics) if not diagnostics.empty else []:
        status = status_of(row["status"])
        if status == "pass":
            continue
        kind, _, concerns = str(row["diagnostic"]).partition(": ")
        key = (status, _endpoint(row["endpoint"]), labels.words(kind))
        found.setdefault(key, []).append(_detail(concerns, row["value"], row["threshold"]))
    ordered = sorted(found.items(), key=lambda item: item[0][0] != "fail")
    return [
        (status, endpoint, ": ".join(filter(None, (kind, "; ".join(filter(None, details))))))
        for (status, endpoint, kind), details in ordered
    ]


def _detail(concerns: str, value: object, threshold: object) -> str:
    seen = "" if fmt.missing(value) else f"value {fmt.significant(value)}"
    bound = "" if fmt.missing(threshold) else f"threshold {fmt.significant(threshold)}"
    numbers = ", ".join(part for part in (seen, bound) if part)
    named = labels.term(concerns) if concerns else ""
    return f"{named} ({numbers})" if named and numbers else named or numbers


def _endpoint(value: object) -> str:
    return "Whole study" if fmt.missing(value) else labels.endpoint(value)


def _cause(value: object) -> str | None:
    return None if fmt.missing(value) else str(value)
