"""Reading the columns of a frame, each checked before any arithmetic. No estimator lives here.

Every check raises `AnalysisError` with the column and the number of rows, never a value.
"""

from typing import Any

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.survival.arrays import Booleans, Floats, Ints

#: What pandas calls columns of dates and durations, whatever holds them.
DATES = frozenset({"date", "datetime", "datetime64", "time", "timedelta", "timedelta64", "period"})
#: Beyond it, two whole numbers may be one floating-point number.
LARGEST_CAUSE = 2**53 - 1


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """The column as finite numbers."""
    column = present(frame, name)
    # The kind of a pyarrow or nullable column is that of its numpy counterpart.
    kind = getattr(column.dtype, "kind", "O")
    if kind in "mM" or pd.api.types.infer_dtype(column, skipna=True) in DATES:
        raise AnalysisError(f"column '{name}' holds dates: give a duration in days as a number")
    if kind == "c":
        raise AnalysisError(f"column '{name}' holds complex numbers: give real ones")
    refuse(name, column.isna().to_numpy(), "missing")
    values: Floats = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    refuse(name, np.isnan(values), "not a number")
    refuse(name, np.isinf(values), "infinite")
    return values


def times(frame: pd.DataFrame, name: str) -> Floats:
    """Durations: finite and not negative."""
    values = numbers(frame, name)
    refuse(name, values < 0, "negative")
    return values


def indicator(frame: pd.DataFrame, name: str) -> Booleans:
    """Event indicator: 0 or 1, false or true."""
    values = numbers(frame, name)
    refuse(name, (values != 0) & (values != 1), "neither 0 nor 1")
    events: Booleans = values == 1
    return events


def causes(frame: pd.DataFrame, name: str) -> Ints:
    """Cause of the end of follow-up: 0 censored, 1, 2, ... an event."""
    values = numbers(frame, name)
    refuse(name, (values != np.floor(values)) | (values < 0), "not a whole number from 0 up")
    refuse(name, values > LARGEST_CAUSE, "too large to be told apart")
    return values.astype(np.int64)


def entries(frame: pd.DataFrame, name: str, time: Floats, time_name: str) -> Floats:
    """Delayed entry: at risk in (entry, time]; 0 or less means from the origin, and becomes 0."""
    values = np.maximum(numbers(frame, name), 0.0)
    late = (values > 0) & (values >= time)
    refuse(name, late, f"not before '{time_name}'")
    return values


def weights(frame: pd.DataFrame, name: str) -> Floats:
    """Weights: finite and not negative, some above 0."""
    values = numbers(frame, name)
    refuse(name, values < 0, "negative")
    return values


def are_whole(values: Floats) -> bool:
    """Whether weights are case weights, to be read as rows repeated so often."""
    return bool(np.all(values == np.floor(values)))


def present(frame: pd.DataFrame, name: str) -> Any:
    """The column as a series."""
    if name not in frame.columns:
        known = ", ".join(str(column) for column in frame.columns) or "none"
        raise AnalysisError(f"column '{name}' is not in the frame, whose columns are: {known}")
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise AnalysisError(f"column '{name}' is in the frame {column.shape[1]} times")
    return column


def refuse(name: str, bad: Booleans, what: str) -> None:
    """Raise when any row is bad."""
    count = int(np.count_nonzero(bad))
    if count:
        raise AnalysisError(f"column '{name}' is {what} in {rows(count)} of {len(bad)}")
