"""Scores from answers: the arithmetic of every scoring rule, vectorised over forms.

Takes answers already numeric and valid; columns in, columns out. Reading answers is `answers`,
the public doors are `forms` (one row a form) and `long_answers` (one row an answer).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.instrument import Instrument, Item
from analyses.quality_of_life.scale import (
    Answered,
    CompositeScale,
    ItemScale,
    StateValues,
    ValueSetScale,
)
from analyses.quality_of_life.state_values import state_values


def score_answers(
    instrument: Instrument, answers: Mapping[str, Floats], n_forms: int
) -> dict[str, Floats]:
    """Every scale of the instrument, NaN where it cannot be computed.

    `answers` holds one array of `n_forms` numbers per item key, NaN where not answered; an item
    that is absent was answered by nobody.
    """
    scores: dict[str, Floats] = {}
    items = instrument.items
    for scale in instrument.scales:
        if isinstance(scale, ItemScale):
            scores[scale.name] = _item_scale(scale, items, answers, n_forms)
        elif isinstance(scale, ValueSetScale):
            scores[scale.name] = _utility(scale, instrument, answers, n_forms)
        else:
            scores[scale.name] = _composite(scale, instrument, answers, scores)
    return scores


def _item_scale(
    scale: ItemScale, items: Mapping[str, Item], answers: Mapping[str, Floats], n_forms: int
) -> Floats:
    total = np.zeros(n_forms)
    n_answered = np.zeros(n_forms)
    for key in scale.items:
        if key not in answers:
            continue
        item = items[key]
        is_answered = ~np.isnan(answers[key])
        n_answered += is_answered
        total += np.where(is_answered, _turned(answers[key], item, scale), 0.0)
    enough = _enough(n_answered, len(scale.items), scale.answered)
    score = np.full(n_forms, np.nan)
    np.divide(total, n_answered, out=score, where=enough)
    if scale.rule == "prorated_sum":
        score *= len(scale.items)
    return score


def _turned(answer: Floats, item: Item, scale: ItemScale) -> Floats:
    """The answer, reversed if the item is, and on 0 to 100 if the scale is."""
    if scale.rule != "mean_0_100":
        return item.maximum + item.minimum - answer if item.reverse else answer
    above = item.maximum - answer if item.reverse else answer - item.minimum
    return above * (100.0 / (item.maximum - item.minimum))


def _enough(n_answered: Floats, n_items: int, rule: Answered) -> Booleans:
    needed = rule.share * n_items
    enough = n_answered > needed if rule.more_than else n_answered >= needed
    # Nobody has a mean of no answers, whatever the rule.
    return np.asarray(enough & (n_answered > 0))


def _utility(
    scale: ValueSetScale, instrument: Instrument, answers: Mapping[str, Floats], n_forms: int
) -> Floats:
    """Full health less the decrement of each level; NaN unless every dimension is answered."""
    value_set = instrument.value_sets[scale.value_set]
    if any(key not in answers for key in scale.items):
        return np.full(n_forms, np.nan)
    if isinstance(value_set, StateValues):
        return _of_state(scale, value_set, instrument, answers)
    utility = np.full(n_forms, value_set.full_health)
    at_worst = np.zeros(n_forms, dtype=bool)
    for key in scale.items:
        item = instrument.items[key]
        # The last entry stands for "not answered" and makes the sum NaN.
        decrements = np.array([*value_set.decrements[key], np.nan])
        missing = np.isnan(answers[key])
        level = np.where(missing, len(decrements) - 1, answers[key] - item.minimum)
        utility -= decrements[level.astype(np.intp)]
        at_worst |= answers[key] == item.maximum
    return utility - np.where(at_worst, value_set.any_worst_level, 0.0)


def _of_state(
    scale: ValueSetScale,
    value_set: StateValues,
    instrument: Instrument,
    answers: Mapping[str, Floats],
) -> Floats:
    """The utility of each state; NaN unless every dimension is answered."""
    values = state_values(value_set.file, instrument.n_levels(scale.items))
    levels = np.array([answers[key] - instrument.items[key].minimum for key in scale.items])
    known = ~np.isnan(levels).any(axis=0)
    utility = np.full(levels.shape[1], np.nan)
    utility[known] = values[tuple(levels[:, known].astype(np.intp))]
    return utility


def _composite(
    scale: CompositeScale,
    instrument: Instrument,
    answers: Mapping[str, Floats],
    scores: Mapping[str, Floats],
) -> Floats:
    # NaN of any part is NaN of the whole: every part must be there.
    total = np.sum(
        [100.0 - scores[s] if s in scale.reversed_scales else scores[s] for s in scale.scales],
        axis=0,
    )
    score = total / len(scale.scales) if scale.rule == "mean_of_scales" else total
    if scale.answered.share == 0:
        return np.asarray(score)
    keys = [
        key
        for part in instrument.scales
        if isinstance(part, ItemScale) and part.name in scale.scales
        for key in part.items
    ]
    n_answered = np.zeros(len(score))
    for key in keys:
        if key in answers:
            n_answered += ~np.isnan(answers[key])
    return np.where(_enough(n_answered, len(keys), scale.answered), score, np.nan)
