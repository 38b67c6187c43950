"""The sensitivity of an instrument's scales to scores missing not at random, as a study asks.

Puts the methods together and says how large the deltas are; the methods are `not_at_random` and
`shared_effects`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.answers import Booleans
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.model_curve import FEWEST_AT_VISIT
from analyses.quality_of_life.not_at_random import COLUMNS, missing_shares, not_at_random
from analyses.quality_of_life.observed_mean import CONFIDENCE
from analyses.quality_of_life.repeated_measures import MixedModel, NotConvergedError
from analyses.quality_of_life.score_range import score_range
from analyses.quality_of_life.shared_effects import shared_effects
from analyses.quality_of_life.visits import Visit

# Drop-outs below which nothing is told of what they depend on.
FEWEST_DROP_OUTS = 10
# The customary stand-in for a minimal important difference: Norman et al., Med Care 2003;41:582.
SHARE_OF_DEVIATION = 0.5


def sensitivity(
    one: AtVisits,
    scales: list[Answered],
    models: Mapping[str, MixedModel],
    visits: tuple[Visit, ...],
    *,
    deltas: Sequence[float],
    jointly: Sequence[str],
    reference: str | None,
) -> tuple[pd.DataFrame, list[tuple[str, float, float]]]:
    """Rows of results.quality_of_life_sensitivity but for study and instrument, and findings.

    deltas: in minimal important differences of a deterioration, positive for worse; half a standard
    deviation of the first visit's scores where a scale has none. jointly: the scales to model
    together with drop-out.
    """
    parts, without = [], []
    for scale in scales:
        shares = missing_shares(scale, one.follow_up, visits)
        if scale.name in models and deltas:
            low, high = score_range(one.instrument, scale.scale)
            # 0 is the model itself, with its change from baseline, to compare the others with.
            points = [0.0, *(-delta * _unit(one, scale) for delta in deltas)]
            table = not_at_random(scale, models[scale.name], shares, points, reference, high - low)
            parts.append(table.assign(scale=scale.name))
        if scale.name in jointly:
            try:
                table = _jointly(scale, shares, visits)
            except NotConvergedError:
                table = None
            if table is None:
                without.append(scale.name)
            else:
                parts.append(table.assign(scale=scale.name))
    findings = []
    if jointly:
        about = ", ".join([one.instrument.id, *without])
        findings.append((f"joint_model_not_fitted: {about}", float(len(without)), 1.0))
    filled = [part for part in parts if len(part)]
    return (pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()), findings


def _unit(one: AtVisits, scale: Answered) -> float:
    """Points of one delta, towards better."""
    difference = one.instrument.important_difference(scale.scale)
    better = one.instrument.towards_better(scale.scale)
    if difference is not None:
        return better * difference.deterioration
    first = scale.scores[:, 0] if (~np.isnan(scale.scores[:, 0])).sum() > 1 else scale.scores
    return better * SHARE_OF_DEVIATION * float(np.nanstd(first, ddof=1))


def _jointly(one: Answered, shares: pd.DataFrame, visits: tuple[Visit, ...]) -> pd.DataFrame | None:
    """The joint model's means; None with too few people or drop-outs."""
    given = ~np.isnan(one.scores)
    known = given.any(axis=1) & (one.stratum != "")
    kept = given.sum(axis=0) >= FEWEST_AT_VISIT
    kept &= np.arange(len(kept)) <= np.flatnonzero(kept).max(initial=0)
    at_risk, drops = drop_outs(one)
    if kept.sum() < 2 or drops[known][:, kept].sum() < FEWEST_DROP_OUTS:
        return None
    known &= given[:, kept].any(axis=1)
    strata, group = np.unique(one.stratum[known], return_inverse=True)
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    names = [name for name, keep in zip(one.visits, kept, strict=True) if keep]
    fitted = shared_effects(
        one.scores[known][:, kept],
        at_risk[known][:, kept],
        drops[known][:, kept],
        group,
        [days[name] for name in names],
    )
    from scipy.special import ndtri

    half = ndtri(0.5 + CONFIDENCE / 2) * fitted.std_error
    rows = pd.DataFrame(
        {
            "stratum": np.repeat(strata, len(names)),
            "visit": np.tile(np.array(names, dtype=object), len(strata)),
            "place": np.tile(np.flatnonzero(kept), len(strata)),
            "value": fitted.mean.ravel(),
            "std_error": fitted.std_error.ravel(),
            "ci_lower": (fitted.mean - half).ravel(),
            "ci_upper": (fitted.mean + half).ravel(),
        }
    )
    rows = rows.merge(shares, on=["stratum", "place"]).assign(
        method="shared_random_effects", quantity="mean", delta=np.nan, reference=None
    )
    return rows[(rows["n"] > 1) & rows["value"].notna()][list(COLUMNS)]


def drop_outs(one: Answered) -> tuple[Booleans, Booleans]:
    """Visits people could drop out at (people, visits), and the one at which they did.

    Dropped out at a visit is who was expected there, or had left follow-up alive, gave no score at
    it or later, and had given one before. Nobody drops out at a visit they were not expected at,
    nor by a death; after a drop-out nobody can again.
    """
    given = ~np.isnan(one.scores)
    before = np.zeros_like(given)
    before[:, 1:] = np.maximum.accumulate(given, axis=1)[:, :-1]
    later = np.maximum.accumulate(given[:, ::-1], axis=1)[:, ::-1]
    asked = (one.expected | one.lost) & before
    gone = asked & ~later
    first = gone & (np.cumsum(gone, axis=1) == 1)
    dropped_before = np.cumsum(gone, axis=1) - gone > 0
    return np.asarray(asked & ~dropped_before), np.asarray(first)
