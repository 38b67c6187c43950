"""Splitting a frame into groups by one column or several; nothing is computed in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Ints
from analyses.survival.columns import present

MISSING_LEVEL = "missing"
# Names that results give their own columns, so that no level of `by` is ever overwritten.
RESULT_COLUMNS = frozenset(
    ("cause", "time", "horizon", "n_at_risk", "n_event", "n_censored", "weighted_at_risk",
     "weighted_event", "survival", "incidence", "std_error", "ci_lower", "ci_upper", "median",
     "rmst", "reference", "difference", "ratio", "probability", "quantile")
)  # fmt: skip

By = str | Sequence[str] | None


@dataclass(frozen=True)
class Groups:
    """`levels`: one row a group, columns named as in `by`, sorted. `code`: each row's group."""

    levels: pd.DataFrame
    code: Ints

    @property
    def count(self) -> int:
        return len(self.levels)

    def label(self, code: Ints, columns: dict[str, Any]) -> pd.DataFrame:
        """A frame of `columns` with the levels of each row's group before them."""
        labelled = {
            name: self.levels[name].to_numpy()[code] if len(self.levels) else []
            for name in self.levels.columns
        }
        return pd.DataFrame({**labelled, **columns}, copy=False)


def names_of(by: By) -> list[str]:
    """`by` as a list of column names."""
    if by is None:
        return []
    return [by] if isinstance(by, str) else list(by)


def free_names_of(by: By) -> list[str]:
    """`by` as a list of column names, none of them a column of a result."""
    names = names_of(by)
    for name in names:
        if name in RESULT_COLUMNS:
            raise AnalysisError(
                f"column '{name}' given in 'by' has the name of a column of the result: rename it"
            )
    return names


def groups(frame: pd.DataFrame, by: By) -> Groups:
    """Observed groups of `by`, or one of everything; missing is a level of its own."""
    names = names_of(by)
    code = np.zeros(len(frame), dtype=np.int64)
    factors = [factor(present(frame, name)) for name in names]
    for codes, levels in factors:
        code = code * max(len(levels), 1) + codes
    dense, observed = pd.factorize(code, sort=True)
    remaining = np.asarray(observed, dtype=np.int64)
    columns: dict[str, Any] = {}
    for name, (_, levels) in zip(reversed(names), reversed(factors), strict=True):
        size = max(len(levels), 1)
        columns[name] = levels[remaining % size] if len(levels) else levels
        remaining = remaining // size
    table = pd.DataFrame(
        {name: columns[name] for name in names}, index=pd.RangeIndex(len(observed))
    )
    return Groups(levels=table, code=dense.astype(np.int64))


def factor(column: Any) -> tuple[Ints, Any]:
    """Codes and sorted levels; a categorical keeps the order of its categories."""
    absent = column.isna()
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _categorical(column)
    if absent.any():
        column = column.astype(object).where(~absent, MISSING_LEVEL)
    codes, levels = pd.factorize(column, sort=True)
    return codes.astype(np.int64), np.asarray(levels)


def _categorical(column: Any) -> tuple[Ints, Any]:
    column = column.cat.remove_unused_categories()
    levels = column.cat.categories.to_numpy()
    codes = column.cat.codes.to_numpy().astype(np.int64)
    if (codes < 0).any():
        known = list(levels)
        place = known.index(MISSING_LEVEL) if MISSING_LEVEL in known else len(known)
        levels = np.asarray(known if place < len(known) else [*known, MISSING_LEVEL], dtype=object)
        codes[codes < 0] = place
    return codes, levels
