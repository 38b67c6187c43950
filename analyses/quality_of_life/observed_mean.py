"""The observed mean per visit: what those who answered said.

It says nothing of those who did not answer, who are usually worse off: read it beside completion.
Estimates that model the missing answers do not belong here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CONFIDENCE = 0.95


def observed_mean(scores: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean of `value` in each group of `by`, with its limits.

    Returns `by`, n_completed, mean, std_error, ci_lower, ci_upper. Standard error of the mean is
    sd / sqrt(n); limits are those of Student's t with n - 1 degrees of freedom; the ends of a
    scale are not known here. Of a single person there is no mean: all four are empty.
    """
    from scipy.special import stdtrit

    groups = scores.groupby(by, sort=False, observed=True)["value"]
    table = groups.agg(n_completed="size", mean="mean", sd="std").reset_index()
    several = table["n_completed"] >= 2
    n = table["n_completed"].where(several).astype(float)
    error = table.pop("sd") / np.sqrt(n)
    half_width = stdtrit(n - 1, 0.5 + CONFIDENCE / 2) * error
    mean = table["mean"].where(several)
    return table.assign(
        mean=mean, std_error=error, ci_lower=mean - half_width, ci_upper=mean + half_width
    )
