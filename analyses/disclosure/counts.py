"""Counts made fit to show: small ones withheld, with whatever would give them back; rounding.

Belongs here: rules on counts. Does not belong here: curves (curves.py) and which tables of a study
hold counts (release.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.disclosure.policy import DEFAULT_THRESHOLD, SuppressionPolicy


@dataclass(frozen=True)
class Relation:
    """Cells that add up: the positions of the parts, and of their total (None: known outside)."""

    parts: tuple[int, ...]
    total: int | None = None


def is_small(count: float, k: int) -> bool:
    """Whether a count stands for so few people that it may not be shown; 0 is nobody."""
    return 0 < count < k


def suppress_counts(
    counts: Sequence[int] | pd.Series, k: int = DEFAULT_THRESHOLD, *, complementary: bool = True
) -> pd.Series:
    """Counts with those from 1 to k - 1 withheld (missing); Int64, same index.

    With `complementary` the counts are parts of a total that is shown: as long as the withheld
    ones could be told from the total (there is only one, or they add up to less than k), the next
    smallest is withheld too.
    """
    values = pd.Series(counts, dtype="Int64")
    numbers = values.astype("float64").fillna(0).to_numpy()
    relations = [Relation(tuple(range(len(numbers))))] if complementary else []
    return values.mask(withheld(numbers, relations, k))


def withheld(
    counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    relations: Sequence[Relation],
    k: int,
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which cells to withhold: the small ones, and others until no relation gives one back."""
    hidden = np.array([is_small(count, k) for count in counts], dtype=bool)
    changed = True
    while changed:
        changed = False
        for relation in relations:
            further = _further(counts, hidden, relation, k)
            if further is not None:
                hidden[further] = changed = True
    return hidden


def round_counts(counts: pd.Series, base: int) -> pd.Series:
    """Counts to the nearest multiple of `base`, halves up; missing stays missing; Int64."""
    numbers = counts.astype("Float64")
    return ((numbers / base + 0.5) // 1 * base).astype("Int64")


def whole_steps(counts: pd.Series, k: int) -> pd.Series:
    """Numbers of events in whole steps of k, as the shown curve has them: what is left after its
    last step would follow from an exact number. Missing stays missing; Int64."""
    return counts.astype("Int64") // k * k


def fit_count(count: int | None, policy: SuppressionPolicy) -> int | None:
    """One count that stands alone: withheld when small, else to the nearest multiple of the
    rounding base (without one, of the threshold: its neighbours are not known)."""
    if count is None or is_small(count, policy.threshold):
        return None
    base = policy.rounding or policy.threshold
    return int(round_counts(pd.Series([count]), base).iloc[0])


def midpoint_counts(counts: pd.Series, width: int = 6) -> pd.Series:
    """OpenSAFELY's midpoint rounding: 0 stays 0, 1-6 becomes 3, 7-12 becomes 9, ...; Int64."""

    def rounded(count: float) -> int:
        return math.ceil(count / width) * width - (width // 2 if count else 0)

    return counts.astype("Int64").map(rounded, na_action="ignore").astype("Int64")


def _further(
    counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    hidden: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    relation: Relation,
    k: int,
) -> int | None:
    """One more cell to withhold so that the relation does not give the hidden ones back."""
    parts = [part for part in relation.parts if hidden[part]]
    total_hidden = relation.total is not None and bool(hidden[relation.total])
    unknown = len(parts) + total_hidden
    sum_known = not total_hidden and sum(counts[part] for part in parts) < k
    if unknown == 0 or (unknown > 1 and not (parts and sum_known)):
        return None
    cells = [*relation.parts, *([] if relation.total is None else [relation.total])]
    open_cells = [cell for cell in cells if not hidden[cell] and counts[cell] > 0]
    return min(open_cells, key=lambda cell: counts[cell], default=None)
