"""The endpoint dictionary, case by case: a person's history and the rows it must give.

Every case is built in one run of dbt. Days count from the infusion; the cut-off is day 365 and the
last contact day 300 unless a history says otherwise. Expected rows follow the dictionary of
docs/endpoints.md, written out by hand.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.lib.dbt_project import PROJECT, run_dbt, target_folder
from tests.lib.endpoint_cases import (
    CAUSE,
    DOR,
    EFS,
    NRM,
    OS,
    PFS,
    TTNT,
    TTR,
    Case,
    Row,
    case,
    censored,
    competing,
    event,
)
from tests.lib.protocol import Event, Treatment, day, raw_rows, sources
from tests.lib.raw_database import NO_DOWNLOADS, create_raw_database
from tests.spec.dbt.clock_cases import CLOCKS

TWO = (Treatment(0, number=1), Treatment(100, number=2, product="tisagenlecleucel"))


CASES = [
    # Censoring and cut-off
    case("nothing happens", {OS: censored(300), PFS: censored(300), TTNT: censored(300)}),
    case("seen at the cut-off", {OS: censored(365, "administrative")}, contact=365),
    case("seen after the cut-off", {OS: censored(365, "administrative")}, contact=400),
    case("no last contact", {OS: censored(0)}, contact=None),
    case(
        "no last contact but an assessment",
        {OS: censored(90), PFS: censored(90)},
        contact=None,
        responses=[(90, "SD")],
    ),
    case(
        "an assessment after the last contact extends it",
        {OS: censored(320)},
        responses=[(320, "SD")],
    ),
    case(
        "an event dated after the cut-off neither counts nor extends",
        {PFS: censored(300), OS: censored(300)},
        events=[Event("progression", 380)],
    ),
    # Death
    case(
        "dies",
        {
            OS: event(200, "death"),
            PFS: event(200, "death"),
            NRM: event(200, NRM),
            "relapse": competing(200, "death"),
            CAUSE: event(200, "infection"),
            TTR: competing(200, "death"),
            TTNT: competing(200, "death"),
            "crs_any": competing(200, "death"),
            DOR: None,
        },
        death=200,
        cause="infection",
        contact=200,
    ),
    case(
        "dies of nobody knows what",
        {CAUSE: event(200, "unknown")},
        death=200,
        contact=200,
    ),
    case(
        "dies on the day of infusion",
        {OS: event(0, "death")},
        death=0,
        contact=0,
    ),
    case(
        "dies at the cut-off",
        {OS: event(365, "death")},
        death=365,
        contact=365,
    ),
    case(
        "dies after the cut-off",
        {OS: censored(365, "administrative"), NRM: censored(365, "administrative")},
        death=380,
    ),
    case(
        "dies without a date",
        {OS: event(300, "death", imputed=True), PFS: event(300, "death", imputed=True)},
        dead=True,
    ),
    case(
        "progresses then dies without a date",
        {PFS: event(50, "progression"), OS: event(300, "death", imputed=True)},
        dead=True,
        events=[Event("progression", 50)],
    ),
    case(
        "dies before the infusion",
        {OS: event(-5, "death"), PFS: event(-5, "death")},
        death=-5,
    ),
    case(
        "dies in the year 1, by a slip of the pen",
        {OS: event(-739000, "death"), "relapse": competing(-739000, "death")},
        death=-739000,
    ),
    case(
        "two deaths in one source",
        {OS: event(200, "death"), CAUSE: event(200, "infection")},
        death=230,
        contact=230,
        extra_reports=[{"death_date": "2025-07-20", "death_cause": "infection"}],
    ),
    case(
        "a death before the infusion and a plausible one",
        {OS: event(200, "death")},
        death=200,
        extra_reports=[{"death_date": "2024-12-01"}],
    ),
    case(
        "a death told by an event only",
        {OS: event(120, "death")},
        dead=False,
        events=[Event("death", 120)],
    ),
    # Progression and relapse
    case(
        "progresses",
        {
            PFS: event(100, "progression"),
            "relapse": event(100, "relapse"),
            NRM: competing(100, "relapse"),
            OS: censored(300),
            EFS: event(100, "progression"),
            TTR: competing(100, "progression"),
        },
        events=[Event("progression", 100)],
    ),
    case(
        "relapses on the day of infusion",
        {PFS: event(0, "relapse"), "relapse": event(0, "relapse")},
        events=[Event("relapse", 0)],
    ),
    case(
        "progressive disease at baseline is no progression",
        {PFS: censored(300)},
        responses=[(0, "PD")],
    ),
    case(
        "progressive disease at an assessment",
        {PFS: event(30, "progression"), TTR: competing(30, "progression")},
        responses=[(30, "PD")],
    ),
    case(
        "a progression before the infusion",
        {PFS: censored(300)},
        events=[Event("progression", -1)],
    ),
    case(
        "progression and death on one day",
        {
            PFS: event(100, "progression"),
            "relapse": event(100, "relapse"),
            NRM: competing(100, "relapse"),
            OS: event(100, "death"),
        },
        death=100,
        events=[Event("progression", 100)],
    ),
    case(
        "progression after death",
        {PFS: event(100, "death"), "relapse": competing(100, "death"), NRM: event(100, NRM)},
        death=100,
        events=[Event("progression", 110)],
    ),
    case(
        "a progression after the last contact",
        {PFS: event(310, "progression"), OS: censored(310)},
        events=[Event("progression", 310)],
    ),
    # Response
    case(
        "responds and progresses",
        {TTR: event(30, TTR), DOR: event(60, "progression"), PFS: event(90, "progression")},
        responses=[(30, "PR"), (60, "CR")],
        events=[Event("progression", 90)],
    ),
    case(
        "responds and is lost",
        {TTR: event(30, TTR), DOR: censored(270)},
        responses=[(30, "CMR")],
    ),
    case(
        "responds at baseline only",
        {TTR: censored(300), DOR: None},
        responses=[(0, "CR")],
    ),
    case(
        "responds after progression",
        {TTR: competing(30, "progression"), DOR: None},
        responses=[(30, "PD"), (90, "CR")],
    ),
    case(
        "response and progression on one day",
        {TTR: event(30, TTR), DOR: event(0, "progression")},
        responses=[(30, "PR")],
        events=[Event("progression", 30)],
    ),
    case(
        "stable is no response",
        {TTR: censored(300), DOR: None},
        responses=[(30, "SD"), (60, "NE")],
    ),
    # Next treatment
    case(
        "a next treatment",
        {TTNT: event(80, TTNT), EFS: event(80, "next_treatment"), PFS: censored(300)},
        events=[Event("next_treatment", 80)],
    ),
    case(
        "a re-infusion is the next treatment of the first",
        {
            (TTNT, "infused", 1): event(100, TTNT),
            (EFS, "infused", 1): event(100, "next_treatment"),
            (TTNT, "infused", 2): censored(200),
            (OS, "infused", 1): censored(300),
            (OS, "infused", 2): censored(200),
        },
        treatments=TWO,
    ),
    # Toxicity
    case(
        "CRS of grade 2 then 3",
        {"crs_any": event(2, "crs_any"), "crs_grade_3": event(5, "crs_grade_3")},
        events=[Event("crs", 2, 2), Event("crs", 5, 3)],
    ),
    case(
        "ICANS without a grade, then of grade 3",
        {"icans_any": event(4, "icans_any"), "icans_grade_3": event(6, "icans_grade_3")},
        events=[Event("icans", 4), Event("icans", 6, 3)],
    ),
    case(
        "CRS of the second infusion",
        {
            ("crs_any", "infused", 1): censored(300),
            ("crs_any", "infused", 2): event(3, "crs_any"),
        },
        treatments=TWO,
        events=[Event("crs", 103, 1)],
    ),
    case(
        "CRS told under the first infusion",
        {
            ("crs_any", "infused", 1): event(2, "crs_any"),
            ("crs_any", "infused", 2): censored(200),
        },
        treatments=TWO,
        events=[Event("crs", 2, 1, treatment=1)],
    ),
    case(
        "a second malignancy by another name",
        {"second_malignancy": event(150, "second_malignancy")},
        events=[Event("Second Primary Malignancy", 150)],
    ),
    # Late effects
    case(
        "cytopenia that lasts, told as each source tells it",
        {"prolonged_cytopenia": event(35, "prolonged_cytopenia"), OS: censored(300)},
        events=[Event("Prolonged cytopenia", 35, 3), Event("prolonged_cytopenia", 90, 4)],
    ),
    case(
        "cytopenia without more is not prolonged",
        {"prolonged_cytopenia": censored(300), OS: censored(300)},
        events=[Event("cytopenia", 35, 4)],
    ),
    case(
        "cytopenia of the second infusion",
        {
            ("prolonged_cytopenia", "infused", 1): censored(300),
            ("prolonged_cytopenia", "infused", 2): event(30, "prolonged_cytopenia"),
        },
        treatments=TWO,
        events=[Event("prolonged_cytopenia", 130)],
    ),
    case(
        "B cells recover, and were never gone on the day of infusion",
        {"b_cell_aplasia_recovery": event(180, "b_cell_aplasia_recovery")},
        events=[Event("b_cell_recovery", 0), Event("B-cell aplasia recovery", 180)],
    ),
    case(
        "dies before the B cells recover",
        {
            "b_cell_aplasia_recovery": competing(150, "death"),
            "prolonged_cytopenia": competing(150, "death"),
            "icu_admission": competing(150, "death"),
        },
        death=150,
        events=[Event("b_cell_recovery", 160)],
    ),
    case(
        "an infection on the day of infusion, intensive care later",
        {"infection": event(0, "infection"), "icu_admission": event(4, "icu_admission")},
        events=[Event("infection", 12), Event("infection", 0), Event("ICU", 4)],
    ),
    case(
        "an infection before the infusion",
        {"infection": censored(300)},
        events=[Event("infection", -1)],
    ),
    case(
        "an infection after the second infusion is one of the person",
        {
            ("infection", "infused", 1): event(130, "infection"),
            ("infection", "infused", 2): event(30, "infection"),
        },
        treatments=TWO,
        events=[Event("infection", 130)],
    ),
    case(
        "a T-cell malignancy is a second malignancy too",
        {
            "t_cell_malignancy": event(250, "t_cell_malignancy"),
            "second_malignancy": event(250, "second_malignancy"),
        },
        events=[Event("T-cell lymphoma", 250)],
    ),
    case(
        "a second malignancy of another kind is no T-cell malignancy",
        {"t_cell_malignancy": censored(300)},
        events=[Event("second_malignancy", 250)],
    ),
    case(
        "acute then chronic GVHD, of two infusions",
        {
            ("acute_gvhd", "infused", 1): event(40, "acute_gvhd"),
            ("chronic_gvhd", "infused", 1): censored(300),
            ("acute_gvhd", "infused", 2): censored(200),
            ("chronic_gvhd", "infused", 2): event(100, "chronic_gvhd"),
        },
        treatments=TWO,
        events=[Event("aGVHD", 40, 2), Event("chronic_gvhd", 200)],
    ),
    case(
        "GVHD on the day of death",
        {"acute_gvhd": event(60, "acute_gvhd")},
        death=60,
        events=[Event("acute_gvhd", 60)],
    ),
    # Gene therapy
    case(
        "becomes independent of transfusion",
        {"transfusion_independence": event(40, "transfusion_independence")},
        events=[Event("transfusion_independence", 40)],
    ),
    case(
        "is ventilated for good, then dies",
        {"ventilation_free_survival": event(60, "permanent_ventilation"), OS: event(90, "death")},
        death=90,
        events=[Event("permanent_ventilation", 60)],
    ),
    case(
        "sits, never walks",
        {
            "motor_milestone_sitting": event(70, "motor_milestone_sitting"),
            "motor_milestone_walking": censored(300),
        },
        events=[Event("motor_milestone_sitting", 70)],
    ),
    case(
        "stands, sits and walks, told as details of one type",
        {
            "motor_milestone_sitting": event(70, "motor_milestone_sitting"),
            "motor_milestone_walking": event(70, "motor_milestone_walking"),
        },
        events=[
            Event("motor_milestone", 60, detail="standing"),
            Event("motor_milestone", 70, detail="sitting"),
            Event("motor_milestone", 70, detail="Walking"),
        ],
    ),
    case(
        "bleeds on the day of infusion and later",
        {"first_bleed": event(20, "first_bleed")},
        events=[Event("bleed", 0), Event("bleed", 20), Event("bleed", 25)],
    ),
    case(
        "sees and moves better, as the source says, and not yet on the day of infusion",
        {
            "visual_function_improvement": event(45, "visual_function_improvement"),
            "motor_function_improvement": event(60, "motor_function_improvement"),
        },
        events=[
            *(Event("visual_function_improvement", day) for day in (0, 45)),
            Event("motor_function_improvement", 60),
        ],
    ),
    case(
        "dies before function improves",
        dict.fromkeys(("visual_function_improvement", "first_bleed"), competing(50, "death")),
        death=50,
        events=[Event("visual_function_improvement", 60), Event("bleed", 55)],
    ),
    # Codes out of date still mean what they meant
    case(
        "a product given after its withdrawal",
        {OS: censored(300)},
        treatments=[Treatment(product="Skysona")],
    ),
    case(
        "an ATC code replaced since",
        {OS: censored(300)},
        treatments=[Treatment(product="L01XX70")],
    ),
    *CLOCKS,
]


def test_every_endpoint_of_the_dictionary_has_a_history_with_its_event():
    told = {
        key[0] if isinstance(key, tuple) else key
        for one in CASES
        for key, row in one.rows.items()
        if row is not None and row.event
    }
    with (PROJECT / "seeds" / "endpoints.csv").open() as file:
        assert {row["endpoint"] for row in csv.DictReader(file)} == told


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every case in one build database, harmonised by dbt."""
    folder = tmp_path_factory.mktemp("endpoints")
    rows = raw_rows(person for one in CASES for person in one.people)
    rows["source_registry"] = sources(
        at_infusion="infusion",
        at_apheresis="apheresis",
        at_decision="decision",
        elsewhere="infusion",
    )
    database = create_raw_database(folder / "build.duckdb", rows)
    run_dbt(database, "build", "--exclude", "resource_type:unit_test")
    with duckdb.connect(str(database), read_only=True, config=dict(NO_DOWNLOADS)) as con:
        yield con


