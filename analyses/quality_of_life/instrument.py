"""What an instrument is: its items, scales and thresholds, as read from its file.

The shape and its inner consistency are here; the kinds of scale are in `scale`, the files in
`registry`, what is done with them in `scoring`. The wording of a question never belongs in this
project: the instruments are licensed, their keys and scoring rules are facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from analyses.quality_of_life.names import normalise
from analyses.quality_of_life.scale import (
    Ages,
    CompositeScale,
    Record,
    Scale,
    StateValues,
    ValueSet,
    ValueSetScale,
)
from analyses.quality_of_life.state_values import state_values


class ItemGroup(Record):
    """Items answered on the same range; `reverse` when the lowest answer is the best."""

    keys: tuple[str, ...] = Field(min_length=1)
    minimum: int
    maximum: int
    reverse: bool = False


class Item(Record):
    """One item: whole-number answers from `minimum` to `maximum`."""

    key: str
    minimum: int
    maximum: int
    reverse: bool


class ImportantDifference(Record):
    """The smallest change that matters on these scales, per direction, both in positive points."""

    scales: tuple[str, ...]
    improvement: float = Field(gt=0)
    deterioration: float = Field(gt=0)
    source: str
    verified: bool


class Instrument(Record):
    """A questionnaire: what may be answered, and how answers become scores."""

    id: str
    title: str
    version: str
    aliases: tuple[str, ...] = ()
    licence: str
    recall_days: int
    ages: Ages
    respondents: tuple[Literal["self", "parent", "proxy"], ...] = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
    # The day keys and rules were compared with the sources.
    checked_on: date
    # The instrument this is a form of, for some ages: the same scales, scored by its own items.
    series: str | None = None
    not_answered_codes: tuple[int, ...] = ()
    item_groups: tuple[ItemGroup, ...] = Field(min_length=1)
    key_aliases: dict[str, str] = Field(default_factory=dict)
    key_prefixes: dict[str, str] = Field(default_factory=dict)
    scales: tuple[Scale, ...] = Field(min_length=1)
    value_sets: dict[str, ValueSet | StateValues] = Field(default_factory=dict)
    minimal_important_difference: tuple[ImportantDifference, ...] = ()

    @property
    def items(self) -> dict[str, Item]:
        """Every item by its key, in the order of the file."""
        return {
            key: Item(key=key, minimum=g.minimum, maximum=g.maximum, reverse=g.reverse)
            for g in self.item_groups
            for key in g.keys
        }

    @property
    def scale_names(self) -> tuple[str, ...]:
        """The names of the scales, in the order of the file."""
        return tuple(scale.name for scale in self.scales)

    @property
    def utilities(self) -> tuple[str, ...]:
        """The names of the scales that are read from a value set."""
        return tuple(s.name for s in self.scales if isinstance(s, ValueSetScale))

    def utility_range(self, scale: str) -> tuple[float, float]:
        """The lowest and the highest utility of a scale's value set."""
        found = next(s for s in self.scales if isinstance(s, ValueSetScale) and s.name == scale)
        value_set = self.value_sets[found.value_set]
        if isinstance(value_set, StateValues):
            values = state_values(value_set.file, self.n_levels(found.items))
            return float(np.nanmin(values)), float(np.nanmax(values))
        worst = sum(max(steps) for steps in value_set.decrements.values())
        return value_set.full_health - worst - value_set.any_worst_level, value_set.full_health

    def n_levels(self, items: tuple[str, ...]) -> tuple[int, ...]:
        """The number of levels of each of these items."""
        known = self.items
        return tuple(known[key].maximum - known[key].minimum + 1 for key in items)

    def ages_of(self, scale: str) -> tuple[Ages, ...]:
        """The age limits of a scale: the instrument's and, for a utility, the value set's."""
        found = next(s for s in self.scales if s.name == scale)
        if isinstance(found, ValueSetScale):
            return (self.ages, self.value_sets[found.value_set].ages)
        return (self.ages,)

    def important_difference(self, scale: str) -> ImportantDifference | None:
        """The smallest change of a scale that matters; None where none is known."""
        known = self.minimal_important_difference
        return next((found for found in known if scale in found.scales), None)

    def with_differences(self, points: Mapping[str, tuple[float, float]]) -> Instrument:
        """The instrument with other smallest changes that matter, as a study says them.

        points: by scale, of an improvement and of a deterioration, which go before the file's.
        """
        said = tuple(
            ImportantDifference(
                scales=(scale,),
                improvement=improvement,
                deterioration=deterioration,
                source="the study",
                verified=False,
            )
            for scale, (improvement, deterioration) in points.items()
        )
        known = (*said, *self.minimal_important_difference)
        return self.model_copy(update={"minimal_important_difference": known})

    def towards_better(self, scale: str) -> int:
        """1 when a higher score is better, -1 when it is worse."""
        found = next(s for s in self.scales if s.name == scale)
        return 1 if found.higher_is == "better" else -1

    def key_names(self) -> dict[str, str]:
        """Every accepted name of an item, normalised, and the key it stands for.

        The key itself, the listed aliases, and for numbered keys each listed prefix with the
        number, with and without a leading zero.
        """
        names: dict[str, str] = {}
        for name, key in self._name_pairs():
            if names.setdefault(name, key) != key:
                message = f"the item name {name!r} stands for both {names[name]} and {key}"
                raise ValueError(message)
        return names

    def _name_pairs(self) -> Iterator[tuple[str, str]]:
        for alias, key in self.key_aliases.items():
            yield normalise(alias), key
        for key in self.items:
            yield normalise(key), key
            letters = key.rstrip("0123456789")
            number = key[len(letters) :]
            if not number:
                continue
            prefixes = [letters, *(p for p, k in self.key_prefixes.items() if k == letters)]
            for prefix in prefixes:
                yield normalise(prefix + number), key
                yield normalise(prefix + number.zfill(2)), key

    @model_validator(mode="after")
    def _names_agree(self) -> Instrument:
        keys = [key for group in self.item_groups for key in group.keys]
        _refuse(_repeated(keys), "item keys listed twice")
        _refuse(_repeated(list(self.scale_names)), "scales listed twice")
        _refuse(set(self.key_aliases.values()) - set(keys), "aliases of items that do not exist")
        scales_seen: set[str] = set()
        for scale in self.scales:
            if isinstance(scale, CompositeScale):
                unknown = set(scale.scales) - scales_seen
                _refuse(unknown, f"scale {scale.name} uses scales not listed before it")
                extra = set(scale.reversed_scales) - set(scale.scales)
                _refuse(extra, f"scale {scale.name} reverses scales it does not use")
            else:
                _refuse(set(scale.items) - set(keys), f"scale {scale.name} uses unknown items")
            scales_seen.add(scale.name)
        for difference in self.minimal_important_difference:
            _refuse(set(difference.scales) - scales_seen, "a threshold is given for unknown scales")
        self.key_names()
        return self

    @model_validator(mode="after")
    def _value_sets_fit(self) -> Instrument:
        for scale in self.scales:
            if not isinstance(scale, ValueSetScale):
                continue
            if scale.value_set not in self.value_sets:
                _refuse({scale.value_set}, f"scale {scale.name} uses an unknown value set")
            value_set = self.value_sets[scale.value_set]
            if isinstance(value_set, StateValues):
                if np.isnan(state_values(value_set.file, self.n_levels(scale.items))).any():
                    _refuse({value_set.file}, "a value set lacks a state in")
                continue
            decrements = value_set.decrements
            _refuse(set(scale.items) ^ set(decrements), "a value set and its scale differ in items")
            for key in scale.items:
                item = self.items[key]
                if len(decrements[key]) != item.maximum - item.minimum + 1:
                    _refuse({key}, "a value set lacks a level of items")
        return self


def _repeated(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _refuse(names: set[str], what: str) -> None:
    if names:
        message = f"{what}: {', '.join(sorted(names))}"
        raise ValueError(message)
