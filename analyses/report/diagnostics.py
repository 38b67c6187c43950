"""Diagnostics as the report reads them: what they concern, and what they put behind a warning.

A diagnostic of a regression model concerns that model's hazard ratios, one of a parametric model
the extrapolation, one of subgroups these; an analysis that failed concerns what it did not make;
every other diagnostic of an endpoint concerns its curves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analyses.report import formatting as fmt
from analyses.report import labels
from analyses.report.cohort_tables import status_of
from analyses.report.tables import records

Part = Literal["curves", "models", "extrapolation", "subgroups", "not_made"]
_MODEL = re.compile(r"\b((?:cox|fine_gray)\w*)(?:, cause ([^:]+?))?(?=$|:| not fitted)")
_PARAMETRIC = re.compile(
    r"^(cure_fraction_\w+|model_not_converged|events_on_day_0)(:|$)"
    r"|: (extrapolation|smoothed_hazard|no age|\w+, stratum )"
)
# Tests, models and comparisons beside the curve: the curve stands without them.
_NOT_MADE = re.compile(r"^analysis_failed: (?!kaplan_meier|cumulative_incidence)")


def concerns_model(diagnostic: str) -> bool:
    """Whether a diagnostic is about a regression model rather than the curves."""
    return _MODEL.search(diagnostic) is not None


def part_of(diagnostic: str) -> Part:
    """What of an endpoint a diagnostic is about. Of parametric models and subgroups, what fails is
    not drawn; curves that fail are."""
    if concerns_model(diagnostic):
        return "models"
    if diagnostic.startswith("subgroups_"):
        return "subgroups"
    if _PARAMETRIC.search(diagnostic):
        return "extrapolation"
    return "not_made" if _NOT_MADE.match(diagnostic) else "curves"


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


@dataclass(frozen=True)
class Alert:
    """What did not pass of one kind and endpoint: its title, and numbers and levels in words."""

    status: str
    endpoint: str
    kind: str
    details: str

    @property
    def sentence(self) -> str:
        """The kind, and what of it."""
        return ": ".join(filter(None, (self.kind, self.details)))


def alerts(diagnostics: pd.DataFrame) -> list[Alert]:
    """What did not pass, worst first, one per kind and endpoint."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in records(diagnostics) if not diagnostics.empty else []:
        status = status_of(row["status"])
        if status == "pass":
            continue
        kind, _, concerns = str(row["diagnostic"]).partition(": ")
        key = (status, _endpoint(row["endpoint"]), labels.words(kind))
        found.setdefault(key, []).append(_detail(concerns, row["value"], row["threshold"]))
    ordered = sorted(found.items(), key=lambda item: item[0][0] != "fail")
    return [Alert(*key, "; ".join(filter(None, details))) for key, details in ordered]


def by_kind(found: list[Alert]) -> list[tuple[str, list[Alert]]]:
    """Alerts of a kind together, the most frequent kind first."""
    kinds: dict[str, list[Alert]] = {}
    for alert in found:
        kinds.setdefault(alert.kind, []).append(alert)
    return sorted(kinds.items(), key=lambda pair: (-len(pair[1]), pair[0]))


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
