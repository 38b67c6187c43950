"""The parts a score is made by: scales with their rules, missing rules, ages and value sets.

Shape only, as written in an instrument's file; the arithmetic is `scoring`, and what holds an
instrument together is `instrument`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """A frozen part of an instrument's file; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ages(Record):
    """Completed years of age an instrument or a value set is for, both limits included."""

    minimum: int = Field(ge=0)
    maximum: int | None = None
    note: str = ""
    verified: bool


class Answered(Record):
    """How much of a scale must be answered: at least, or more than, a share of its items."""

    share: float = Field(ge=0, le=1)
    more_than: bool = False


class _Scale(Record):
    """What every scale has; `verified` is false where `note` says what was not checked."""

    name: str
    title: str
    higher_is: Literal["better", "worse"]
    note: str = ""
    verified: bool = True


class ItemScale(_Scale):
    """A scale made of items.

    `mean_0_100` is the mean of the answered items, each put on 0 to 100; `prorated_sum` the mean of
    the answered items times their number; `single_item` the answer itself. Reverse items are turned
    round first.
    """

    rule: Literal["mean_0_100", "prorated_sum", "single_item"]
    items: tuple[str, ...] = Field(min_length=1)
    answered: Answered


class CompositeScale(_Scale):
    """A scale made of other scales, all of which must be there.

    `mean_of_scales` takes 100 minus each of `reversed_scales`; `sum_of_scales` adds. `answered` is
    about the items of these scales together.
    """

    rule: Literal["mean_of_scales", "sum_of_scales"]
    scales: tuple[str, ...] = Field(min_length=2)
    reversed_scales: tuple[str, ...] = ()
    answered: Answered = Answered(share=0)


class ValueSetScale(_Scale):
    """A utility read from a value set; every item must be answered."""

    rule: Literal["value_set"]
    items: tuple[str, ...] = Field(min_length=1)
    value_set: str


Scale = Annotated[ItemScale | CompositeScale | ValueSetScale, Field(discriminator="rule")]


class StateValues(Record):
    """A utility of every state, from a file of columns state and utility beside the instrument's.

    A state is the levels in the order of the scale's items, one digit each, as in `21345`.
    """

    source: str
    verified: bool
    ages: Ages
    file: str = Field(pattern=r"^[a-z0-9.-]+\.csv$")


class ValueSet(Record):
    """Utility decrements by item and level, lowest level first.

    `any_worst_level` is taken off once when any item is at its worst level.
    """

    source: str
    verified: bool
    ages: Ages
    full_health: float
    any_worst_level: float = 0.0
    decrements: dict[str, tuple[float, ...]]
