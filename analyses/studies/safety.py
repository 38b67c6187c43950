"""What a study file may ask of safety: rates, recurrent events, second malignancies.

Belongs here: the key `safety`. Does not belong here: the estimates (analyses.safety).
"""

from __future__ import annotations

import functools
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from analyses.studies.part import Part, no_repeats
from analyses.studies.reference_file import ReferenceFile
from analyses.studies.vocabulary import ENDPOINT_DICTIONARY, nearest

_GRADED = re.compile(r"(?P<type>[a-z0-9_]+?)(_grade_(?P<grade>[1-5]))?")
_EVENT_TYPES = ENDPOINT_DICTIONARY.parent / "codelists" / "event_type.csv"


@functools.cache
def event_types() -> tuple[str, ...]:
    """The code list of events (dbt_project/seeds/codelists/event_type.csv)."""
    import csv

    with _EVENT_TYPES.open(encoding="utf-8", newline="") as handle:
        return tuple(row["id"] for row in csv.DictReader(handle))


def type_and_grade(event: str) -> tuple[str, int | None]:
    """`crs_grade_3` is (crs, 3): events of grade 3 or more; `infection` is (infection, None)."""
    if event in event_types():
        return event, None
    found = _GRADED.fullmatch(event)
    assert found is not None, "checked when the study was read"
    return found["type"], None if found["grade"] is None else int(found["grade"])


def _known_event(event: str) -> str:
    found = _GRADED.fullmatch(event)
    known = event_types()
    if event not in known and (found is None or found["type"] not in known):
        raise ValueError(f"unknown event `{event}`{nearest(event, known)}")
    return event


EventName = Annotated[str, AfterValidator(_known_event)]


class StandardisedIncidence(Part):
    """The standardised incidence ratio of an event against rates of the general population."""

    rates: ReferenceFile
    event: EventName = "second_malignancy"
    limits: Literal["exact", "mid_p"] = "exact"
    from_days: Annotated[float, Field(ge=0)] = 0.0


class Safety(Part):
    """Rates per person-time and mean numbers of events.

    events: types of the code list, with `_grade_3` for grade 3 or more. standardised_incidence:
    observed against expected events; `from_days` leaves out what came earlier, and the time.
    """

    events: Annotated[tuple[EventName, ...], Field(min_length=1)]
    standardised_incidence: StandardisedIncidence | None = None

    _unique = field_validator("events")(no_repeats)
