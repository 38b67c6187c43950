"""A table of the page, and the small things every table builder needs.

Belongs here: the shape of a table as the template draws it. Does not: what is in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Table:
    """Headers, rows of texts, a caption and notes.

    The first `text_columns` and the last `trailing_texts` columns hold texts (left), the others
    numbers (right). `marks`: the status word of a row (fail, warn, pass), by row number, which
    colours it.
    """

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    notes: tuple[str, ...] = ()
    marks: dict[int, str] = field(default_factory=dict)
    trailing_texts: int = 0

    def is_number(self, column: int) -> bool:
        """Whether this column holds numbers."""
        return self.text_columns <= column < len(self.headers) - self.trailing_texts

    def __bool__(self) -> bool:
        return bool(self.rows)


def of_study(results: dict[str, pd.DataFrame], name: str, study_id: str) -> pd.DataFrame:
    """The rows of a study in a results table; an empty frame when the table is not there."""
    frame = results.get(name)
    if frame is None or frame.empty or "study_id" not in frame.columns:
        return pd.DataFrame()
    return frame[frame["study_id"].astype(str) == study_id]


def where(frame: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows whose columns have these values (compared as texts)."""
    for column, value in values.items():
        if frame.empty or column not in frame.columns:
            return frame.iloc[:0]
        cells = frame[column]
        if pd.api.types.infer_dtype(cells) != "string":
            cells = cells.astype(str)
        frame = frame[cells == str(value)]
    return frame


def levels(frame: pd.DataFrame, column: str) -> list[str]:
    """The distinct values of a column as texts, in the order they appear."""
    if frame.empty or column not in frame.columns:
        return []
    return [str(value) for value in frame[column].dropna().unique()]


def sorted_by(names: Iterable[str], order: Sequence[str]) -> list[str]:
    """Names in the order given, the others after them by name."""
    known = {name: place for place, name in enumerate(order)}
    return sorted(names, key=lambda name: (known.get(name, len(known)), name))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]
