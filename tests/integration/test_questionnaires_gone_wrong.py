"""Every kind of wrong questionnaire through a whole run: told where one looks, nothing lost."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analyses.quality_of_life import score
from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import write_home

STUDY = """\
id: answers
title: Answers that go wrong
analysis_set: infused
endpoints: [overall_survival, "deterioration:eq-5d-5l:vas"]
horizons_days: [100]
quality_of_life: {instruments: [eq-5d-5l, qlq-c30], visits: [baseline, M1, M3]}
"""
FULL = {"mo": 1, "sc": 2, "ua": 1, "pd": 3, "ad": 2, "vas": 70}
FRENCH = ("mobilité", "autonomie", "activités courantes", "douleurs/gêne", "anxiété/dépression")
SPANISH = ("movilidad", "cuidado", "actividades", "dolor", "ansiedad")
INFUSION = "2025-02-01"
# Everybody else answers in full on the day of the infusion: the wrong ones must stay few.
SOUND = range(11, 40)
COLUMNS = [
    "questionnaire_id", "patient_id", "completed_date", "respondent", "instrument", "item",
    "answer",
]  # fmt: skip


EQ_5D_FORMS = "select count(*) from marts.questionnaire_form where instrument = 'eq-5d-5l'"


def _form(
    form: str, patient: int, answers: dict[str, Any], day: str = INFUSION, of: str = "eq-5d-5l"
) -> list[list[Any]]:
    return [
        [form, f"NAT-{patient:04d}", day, "self", of, item, answer]
        for item, answer in answers.items()
    ]


def _renamed(names: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(names, list(FULL.values())[:5], strict=True))


def _delivered() -> list[list[Any]]:
    twice = _form("twice", 4, FULL)
    return [
        *(row for patient in SOUND for row in _form(f"sound-{patient}", patient, FULL)),
        *_form("range", 1, {**FULL, "mo": 6, "vas": 101}),
        *_form("unregistered", 2, {"q1": 3}, of="whoqol"),
        *_form("youth", 2, FULL, of="EQ-5D-Y"),
        # M1 is day 30: 2025-03-03.
        *_form("near", 10, {**FULL, "vas": 90}, "2025-03-04"),
        *_form("far", 10, {**FULL, "vas": 10}, "2025-04-01"),
        *_form("near-too", 12, {**FULL, "vas": 80}, "2025-03-03"),
        # Patient 0 died on 2025-03-01.
        *_form("after-death", 0, FULL, "2025-03-15"),
        *twice, *twice,
        *_form("differing", 5, FULL), *_form("differing", 5, {"vas": 20}),
        *_form("french", 6, {**_renamed(FRENCH), "EQ-VAS": 70}),
        *_form("spanish", 7, {**_renamed(SPANISH), "vas": 70}),
        # Physical functioning has five items: three are enough, two are not.
        *_form("enough", 8, {"q1": 1, "q2": 1, "q3": 2}, of="qlq-c30"),
        *_form("too-few", 9, {"q1": 1, "q2": 1, "q29": 5}, of="qlq-c30"),
        *_form("no-such-day", 3, FULL, "2025-02-31"),
        *_form("child", 100, FULL),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("answers") / "home"
    folder = write_home(home)
    (home / "studies" / "small_registry.yml").unlink()
    (home / "studies" / "answers.yml").write_text(STUDY)
    with (folder / "patients.csv").open("a", newline="") as handle:
        csv.writer(handle).writerow(["NAT-0100", "F", 2012, "alive", "", "2025-12-01"])
    with (folder / "treatments.csv").open("a", newline="") as handle:
        csv.writer(handle).writerow(["T100", "NAT-0100", "product_a", "dlbcl", INFUSION])
    with (folder / "questionnaires.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([COLUMNS, *_delivered()])
    process = atmp_rwe(home, "run")
    assert process.returncode == 0, process.stdout + process.stderr
    return home


@pytest.fixture(scope="module")
def released(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(home / "release" / "current" / "atmp_rwe.duckdb", read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def warned(home: Path) -> set[str]:
    """The checks of dbt that warned."""
    [path] = home.glob("results/*/checks-dbt.json")
    return {row["check"] for row in json.loads(path.read_text()) if row["status"] == "warned"}


def _unusable(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Items that gave no answer, blanks apart, of `marts.questionnaire_item`: how often."""
    rows = con.execute(
        "select item, state, count(*) from marts.questionnaire_item"
        " where state <> 'blank' group by all"
    ).fetchall()
    return {(item, state): n for item, state, n in rows}


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    [(number,)] = con.execute(sql).fetchall()
    return int(number)


def _scores(con: duckdb.DuckDBPyConnection, scale: str) -> list[float]:
    return [
        value
        for (value,) in con.execute(
            "select value from marts.questionnaire_score where scale = ? order by 1", [scale]
        ).fetchall()
        if value is not None
    ]


def _aside(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, str]]:
    rows = con.execute(
        "select diagnostic, value, status from results.diagnostic"
        " where diagnostic like '%: eq-5d-5l' and (diagnostic like 'forms_%' or"
        " diagnostic like 'utilities_%')"
    ).fetchall()
    return {name.split(":")[0]: (value, status) for name, value, status in rows}


def test_every_row_is_loaded_or_in_quarantine_and_every_form_loaded_is_in_the_marts(
    home: Path, released: duckdb.DuckDBPyConnection
) -> None:
    quarantined = duckdb.sql(
        f"select _rule, _column, count(*) from '{home}/quarantine/small/questionnaires/*.parquet'"
        " group by all"
    ).fetchall()
    # The form on a day there is not.
    assert quarantined == [("type", "completed_date", 6)]
    [(n_rows, n_forms)] = duckdb.sql(
        "select count(*), count(distinct questionnaire_id)"
        f" from '{home}/raw/small/questionnaires/*.parquet'"
    ).fetchall()
    assert n_rows + 6 == len(_delivered())
    assert n_forms == len({row[0] for row in _delivered()}) - 1
    assert _number(released, "select count(*) from marts.questionnaire_form") == n_forms


