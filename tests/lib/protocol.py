"""Persons written as a protocol would tell them: days counted from the infusion.

Here: the vocabulary in which spec tests state a person's history and the rows it must give, and how
both become raw tables. Not here: any history or expectation (tests/spec/dbt).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

INFUSED = dt.date(2025, 1, 1)
CUTOFF_DAY = 365
"""Deliveries are dated 2026-01-01, 365 days after the infusion of every person."""

Row = dict[str, Any]


def day(number: int | None) -> dt.date | None:
    """The date `number` days after the infusion."""
    return None if number is None else INFUSED + dt.timedelta(days=number)


@dataclass(frozen=True)
class Treatment:
    """One treatment; days are relative to the first infusion."""

    infusion: int | None = 0
    apheresis: int | None = None
    decision: int | None = None
    number: int = 1
    product: str = "axicabtagene_ciloleucel"


@dataclass(frozen=True)
class Event:
    """A dated clinical event; `treatment` is the number of the treatment it is told under."""

    kind: str
    day: int
    grade: int | None = None
    treatment: int | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Person:
    """What one source tells of one person.

    `known_as` is the identifier, shared by persons linked across sources. `contact` None: the
    source delivers no last contact.
    """

    known_as: str
    contact: int | None = 300
    death: int | None = None
    dead: bool | None = None
    cause: str | None = None
    registered: int | None = None
    treatments: Sequence[Treatment] = (Treatment(),)
    events: Sequence[Event] = ()
    responses: Sequence[tuple[int, str]] = ()
    source: str = "at_infusion"
    extra_reports: Sequence[Row] = field(default=())


def raw_rows(people: Iterable[Person]) -> dict[str, list[Row]]:
    """The common extract tables that tell these histories."""
    tables: dict[str, list[Row]] = {
        f"common_extract__{table}": []
        for table in ("patients", "treatments", "events", "assessments")
    }
    for person in people:
        key = {"_source": person.source, "patient_id": person.known_as}
        dead = person.death is not None if person.dead is None else person.dead
        report = key | {
            "sex": "F",
            "birth_year": 1960,
            "vital_status": "dead" if dead else "alive",
            "death_date": day(person.death),
            "death_cause": person.cause,
            "registration_date": day(person.registered),
            "last_contact_date": day(person.contact),
        }
        tables["common_extract__patients"] += [
            report,
            *({**report, **extra} for extra in person.extra_reports),
        ]
        tables["common_extract__treatments"] += [
            key
            | {
                "treatment_id": f"{person.known_as}/{treatment.number}",
                "product_code": treatment.product,
                "indication_code": "dlbcl",
                "decision_date": day(treatment.decision),
                "apheresis_date": day(treatment.apheresis),
                "infusion_date": day(treatment.infusion),
            }
            for treatment in person.treatments
        ]
        tables["common_extract__events"] += [
            key
            | {
                "event_id": f"{person.known_as}/{person.source}/{number}",
                "treatment_id": event.treatment and f"{person.known_as}/{event.treatment}",
                "event_type": event.kind,
                "event_date": day(event.day),
                "grade": event.grade,
                "detail": event.detail,
            }
            for number, event in enumerate(person.events)
        ]
        tables["common_extract__assessments"] += [
            key | {"assessment_date": day(when), "criteria": "lugano", "response": response}
            for when, response in person.responses
        ]
    return tables


def sources(**registers_from: str) -> list[Row]:
    """One row of the source registry for each named source, delivered at the cut-off."""
    return [
        {
            "source": name,
            "title": name,
            "registers_from": step,
            "delivery_date": day(CUTOFF_DAY),
            "synthetic": True,
        }
        for name, step in registers_from.items()
    ]
