"""The mean of those alive at each visit, drop-out weighted for and death not.

Independence estimating equations with a mean for every stratum and visit: a weighted mean in each.
Its weights are `answering`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.answering import answering_weights
from analyses.quality_of_life.answers import Floats
from analyses.quality_of_life.observed_mean import CONFIDENCE


def while_alive_curve(one: Answered) -> tuple[pd.DataFrame, float]:
    """Rows of method `while_alive` by stratum and visit, and the largest weight.

    Columns: stratum, visit, mean, std_error, ci_lower, ci_upper; none where fewer than two people
    gave a score. The mean is sum w y / sum w. Its robust variance is that of independence
    estimating equations, sum w^2 (y - mean)^2 / (sum w)^2, times n / (n - 1): the weights are taken
    as known, which errs on the large side. Limits are Student's t with (sum w)^2 / sum w^2 - 1
    degrees of freedom. With equal weights it is the observed mean with its limits.
    """
    return weighted_curve(one, answering_weights(one))


def weighted_curve(one: Answered, weights: Floats) -> tuple[pd.DataFrame, float]:
    """The same with these weights (people, visits)."""
    from scipy.special import stdtrit

    person, visit = np.nonzero(~np.isnan(one.scores))
    w, y = weights[person, visit], one.scores[person, visit]
    rows = pd.DataFrame({"stratum": one.stratum[person], "visit": visit, "n": 1, "w": w, "y": y})
    keys = ["stratum", "visit"]
    groups = rows.assign(w2=w**2, wy=w * y).groupby(keys, sort=True)
    sums = groups[["n", "w", "w2", "wy"]].sum()
    sums = sums[sums["n"] > 1]
    sums["mean"] = sums["wy"] / sums["w"]
    of_row = rows.merge(sums[["mean"]].reset_index(), on=keys)
    squares = (of_row["w"] ** 2 * (of_row["y"] - of_row["mean"]) ** 2).groupby(
        [of_row[key] for key in keys]
    )
    variance = squares.sum() / sums["w"] ** 2 * sums["n"] / (sums["n"] - 1)
    error = np.sqrt(variance)
    half_width = stdtrit(sums["w"] ** 2 / sums["w2"] - 1, 0.5 + CONFIDENCE / 2) * error
    table = pd.DataFrame(
        {
            "mean": sums["mean"],
            "std_error": error,
            "ci_lower": sums["mean"] - half_width,
            "ci_upper": sums["mean"] + half_width,
        }
    ).reset_index()
    table["visit"] = table["visit"].map(dict(enumerate(one.visits)))
    return table, float(np.nanmax(weights, initial=1.0))
