"""What a reader must know before a result: the rows of results.diagnostic, collected on the way.

Belongs here: thresholds, statuses, and turning a failed analysis into a row. Does not belong here:
the numbers looked at, which come from the analyses themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from analyses.errors import AnalysisError
from analyses.results import empty

Status = Literal["pass", "warn", "fail"]

# A curve is unstable where few people are left (Pocock, Clayton & Altman, Lancet 2002).
AT_RISK_FEW = 10
# Events per coefficient of a Cox model: 10 as the usual rule (Peduzzi 1995), 5 as the lower limit
# that Vittinghoff & McCulloch (Am J Epidemiol 2007) still defend.
EVENTS_PER_TERM, EVENTS_PER_TERM_LEAST = 10.0, 5.0
# A model of fewer events than this says nothing: it is not fitted.
EVENTS_FEWEST = 5
# Share of patients a complete-case model may lose before it is warned of, and before it fails.
DROPPED_MUCH, DROPPED_TOO_MUCH = 0.1, 0.5
NON_PROPORTIONAL = 0.05
# Robust errors need clusters: with fewer they are too small (Cameron & Miller, J Hum Resour 2015).
CLUSTERS_FEW = 20
# Censoring that differs by stratum or covariate with a p-value below this.
INFORMATIVE = 0.05
# A centre without which a log hazard ratio moves by more than its standard error.
INFLUENTIAL = 1.0
# Share of the variance of a pooled estimate that is due to missing values.
MISSING_INFORMATION = 0.5


@dataclass
class Findings:
    """Diagnostics of one study, in the order they are found."""

    study_id: str
    analysis_set: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    adjustment: str = "none"

    def under(self, adjustment: str) -> Findings:
        """The same diagnostics, to which those of adjusted estimates are added."""
        return replace(self, adjustment=adjustment)

    def add(
        self,
        diagnostic: str,
        status: Status,
        *,
        about: str = "",
        endpoint: str | None = None,
        value: float | None = None,
        threshold: float | None = None,
    ) -> None:
        """One row; `about` says what of the study it concerns, after `diagnostic: `."""
        self.rows.append(
            {
                "study_id": self.study_id,
                "analysis_set": self.analysis_set,
                "adjustment": self.adjustment,
                "endpoint": endpoint,
                "diagnostic": f"{diagnostic}: {about}" if about else diagnostic,
                "value": value,
                "threshold": threshold,
                "status": status,
            }
        )

    def at_least(
        self,
        diagnostic: str,
        value: float | None,
        threshold: float,
        *,
        fails_below: float | None = None,
        about: str = "",
        endpoint: str | None = None,
    ) -> None:
        """A value that should reach its threshold; unknown is a warning."""
        status: Status = "pass" if value is not None and value >= threshold else "warn"
        if fails_below is not None and value is not None and value < fails_below:
            status = "fail"
        self.add(
            diagnostic, status, about=about, endpoint=endpoint, value=value, threshold=threshold
        )

    @contextmanager
    def guard(self, method: str, endpoint: str | None = None) -> Iterator[None]:
        """Run an analysis; when it fails, the failure is a row and the other analyses go on."""
        try:
            yield
        except AnalysisError as problem:
            self.add("analysis_failed", "fail", about=f"{method}: {problem}", endpoint=endpoint)
        except Exception as problem:
            # The message of an unforeseen error may hold values of patients: its kind does not.
            about = f"{method}: unforeseen {type(problem).__name__}"
            self.add("analysis_failed", "fail", about=about, endpoint=endpoint)

    def table(self) -> pd.DataFrame:
        """The rows as results.diagnostic."""
        return pd.DataFrame(self.rows) if self.rows else empty("diagnostic")
