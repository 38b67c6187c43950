"""Which form stands for which visit."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life.assignment import Assignment, assign
from analyses.quality_of_life.inputs import people_of
from analyses.quality_of_life.visits import DEFAULT_VISITS, Visit, check_visits
from analyses.studies.quality_of_life import QualityOfLife
from tests.lib.quality_of_life_frames import cohort, forms


def assigned(people: pd.DataFrame, given: pd.DataFrame) -> Assignment:
    return assign(people_of(people), given, DEFAULT_VISITS)


def visits_of(people: pd.DataFrame, given: pd.DataFrame) -> dict[str, str]:
    """The form chosen for each visit."""
    chosen = assigned(people, given).chosen
    return dict(zip(chosen["visit"], chosen["questionnaire_id"], strict=True))


ONE = cohort("""
patient
a
""")


@pytest.mark.parametrize(
    ("day", "visit"),
    [
        (-91, None), (-90, "baseline"), (0, "baseline"),
        (1, "M1"), (60, "M1"), (61, "M3"), (136, "M3"), (137, "M6"), (273, "M6"),
        (274, "M12"), (456, "M12"), (457, "M18"), (639, "M18"), (640, "M24"), (913, "M24"),
        (914, "M36"), (1278, "M36"), (1279, None),
    ],
)  # fmt: skip
def test_every_day_belongs_to_one_window(day, visit):
    chosen = assigned(ONE, forms(f"patient | day\na | {day}")).chosen
    assert chosen["visit"].tolist() == ([visit] if visit else [])


def test_windows_reach_half_way_to_the_next_visit():
    """A day as far from both belongs to the earlier visit."""
    for day in range(1, 1097):
        window = next(v for v in DEFAULT_VISITS if v.first_day <= day <= v.last_day)
        after = [v for v in DEFAULT_VISITS if v.name != "baseline"]
        assert window is min(after, key=lambda v: (abs(day - v.nominal_day), v.nominal_day)), day


def test_the_label_a_registry_wrote_does_not_move_a_form():
    given = forms("""
    patient | day | visit
    a       | 180 | M12
    """)
    assert visits_of(ONE, given) == {"M6": "f1"}


def test_the_baseline_is_the_last_form_up_to_the_index_date():
    given = forms("""
    patient | day
    a       | -60
    a       | -2
    a       | -10
    """)
    assert visits_of(ONE, given) == {"baseline": "f2"}


def test_two_forms_in_a_window_the_closest_to_the_nominal_day_counts():
    given = forms("""
    patient | day
    a       | 140
    a       | 185
    a       | 178
    """)
    assert visits_of(ONE, given) == {"M6": "f2"}
    assert assigned(ONE, given).set_aside["forms_not_preferred"] == 2


def test_two_forms_equally_close_the_earlier_counts():
    given = forms("""
    patient | day
    a       | 187
    a       | 177
    """)
    assert visits_of(ONE, given) == {"M6": "f2"}


def test_two_forms_of_one_day_the_fuller_counts():
    given = forms("""
    patient | day | n
    a       | 182 | 3
    a       | 182 | 6
    """)
    assert visits_of(ONE, given) == {"M6": "f2"}


def test_a_form_with_answers_comes_before_a_closer_one_without():
    given = forms("""
    patient | day | n | reason
    a       | 182 | 0 | too_ill
    a       | 230 | 6 |
    """)
    assert visits_of(ONE, given) == {"M6": "f2"}


def test_respondents_have_a_form_each():
    given = forms("""
    patient | day | respondent
    a       | 182 | self
    a       | 190 | parent
    """)
    assert sorted(assigned(ONE, given).chosen["respondent"]) == ["parent", "self"]


def test_a_form_after_death_is_set_aside_and_counted():
    dead = cohort("""
    patient | death
    a       | 200
    """)
    given = forms("""
    patient | day
    a       | 182
    a       | 200
    a       | 201
    """)
    found = assigned(dead, given)
    assert found.chosen["questionnaire_id"].tolist() == ["f1"]
    assert found.set_aside["forms_after_death"] == 1
    assert found.set_aside["forms_not_preferred"] == 1


def test_nothing_is_lost_silently():
    people = cohort("""
    patient | death | cutoff
    a       |       | 1200
    b       | 100   | 1200
    """)
    given = forms("""
    patient | day
    a       | 30
    a       | 31
    a       | -200
    a       | 1201
    a       |
    b       | 101
    """)
    found = assigned(people, given)
    assert found.set_aside == {
        "forms_without_date": 1,
        "forms_after_death": 1,
        "forms_after_cutoff": 1,
        "forms_outside_windows": 1,
        "forms_not_preferred": 1,
    }
    assert len(found.chosen) + sum(found.set_aside.values()) == len(given)


def test_a_form_nobody_filled_in_takes_the_date_of_its_label():
    given = forms("""
    patient | day | visit | n | reason
    a       |     | m3    | 0 | refused
    a       |     | later | 0 | refused
    """)
    assert visits_of(ONE, given) == {"M3": "f1"}


def asked(**more) -> QualityOfLife:
    return QualityOfLife(instruments=("eq-5d-5l",), **more)


def test_a_study_names_its_visits_or_gives_days_of_its_own() -> None:
    named = asked(visits=["baseline", "M3", "M12"]).planned
    assert named == (
        Visit("baseline", 0, -90, 0), Visit("M3", 91, 1, 228), Visit("M12", 365, 229, 501),
    )  # fmt: skip
    check_visits(named)
    own = asked(visits={"start": 0, "W2": 14, "W5": 35}).planned
    assert own == (Visit("start", 0, -90, 0), Visit("W2", 14, 1, 24), Visit("W5", 35, 25, 45))
    assert asked().planned == DEFAULT_VISITS


@pytest.mark.parametrize(
    ("visits", "problem"),
    [
        (["baseline", "M2"], "unknown visit `M2`; did you mean"),
        (["M1", "M3"], "begin with the baseline on day 0"),
        (["baseline"], "at least one follows"),
        (["baseline", "M12", "M3"], "the days of visits ascend"),
        ({"baseline": 0, "a": 30, "b": 30}, "the days of visits ascend"),
        (["baseline", "M1", "M1"], "listed twice: M1"),
    ],
)
def test_visits_that_are_no_calendar_are_refused_in_the_study_file(visits, problem) -> None:
    with pytest.raises(ValueError, match=problem):
        asked(visits=visits)


def test_an_instrument_is_left_out_only_of_visits_there_are() -> None:
    left_out = asked(not_asked={"EQ_5D_5L": ["M1"]}).not_asked
    assert left_out == {"eq-5d-5l": ("M1",)}
    with pytest.raises(ValueError, match="unknown visit `M9`"):
        asked(not_asked={"eq-5d-5l": ["M9"]})
    with pytest.raises(ValueError, match="names qlq-c30, which the study leaves out"):
        asked(not_asked={"qlq-c30": ["M1"]})


@pytest.mark.parametrize(
    ("visits", "problem"),
    [
        ((Visit("M1", 30, 1, 60), Visit("M3", 91, 60, 136)), "M3 must start the day after"),
        ((Visit("M1", 30, 1, 60), Visit("M3", 91, 62, 136)), "M3 must start the day after"),
        ((Visit("M1", 61, 1, 60),), "M1 does not hold its nominal day"),
    ],
)
def test_windows_that_overlap_or_leave_a_gap_are_refused(visits, problem):
    with pytest.raises(AnalysisError, match=problem):
        check_visits(visits)


def test_the_default_windows_neither_overlap_nor_leave_a_gap():
    check_visits(DEFAULT_VISITS)
