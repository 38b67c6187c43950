"""Every choice of a deterioration by the name of the endpoint, worked by hand on one person each.

The threshold of the global health scale of QLQ-C30 is 10 points; days are those of the forms.
"""

from __future__ import annotations

import pytest

from analyses.quality_of_life import deterioration_of
from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint
from analyses.studies import Study, find_endpoint
from tests.lib.quality_of_life_frames import cohort, forms, scores

GLOBAL_HEALTH = "deterioration:qlq-c30:QL"


def found(choices: str, *given: tuple[int, float], death: int | None = None) -> tuple[float, str]:
    """Day and reason for one person with these (day, score)."""
    people = cohort(f"patient | death\na | {'' if death is None else death}")
    told = forms(
        "patient | day | instrument\n" + "\n".join(f"a | {day} | qlq-c30" for day, _ in given)
    )
    values = scores(told, QL=[value for _, value in given])
    row = deterioration_of(f"{GLOBAL_HEALTH}{choices}", people, told, values, death="event")
    if row.empty:
        return -1, "left_out"
    return row["time"].iloc[0], f"{row['reason'].iloc[0]}:{row['cause'].iloc[0]}"


RISES_AND_FALLS = ((0, 60), (30, 80), (91, 65), (182, 75))
FALLS_TWICE = ((0, 60), (30, 50), (91, 65), (182, 45))


@pytest.mark.parametrize(
    ("choices", "given", "expected"),
    [
        # First: the first score 10 below its reference, whatever comes later.
        ("", FALLS_TWICE, (30, "deterioration:1")),
        # Reference: 65 is above the baseline of 60 and 15 below the best, which is also the last.
        ("", RISES_AND_FALLS, (182, "last_score:0")),
        ("@best", RISES_AND_FALLS, (91, "deterioration:1")),
        ("@previous", RISES_AND_FALLS, (91, "deterioration:1")),
        ("@best", ((0, 60), (30, 70), (91, 65), (182, 58)), (182, "deterioration:1")),
        ("@previous", ((0, 60), (30, 70), (91, 65), (182, 58)), (182, "last_score:0")),
        # Definition 1: after day 30 no score is better than the baseline by more than 10.
        ("@definitive_1", FALLS_TWICE, (30, "deterioration:1")),
        ("@definitive_1", ((0, 60), (30, 50), (91, 71), (182, 45)), (182, "deterioration:1")),
        # Definition 2: all later scores are 10 below; 65 is not, so that only day 182 holds.
        ("@definitive_2", FALLS_TWICE, (182, "deterioration:1")),
        ("@definitive_2", ((0, 60), (30, 50), (91, 50), (182, 45)), (30, "deterioration:1")),
        # Definition 3: none better than the score of 50 by more than 10; 65 is, 60 is not.
        ("@definitive_3", FALLS_TWICE, (182, "deterioration:1")),
        ("@definitive_3", ((0, 60), (30, 50), (91, 60), (182, 45)), (30, "deterioration:1")),
        # Choices together, in any order.
        ("@best+definitive_2", ((0, 60), (30, 80), (91, 65), (182, 60)), (91, "deterioration:1")),
        ("@definitive_2+best", ((0, 60), (30, 80), (91, 65), (182, 75)), (182, "last_score:0")),
        # A missing baseline.
        ("", ((30, 50), (91, 40)), (0, "no_baseline:0")),
        ("@no_baseline_event", ((30, 50), (91, 40)), (0, "no_baseline:1")),
        ("@no_baseline_excluded", ((30, 50), (91, 40)), (-1, "left_out")),
        # No follow-up.
        ("", ((0, 60),), (1, "no_follow_up:0")),
        ("@no_follow_up_event", ((0, 60),), (1, "no_follow_up:1")),
        # The customary sensitivity analyses.
        ("@SA1", ((30, 50),), (0, "no_baseline:1")),
        ("@SA1", ((0, 60),), (1, "no_follow_up:1")),
        ("@SA3", ((0, 60),), (1, "no_follow_up:1")),
    ],
)  # fmt: skip
def test_each_choice_by_hand(choices, given, expected) -> None:
    assert found(choices, *given) == expected


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ("", (150, "death:1")),  # as the study's estimand says: here an event
        ("@death_event", (150, "death:1")),
        ("@death_censored", (91, "last_score:0")),
        ("@death_competing", (150, "death:2")),
        ("@SA2", (150, "death:1")),
        ("@SA3", (150, "death:1")),
    ],
)
def test_a_death_before_a_deterioration(choices, expected) -> None:
    assert found(choices, (0, 60), (30, 60), (91, 55), death=150) == expected


def test_a_study_names_them_and_each_has_one_name() -> None:
    study = Study(
        id="s",
        title="S",
        endpoints=[
            f"{GLOBAL_HEALTH}@best+definitive_2",
            f"{GLOBAL_HEALTH}@death_competing",
            "deterioration:EORTC-QLQ-C30:FA@SA3",
        ],
    )
    assert study.endpoints == (
        f"{GLOBAL_HEALTH}@definitive_2+best",
        f"{GLOBAL_HEALTH}@death_competing",
        "deterioration:qlq-c30:FA@SA3",
    )
    assert find_endpoint(study.endpoints[1]).has_competing
    title = deterioration_endpoint(study.endpoints[0]).title
    assert title.startswith("Definitive deterioration of global health")
    assert title.endswith("[definitive 2, best]")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("@definitve_2", "unknown choice `definitve_2` of a deterioration; did you mean"),
        ("@best+previous", "`previous` chooses reference a second time"),
        ("@SA3+death_censored", "chooses death a second time"),
        ("@", "is not written as"),
    ],
)
def test_choices_that_are_none_or_contradict_are_refused(name, message) -> None:
    with pytest.raises(ValueError, match=message):
        Study(id="s", title="S", endpoints=[f"{GLOBAL_HEALTH}{name}"])
