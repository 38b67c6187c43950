"""From a caller's frame to checked rows; they are reduced in `risk_sets`."""

import numpy as np
import pandas as pd

from analyses.survival import columns
from analyses.survival.arrays import Booleans, Ints
from analyses.survival.groups import By, free_names_of, groups
from analyses.survival.risk_sets import Rows


def rows_of(
    frame: pd.DataFrame,
    *,
    time: str,
    event: str,
    entry: str | None = None,
    weight: str | None = None,
    by: By = None,
) -> Rows:
    """Checked rows of a single event."""
    return _rows(frame, time, columns.indicator(frame, event), entry, weight, by)


def rows_with_cause(
    frame: pd.DataFrame,
    *,
    time: str,
    cause: str,
    entry: str | None = None,
    weight: str | None = None,
    by: By = None,
) -> tuple[Rows, Ints]:
    """Checked rows, event being any cause, and the cause of each."""
    of_row = columns.causes(frame, cause)
    if weight is not None:
        of_row = of_row[columns.weights(frame, weight) > 0]
    return _rows(frame, time, columns.causes(frame, cause) > 0, entry, weight, by), of_row


def _rows(
    frame: pd.DataFrame,
    time: str,
    event: Booleans,
    entry: str | None,
    weight: str | None,
    by: By,
) -> Rows:
    duration = columns.times(frame, time)
    start = None if entry is None else columns.entries(frame, entry, duration, time)
    weights = None if weight is None else columns.weights(frame, weight)
    keep = np.ones(len(frame), dtype=bool) if weights is None else weights > 0
    # A row of weight 0 stands for nobody, just as a row repeated 0 times.
    return Rows(
        groups=groups(frame if keep.all() else frame[keep], free_names_of(by)),
        time=duration[keep],
        event=event[keep],
        entry=None if start is None else start[keep],
        weight=None if weights is None else weights[keep],
    )
