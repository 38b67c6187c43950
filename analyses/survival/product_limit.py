"""The product-limit (Kaplan-Meier) estimate and Greenwood's variance, on counts.

`lifelines` is the fitter where it can be trusted and is not slow: a few groups, everybody from
the origin. With delayed entry its at-risk counts include who enters at t, and a loop over
thousands of groups takes a minute; there the same product is taken for all groups at once. Tests
hold the two equal.
"""

from itertools import pairwise

import numpy as np

from analyses.survival.arrays import (
    Floats,
    Ints,
    cumulative_product,
    cumulative_sum,
    divide,
    starts_of_groups,
)

LIFELINES_MOST_GROUPS = 20


def survival(n_at_risk: Floats, n_event: Floats, group: Ints) -> Floats:
    """Kaplan-Meier at each row; rows are sorted by group and time."""
    return cumulative_product(1.0 - divide(n_event, n_at_risk), group)


def survival_by_lifelines(time: Floats, n_event: Floats, n_censored: Floats, group: Ints) -> Floats:
    """Kaplan-Meier fitted by `lifelines.KaplanMeierFitter` on counts given as weights."""
    from lifelines import KaplanMeierFitter

    fitted = np.empty(len(time))
    starts = [*starts_of_groups(group), len(time)]
    for first, last in pairwise(starts):
        here = slice(first, last)
        weights = np.concatenate([n_event[here], n_censored[here]])
        kept = weights > 0
        curve = KaplanMeierFitter().fit(
            np.tile(time[here], 2)[kept],
            np.repeat([1, 0], last - first)[kept],
            weights=weights[kept],
        )
        steps = curve.survival_function_.iloc[:, 0]
        # lifelines adds a row at time 0 unless there is one.
        fitted[here] = steps.to_numpy()[-(last - first) :]
    return fitted


def greenwood(n_at_risk: Floats, n_event: Floats, group: Ints) -> Floats:
    """Greenwood's sum of d / (n (n - d)): the variance of the log of survival.

    Where everybody at risk has the event the term is 0: survival is 0 from there on, and so is
    its standard error.
    """
    return cumulative_sum(greenwood_terms(n_at_risk, n_event), group)


def greenwood_terms(n_at_risk: Floats, n_event: Floats) -> Floats:
    """The terms of Greenwood's sum."""
    return divide(n_event, n_at_risk * (n_at_risk - n_event))
