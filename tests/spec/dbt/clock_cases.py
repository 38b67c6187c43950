"""Cases about whom a clock runs for and from when: analysis sets, delayed entry, several sources.

Here: histories and the rows they must give, written out by hand. Not here: how they are built and
compared (test_endpoint_protocol).
"""

from __future__ import annotations

from tests.lib.endpoint_cases import (
    CAUSE,
    DOR,
    EFS,
    OS,
    PFS,
    TTNT,
    case,
    censored,
    event,
)
from tests.lib.protocol import Event, Person, Treatment

EARLY = (Treatment(0, apheresis=-30, decision=-50),)

CLOCKS = [
    # Clocks and analysis sets
    case(
        "a source that registers at infusion has no earlier clock",
        {
            (OS, "infused", 1): censored(300),
            (OS, "intention_to_treat", 1): None,
            (OS, "decision", 1): None,
        },
        treatments=EARLY,
    ),
    case(
        "a source that registers at apheresis",
        {
            (OS, "infused", 1): censored(300),
            (OS, "intention_to_treat", 1): censored(330),
            (OS, "decision", 1): None,
        },
        treatments=EARLY,
        source="at_apheresis",
    ),
    case(
        "a source that registers at decision",
        {
            (OS, "infused", 1): censored(300),
            (OS, "intention_to_treat", 1): censored(330),
            (OS, "decision", 1): censored(350),
        },
        treatments=EARLY,
        source="at_decision",
    ),
    case(
        "apheresed and never infused",
        {(OS, "infused", 1): None, (OS, "intention_to_treat", 1): event(70, "death")},
        treatments=[Treatment(None, apheresis=-30)],
        death=40,
        source="at_apheresis",
    ),
    case(
        "registered late",
        {OS: censored(300, entry=50)},
        registered=50,
    ),
    case(
        "registered before the infusion",
        {OS: censored(300)},
        registered=-50,
    ),
    # Delayed entry: who was registered after the clock of a set is at risk from then on
    case(
        "apheresed, then registered before the infusion",
        {
            (OS, "intention_to_treat", 1): censored(330, entry=20),
            (OS, "infused", 1): censored(300),
        },
        treatments=EARLY,
        source="at_apheresis",
        registered=-10,
    ),
    case(
        "decided on, then registered after the apheresis, then dies",
        {
            (OS, "decision", 1): event(150, "death", entry=40),
            (OS, "intention_to_treat", 1): event(130, "death", entry=20),
            (OS, "infused", 1): event(100, "death"),
        },
        treatments=EARLY,
        source="at_decision",
        registered=-10,
        death=100,
        contact=100,
    ),
    case(
        "responds before the registration and progresses after it",
        {
            DOR: event(60, "progression", entry=15),
            PFS: event(90, "progression", entry=45),
        },
        registered=45,
        responses=[(30, "CR")],
        events=[Event("progression", 90)],
    ),
    case(
        "responds after the registration",
        {DOR: censored(240), OS: censored(300, entry=45)},
        registered=45,
        responses=[(60, "CR")],
    ),
    # Persons in two sources
    case(
        "dead in another source",
        {OS: event(200, "death"), CAUSE: event(200, "infection")},
        Person(
            "dead in another source",
            source="elsewhere",
            death=200,
            cause="infection",
            treatments=(),
        ),
        dead=False,
        contact=150,
    ),
    case(
        "an undated death here, a dated one elsewhere",
        {OS: event(250, "death")},
        Person(
            "an undated death here, a dated one elsewhere",
            source="elsewhere",
            death=250,
            treatments=(),
        ),
        dead=True,
    ),
    case(
        "seen later in another source",
        {OS: censored(340)},
        Person("seen later in another source", source="elsewhere", contact=340, treatments=()),
    ),
    case(
        "the same infusion told by two sources, a day apart",
        {TTNT: censored(300), EFS: censored(300)},
        Person(
            "the same infusion told by two sources, a day apart",
            source="elsewhere",
            treatments=[Treatment(1, number=7)],
        ),
    ),
    case(
        "two products told of one infusion, a day apart",
        {TTNT: event(1, TTNT), OS: censored(300)},
        Person(
            "two products told of one infusion, a day apart",
            source="elsewhere",
            treatments=[Treatment(1, number=7, product="tisagenlecleucel")],
        ),
    ),
    case(
        "two grades of CRS told of one infusion",
        {OS: censored(300), "crs_grade_3": censored(300)},
        Person(
            "two grades of CRS told of one infusion",
            source="elsewhere",
            treatments=[Treatment(1, number=7)],
            events=[Event("crs", 4, grade=3, treatment=7), Event("crs", 200, grade=5, treatment=7)],
        ),
        events=[Event("crs", 2, grade=1), Event("crs", 4, grade=2), Event("icans", 5, grade=3)],
    ),
    case(
        "two products told of one infusion, of one day",
        {TTNT: censored(300), OS: censored(300)},
        Person(
            "two products told of one infusion, of one day",
            source="elsewhere",
            treatments=[Treatment(0, number=7, product="tisagenlecleucel")],
        ),
    ),
]
