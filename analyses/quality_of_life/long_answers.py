"""Scores of answers that come one to a row, of several instruments together: `score_long`.

This is how deliveries arrive, duplicates and mistakes included: here an invalid answer is a missing
one; `count_invalid` says how many there were, `unusable_items` of which forms. Forms as rows of a
frame are `forms`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.quality_of_life.answers import UNREADABLE, Floats, as_numbers, blank_codes, is_invalid
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.names import normalise
from analyses.quality_of_life.registry import instrument_names, instruments
from analyses.quality_of_life.scoring import score_answers

_REQUIRED = ("questionnaire_id", "instrument", "item", "answer")
_SCORES = ("questionnaire_id", "instrument", "scale", "value")
_COUNTS = ("instrument", "item", "n_unknown_item", "n_invalid", "n_duplicate", "n_conflicting")
_UNUSABLE = ("questionnaire_id", "instrument", "n_items", "item", "state")
# What an item of a form is: the words of `unusable_items` by place; the first is no word of it.
STATES = ("answered", "blank", "invalid", "conflicting")
UNKNOWN_ITEM = "unknown_item"
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class _Forms:
    """The forms of one instrument: answers per item, and what was set aside on the way.

    states: the place in STATES of each form (row) and item (column). strangers: rows of items the
    instrument does not have, answered.
    """

    questionnaire_id: pd.Index
    answers: dict[str, Floats]
    states: Places
    counts: pd.DataFrame
    strangers: pd.DataFrame


def score_long(answers: pd.DataFrame) -> pd.DataFrame:
    """Scores answers that come one to a row.

    Args:
        answers: questionnaire_id, instrument, item, answer (text or number); other columns are
            ignored. Instruments and items are taken under any name their file lists.

    Returns:
        questionnaire_id, instrument (its registered id), scale, value: one row per form with at
        least one valid answer and scale of its instrument, value NaN where the scale cannot be
        computed; ordered by instrument, form as first met, scale as in the instrument's file.

    A row of an instrument that is not registered, or of an item the instrument does not have, is
    left out. An invalid answer is missing. An item answered twice in one form counts once when the
    answers agree and is missing when they do not; a blank beside an answer is no disagreement.
    `count_invalid` gives the numbers.

    Raises:
        AnalysisError: a column is not there, or questionnaire_id is empty.
    """
    parts = []
    for instrument, group in _by_instrument(answers):
        forms = _read(instrument, group)
        # A form is scored when it holds a valid answer.
        scored = (forms.states == 0).any(axis=1)
        n_forms = int(scored.sum())
        given = {key: answer[scored] for key, answer in forms.answers.items()}
        scores = score_answers(instrument, given, n_forms)
        names = list(scores)
        values = np.column_stack([scores[name] for name in names]).ravel()
        parts.append(
            pd.DataFrame(
                {
                    "questionnaire_id": forms.questionnaire_id[scored].repeat(len(names)),
                    "instrument": instrument.id,
                    "scale": np.tile(np.array(names, dtype=object), n_forms),
                    "value": values,
                }
            )
        )
    if not parts:
        return _no_rows(_SCORES, {"value": np.float64})
    return pd.concat(parts, ignore_index=True)


def count_invalid(answers: pd.DataFrame) -> pd.DataFrame:
    """What `score_long` set aside, counted.

    Takes the same frame; returns instrument, item (the key, or the delivered name when the
    instrument has no such item), n_unknown_item, n_invalid (answers out of range or no whole
    number), n_duplicate (repeated answers dropped because they agree) and n_conflicting (form and
    item pairs made missing because the answers differ). Items with nothing to count are left out.
    """
    parts = [_read(instrument, group).counts for instrument, group in _by_instrument(answers)]
    if not parts:
        return _no_rows(_COUNTS, dict.fromkeys(_COUNTS[2:], np.int64))
    return pd.concat(parts, ignore_index=True)


def unusable_items(answers: pd.DataFrame) -> pd.DataFrame:
    """The items of each form that give no answer to score, and why.

    Takes the same frame. Returns questionnaire_id, instrument (its registered id), n_items (of the
    instrument), item (the key, or the name delivered), state: one row per form and such item,
    `blank` (not answered, or a code for that), `invalid` (out of range or no whole number),
    `conflicting` (answers differ) or `unknown_item` (the instrument has no such item). A form with
    an answer and no such item has one row without item and state; a form without any answer has
    none. So n_items less the rows `blank`, `invalid` and `conflicting` is what can be scored.
    """
    parts = []
    for instrument, group in _by_instrument(answers):
        forms = _read(instrument, group)
        keys = np.array(list(instrument.items), dtype=object)
        form, item = np.nonzero(forms.states > 0)
        stranger = forms.strangers.drop_duplicates(["questionnaire_id", "item"])
        whole = ~(forms.states > 0).any(axis=1)
        whole &= ~forms.questionnaire_id.isin(stranger["questionnaire_id"])
        found = [
            (
                forms.questionnaire_id[form],
                keys[item],
                np.array(STATES, dtype=object)[forms.states[form, item]],
            ),
            (stranger["questionnaire_id"], stranger["item"], UNKNOWN_ITEM),
            (forms.questionnaire_id[whole], None, None),
        ]
        for identifiers, items, state in found:
            rows_of = {"questionnaire_id": identifiers, "item": items, "state": state}
            parts.append(pd.DataFrame(rows_of).assign(instrument=instrument.id, n_items=len(keys)))
    filled = [part for part in parts if len(part)]
    if not filled:
        return _no_rows(_UNUSABLE, {"n_items": np.int64})
    return pd.concat(filled, ignore_index=True)[list(_UNUSABLE)]


def _by_instrument(answers: pd.DataFrame) -> list[tuple[Instrument, pd.DataFrame]]:
    missing = [column for column in _REQUIRED if column not in answers.columns]
    if missing:
        message = f"answers lack the column {', '.join(missing)}; they need {', '.join(_REQUIRED)}"
        raise AnalysisError(message)
    n_empty = int(answers["questionnaire_id"].isna().sum())
    if n_empty:
        message = f"questionnaire_id is empty in {rows(n_empty)}; every answer belongs to a form"
        raise AnalysisError(message)
    known = instrument_names()
    delivered = answers["instrument"].dropna().unique()
    ids = answers["instrument"].map({name: known.get(normalise(str(name))) for name in delivered})
    groups = answers.groupby(ids.rename("registered"), sort=True)
    return [(instruments()[str(name)], group) for name, group in groups]


def _read(instrument: Instrument, delivered: pd.DataFrame) -> _Forms:
    """The answers of one instrument as one array an item, duplicates resolved."""
    keys = list(instrument.items)
    place = _places(instrument, keys, delivered["item"])
    numbers = blank_codes(as_numbers(delivered["answer"]), instrument.not_answered_codes)
    known = list(instrument.items.values())
    minimum = np.array([item.minimum for item in known], dtype=np.float64)[place]
    maximum = np.array([item.maximum for item in known], dtype=np.float64)[place]
    given = (place >= 0) & ~np.isnan(numbers)
    wrong = given & is_invalid(numbers, minimum, maximum)

    identifiers = delivered["questionnaire_id"].to_numpy()
    stranger = (place < 0) & ~np.isnan(numbers)
    # A form is there when anything was answered.
    questionnaire_id = pd.Index(identifiers[given | stranger]).unique()
    form = questionnaire_id.get_indexer(pd.Index(identifiers))
    answers, states, n_rows = _resolve(
        form[given],
        place[given],
        np.where(wrong, UNREADABLE, numbers)[given],
        (len(questionnaire_id), len(keys)),
    )
    repeated = np.where((states == 0) | (states == 2), n_rows - 1, 0)
    counts = pd.DataFrame(
        {
            "item": keys,
            "n_invalid": np.bincount(place[wrong], minlength=len(keys)),
            "n_duplicate": repeated.sum(axis=0),
            "n_conflicting": (states == 3).sum(axis=0),
        }
    )
    return _Forms(
        questionnaire_id,
        {key: answers[:, at] for at, key in enumerate(keys)},
        states,
        _counted(instrument, counts, delivered[place < 0]),
        delivered.loc[stranger, ["questionnaire_id", "item"]],
    )


def _places(instrument: Instrument, keys: list[str], items: pd.Series) -> Places:
    """The position of each row's item among the keys, -1 when it is none of them."""
    names = instrument.key_names()
    codes, delivered = pd.factorize(items, use_na_sentinel=True)
    found = [names.get(normalise(str(name))) for name in delivered]
    places = np.array([keys.index(key) if key else -1 for key in found] + [-1], dtype=np.intp)
    return np.asarray(places[codes])


