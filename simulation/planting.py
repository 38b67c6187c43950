"""Choosing rows to spoil and keeping the book of what was spoiled. No source's dirt is here."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

SHARE = 0.01
"""Share of rows or patients that a kind of dirt touches by default."""


class Ledger:
    """What was planted: patient numbers by kind. Only kinds with a definition can be entered."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._entries: dict[str, list[str]] = {kind: [] for kind in kinds}

    def add(self, kind: str, national_numbers: np.ndarray | pd.Series) -> None:
        """Enters one number a planted row; KeyError for a kind without a definition."""
        self._entries[kind].extend(str(number) for number in national_numbers)

    @property
    def counts(self) -> dict[str, int]:
        """Planted rows by kind, zeros included."""
        return {kind: len(numbers) for kind, numbers in self._entries.items()}

    def of(self, kind: str) -> pd.Series:
        """The numbers entered under a kind."""
        return pd.Series(self._entries[kind], dtype="object")

    def frame(self) -> pd.DataFrame:
        """Columns kind and national_number, one row a planted row."""
        pairs = [(kind, n) for kind, numbers in self._entries.items() for n in numbers]
        return pd.DataFrame(pairs, columns=["kind", "national_number"], dtype="object")


def amount(size: int, share: float = SHARE) -> int:
    """How many of `size` are touched: the share of them, at least one where there are any."""
    return min(size, max(1, round(size * share)))


def pick(rng: np.random.Generator, candidates: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the candidates, drawn without replacement, in ascending order."""
    return np.sort(rng.permutation(candidates)[:count])


def partition(
    rng: np.random.Generator, size: int, shares: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """Disjoint random sets of row numbers, one a kind, each its share of `size`."""
    order, at = rng.permutation(size), 0
    parts: dict[str, np.ndarray] = {}
    for name, share in shares.items():
        parts[name] = np.sort(order[at : at + amount(size, share)])
        at += amount(size, share)
    return parts


def duplicated(size: int, copied: np.ndarray) -> np.ndarray:
    """Row numbers 0 to size - 1 with those of `copied` twice, each copy beside its original."""
    return np.sort(np.concatenate([np.arange(size), copied]), kind="stable")
