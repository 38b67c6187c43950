"""Every choice of a deterioration by the name of the endpoint, worked by hand on one person each.

The threshold of the global health scale of QLQ-C30 is 10 points; days are those of the forms.
"""

from __future__ import annotations

import pytest

from analyses.quality_of_life import deterioration_of
from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint
from analyses.quality_of_life.visits import DEFAULT_VISITS
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
        # Without one, observed until the window of the missed visit at month 12 ends.
        ("", RISES_AND_FALLS, (456, "last_score:0")),
        ("@best", RISES_AND_FALLS, (91, "deterioration:1")),
        ("@previous", RISES_AND_FALLS, (91, "deterioration:1")),
        ("@best", ((0, 60), (30, 70), (91, 65), (182, 58)), (182, "deterioration:1")),
        ("@previous", ((0, 60), (30, 70), (91, 65), (182, 58)), (456, "last_score:0")),
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
        ("@definitive_2+best", ((0, 60), (30, 80), (91, 65), (182, 75)), (456, "last_score:0")),
        # A missing baseline.
        ("", ((30, 50), (91, 40)), (0, "no_baseline:0")),
        ("@no_baseline_event", ((30, 50), (91, 40)), (0, "no_baseline:1")),
        ("@no_baseline_excluded", ((30, 50), (91, 40)), (-1, "left_out")),
        # No follow-up.
        ("", ((0, 60),), (60, "no_follow_up:0")),
        ("@death_censored", ((0, 60),), (1, "no_follow_up:0")),
        ("@death_censored", RISES_AND_FALLS, (182, "last_score:0")),
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


@pytest.mark.parametrize("choices", ["", "@death_competing", "@SA2"])
def test_a_death_after_a_missed_visit_is_none_of_those_observed(choices) -> None:
    """The window of month 6, without a form, ends on day 273: who lives leaves then, too."""
    given = ((0, 60), (30, 60), (91, 55))
    assert found(choices, *given, death=274) == (273, "last_score:0")
    assert found(choices, *given, death=273)[1].startswith("death")
    assert found(choices, *given) == (273, "last_score:0")


def test_a_visit_at_which_nobody_asked_is_not_missed() -> None:
    """Month 6 is not asked at, so that month 12 is the visit missed, until day 456; nor is one from
    before registration."""
    told = forms("patient | day | instrument\n" + "\n".join(f"a | {d} | qlq-c30" for d in (0, 91)))
    for people, left_out, expected in (
        (cohort("patient | death\na |"), (), 273),
        (cohort("patient | death\na |"), ("M6",), 456),
        (cohort("patient | death | entry\na | | 183"), (), 456),
        (cohort("patient | death | entry\na | | 182"), (), 273),
    ):
        values = scores(told, QL=[60.0, 60.0])
        row = deterioration_of(GLOBAL_HEALTH, people, told, values, not_asked=left_out)
        assert (row["time"].iloc[0], row["reason"].iloc[0]) == (expected, "last_score")


def test_where_nobody_deteriorates_or_leaves_it_is_overall_survival() -> None:
    """Who answers every visit while alive is at risk as of overall survival until the last window
    ends: no risk set knows who is going to die."""
    last_day = DEFAULT_VISITS[-1].last_day
    deaths = {"a": 20, "b": 182, "c": 500, "d": 729, "e": last_day, "f": last_day + 1, "g": None}
    answered = [
        f"{who} | {visit.nominal_day} | qlq-c30"
        for who, death in deaths.items()
        for visit in DEFAULT_VISITS
        if death is None or visit.nominal_day <= death
    ]
    people = cohort(
        "patient | death\n"
        + "\n".join(f"{who} | {'' if death is None else death}" for who, death in deaths.items())
    )
    told = forms("patient | day | instrument\n" + "\n".join(answered))
    rows = deterioration_of(
        GLOBAL_HEALTH, people, told, scores(told, QL=[60.0] * len(answered)), death="event"
    )
    end = people["end_of_follow_up"] - people["start_date"]
    followed = [min(day, last_day) for day in end.dt.days]
    dies = [death is not None and death <= last_day for death in deaths.values()]
    assert rows["time"].tolist() == followed
    assert rows["event"].tolist() == [int(death) for death in dies]


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
