"""The lowest and highest score a scale can give, and what a death counts for on it.

Follows from the instrument's file; of the data only limits are taken, to be kept inside.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.scale import CompositeScale, ItemScale

# A utility is measured against being dead, which is 0; some states are below it.
DEAD = 0.0


def score_range(instrument: Instrument, name: str) -> tuple[float, float]:
    """The lowest and the highest score of a scale."""
    scale = next(s for s in instrument.scales if s.name == name)
    if isinstance(scale, ItemScale):
        if scale.rule == "mean_0_100":
            return 0.0, 100.0
        items = [instrument.items[key] for key in scale.items]
        times = len(items) if scale.rule == "prorated_sum" else 1
        return times * float(items[0].minimum), times * float(items[0].maximum)
    if isinstance(scale, CompositeScale):
        parts = [score_range(instrument, part) for part in scale.scales]
        if scale.rule == "mean_of_scales":
            return 0.0, 100.0
        return sum(low for low, _ in parts), sum(high for _, high in parts)
    return instrument.utility_range(scale.name)


def value_of_death(instrument: Instrument, name: str) -> float:
    """What a death counts for: 0 of a utility, else the worst score of the scale."""
    if name in instrument.utilities:
        return DEAD
    low, high = score_range(instrument, name)
    return low if instrument.towards_better(name) > 0 else high


def limits_within(rows: pd.DataFrame, low: float, high: float, estimate: str) -> pd.DataFrame:
    """The rows with ci_lower and ci_upper cut at the lowest and highest value there can be.

    A mean of scores lies between the ends of the scale, so that limits lose no coverage by it. A
    model's estimate beyond an end keeps its limits around it.
    """
    return rows.assign(
        ci_lower=np.fmax(rows["ci_lower"], np.fmin(rows[estimate], low)).where(
            rows["ci_lower"].notna()
        ),
        ci_upper=np.fmin(rows["ci_upper"], np.fmax(rows[estimate], high)).where(
            rows["ci_upper"].notna()
        ),
    )
