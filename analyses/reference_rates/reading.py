"""Reading a user's file of rates: a life table as INSEE publishes it, or incidence by age band.

Belongs here: columns, units, completeness. Every error is one sentence with the file, the column
and the number of rows. Does not belong here: looking rates up (table.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.reference_rates.table import SEXES, RateTable
from analyses.survival.arrays import Floats

# Which column gives the rate, and how it becomes one per person-year.
_UNITS = {"rate": 1.0, "rate_per_100000": 1e-5, "probability": 1.0, "probability_per_100000": 1e-5}
_SEX_CODES = {"F": 0, "2": 0, "W": 0, "M": 1, "H": 1, "1": 1}
_OLDEST = 120


def read_rates(path: Path) -> RateTable:
    """The rates of a CSV file (comma or semicolon, decimal point or comma).

    Columns: `sex` (F or 2, M, H or 1), `year`, `age` (completed years; the last one open), or
    `age_from` and `age_to` (a band, both included; an empty or `+` end is open), and one of
    `rate` (per person-year), `rate_per_100000`, `probability` or `probability_per_100000` (of
    dying within the year, INSEE's quotient; turned into the hazard -log(1 - q)). Tables close
    by convention with a probability of 1: those last ages have the hazard of the age before. Every
    combination of sex, age and year between the first and the last must be there once.
    """
    path = Path(path)
    frame = _frame(path)
    unit = next((name for name in _UNITS if name in frame.columns), None)
    needed = ["sex", "year"] + (["age"] if "age" in frame.columns else ["age_from", "age_to"])
    absent = [name for name in needed if name not in frame.columns]
    if absent or unit is None:
        missing = ", ".join(absent) or "one of " + ", ".join(_UNITS)
        raise AnalysisError(f"{path.name}: column {missing} is missing")
    sex = frame["sex"].str.strip().str.upper().str[:1].map(_SEX_CODES)
    _refuse(path, "sex", sex.isna(), "neither F nor M")
    year = _whole(path, frame, "year")
    first, last = _ages(path, frame)
    value = _numbers(path, frame, unit) * _UNITS[unit]
    if unit.startswith("probability"):
        _refuse(path, unit, (value < 0) | (value > 1), "no probability from 0 to 1")
        with np.errstate(divide="ignore"):
            value = -np.log1p(-value)
    else:
        _refuse(path, unit, value < 0, "negative")
        _refuse(path, unit, value > 2, "above 2 a year (is it per 100,000?)")
    table = _table(path, sex.to_numpy(dtype=np.int64), year, first, last, value.to_numpy())
    return replace(table, rates=_closed(path, unit, table.rates))


def _closed(path: Path, unit: str, rates: Floats) -> Floats:
    """The rates (sexes, ages, years) with those of the closing ages, which are infinite, filled."""
    certain = np.isinf(rates)
    only_last = np.array_equal(np.maximum.accumulate(certain, axis=1), certain)
    if not only_last or certain[:, 0].any():
        raise AnalysisError(
            f"{path.name}: column '{unit}' is 1 before the last age: nobody would reach the next"
            if not only_last
            else f"{path.name}: column '{unit}' is 1 at every age of a sex and year"
        )
    filled = rates.copy()
    for age in range(1, rates.shape[1]):
        filled[:, age] = np.where(certain[:, age], filled[:, age - 1], filled[:, age])
    return filled


def _frame(path: Path) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig") as file:
            separator = ";" if ";" in file.readline() else ","
        frame = pd.read_csv(path, sep=separator, dtype=str, encoding="utf-8-sig")
    except FileNotFoundError:
        raise AnalysisError(f"{path.name}: there is no such file of rates") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise AnalysisError(f"{path.name}: cannot be read as a CSV file in UTF-8") from None
    if frame.empty:
        raise AnalysisError(f"{path.name}: has no rows")
    return frame.rename(columns=lambda name: str(name).strip().lower())


def _numbers(path: Path, frame: pd.DataFrame, column: str) -> pd.Series:
    text = frame[column].str.strip().str.replace(",", ".", regex=False)
    values = pd.to_numeric(text, errors="coerce")
    _refuse(path, column, values.isna() | np.isinf(values), "not a number")
    return values


def _whole(path: Path, frame: pd.DataFrame, column: str) -> pd.Series:
    values = _numbers(path, frame, column)
    _refuse(path, column, values != np.floor(values), "not a whole number")
    return values.astype(np.int64)


def _ages(path: Path, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last completed age of each row."""
    if "age" in frame.columns:
        age = _whole(path, frame.assign(age=frame["age"].str.rstrip("+ ")), "age")
        _refuse(path, "age", (age < 0) | (age > _OLDEST), f"outside 0 to {_OLDEST}")
        return age, age
    end = frame["age_to"].fillna("").str.strip()
    open_end = end.isin(["", "+"]) | end.str.endswith("+")
    first = _whole(path, frame, "age_from")
    last = _whole(path, frame.assign(age_to=end.mask(open_end, str(_OLDEST))), "age_to")
    _refuse(path, "age_to", last < first, "below age_from")
    _refuse(path, "age_from", (first < 0) | (last > _OLDEST), f"outside 0 to {_OLDEST}")
    return first, last


def _table(
    path: Path,
    sex: np.ndarray,
    year: pd.Series,
    first: pd.Series,
    last: pd.Series,
    value: np.ndarray,
) -> RateTable:
    youngest, oldest = int(first.min()), int(last.max())
    early, late = int(year.min()), int(year.max())
    shape = (len(SEXES), oldest - youngest + 1, late - early + 1)
    rates = np.full(shape, np.nan)
    counted = np.zeros(shape, dtype=np.int64)
    for place in range(len(value)):
        ages = slice(int(first.iloc[place]) - youngest, int(last.iloc[place]) - youngest + 1)
        cell = (sex[place], ages, int(year.iloc[place]) - early)
        rates[cell] = value[place]
        counted[cell] += 1
    if (counted > 1).any():
        raise AnalysisError(
            f"{path.name}: {int((counted > 1).sum())} combinations of sex, age and year are there "
            "more than once"
        )
    gaps = int((counted == 0).sum())
    if gaps:
        raise AnalysisError(
            f"{path.name}: {gaps} of {counted.size} combinations of sex, age and year are missing"
        )
    return RateTable(youngest, early, rates)


def _refuse(path: Path, column: str, bad: pd.Series, what: str) -> None:
    count = int(bad.sum())
    if count:
        raise AnalysisError(f"{path.name}: column '{column}' is {what} in {rows(count)}")
