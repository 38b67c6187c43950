"""The natural cubic spline of time: straight outside its outer knots, smooth between them.

Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analyses.errors import AnalysisError
from analyses.quality_of_life.answers import Floats


def natural_spline(time: Floats, knots: Sequence[float]) -> Floats:
    """The basis (times, knots): a constant, the time, and a cubic for each knot but two.

    `knots` ascending, the outer ones first and last; they span the space of R's
    `cbind(1, ns(time, knots = inner, Boundary.knots = outer))`. Formula: Hastie, Tibshirani &
    Friedman, The Elements of Statistical Learning, 2nd ed., equation 5.4.
    """
    places = np.asarray(knots, dtype=float)
    if len(places) < 2 or (np.diff(places) <= 0).any():
        message = "the knots of a spline ascend, two at least"
        raise AnalysisError(message)
    span = places[-1] - places[0]
    at, places = (np.asarray(time, dtype=float) - places[0]) / span, (places - places[0]) / span

    def cubic(knot: float) -> Floats:
        return np.asarray(
            (np.maximum(at - knot, 0) ** 3 - np.maximum(at - places[-1], 0) ** 3)
            / (places[-1] - knot)
        )

    last = cubic(places[-2])
    curved = [cubic(knot) - last for knot in places[:-2]]
    return np.column_stack([np.ones(len(at)), at, *curved])
