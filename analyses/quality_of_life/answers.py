"""From answers as delivered, text or numbers, to numbers that are valid for their item.

An answer is blank (not answered), valid, or invalid: not a whole number in the item's range. What
becomes of invalid ones is the caller's choice. No score is computed here.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d*)?")
_BLANK = frozenset({"", "na", "nan", "null", "none"})
# An answer that is no number. Never valid, and it survives arithmetic until it is looked for.
UNREADABLE = np.inf


def as_numbers(column: pd.Series) -> Floats:
    """Answers as numbers: NaN where blank, `UNREADABLE` where there is no number to read.

    A decimal comma is read; text is parsed once per distinct value, so that a million forms cost
    no more than their handful of different answers.
    """
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    codes, values = pd.factorize(column, use_na_sentinel=True)
    numbers = np.array([*(_parse(value) for value in values), np.nan], dtype=np.float64)
    return np.asarray(numbers[codes])


def _parse(value: Any) -> float:
    if isinstance(value, bool | np.bool_):
        return UNREADABLE
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    text = str(value).strip()
    if text.casefold() in _BLANK:
        return np.nan
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else UNREADABLE


def blank_codes(numbers: Floats, codes: tuple[int, ...]) -> Floats:
    """The numbers with an instrument's codes for "not answered" made blank."""
    return np.where(np.isin(numbers, codes), np.nan, numbers) if codes else numbers


def is_invalid(numbers: Floats, minimum: float | Floats, maximum: float | Floats) -> Booleans:
    """Where an answer is given that is not a whole number from `minimum` to `maximum`.

    The limits are one item's, or one per answer.
    """
    with np.errstate(invalid="ignore"):
        valid = (numbers >= minimum) & (numbers <= maximum)
        valid &= numbers == np.floor(numbers)
    return np.asarray(~valid & ~np.isnan(numbers))
