"""The scores of a frame of forms, one row each: `score`.

Column names and answers are checked here, with errors that tell the user what to correct. Answers
one to a row are `long_answers`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.quality_of_life.answers import Floats, as_numbers, blank_codes, is_invalid
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.names import normalise
from analyses.quality_of_life.registry import find_instrument
from analyses.quality_of_life.scoring import score_answers

InvalidAnswers = Literal["error", "missing"]


def score(
    instrument: str, items: pd.DataFrame, *, invalid: InvalidAnswers = "error"
) -> pd.DataFrame:
    """Scores questionnaires.

    Args:
        instrument: id of a registered instrument, in any case (`eq-5d-5l`, `QLQ-C30`).
        items: one row a form, one column an item key; answers are numbers or text. A column that
            is not there was not answered. Item names are taken in any case, with or without
            separators and leading zeros (`q1`, `Q01`), and by the aliases in the instrument's file.
        invalid: what an answer is that is no whole number in the item's range: an error, or
            `missing`, that is, not answered.

    Returns:
        One row a form with the index of `items`, one column a scale in the order of the
        instrument's file, in the instrument's units; NaN where the scale cannot be computed.

    Raises:
        AnalysisError: the instrument is not registered, a column is no item of it, two columns are
            the same item, or (`invalid="error"`) answers are invalid; columns and numbers of rows
            are named, never a value.
    """
    if invalid not in ("error", "missing"):
        message = f"invalid is {invalid!r}; it must be 'error' or 'missing'"
        raise AnalysisError(message)
    found = find_instrument(instrument)
    answers = _read(found, items, _columns(found, items), invalid)
    return pd.DataFrame(score_answers(found, answers, len(items)), index=items.index)


def _columns(instrument: Instrument, items: pd.DataFrame) -> dict[str, int]:
    """The position of the column of each item key that is there."""
    names = instrument.key_names()
    columns: dict[str, int] = {}
    for position, column in enumerate(items.columns):
        key = names.get(normalise(str(column)))
        if key is None:
            _refuse_column(instrument, str(column))
        elif key in columns:
            first = items.columns[columns[key]]
            message = (
                f"columns {first!r} and {column!r} are both item {key} of {instrument.id}; "
                "leave one out"
            )
            raise AnalysisError(message)
        else:
            columns[key] = position
    return columns


def _refuse_column(instrument: Instrument, column: str) -> None:
    by_name = {normalise(key): key for key in instrument.items}
    near = get_close_matches(normalise(column), by_name, n=1, cutoff=0.0)
    message = (
        f"column {column!r} is no item of {instrument.id}; the nearest is {by_name[near[0]]!r}. "
        "Pass only item columns, and keep identifiers in the index"
    )
    raise AnalysisError(message)


def _read(
    instrument: Instrument, items: pd.DataFrame, columns: dict[str, int], invalid_are: str
) -> dict[str, Floats]:
    known = instrument.items
    answers: dict[str, Floats] = {}
    refused: list[str] = []
    for key, position in columns.items():
        column = items.iloc[:, position]
        numbers = blank_codes(as_numbers(column), instrument.not_answered_codes)
        item = known[key]
        wrong = is_invalid(numbers, item.minimum, item.maximum)
        n_wrong = int(wrong.sum())
        if n_wrong:
            numbers = np.where(wrong, np.nan, numbers)
            limits = f"{item.minimum} to {item.maximum}"
            refused.append(f"{items.columns[position]!r} ({rows(n_wrong)} outside {limits})")
        answers[key] = numbers
    if refused and invalid_are == "error":
        message = (
            f"{instrument.id}: answers that are not whole numbers in the item's range in column "
            f"{', '.join(refused)}; correct them, or pass invalid='missing'"
        )
        raise AnalysisError(message)
    return answers
