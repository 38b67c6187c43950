"""Ending a curve where too few are left to carry it. Curves are estimated elsewhere."""

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import starts_of_groups
from analyses.survival.groups import groups


def truncate_curve(curve: pd.DataFrame, min_at_risk: int) -> pd.DataFrame:
    """The curve up to the last time at which `min_at_risk` people or more are at risk.

    `curve` comes from `kaplan_meier` or `cumulative_incidence`; each group, and cause, ends on its
    own (Pocock, Clayton and Altman, Lancet 2002: curves are unstable where few are left). Few
    people at the start, under delayed entry, do not end it. A group that never has so many keeps
    no row. What was estimated before the end does not change.
    """
    if min_at_risk < 1:
        raise AnalysisError("min_at_risk must be 1 or more")
    if not {"time", "n_at_risk"} <= set(curve.columns):
        raise AnalysisError("truncate_curve takes a curve of kaplan_meier or cumulative_incidence")
    names = [str(column) for column in curve.columns[: list(curve.columns).index("time")]]
    code = groups(curve, names or None).code
    order = np.lexsort((curve["time"].to_numpy(dtype=float), code))
    enough = curve["n_at_risk"].to_numpy()[order] >= min_at_risk
    place = np.where(enough, np.arange(len(order)), -1)
    starts = starts_of_groups(code[order])
    last = np.maximum.reduceat(place, starts) if len(starts) else place
    size = np.diff(np.append(starts, len(order)))
    kept = np.zeros(len(order), dtype=bool)
    kept[order] = np.arange(len(order)) <= np.repeat(last, size)
    return curve[kept].reset_index(drop=True)
