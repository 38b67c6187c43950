"""What if the missing scores are worse than at random: delta-adjusted estimates, tipping points.

A pattern-mixture model by exact shift, on the mixed model's means; the joint model of drop-out is
`shared_effects`. Which deltas a study asks for is its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.group_difference import MISSING
from analyses.quality_of_life.observed_mean import CONFIDENCE
from analyses.quality_of_life.repeated_measures import MixedModel
from analyses.quality_of_life.visits import Visit

COLUMNS = (
    "stratum", "reference", "visit", "time_days", "method", "quantity", "delta", "n", "n_missing",
    "value", "std_error", "ci_lower", "ci_upper",
)  # fmt: skip


def missing_shares(one: Answered, followed: FollowUp, visits: tuple[Visit, ...]) -> pd.DataFrame:
    """By stratum and visit: n with a score, n_missing (living people without one) and n_all.

    n_all are these and the dead: everybody the visit was not absent for by design. Of a scale not
    answered by the patients, only people somebody ever answered for count.
    """
    given = ~np.isnan(one.scores)
    days = {visit.name: float(visit.nominal_day) for visit in visits}
    at = np.array([days[name] for name in one.visits])
    who = np.asarray(given.any(axis=1) | (one.name == one.scale))
    missing = (one.expected | one.lost) & ~given & who[:, None]
    past = np.asarray(followed.died[:, None] & (followed.time[:, None] <= at) & who[:, None])
    dead = past & ~given & ~missing
    parts = []
    for stratum in np.unique(one.stratum):
        of = one.stratum == stratum
        n, n_missing = given[of].sum(axis=0), missing[of].sum(axis=0)
        numbers = {"n": n, "n_missing": n_missing, "n_all": n + n_missing + dead[of].sum(axis=0)}
        parts.append(
            pd.DataFrame({"stratum": stratum, "place": range(len(at)), "time_days": at, **numbers})
        )
    return pd.concat(parts, ignore_index=True)


def not_at_random(
    one: Answered,
    model: MixedModel,
    shares: pd.DataFrame,
    deltas: Sequence[float],
    reference: str | None,
    width: float,
) -> pd.DataFrame:
    """Rows of methods `delta_adjusted` and `tipping_point`, in COLUMNS.

    Args:
        shares: as `missing_shares`. deltas: in points, added to the missing scores.
        width: points between the ends of the scale; a tipping point beyond is none.

    In a pattern-mixture model whose missing scores of living people are those at random plus delta,
    a mean is that at random plus delta times the share missing: what multiple imputation with that
    shift would give on average, without its chance. The variance adds delta^2 share (1 - share) /
    n. The change is shifted at the later visit alone, a difference in the stratum and not in the
    reference. The tipping point is the smallest delta, against the sign of the estimate, with which
    a limit of the quantity reaches 0 (Little & Wang, Biometrics 1996;52:98-111; Carpenter and
    Kenward, Multiple Imputation and its Application, 2013, chapter 10).
    """
    found = {"mean": model.means, "change": model.changes()}
    if reference is not None and reference in set(model.means["stratum"]):
        compared = model.differences(reference).merge(
            model.means[["stratum", "visit", "n"]], on=["stratum", "visit"]
        )
        found["difference"] = compared[compared["stratum"] != MISSING]
    parts = []
    for quantity, estimates in found.items():
        rows = estimates.rename(columns={quantity: "value", "visit": "place"}).drop(columns="n")
        rows = rows.merge(shares, on=["stratum", "place"])
        rows = rows[(rows["n"] > 1) & (rows["n_all"] > 0)]
        rows = rows.assign(
            quantity=quantity, reference=reference if quantity == "difference" else None
        )
        parts += [_shifted(rows, delta).assign(method="delta_adjusted") for delta in deltas]
        if quantity != "mean":
            tip = _tipping(rows, width)
            parts.append(_shifted(rows, tip).assign(method="tipping_point"))
    table = pd.concat(parts, ignore_index=True)
    names = dict(enumerate(one.visits))
    table["visit"] = table["place"].map(names)
    return table[list(COLUMNS)]


def _shifted(rows: pd.DataFrame, delta: float | pd.Series) -> pd.DataFrame:
    """The estimates with the missing scores shifted; as they are where there is no delta."""
    from scipy.special import stdtrit

    share = rows["n_missing"] / rows["n_all"]
    by = delta if isinstance(delta, pd.Series) else pd.Series(delta, index=rows.index)
    shift = by.fillna(0.0)
    value = rows["value"] + shift * share
    error = np.sqrt(rows["std_error"] ** 2 + shift**2 * share * (1 - share) / rows["n_all"])
    half = stdtrit(rows["degrees_of_freedom"], 0.5 + CONFIDENCE / 2) * error
    return rows.assign(
        delta=by, value=value, std_error=error, ci_lower=value - half, ci_upper=value + half
    )


def _tipping(rows: pd.DataFrame, width: float) -> pd.Series:
    """The delta with which a limit is 0, NaN where there is none inside the scale.

    With x the size of delta, s the share and c = s (1 - s) / n, the limit is 0 where
    (|e| - x s)^2 = t^2 (se^2 + x^2 c).
    """
    from scipy.special import stdtrit

    share = (rows["n_missing"] / rows["n_all"]).to_numpy(dtype=float)
    size = rows["value"].abs().to_numpy(dtype=float)
    t = stdtrit(rows["degrees_of_freedom"].to_numpy(dtype=float), 0.5 + CONFIDENCE / 2)
    spare = size**2 - (t * rows["std_error"].to_numpy(dtype=float)) ** 2
    bent = share**2 - t**2 * share * (1 - share) / rows["n_all"].to_numpy(dtype=float)
    root = np.maximum((size * share) ** 2 - bent * spare, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = spare / (size * share + np.sqrt(root))
    tips = (spare > 0) & (share > 0) & (x <= width)
    return pd.Series(np.where(tips, -np.sign(rows["value"]) * x, np.nan), index=rows.index)
