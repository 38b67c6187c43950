"""Differences between groups by the mixed model: of the scores, and of the changes from baseline.

The model is `repeated_measures`; its means are `model_curve`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.model_curve import PEOPLE_PER_VISIT, enough_visits
from analyses.quality_of_life.repeated_measures import MixedModel, mixed_model
from analyses.quality_of_life.visits import Visit

# A group with fewer scores at a visit is not compared there.
FEWEST_IN_GROUP = 5
MISSING = "missing"


def group_differences(
    scales: list[Answered],
    models: Mapping[str, MixedModel],
    visits: tuple[Visit, ...],
    reference: str | None,
) -> pd.DataFrame:
    """Each known stratum less the reference, by scale, visit and method.

    Columns: scale, stratum, reference, visit, time_days, method, n, n_reference, difference,
    std_error, ci_lower, ci_upper, degrees_of_freedom, p_value; nothing without a reference. Method
    `mixed_model` compares the scores at each visit; `mixed_model_change` the changes from baseline
    with the baseline score as a covariate of its own slope at each visit.
    """
    if reference is None:
        return pd.DataFrame()
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    parts = []
    for one in scales:
        found = {"mixed_model": models.get(one.name), "mixed_model_change": change_model(one)}
        for method, model in found.items():
            table = None if model is None else _rows(one, model, reference)
            if table is not None and len(table):
                parts.append(table.assign(scale=one.name, method=method))
    if not parts:
        return pd.DataFrame()
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(reference=reference, time_days=rows["visit"].map(days))


def change_model(one: Answered) -> MixedModel | None:
    """The model of the changes from the first visit, its score a covariate; None if too few."""
    changed = one.scores[:, 1:] - one.scores[:, :1]
    answered = ~np.isnan(changed)
    kept = enough_visits(answered)
    n_people = int(answered[:, kept].any(axis=1).sum())
    strata = set(one.stratum[answered[:, kept].any(axis=1)])
    if not kept.any() or n_people < (PEOPLE_PER_VISIT + 1) * kept.sum() + len(strata):
        return None
    person, place = np.nonzero(answered & kept)
    frame = pd.DataFrame(
        {
            "unit": person,
            "visit": place + 1,
            "stratum": one.stratum[person],
            "base": one.scores[person, 0],
            "value": changed[person, place],
        }
    )
    try:
        return mixed_model(frame, by="stratum", baseline="base")
    except AnalysisError:
        return None


def _rows(one: Answered, model: MixedModel, reference: str) -> pd.DataFrame | None:
    """The model's differences where both groups have enough scores."""
    if reference not in set(model.means["stratum"]):
        return None
    given = model.means[["stratum", "visit", "n"]]
    of_reference = given[given["stratum"] == reference].drop(columns="stratum")
    table = (
        model.differences(reference)
        .merge(given, on=["stratum", "visit"])
        .merge(of_reference.rename(columns={"n": "n_reference"}), on="visit")
    )
    enough = table[["n", "n_reference"]].min(axis=1) >= FEWEST_IN_GROUP
    table = table[enough & (table["stratum"] != MISSING)]
    return table.assign(visit=table["visit"].map(dict(enumerate(one.visits))))
