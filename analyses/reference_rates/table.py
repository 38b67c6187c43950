"""A table of yearly rates by sex, year of age and calendar year.

Belongs here: looking a rate up. Does not belong here: files (reading.py), time (expected.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.survival.arrays import Floats, Ints

SEXES = ("F", "M")


@dataclass(frozen=True)
class RateTable:
    """`rates[sex, age - first_age, year - first_year]`, per person-year; sexes as in SEXES."""

    first_age: int
    first_year: int
    rates: Floats

    def at(self, sex: Ints, age: Floats, year: Floats) -> Floats:
        """The rate of each person's sex (-1: unknown, the mean of both), completed age and year.

        Beyond the first or last age or year of the table its first or last one holds: the rates of
        the last year delivered go on.
        """
        row = np.clip(np.floor(age).astype(np.int64) - self.first_age, 0, self.rates.shape[1] - 1)
        column = np.clip(
            np.floor(year).astype(np.int64) - self.first_year, 0, self.rates.shape[2] - 1
        )
        known: Floats = self.rates[np.maximum(sex, 0), row, column]
        if not (sex < 0).any():
            return known
        return np.where(sex < 0, self.rates[:, row, column].mean(axis=0), known)
