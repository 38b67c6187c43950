"""Value sets given state by state: a file of utilities as one array by level.

The file's shape is here; which scale reads it is in the instrument's file.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from analyses.quality_of_life.answers import Floats

FOLDER = Path(__file__).parent / "instruments"


@cache
def state_values(file: str, n_levels: tuple[int, ...]) -> Floats:
    """Utilities by the level of each item (an axis an item, from level 1), NaN where none is given.

    Raises ValueError: the file is not there, or a line is no state of these items with a number.
    """
    values = np.full(n_levels, np.nan)
    try:
        with (FOLDER / file).open(encoding="utf-8", newline="") as handle:
            for line in csv.DictReader(handle):
                levels = tuple(int(digit) - 1 for digit in line["state"])
                if len(levels) != len(n_levels) or min(levels) < 0:
                    raise IndexError
                values[levels] = float(line["utility"])
    except FileNotFoundError:
        raise ValueError(f"the value set {file} is not beside the instrument") from None
    except (IndexError, KeyError, TypeError, ValueError):
        raise ValueError(f"{file} has a line that is no state with its utility") from None
    return values