def found_row(
    con: duckdb.DuckDBPyConnection, one: Case, endpoint: str, analysis_set: str, number: int
) -> Row | None:
    row = con.execute(
        """
        select time_days, event, cause, censoring_reason, entry_days, date_imputed
        from marts.time_to_event
        where source = ? and patient_id = ? and treatment_id = ?
          and endpoint = ? and analysis_set = ? and end_date - start_date = time_days
        """,
        [one.people[0].source, one.says, f"{one.says}/{number}", endpoint, analysis_set],
    ).fetchone()
    return None if row is None else Row(*row)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.says)
def test_history_gives_the_rows_of_the_protocol(built: duckdb.DuckDBPyConnection, one: Case):
    for key, expected in one.rows.items():
        endpoint, analysis_set, number = key if isinstance(key, tuple) else (key, "infused", 1)
        assert found_row(built, one, endpoint, analysis_set, number) == expected, endpoint


def test_every_death_date_that_was_not_used_is_a_conflict(built: duckdb.DuckDBPyConnection):
    found = built.execute(
        """
        select patient_id, value, other_value from marts.source_conflict
        where field = 'death_date' order by patient_id
        """
    ).fetchall()
    assert found == [
        ("a death before the infusion and a plausible one", "2025-07-20", "2024-12-01"),
        ("two deaths in one source", "2025-07-20", "2025-08-19"),
    ]


