"""Whom and what a complete-case model leaves out: rows of results.diagnostic.

Belongs here: patients without a covariate and variables that tell a model nothing. Does not belong
here: which they are (design_matrix.py) and models of everybody (imputed_models.py).
"""

from __future__ import annotations

from analyses.evaluation.design_matrix import DesignMatrix
from analyses.evaluation.findings import (
    DROPPED_MUCH,
    DROPPED_TOO_MUCH,
    Findings,
    Status,
)
from analyses.evaluation.outcome import Outcome


def look_at_missing(design: DesignMatrix, outcome: Outcome, findings: Findings, about: str) -> None:
    """How many patients one model left out; where it fails, the report has that model behind it.

    about: the model and its cause as in the other diagnostics of it: `name` or `name, cause c`.
    """
    dropped, size = int((~design.complete).sum()), len(design.complete)
    status: Status = "pass" if dropped <= DROPPED_MUCH * size else "warn"
    if dropped > DROPPED_TOO_MUCH * size:
        status = "fail"
    findings.add(
        "incomplete_covariates",
        status,
        about=f"patients left out of {about}",
        endpoint=outcome.endpoint.id,
        value=dropped,
        threshold=DROPPED_MUCH * size,
    )


def look_at_constant(
    design: DesignMatrix, outcome: Outcome, findings: Findings, model: str
) -> None:
    """Which variables have one value among the complete cases, and so are not in the model."""
    for variable in design.constant:
        findings.add(
            "constant_covariate",
            "warn",
            about=f"{variable} left out of {model}",
            endpoint=outcome.endpoint.id,
        )
