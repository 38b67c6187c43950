"""Numbers with no more digits than they may tell.

Belongs here: rounding of estimates. Does not belong here: counts (counts.py), what is withheld.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

DIGITS = 3
# Days and levels that a study file asks for, and what is compared by its difference, not its size.
_AS_ASKED = ("horizon_days", "horizon_years", "landmark_days", "discount_rate", "delta")
_BY_DIFFERENCE = ("log_likelihood", "aic", "bic")
_AXIS = ("time_days", "threshold")


def in_digits(rows: pd.DataFrame, digits: int = DIGITS) -> pd.DataFrame:
    """Every estimate to so many significant digits; whole numbers stay.

    With 17 digits an estimate and its standard error have one solution in whole numbers of people:
    the exact risk sets.
    """
    columns = [str(name) for name in rows.select_dtypes("float64").columns]
    kept = {*_AS_ASKED, *_AXIS, *_BY_DIFFERENCE}
    found = {name: significant(rows[name], digits) for name in columns if name not in kept}
    found |= {name: rows[name].round(1) for name in _BY_DIFFERENCE if name in columns}
    return rows.assign(**found)


def significant(values: pd.Series, digits: int = DIGITS) -> pd.Series:
    """Values to so many significant digits, at least to the unit; missing stays missing."""
    numbers = values.to_numpy(dtype=np.float64)
    size = np.where(np.isfinite(numbers) & (numbers != 0), np.abs(numbers), 1.0)
    places = np.maximum(digits - 1 - np.floor(np.log10(size)), 0)
    # Beyond the digits of a double there is nothing to round.
    factor = 10.0 ** np.minimum(places, 300)
    return pd.Series(np.round(numbers * factor) / factor, index=values.index)


def on_grid(values: pd.Series, step: pd.Series) -> pd.Series:
    """Values to the nearest multiple of 1, 2 or 5 times a power of ten that is at least `step`.

    With the change that one person makes as the step, no single person is told by a value.
    """
    sizes = step.to_numpy(dtype=np.float64)
    power = 10.0 ** np.floor(np.log10(sizes))
    grid = power * np.select(
        [sizes <= power, sizes <= 2 * power, sizes <= 5 * power], [1, 2, 5], 10
    )
    numbers = values.to_numpy(dtype=np.float64)
    return pd.Series(np.round(np.round(numbers / grid) * grid, 12), index=values.index)