def test_two_products_of_one_infusion_are_a_conflict_about_the_product(
    built: duckdb.DuckDBPyConnection,
):
    """The endpoint believes each source (a next treatment on day 1); the conflict says: look."""
    found = built.execute(
        """
        select patient_id, source, value, other_source, other_value from marts.source_conflict
        where field = 'product' order by patient_id
        """
    ).fetchall()
    told = ("at_infusion", "axicabtagene_ciloleucel", "elsewhere", "tisagenlecleucel")
    assert found == [
        ("two products told of one infusion, a day apart", *told),
        ("two products told of one infusion, of one day", *told),
    ]


def test_two_grades_of_one_toxicity_are_a_conflict_and_a_grade_beside_none_is_not(
    built: duckdb.DuckDBPyConnection,
):
    """The worst of each source within the window; only one of them tells of ICANS."""
    found = built.execute(
        """
        select patient_id, field, source, value, other_source, other_value
        from marts.source_conflict where field in ('crs_grade', 'icans_grade')
        """
    ).fetchall()
    told = ("crs_grade", "at_infusion", "2", "elsewhere", "3")
    assert found == [("two grades of CRS told of one infusion", *told)]


def test_a_person_seen_alive_after_the_death_is_a_conflict(
    built: duckdb.DuckDBPyConnection,
):
    found = built.execute(
        """
        select patient_id, source, value, other_source, other_value from marts.source_conflict
        where field = 'vital_status'
        """
    ).fetchall()
    # The patient table still has a last contact (day 300) after the death of the event (day 120).
    teller = "at_infusion"
    assert found == [("a death told by an event only", teller, "dead", teller, "alive")]


def test_every_treatment_has_every_endpoint_once_per_set(built: duckdb.DuckDBPyConnection):
    counts = built.execute(
        """
        select count(*), count(distinct (source, patient_id, treatment_id, analysis_set))
        from marts.time_to_event where endpoint <> 'duration_of_response'
        """
    ).fetchone()
    endpoints = built.execute(
        "select count(*) from seeds.endpoints where starts_from = 'clock'"
    ).fetchone()
    assert counts is not None and endpoints is not None
    assert counts[0] == counts[1] * endpoints[0]


def test_a_code_out_of_date_drops_nobody_and_is_counted(built: duckdb.DuckDBPyConnection):
    row = built.execute("select path from duckdb_databases() where not internal").fetchone()
    assert row is not None
    name = "assert_every_code_is_used_while_it_is_valid.sql"
    check = target_folder(Path(row[0])) / "compiled" / "atmp_rwe" / "tests" / name
    found = built.execute(check.read_text() + " order by 2, 3").fetchall()
    assert found == [
        ("at_infusion", "product_code", "L01XX70", day(0)),
        ("at_infusion", "product_code", "Skysona", day(0)),
    ]
