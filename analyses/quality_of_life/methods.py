"""The curve of one instrument by every method, each with its estimand, and what went wrong.

Puts the means side by side; each is estimated in its own module.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analyses.quality_of_life.answered import Answered, answered_scales
from analyses.quality_of_life.answering import MAX_WEIGHT
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.curve import observed_curve
from analyses.quality_of_life.model_curve import fit_model, model_curve
from analyses.quality_of_life.repeated_measures import MixedModel
from analyses.quality_of_life.score_range import limits_within, score_range, value_of_death
from analyses.quality_of_life.spline_curve import spline_curve
from analyses.quality_of_life.visits import Visit
from analyses.quality_of_life.while_alive import while_alive_curve
from analyses.quality_of_life.with_deaths import (
    MORTALITY_SMALL,
    composite_curve,
    mortality,
    survivors_curve,
)

_ESTIMATES = ["mean", "std_error", "ci_lower", "ci_upper"]


@dataclass(frozen=True)
class Curves:
    """`rows` in the columns of the observed curve; `findings`: diagnostic, value, threshold.

    models: the mixed model of each scale that has one.
    """

    rows: pd.DataFrame
    findings: list[tuple[str, float, float]]
    models: dict[str, MixedModel]


def curves(one: AtVisits, visits: tuple[Visit, ...]) -> Curves:
    """Per scale the rows of each method.

    In the order observed, mixed_model, spline_model, while_alive, and where more than
    MORTALITY_SMALL of a stratum died by the last visit composite and survivors. Only the observed
    mean has a row where there is no estimate; the others have its numbers expected and completed,
    but for the survivors, who have their own. Limits are cut at the ends of the scale.
    """
    observed = observed_curve(one, visits)
    if observed.empty:
        return Curves(observed, [], {})
    parts: list[pd.DataFrame] = []
    models: dict[str, MixedModel] = {}
    without: dict[str, list[str]] = {
        f"{model}_{why}": []
        for model in ("mixed_model", "spline_model")
        for why in ("too_few_people", "not_converged")
    }
    largest, dead = 1.0, 0.0
    scales = list(answered_scales(one))
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    for scale in scales:
        of_scale = observed[observed["scale"] == scale.name]
        found: dict[str, pd.DataFrame] = {}
        model, why_not = fit_model(scale)
        found["mixed_model"] = model_curve(scale, model)
        if model is not None:
            models[scale.name] = model
        if why_not is not None:
            without[f"mixed_model_{why_not}"].append(scale.name)
        told = of_scale.loc[of_scale["n_completed"] > 1, ["stratum", "visit"]]
        found["spline_model"], why_not = spline_curve(_by_day(one, scale), days, told)
        if why_not is not None:
            without[f"spline_model_{why_not}"].append(scale.name)
        found["while_alive"], weight = while_alive_curve(scale)
        largest = max(largest, weight)
        died = mortality(scale, one.follow_up, days)
        dead = max(dead, died)
        if died > MORTALITY_SMALL:
            worst = value_of_death(one.instrument, scale.scale)
            found["composite"] = composite_curve(found["while_alive"], one.follow_up, days, worst)
            found["survivors"] = survivors_curve(scale, one.follow_up, days)
        of_methods = [
            of_scale,
            *(_as_rows(of_scale, rows, method) for method, rows in found.items() if len(rows)),
        ]
        ends = score_range(one.instrument, scale.scale)
        parts += [limits_within(rows, *ends, "mean") for rows in of_methods]
    filled = [part for part in parts if len(part)]
    findings = _findings(one.instrument.id, without, len(scales), largest)
    findings.append((f"mortality_by_last_visit: {one.instrument.id}", dead, MORTALITY_SMALL))
    return Curves(pd.concat(filled, ignore_index=True), findings, models)


def _by_day(one: AtVisits, scale: Answered) -> pd.DataFrame:
    """The scores of a scale by one kind of respondent, on their days, with the stratum."""
    who = scale.name.removeprefix(scale.scale).lstrip(":") or "self"
    given = one.scores[(one.scores["scale"] == scale.scale) & (one.scores["respondent"] == who)]
    return given.assign(stratum=scale.stratum[given["unit"]])


def _as_rows(observed: pd.DataFrame, estimates: pd.DataFrame, method: str) -> pd.DataFrame:
    """The rows of the observed curve there is an estimate for, with that estimate.

    Numbers the estimates bring are theirs.
    """
    own = [name for name in ("n_expected", "n_completed") if name in estimates]
    counts = observed.drop(columns=[*_ESTIMATES, *own])
    return counts.merge(estimates, on=["stratum", "visit"], how="inner").assign(method=method)


def _findings(
    instrument: str, without: dict[str, list[str]], n_scales: int, largest: float
) -> list[tuple[str, float, float]]:
    """The scales without a model, by why, and whether weights of answering were cut."""
    found = []
    for why, scales in without.items():
        which = "all scales" if len(scales) == n_scales else " ".join(scales)
        about = f"{instrument}, {which}" if scales else instrument
        found.append((f"{why}: {about}", float(len(scales)), 1.0))
    found.append((f"answering_weight_largest: {instrument}", largest, MAX_WEIGHT))
    return found