def _counted(instrument: Instrument, counts: pd.DataFrame, strangers: pd.DataFrame) -> pd.DataFrame:
    """The counts of known items and of items the instrument does not have, without zero rows."""
    unknown = strangers.groupby("item", sort=True).size()
    named = pd.DataFrame({"item": unknown.index, "n_unknown_item": unknown.to_numpy()})
    both = pd.concat([counts, named], ignore_index=True).assign(instrument=instrument.id)
    numbers = both[list(_COUNTS[2:])].fillna(0).astype(np.int64)
    both[list(_COUNTS[2:])] = numbers
    return both.loc[numbers.any(axis=1), list(_COUNTS)]


def _resolve(
    form: Places, item: Places, number: Floats, shape: tuple[int, int]
) -> tuple[Floats, Places, Places]:
    """One answer per form and item: the answer all rows agree on, else NaN.

    An invalid answer comes as UNREADABLE, so that beside a valid one it is a disagreement and alone
    it is missing. Also returns the places in STATES and the numbers of rows, both form by item.
    """
    n_forms, n_items = shape
    cell = form * n_items + item
    lowest = np.full(n_forms * n_items, np.inf)
    highest = np.full(n_forms * n_items, -np.inf)
    np.minimum.at(lowest, cell, number)
    np.maximum.at(highest, cell, number)
    n_rows = np.bincount(cell, minlength=n_forms * n_items)
    agreed, valid = lowest == highest, np.isfinite(lowest)
    answer = np.where(agreed & valid, lowest, np.nan).reshape(shape)
    state = np.select([n_rows == 0, ~agreed, ~valid], [1, 3, 2], default=0)
    return answer, state.reshape(shape), n_rows.reshape(shape)


def _no_rows(columns: tuple[str, ...], types: dict[str, type]) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=types.get(column, object)) for column in columns})