def test_every_form_of_an_instrument_asked_for_is_used_or_counted_as_set_aside(
    released: duckdb.DuckDBPyConnection,
) -> None:
    used = _number(
        released,
        "select sum(n_forms) from results.item_completion"
        " where instrument = 'eq-5d-5l' and item is null",
    )
    aside = sum(value for name, (value, _) in _aside(released).items() if name[0] == "f")
    assert used + aside == _number(released, EQ_5D_FORMS)
    assert aside == 2


def test_answers_out_of_range_are_missing_and_told_with_their_item(
    released: duckdb.DuckDBPyConnection, warned: set[str]
) -> None:
    assert _unusable(released)[("mo", "invalid")] == 1
    # 101 out of range; the other VAS has two answers.
    assert _unusable(released)[("vas", "invalid")] == 1
    assert "assert_every_answer_is_one_its_item_has" in warned


def test_an_instrument_not_registered_and_the_one_for_children_are_told_and_give_no_score(
    released: duckdb.DuckDBPyConnection,
) -> None:
    unmapped = released.execute(
        "select code, n_rows from marts.unmapped_code where code_list = 'instrument' order by 1"
    ).fetchall()
    assert unmapped == [("EQ-5D-Y", 6), ("whoqol", 1)]
    scored = released.execute(
        "select distinct instrument from marts.questionnaire_score order by 1"
    ).fetchall()
    assert scored == [("eq-5d-5l",), ("qlq-c30",)]


def test_a_deterioration_has_its_curve_and_summary(released: duckdb.DuckDBPyConnection) -> None:
    """Patients 4, 6, 7, 11 to 39 and the child have a baseline of VAS, 33 of all 41. None gets
    worse; those whose number is a multiple of 3 die between days 29 and 55, 11 of them, before the
    window of M1, which most others missed, ends on day 60."""
    endpoint = "deterioration:eq-5d-5l:vas"
    summary = released.execute(
        "select distinct n, n_event from results.survival_summary where endpoint = ?", [endpoint]
    ).fetchall()
    assert summary == [(41, 11)]
    last = released.execute(
        "select max(time_days) filter (n_event > 0), min(survival) from results.survival_curve"
        " where endpoint = ?",
        [endpoint],
    ).fetchone()
    assert last is not None and last[0] <= 60
    assert last[1] == pytest.approx(22 / 33)


def test_of_two_forms_in_one_window_the_nearer_counts_and_one_is_counted(
    released: duckdb.DuckDBPyConnection,
) -> None:
    assert _aside(released)["forms_not_preferred"] == (1, "pass")
    m1 = released.execute(
        "select n_completed, mean from results.quality_of_life_curve"
        " where scale = 'vas' and visit = 'M1' and method = 'observed'"
    ).fetchall()
    # The 90 of day 31 and not the 10 of day 59, with the 80 of another.
    assert m1 == [(2, 85)]


def test_a_form_dated_after_death_is_told_and_not_used(
    released: duckdb.DuckDBPyConnection,
) -> None:
    assert _aside(released)["forms_after_death"] == (1, "warn")


def test_a_form_twice_counts_once_and_answers_that_differ_are_told(
    released: duckdb.DuckDBPyConnection, warned: set[str]
) -> None:
    assert _unusable(released)[("vas", "conflicting")] == 1
    # "twice" has one VAS; without one are "range", "differing" and the two of QLQ-C30.
    assert len(_scores(released, "vas")) == _number(released, EQ_5D_FORMS) - 2
    assert "assert_a_form_answers_each_item_once" in warned


def test_item_keys_of_another_language_are_read_where_listed_and_told_where_not(
    released: duckdb.DuckDBPyConnection, warned: set[str]
) -> None:
    assert {item for item, state in _unusable(released) if state == "unknown_item"} == set(SPANISH)
    # All full forms but those of "range" (no mobility), "spanish" and the child.
    utility = score("eq-5d-5l", pd.DataFrame([FULL]))["utility"].iloc[0]
    found = _scores(released, "utility")
    assert found == pytest.approx([utility] * len(found))
    others = ("near", "near-too", "far", "after-death", "twice", "differing", "french")
    assert len(found) == len(SOUND) + len(others)
    assert "assert_every_item_is_of_its_instrument" in warned


def test_a_form_half_answered_is_scored_from_the_half_on(
    released: duckdb.DuckDBPyConnection,
) -> None:
    # 1, 1 and 2 of 1 to 4, the lower the better: 100, 100 and 66.7.
    assert _scores(released, "PF") == pytest.approx([(100 + 100 + 200 / 3) / 3])
    assert _scores(released, "QL") == pytest.approx([200 / 3])
    items = released.execute(
        "select n_forms, n_complete, items_answered from results.item_completion"
        " where instrument = 'qlq-c30' and item = 'q3'"
    ).fetchall()
    assert items == [(2, 1, 0.5)]


def test_a_child_has_a_vas_and_no_utility_and_it_says_why(
    released: duckdb.DuckDBPyConnection,
) -> None:
    withheld = released.execute(
        "select scale, value, withheld from marts.questionnaire_score"
        " where withheld is not null order by scale"
    ).fetchall()
    assert withheld == [
        ("utility", None, "not_for_this_age"), ("utility_crosswalk", None, "not_for_this_age"),
    ]  # fmt: skip
    assert _aside(released)["utilities_outside_ages"] == (2, "warn")
