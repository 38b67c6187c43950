"""The curve of one instrument by every method, each with its estimand, and what went wrong.

Puts the observed mean, the mixed model and the while-alive mean side by side; each is estimated in
its own module.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analyses.quality_of_life.answered import answered_scales
from analyses.quality_of_life.answering import MAX_WEIGHT
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.curve import observed_curve
from analyses.quality_of_life.model_curve import model_curve
from analyses.quality_of_life.visits import Visit

_ESTIMATES = ["mean", "std_error", "ci_lower", "ci_upper"]


@dataclass(frozen=True)
class Curves:
    """`rows` in the columns of the observed curve; `findings`: diagnostic, value, threshold."""

    rows: pd.DataFrame
    findings: list[tuple[str, float, float]]


def curves(one: AtVisits, visits: tuple[Visit, ...]) -> Curves:
    """Per scale the rows of each method, in the order observed, mixed_model, while_alive.

    The mixed model and the while-alive mean have a row where they have an estimate, with the
    numbers expected and completed of the observed one.
    """
    from analyses.quality_of_life.while_alive import while_alive_curve

    observed = observed_curve(one, visits)
    if observed.empty:
        return Curves(observed, [])
    parts, largest = [], 1.0
    without: dict[str, list[str]] = {"too_few_people": [], "not_converged": []}
    scales = list(answered_scales(one))
    for scale in scales:
        of_scale = observed[observed["scale"] == scale.name]
        modelled, why_not = model_curve(scale)
        if why_not is not None:
            without[why_not].append(scale.name)
        alive, weight = while_alive_curve(scale)
        largest = max(largest, weight)
        parts += [
            of_scale,
            _as_rows(of_scale, modelled, "mixed_model"),
            _as_rows(of_scale, alive, "while_alive"),
        ]
    filled = [part for part in parts if len(part)]
    findings = _findings(one.instrument.id, without, len(scales), largest)
    return Curves(pd.concat(filled, ignore_index=True), findings)


def _as_rows(observed: pd.DataFrame, estimates: pd.DataFrame, method: str) -> pd.DataFrame:
    """The rows of the observed curve there is an estimate for, with that estimate."""
    counts = observed.drop(columns=_ESTIMATES)
    return counts.merge(estimates, on=["stratum", "visit"], how="inner").assign(method=method)


def _findings(
    instrument: str, without: dict[str, list[str]], n_scales: int, largest: float
) -> list[tuple[str, float, float]]:
    """The scales without a mixed model, by why, and whether weights of answering were cut."""
    found = []
    for why, scales in without.items():
        which = "all scales" if len(scales) == n_scales else " ".join(scales)
        about = f"{instrument}, {which}" if scales else instrument
        found.append((f"mixed_model_{why}: {about}", float(len(scales)), 1.0))
    found.append((f"answering_weight_largest: {instrument}", largest, MAX_WEIGHT))
    return found
