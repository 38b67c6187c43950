"""Synthetic files of reference rates in the shape that users supply: of no real population."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def life_table(path: Path, *, first_year: int = 2015, last_year: int = 2030) -> Path:
    """A Gompertz mortality that rises with age and falls by 1 % a year; women's is lower."""
    rows = []
    for sex, level in (("F", 2e-5), ("M", 4e-5)):
        for age in range(106):
            for year in range(first_year, last_year + 1):
                rate = level * np.exp(0.09 * age) * 0.99 ** (year - first_year)
                rows.append((sex, age, year, min(rate, 1.5)))
    pd.DataFrame(rows, columns=["sex", "age", "year", "rate"]).to_csv(path, index=False)
    return path


def cancer_incidence(path: Path) -> Path:
    """Incidence per 100,000 person-years by ten-year band of age, with an open last band."""
    rows = []
    for sex, factor in (("1", 1.2), ("2", 1.0)):
        for start in range(0, 90, 10):
            for year in range(2020, 2028):
                end = "" if start == 80 else str(start + 9)
                rows.append((sex, start, end, year, round(factor * 10 * (1 + start / 10) ** 2, 1)))
    columns = ["sex", "age_from", "age_to", "year", "rate_per_100000"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False, sep=";", decimal=",")
    return path
