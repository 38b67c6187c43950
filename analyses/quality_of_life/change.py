"""Change from baseline: its mean, and how many improved, stayed stable and deteriorated.

Of those who answered both visits; who they leave out is told by completion. Changes over time until
the first or lasting deterioration are `deterioration`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import answered_scales
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.observed_mean import observed_mean
from analyses.quality_of_life.score_range import limits_within, score_range
from analyses.quality_of_life.visits import Visit

# Differences of scores that are thirds: a change of 10 may be stored as 9.999999999999986.
ROUNDING = 1e-9


def change(one: AtVisits, visits: tuple[Visit, ...]) -> pd.DataFrame:
    """Changes of one instrument by scale, stratum and visit after the first one, the baseline.

    Columns: instrument, scale, stratum, visit, time_days, threshold_improvement,
    threshold_deterioration, n, mean_change, std_error, ci_lower, ci_upper, n_improved, n_stable,
    n_deteriorated; a row where somebody answered both visits. mean_change is visit minus baseline,
    whatever direction is better; its limits are Student's t, cut at the width of the scale, and,
    with its error, empty for one person, as the mean is. Improved and deteriorated are those
    changed by the scale's minimal important difference of that direction or more, towards better
    and worse; a scale without one has no numbers of them.
    """
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    parts = []
    for scale in answered_scales(one):
        changed = scale.scores[:, 1:] - scale.scores[:, :1]
        person, place = np.nonzero(~np.isnan(changed))
        rows = pd.DataFrame(
            {
                "stratum": scale.stratum[person],
                "place": place,
                "value": changed[person, place],
            }
        )
        if rows.empty:
            continue
        table = observed_mean(rows, ["stratum", "place"]).rename(
            columns={"mean": "mean_change", "n_completed": "n"}
        )
        low, high = score_range(one.instrument, scale.scale)
        table = limits_within(table, low - high, high - low, "mean_change")
        shares = _shares(one, scale.scale, rows)
        names = table["place"].map(dict(enumerate(scale.visits[1:])))
        table = table.merge(shares, on=["stratum", "place"]).assign(
            instrument=one.instrument.id,
            scale=scale.name,
            visit=names,
            time_days=names.map(days),
        )
        parts.append(table.sort_values(["stratum", "place"]))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _shares(one: AtVisits, scale: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Thresholds and numbers by stratum and place; empty without a minimal important difference."""
    keys = ["stratum", "place"]
    difference = one.instrument.important_difference(scale)
    if difference is None:
        columns = ["threshold_improvement", "threshold_deterioration"]
        columns += ["n_improved", "n_stable", "n_deteriorated"]
        return rows[keys].drop_duplicates().assign(**dict.fromkeys(columns, np.nan))
    better = rows["value"] * one.instrument.towards_better(scale)
    improved = better >= difference.improvement - ROUNDING
    deteriorated = better <= -difference.deterioration + ROUNDING
    numbers = rows[keys].assign(
        n_improved=improved, n_stable=~improved & ~deteriorated, n_deteriorated=deteriorated
    )
    return (
        numbers.groupby(keys)
        .sum()
        .reset_index()
        .assign(
            threshold_improvement=difference.improvement,
            threshold_deterioration=difference.deterioration,
        )
    )
