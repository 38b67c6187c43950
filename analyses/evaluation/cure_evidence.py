"""Whether a cure fraction can be told: what a reader must know before one is believed.

Belongs here: the diagnostics of cure models. Does not belong here: the models.
"""

from __future__ import annotations

import pandas as pd

from analyses.evaluation.findings import AT_RISK_FEW, Findings, Status
from analyses.evaluation.outcome import Outcome
from analyses.extrapolation import ParametricFit, cure_support, is_cure

# Maller and Zhou (1996): a level above which follow-up is not shown to be sufficient.
INSUFFICIENT = 0.05
# A fraction nearer to 0 or 1 than this lies at the edge of what the model can give.
EDGE = 0.01


def look_at_cure(
    fit: ParametricFit,
    stratum: str,
    rows: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
) -> None:
    """Follow-up beyond the last event, people on the plateau, and the estimate itself."""
    if not is_cure(fit.family.name):
        return
    about = f"{fit.family.name}, stratum {stratum}"
    endpoint = outcome.endpoint.id
    support = cure_support(rows, entry="entry")
    enough = support.p_insufficient <= INSUFFICIENT
    findings.add(
        "cure_fraction_follow_up",
        "pass" if enough else "warn",
        about=about,
        endpoint=endpoint,
        value=support.p_insufficient,
        threshold=INSUFFICIENT,
    )
    findings.at_least(
        "cure_fraction_plateau",
        float(support.n_on_plateau),
        AT_RISK_FEW,
        about=f"people at risk on it, {about}",
        endpoint=endpoint,
    )
    fraction = float(fit.estimates()["estimate"].iloc[0]) if fit.converged else None
    status: Status = "fail"
    if fraction is not None:
        status = "pass" if EDGE <= fraction <= 1 - EDGE else "warn"
    findings.add(
        "cure_fraction_identifiable",
        status,
        about=about,
        endpoint=endpoint,
        value=fraction,
        threshold=EDGE,
    )
