"""Comparing an estimate with what R gave, number by number. Which estimates: `parity_methods`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tests.lib.parity_tables import GOLDEN, TABLES

EXACT, ITERATED = 1e-8, 1e-6


@dataclass(frozen=True)
class Method:
    """An estimator and the golden file R made for it.

    `ours` gives, for a table and options, a frame with the golden file's columns: `keys` that name
    a row, and `values`. `missing`: what is expected where R has no value, if not NaN as well.
    """

    name: str
    golden: str
    r: str
    ours: Callable[..., pd.DataFrame]
    keys: tuple[str, ...]
    values: tuple[str, ...]
    cases: Mapping[str, Mapping[str, Any]]
    tolerance: float = EXACT
    missing: Callable[[pd.DataFrame, str], np.ndarray] | None = field(default=None)

    def table(self, case: str) -> str:
        """The table a case is computed on: the longest name of one that it begins with."""
        return max((name for name in TABLES if case.startswith(name)), key=len)

    def frame(self, case: str) -> pd.DataFrame:
        """That table."""
        return TABLES[self.table(case)]()

    def theirs(self, case: str) -> pd.DataFrame:
        """What R gave."""
        every = pd.read_csv(
            GOLDEN / f"{self.golden}.csv",
            dtype={"group": str, "case": str},
            float_precision="round_trip",
        )
        rows = every[every["case"] == case].drop(columns="case").reset_index(drop=True)
        assert len(rows), f"no case {case} in {self.golden}.csv"
        return rows.fillna({"group": ""}) if "group" in rows else rows


@dataclass(frozen=True)
class Comparison:
    """`both`: rows matched by key, values as `<name>_ours` and `<name>_r`."""

    method: Method
    case: str
    both: pd.DataFrame

    def differences(self, name: str) -> np.ndarray:
        """Absolute, or relative where R's value is above 1; NaN where R has none."""
        ours, r = (self.both[f"{name}_{whose}"].to_numpy(dtype=float) for whose in ("ours", "r"))
        return np.abs(ours - r) / np.maximum(1.0, np.abs(r))

    @property
    def largest(self) -> float:
        """The largest difference of all values."""
        seen = [self.differences(name) for name in self.method.values]
        return max(float(np.max(one[~np.isnan(one)], initial=0.0)) for one in seen)

    def check(self) -> None:
        """Every row is there, every value is R's, and ours is missing where R's is."""
        assert (self.both["_merge"] == "both").all(), "rows that only one of the two has"
        for name in self.method.values:
            ours, r = (self.both[f"{name}_{whose}"].to_numpy(float) for whose in ("ours", "r"))
            known = ~np.isnan(r)
            assert not np.isnan(ours[known]).any(), name
            worst = np.max(self.differences(name)[known], initial=0.0)
            assert worst <= self.method.tolerance, f"{name}: {worst:.2e}"
            absent = self.both[~known]
            expected = np.full(len(absent), np.nan)
            if self.method.missing is not None:
                expected = self.method.missing(absent, name)
            np.testing.assert_array_equal(ours[~known], expected, err_msg=name)


def labelled(result: pd.DataFrame, before: str) -> pd.DataFrame:
    """The result with one column `group`, the levels joined as R's scripts write them."""
    names = list(result.columns[: list(result.columns).index(before)])
    group = result[names].astype(str).agg("|".join, axis=1) if names else ""
    return result.assign(group=group)


def compare(method: Method, case: str) -> Comparison:
    """Estimate, and match with what R gave."""
    ours, theirs = method.ours(method.frame(case), **method.cases[case]), method.theirs(case)
    if "time" in method.keys:
        # R's timefix moves a time by a rounding error.
        ours, theirs = (part.assign(time=part["time"].round(9)) for part in (ours, theirs))
    keys, values = list(method.keys), list(method.values)
    if not keys:
        ours, theirs, keys = ours.assign(row=0), theirs.assign(row=0), ["row"]
    both = theirs[keys + values].merge(
        ours[keys + values], on=keys, how="outer", suffixes=("_r", "_ours"), indicator=True
    )
    return Comparison(method, case, both)
