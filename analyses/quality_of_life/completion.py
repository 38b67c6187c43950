"""Completion: forms received against the fixed and the variable denominator, and why not.

Counts the people of `expected.visit_grid`; who is expected is decided there.
"""

from __future__ import annotations

import pandas as pd

COLUMNS = ("stratum", "visit", "n_fixed", "n_expected", "n_completed", "reason")


def completion(grid: pd.DataFrame) -> pd.DataFrame:
    """Completion of one instrument by stratum and visit.

    The row whose `reason` is empty is the visit: n_fixed people in the analysis set, n_expected of
    them expected to answer, n_completed with a score. Each other row is the people without one for
    that reason: n_fixed of them, n_expected of these expected, n_completed 0. So within a visit
    n_fixed is n_completed plus the n_fixed of the reasons, and n_expected likewise. Denominators
    as SISAQOL recommends (Coens et al., Lancet Oncol 2020;21:e83-e96).
    """
    keys = ["stratum", "visit"]
    number = {
        "n_fixed": ("unit", "size"),
        "n_expected": ("is_expected", "sum"),
        "n_completed": ("is_completed", "sum"),
    }
    visits = grid.groupby(keys, sort=False).agg(**number).reset_index().assign(reason=None)
    without = grid[grid["reason"].notna()]
    reasons = without.groupby([*keys, "reason"], sort=False).agg(**number).reset_index()
    both = pd.concat([frame for frame in (visits, reasons) if len(frame)], ignore_index=True)
    order = {name: place for place, name in enumerate(grid["visit"].unique())}
    both = both.assign(place=both["visit"].map(order))
    both = both.sort_values(["stratum", "place", "reason"], na_position="first")
    return both[list(COLUMNS)].reset_index(drop=True)
