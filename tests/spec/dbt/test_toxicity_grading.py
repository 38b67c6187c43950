"""CRS and ICANS from their components, case by case, by the ASTCT 2019 rules (Lee et al., BBMT
25:625-638), with the code lists of the project. Every case is built in one run of dbt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import duckdb
import pytest

from tests.lib.dbt_project import run_dbt
from tests.lib.protocol import Event, Person, Treatment, day, raw_rows, sources
from tests.lib.raw_database import NO_DOWNLOADS, create_raw_database

FEVER = (1, "temperature", "38.0")
TWO = (Treatment(0, number=1), Treatment(20, number=2))


class Case(NamedTuple):
    """What was observed (day, code, value, unit) after one infusion, and what must come of it.

    `crs` and `icans`: the derived grade; None: there is no row; "unknown": a row without a grade.
    """

    says: str
    observed: tuple[tuple[Any, ...], ...]
    crs: int | str | None = None
    icans: int | str | None = None
    history: Mapping[str, Any] = MappingProxyType({})
    treatment: int | None = None


CASES = [
    Case("nothing observed", ()),
    # CRS
    Case("no fever", ((1, "temperature", "37.9"),), crs=0),
    Case("fever alone", (FEVER,), crs=1),
    Case("fever in Fahrenheit", ((1, "Temp", "100.4", "F"),), crs=1),
    Case("fever told in French, with a comma", ((1, "Température", "38,4"),), crs=1),
    Case("fever as a word", ((1, "fever", "yes"),), crs=1),
    Case("a temperature nobody has", ((1, "temperature", "384"),), crs="unknown"),
    Case("hypotension without vasopressor", (FEVER, (2, "hypotension", "1")), crs=2),
    Case("six litres by nasal cannula", (FEVER, (2, "oxygen", "6", "L/min")), crs=2),
    Case("more than six litres", (FEVER, (2, "oxygen", "6.5", "L/min")), crs=3),
    Case("oxygen without a unit", (FEVER, (2, "oxygen", "40")), crs=1),
    Case("nasal cannula", (FEVER, (2, "O2", "Nasal cannula")), crs=2),
    Case("face mask", (FEVER, (2, "oxygen", "face mask")), crs=3),
    Case("high flow", (FEVER, (2, "oxygen", "HFNC")), crs=3),
    Case("intubated", (FEVER, (2, "oxygen", "intubation")), crs=4),
    Case("CPAP", (FEVER, (2, "oxygen", "cpap")), crs=4),
    Case("one vasopressor", (FEVER, (2, "vasopressor", "1")), crs=3),
    Case(
        "one vasopressor with vasopressin",
        (FEVER, (2, "vasopressor", "1"), (2, "vasopressin", "1")),
        crs=3,
    ),
    Case("two vasopressors", (FEVER, (2, "vasopressor", "2")), crs=4),
    Case(
        "the worst of hypotension and hypoxia",
        (FEVER, (2, "vasopressor", "1"), (2, "oxygen", "room_air")),
        crs=3,
    ),
    Case("a vasopressor after the fever is gone", (FEVER, (9, "vasopressor", "1")), crs=3),
    Case("a vasopressor before any fever", ((0, "vasopressor", "1"), FEVER), crs=1),
    Case("a vasopressor and never a reading", ((2, "vasopressor", "1"),), crs="unknown"),
    Case("fever on the last day of the window", ((30, "temperature", "39"),), crs=1),
    Case("fever after the window", ((31, "temperature", "39"),)),
    Case("fever before the infusion", ((-1, "temperature", "39"),)),
    Case("fever and dies of CRS", (FEVER,), crs=5, history={"death": 5, "cause": "crs"}),
    Case(
        "fever and dies of an infection",
        (FEVER,),
        crs=1,
        history={"death": 5, "cause": "infection"},
    ),
    # ICANS
    Case("ICE 10", ((3, "ice", "10"),), icans=0),
    Case("ICE 7", ((3, "ice", "7"),), icans=1),
    Case("ICE 3", ((3, "ice", "3"),), icans=2),
    Case("ICE 2", ((3, "ice", "2"),), icans=3),
    Case("ICE 0, awake with aphasia", ((3, "ice", "0"), (3, "consciousness", "awake")), icans=3),
    Case("ICE 0, unarousable", ((3, "ice", "0"), (3, "consciousness", "unarousable")), icans=4),
    Case("ICE not done, unarousable", ((3, "ICE score", "unarousable"),), icans=4),
    Case("ICE out of its range", ((3, "ice", "11"),), icans="unknown"),
    Case("awakens to voice", ((3, "consciousness", "awakens to voice"),), icans=2),
    Case("awakens to touch", ((3, "consciousness", "tactile"),), icans=3),
    Case("a seizure that resolves", ((3, "seizure", "rapidly resolving"),), icans=3),
    Case("a seizure of some kind", ((3, "seizure", "yes"),), icans=3),
    Case("a prolonged seizure", ((3, "seizure", "prolonged"),), icans=4),
    Case("deep focal weakness", ((3, "motor", "1"),), icans=4),
    Case("focal oedema", ((3, "oedema", "focal"),), icans=3),
    Case("diffuse oedema", ((3, "cerebral edema", "diffuse"),), icans=4),
    Case("the worst of the domains", ((3, "ice", "8"), (4, "seizure", "present")), icans=3),
    Case("ICE after the window of CRS", ((45, "ice", "8"),), icans=1),
    Case("ICE after the window", ((61, "ice", "8"),)),
    # Belonging
    Case("both", (FEVER, (3, "ice", "5")), crs=1, icans=2),
    Case(
        "fever after the second infusion", ((21, "temperature", "39"),), history={"treatments": TWO}
    ),
    Case(
        "fever before the second infusion",
        ((19, "temperature", "39"),),
        crs=1,
        history={"treatments": TWO},
    ),
    Case(
        "fever told under the first infusion",
        ((21, "temperature", "39"),),
        crs=1,
        history={"treatments": TWO},
        treatment=1,
    ),
    Case(
        "fever after a gene therapy",
        (FEVER,),
        history={"treatments": (Treatment(product="Zolgensma"),)},
    ),
    Case("fever seen by another source", ((1, "temperature", "38.5", None, "elsewhere"),), crs=1),
]

REPORTED = {
    "fever alone": ([Event("crs", 1, 1)], 1, "agree"),
    "two vasopressors": ([Event("crs", 1, 1), Event("crs", 2, 3)], 3, "derived_higher"),
    "no fever": ([Event("crs", 2, 2)], 2, "reported_higher"),
    "CPAP": ([Event("crs", 2)], None, "not_comparable"),
    "face mask": ([Event("crs", 31, 3)], 0, "derived_higher"),
    "hypotension without vasopressor": ([Event("crs", 2, 2, treatment=1)], 2, "agree"),
}
"""Reported events, the reported grade and its agreement with the components of the case."""


def observations() -> list[dict[str, Any]]:
    """Every observation as a row of the common extract."""
    rows = []
    for one in CASES:
        for when, code, value, *rest in one.observed:
            unit, source = [*rest, None, None][:2]
            rows.append(
                {
                    "_source": source or "registry",
                    "patient_id": one.says,
                    "treatment_id": one.treatment and f"{one.says}/{one.treatment}",
                    "observed_at": day(when),
                    "code": code,
                    "value": value,
                    "unit": unit,
                }
            )
    return rows


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("toxicity")
    rows: dict[str, Any] = raw_rows(
        Person(
            one.says,
            source="registry",
            events=REPORTED.get(one.says, ([],))[0],
            **one.history,
        )
        for one in CASES
    )
    rows["source_registry"] = sources(registry="infusion", elsewhere="infusion")
    rows["common_extract__observations"] = observations()
    database = create_raw_database(folder / "build.duckdb", rows)
    run_dbt(
        database,
        "build",
        "--select",
        "+toxicity_discordance",
        "--indirect-selection",
        "cautious",
        "--exclude",
        "resource_type:unit_test",
    )
    with duckdb.connect(str(database), read_only=True, config=dict(NO_DOWNLOADS)) as con:
        yield con


def derived(con: duckdb.DuckDBPyConnection, one: Case, toxicity: str) -> int | str | None:
    row = con.execute(
        """
        select derived_grade from marts.toxicity_discordance
        where source = 'registry' and treatment_id = ? and toxicity = ?
        """,
        [f"{one.says}/1", toxicity],
    ).fetchone()
    if row is None:
        return None
    return "unknown" if row[0] is None else int(row[0])


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.says)
def test_components_give_the_grade_of_the_rules(built: duckdb.DuckDBPyConnection, one: Case):
    assert derived(built, one, "crs") == one.crs
    assert derived(built, one, "icans") == one.icans


def test_the_second_infusion_has_its_own_fever(built: duckdb.DuckDBPyConnection):
    rows = built.execute(
        "select treatment_id, derived_grade from marts.toxicity_discordance"
        " where treatment_id like '%/2'"
    ).fetchall()
    assert rows == [("fever after the second infusion/2", 1)]


@pytest.mark.parametrize("says", REPORTED)
def test_the_reported_grade_stands_beside_it(built: duckdb.DuckDBPyConnection, says: str):
    row = built.execute(
        "select reported_grade, agreement from marts.toxicity_discordance"
        " where treatment_id = ? and toxicity = 'crs'",
        [f"{says}/1"],
    ).fetchone()
    assert row == REPORTED[says][1:]


def test_values_that_cannot_be_graded_are_counted(built: duckdb.DuckDBPyConnection):
    found = built.execute(
        "select patient_id, observation_code from intermediate.int_toxicity_component"
        " where n_ungraded > 0 order by 1"
    ).fetchall()
    assert found == [
        ("ICE out of its range", "ice"),
        ("a temperature nobody has", "temperature"),
        ("oxygen without a unit", "oxygen"),
    ]
