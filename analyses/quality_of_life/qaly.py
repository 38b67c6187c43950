"""The quality-adjusted life years of an instrument's utilities, by stratum and horizon.

Which people, scores and discount rates; the estimators are `quality_adjusted`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import answered_scales
from analyses.quality_of_life.answering import answering_weights
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.quality_adjusted import (
    DISCOUNT_RATE,
    REPLICATES,
    quality_adjusted_survival,
)
from analyses.quality_of_life.visits import Visit

# A stratum of fewer people with a utility has no rows: bootstrap limits of them are too narrow.
FEWEST = 10
# Draws of people in all replicates: a large stratum needs fewer replicates for the same limits.
DRAWS = 1_000_000
FEWEST_REPLICATES = 200


def qaly(
    one: AtVisits,
    visits: tuple[Visit, ...],
    horizons: Sequence[int],
    rates: Sequence[float] = (0.0, DISCOUNT_RATE),
    later: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Rows by scale, stratum, method, horizon and discount rate.

    later: another rate and the years it holds after, for all rates but 0. Columns: instrument,
    scale, stratum, method, horizon_days, discount_rate, n, qaly, std_error, ci_lower, ci_upper.
    Only utilities the patients gave themselves count; a stratum of fewer than FEWEST people with
    one has no rows.
    """
    days = [visit.nominal_day for visit in visits]
    followed = one.follow_up
    parts = []
    for scale in answered_scales(one):
        if scale.scale not in one.instrument.utilities or scale.name != scale.scale:
            continue
        weights = answering_weights(scale)
        has_any = ~np.isnan(scale.scores).all(axis=1)
        for stratum in sorted(set(scale.stratum[has_any])):
            of = scale.stratum == stratum
            if (has_any & of).sum() < FEWEST:
                continue
            for rate in rates:
                table = quality_adjusted_survival(
                    followed.time[of],
                    followed.died[of],
                    scale.scores[of],
                    days,
                    horizons=horizons,
                    weights=weights[of],
                    entry=followed.entries[of],
                    discount_rate=rate,
                    later=later if rate > 0 else None,
                    replicates=min(REPLICATES, max(FEWEST_REPLICATES, DRAWS // int(of.sum()))),
                )
                parts.append(table.assign(scale=scale.name, stratum=stratum, discount_rate=rate))
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts, ignore_index=True).assign(instrument=one.instrument.id)
