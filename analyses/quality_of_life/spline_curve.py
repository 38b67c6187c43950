"""The spline model's means of one scale at the visits: its knots, and its rows of a curve.

The model is `spline`; it uses every chosen form on the day it was filled in.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.spline import spline_model

# People with a score, for the model as a whole and for a stratum to be in it.
FEWEST = 20
FEWEST_IN_STRATUM = 5
COLUMNS = ("stratum", "visit", "mean", "std_error", "ci_lower", "ci_upper")


def spline_curve(
    scores: pd.DataFrame, days: Mapping[str, float], answered: pd.DataFrame
) -> tuple[pd.DataFrame, str | None]:
    """Rows of method `spline_model` by stratum and visit, and why there are none.

    Args:
        scores: unit, stratum, day, value of one scale and respondent. Days before the start count
            as the start, as the baseline does.
        days: nominal day of each visit. answered: the (stratum, visit) to give means at.

    Outer knots at the first and last day with a score, inner ones at the terciles of the days after
    the start. A random constant and slope of each person; where their covariance is not to be told,
    a constant alone. Returns columns as `model_curve`; None when fitted, else `too_few_people` or
    `not_converged`.
    """
    nothing = pd.DataFrame(columns=list(COLUMNS))
    given = scores.assign(time=scores["day"].clip(lower=0).astype(float))
    people = given.groupby("stratum")["unit"].transform("nunique")
    given = given[people >= FEWEST_IN_STRATUM]
    after = given.loc[given["time"] > 0, "time"]
    if given["unit"].nunique() < FEWEST or after.nunique() < 3:
        return nothing, "too_few_people"
    inner = np.quantile(np.unique(after), [1 / 3, 2 / 3])
    knots = [0.0, *inner, float(after.max())]
    if np.diff(knots).min() <= 0:
        return nothing, "too_few_people"
    names = [name for name, day in days.items() if day <= knots[-1]]
    at = [days[name] for name in names]
    for random in ("slope", "intercept"):
        try:
            means = spline_model(given, at=at, knots=knots, by="stratum", random=random).means
        except AnalysisError:
            continue
        if np.isfinite(means[["std_error", "ci_lower"]].to_numpy()).all():
            rows = means.assign(visit=means["time"].map(dict(zip(at, names, strict=True))))
            return rows.merge(answered, on=["stratum", "visit"])[list(COLUMNS)], None
    return nothing, "not_converged"
