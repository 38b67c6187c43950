"""Scores against reference norms, for the age and sex of the person at each form.

The norms come with the study; none is distributed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.curve import scale_name
from analyses.quality_of_life.expected import completed_years
from analyses.quality_of_life.observed_mean import observed_mean
from analyses.quality_of_life.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyses.studies.quality_of_life import Norm

# Norm standard deviations on the worse side from which a score counts as low.
LOW = 2.0


def z_scores(
    one: AtVisits, people: pd.DataFrame, norms: Sequence[Norm], visits: tuple[Visit, ...]
) -> pd.DataFrame:
    """z-scores by scale, stratum and visit, of the scales a norm is given for.

    Args:
        people: as `inputs.people_of`, with sex (F, M, else not known) and age_years.

    A score's z is (score - mean) / sd of the norm of its scale and respondent whose sex (or `all`)
    is the person's and whose ages hold the completed years on the day of the form. Columns: scale,
    stratum, visit, time_days, n, n_without_norm, mean_z, std_error, ci_lower, ci_upper, n_low
    (z <= -2 where more is better, >= 2 where it is worse).
    """
    mine = [norm for norm in norms if norm.instrument == one.instrument.id]
    asked = {(norm.scale, norm.respondent) for norm in mine}
    pairs = list(zip(one.scores["scale"], one.scores["respondent"], strict=True))
    scores = one.scores[[pair in asked for pair in pairs]].reset_index(drop=True)
    if scores.empty:
        return pd.DataFrame()
    age = completed_years(scores["unit"].map(people["age_years"]), scores["day"])
    sex = scores["unit"].map(people["sex"]) if "sex" in people else pd.Series("", scores.index)
    z = pd.Series(np.nan, index=scores.index)
    for norm in mine:
        holds = (scores["scale"] == norm.scale) & (scores["respondent"] == norm.respondent)
        holds &= age.between(norm.min_age, norm.max_age) & ((norm.sex == "all") | (sex == norm.sex))
        z[holds] = (scores.loc[holds, "value"] - norm.mean) / norm.sd
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    better = scores["scale"].map(one.instrument.towards_better).astype(int)
    grid = one.grid.loc[scores["cell"], ["stratum", "visit"]].reset_index(drop=True)
    rows = grid.assign(
        scale=[scale_name(*pair) for pair in zip(scores["scale"], scores["respondent"])],  # noqa: B905
        value=z,
        n_without_norm=z.isna(),
        n_low=z * better <= -LOW,
    )
    keys = ["scale", "stratum", "visit"]
    counts = rows.groupby(keys, sort=False)[["n_without_norm", "n_low"]].sum().reset_index()
    means = observed_mean(rows.dropna(subset=["value"]), keys)
    table = counts.merge(means, on=keys, how="left")
    table = table.rename(columns={"n_completed": "n", "mean": "mean_z"}).fillna({"n": 0})
    table = table.assign(time_days=table["visit"].map(days))
    return table.sort_values(["scale", "stratum", "time_days"], ignore_index=True)
