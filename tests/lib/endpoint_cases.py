"""Cases of the endpoint dictionary: a person's history and the rows of time_to_event it must give.

Here: the words a case is written in. Not here: the cases (tests/spec/dbt), nor persons and days
(tests/lib/protocol).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.lib.protocol import Person

OS, PFS, EFS = "overall_survival", "progression_free_survival", "event_free_survival"
NRM, CAUSE = "non_relapse_mortality", "death_by_cause"
DOR, TTR, TTNT = "duration_of_response", "time_to_response", "time_to_next_treatment"


class Row(NamedTuple):
    """An expected row of time_to_event, in the words of the protocol."""

    days: int
    event: int
    cause: str | None = None
    reason: str | None = None
    entry: int = 0
    imputed: bool = False


def event(days: int, cause: str, **other: Any) -> Row:
    return Row(days, 1, cause, **other)


def competing(days: int, cause: str, **other: Any) -> Row:
    return Row(days, 0, cause, **other)


def censored(days: int, reason: str = "last_contact", **other: Any) -> Row:
    return Row(days, 0, None, reason, **other)


class Case(NamedTuple):
    """A history (one person, perhaps in several sources) and what it must give.

    `rows` maps an endpoint, or (endpoint, analysis set, treatment number), to its row; None: the
    endpoint must have no row.
    """

    says: str
    people: tuple[Person, ...]
    rows: dict[Any, Row | None]


def case(says: str, rows: dict[Any, Row | None], /, *also: Person, **history: Any) -> Case:
    return Case(says, (Person(known_as=says, **history), *also), rows)
