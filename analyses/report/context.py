"""What every section of a study needs: its tables, its strata and their names.

Belongs here: looking a study's results up. Does not: figures, tables, words of one section.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analyses.figures import Look
from analyses.report import labels
from analyses.report.cohort_tables import status_of
from analyses.report.diagnostics import Part, part_of
from analyses.report.tables import levels, of_study

_STRATA_FROM = (
    "survival_summary",
    "survival_curve",
    "cumulative_incidence",
    "quality_of_life_curve",
    "baseline",
)


def as_mapping(study: object) -> dict[str, Any]:
    """A study as a plain dict: a mapping as it is, a pydantic model through `model_dump`."""
    if isinstance(study, Mapping):
        return dict(study)
    dump = getattr(study, "model_dump", None)
    if not callable(dump):
        raise TypeError(f"a study is a mapping or has model_dump(); got {type(study).__name__}")
    return dict(dump())


@dataclass(frozen=True)
class StudyContext:
    """A study with its results. `ticks`: whether censoring ticks may be drawn."""

    study: Mapping[str, Any]
    results: dict[str, pd.DataFrame]
    ticks: bool

    @property
    def id(self) -> str:
        """The id of the study."""
        return str(self.study["id"])

    def table(self, name: str) -> pd.DataFrame:
        """The study's rows of a results table, empty when there are none."""
        return of_study(self.results, name, self.id)

    @property
    def strata(self) -> tuple[str, ...]:
        """The strata in the order of their colours: by name, the reference after the others."""
        found = {level for name in _STRATA_FROM for level in levels(self.table(name), "stratum")}
        if len(found) > 1:
            found.discard("overall")
        reference = str(self.study.get("reference") or "")
        return tuple(sorted(found, key=lambda s: (s == "missing", s == reference, s)))

    def names(self) -> dict[str, str]:
        """Display names of the strata."""
        return {stratum: labels.words(stratum) for stratum in self.strata}

    def look(self, analysis_set: object, endpoint: str = "", **names: str) -> Look:
        """How this study's figures are drawn."""
        return Look(
            order=self.strata,
            names={**self.names(), **names},
            origin=labels.origin(analysis_set, endpoint),
            censor_ticks=self.ticks,
            truncated=self.study.get("min_at_risk") is not None,
        )

    @property
    def ends(self) -> str:
        """A sentence about where curves end, when the study ends them before their last person."""
        least = self.study.get("min_at_risk")
        return "" if least is None else f" Curves end where fewer than {least} are at risk."

    def warnings(self, endpoint: str, part: Part = "curves") -> list[tuple[str, str]]:
        """(status, words) of the diagnostics of an endpoint's curves, or of another part of its
        results, that did not pass, worst first."""
        frame = self.table("diagnostic")
        if frame.empty:
            return []
        found = []
        for row in frame[frame["endpoint"].astype(str) == endpoint].itertuples(index=False):
            status = status_of(row.status)
            if status != "pass" and part_of(str(row.diagnostic)) == part:
                name, _, concerns = str(row.diagnostic).partition(": ")
                text = labels.words(name) + (f" ({labels.term(concerns)})" if concerns else "")
                found.append((status, text))
        return sorted(found, key=lambda pair: (pair[0] != "fail", pair[1]))
