"""Time to deterioration, one hand-worked example per definition, reference and option.

Scores of 0 to 100 where higher is better, threshold 10, unless a test says otherwise. A person is
written as `day:score`; days up to 0 are the baseline.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses import survival
from analyses.errors import AnalysisError
from analyses.quality_of_life import deterioration_sensitivity, time_to_deterioration


def frames(**people: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and people of `a="0:60 30:45 died 200"`."""
    rows, deaths = [], {}
    for unit, text in people.items():
        told, _, died = text.partition("died")
        deaths[unit] = float(died) if died else np.nan
        for pair in told.split():
            day, score = pair.split(":")
            rows.append({"unit": unit, "time": float(day), "value": float(score)})
    scores = pd.DataFrame(rows, columns=["unit", "time", "value"])
    return scores, pd.DataFrame({"unit": list(deaths), "death_time": list(deaths.values())})


def found(text: str, **choices) -> tuple[float, int, int, str]:
    row = time_to_deterioration(*frames(a=text), **{"threshold": 10, **choices}).iloc[0]
    return row["time"], row["event"], row["cause"], row["reason"]


def when(text: str, **choices) -> float | None:
    """The day of the deterioration, or None."""
    time, _, _, reason = found(text, **choices)
    return time if reason == "deterioration" else None


# Down at day 30, up again at 90, down for good at 180.
UP_AND_DOWN = "0:60 30:50 90:65 180:45 365:40"


def test_the_first_deterioration_is_the_first_score_worse_by_the_threshold() -> None:
    assert when(UP_AND_DOWN) == 30
    assert when("0:60 30:51 90:50.1") is None
    assert found("0:60 30:51 90:50.1") == (90, 0, 0, "last_score")


def test_definition_1_allows_no_later_score_better_than_the_reference_by_more_than_the_threshold() -> (  # noqa: E501
    None
):
    # 65 is better than the reference of 60 by 5 only: day 30 stands.
    assert when(UP_AND_DOWN, definition="definitive_1") == 30
    # 70 is better by 10, the threshold and not more; 71 by 11: then the next deterioration counts.
    assert when("0:60 30:50 90:70 180:45", definition="definitive_1") == 30
    assert when("0:60 30:50 90:71 180:45", definition="definitive_1") == 180
    assert when("0:60 30:50 90:71 180:55", definition="definitive_1") is None


def test_definition_2_asks_every_later_score_to_be_worse_by_the_threshold() -> None:
    assert when(UP_AND_DOWN, definition="definitive_2") == 180
    assert when("0:60 30:50 90:50 180:20", definition="definitive_2") == 30
    assert when("0:60 30:40 90:51", definition="definitive_2") is None


def test_definition_3_allows_no_later_score_better_than_the_deteriorated_one() -> None:
    # From 50 at day 30, 65 at day 90 is better by 15; from 45 at day 180 nothing is.
    assert when(UP_AND_DOWN, definition="definitive_3") == 180
    # From 50 to 60 is 10, the threshold and not more.
    assert when("0:60 30:50 90:60 180:55", definition="definitive_3") == 30


def test_a_deterioration_at_the_last_score_is_definitive() -> None:
    for definition in ("definitive_1", "definitive_2", "definitive_3"):
        assert when("0:60 30:60 90:45", definition=definition) == 90


def test_the_reference_is_the_baseline_the_best_or_the_previous_score() -> None:
    text = "0:60 30:75 90:66 180:58 365:49"
    assert when(text, reference="baseline") == 365  # 60 - 49 = 11
    assert when(text, reference="best") == 180  # 75 - 58 = 17; at 90 only 9
    assert when(text, reference="previous") is None  # 9, 8 and 9 points at a time
    assert when(text, reference="previous", threshold=9) == 90


def test_definitive_deteriorations_from_the_best_and_the_previous_score() -> None:
    text = "0:60 30:80 90:65 180:72 365:60"
    assert when(text, reference="best", definition="definitive_2") == 365  # 72 is 8 below 80
    assert when(text, reference="best", definition="definitive_1") == 90  # none is above 90
    assert when(text, reference="previous", definition="definitive_2") == 365
    assert when(text, reference="previous", definition="definitive_3") == 90  # 72 is 7 above 65


def test_of_a_symptom_more_is_worse() -> None:
    assert when("0:20 30:25 90:30", higher_is="worse") == 90
    assert when("0:20 30:5 90:10", higher_is="worse") is None
    assert when("0:20 30:5 90:15", higher_is="worse", reference="best") == 90
    assert when("0:20 30:30 90:15", higher_is="worse", definition="definitive_2") is None


def test_the_baseline_is_the_last_score_up_to_day_0() -> None:
    assert when("-40:90 -5:60 30:55") is None
    assert when("-40:60 -5:90 30:55") == 30


@pytest.mark.parametrize(
    ("option", "expected"), [("censor", (0, 0, 0)), ("event", (0, 1, 1)), ("exclude", None)]
)
def test_without_a_baseline(option, expected) -> None:
    for text in ("30:50 90:20", "30:50 90:20 died 100", ""):
        table = time_to_deterioration(
            *frames(a=text, b="0:60 30:60"), threshold=10, no_baseline=option, death="event"
        )
        if expected is None:
            assert table["unit"].tolist() == ["b"]
        else:
            assert tuple(table.loc[0, ["time", "event", "cause"]]) == expected
            assert table.loc[0, "reason"] == "no_baseline"


def test_without_a_follow_up() -> None:
    assert found("0:60") == (1, 0, 0, "no_follow_up")
    assert found("0:60", no_follow_up="event") == (1, 1, 1, "no_follow_up")
    # A death that counts goes before.
    assert found("0:60 died 50", no_follow_up="event", death="event") == (50, 1, 1, "death")
    assert found("0:60 died 50") == (1, 0, 0, "no_follow_up")


def test_a_death_is_no_event_an_event_or_a_competing_one() -> None:
    text = "0:60 30:58 90:57 died 200"
    assert found(text) == (90, 0, 0, "last_score")
    assert found(text, death="event") == (200, 1, 1, "death")
    assert found(text, death="competing") == (200, 0, 2, "death")
    before = "0:60 30:40 90:57 died 200"
    assert found(before, death="competing") == (30, 1, 1, "deterioration")
    # The deterioration of day 30 is not definitive, so that the death is what happened.
    gone = "0:60 30:40 90:75 died 200"
    assert found(gone, death="competing", definition="definitive_1") == (200, 0, 2, "death")


def test_the_four_sensitivity_analyses() -> None:
    given = frames(none="30:50", alone="0:60", dies="0:60 30:60 died 80", well="0:60 30:60")
    table = deterioration_sensitivity(*given, threshold=10)
    events = table.pivot(index="analysis", columns="unit", values="event")
    expected = {"main": "0000", "SA1": "1100", "SA2": "0010", "SA3": "1110"}
    columns = ["none", "alone", "dies", "well"]
    for name, digits in expected.items():
        assert "".join(str(n) for n in events.loc[name, columns]) == digits


def test_the_rows_feed_the_survival_analyses() -> None:
    given = frames(a="0:60 30:45", b="0:60 90:60 died 120", c="0:60 30:60 180:45", d="0:60 200:60")
    scores, people = given
    people = people.assign(stratum="x")
    table = time_to_deterioration(scores, people, threshold=10, death="competing")
    incidence = survival.cumulative_incidence(table, by="stratum").set_index(["cause", "time"])
    # Four at risk at day 30, three at the death of day 120, two at day 180.
    assert incidence.loc[(1, 180), "incidence"] == pytest.approx(1 / 4 + 1 / 2 * 1 / 2)
    assert incidence.loc[(2, 180), "incidence"] == pytest.approx(3 / 4 * 1 / 3)


def test_what_the_rules_cannot_be_applied_to_is_refused() -> None:
    scores, people = frames(a="0:60 30:45", b="0:50")
    cases = [
        (scores.drop(columns="time"), people, 10, "scores lack the column time"),
        (scores, people.drop(columns="death_time"), 10, "people lack the column death_time"),
        (scores.assign(value=[np.nan, 1, 2]), people, 10, "value is empty in 1 row"),
        (pd.concat([scores, scores[:1]]), people, 10, "1 row repeat a unit and time"),
        (scores, people[:1], 10, "1 row are of nobody"),
        (scores, pd.concat([people, people[:1]]), 10, "1 row repeat a unit;"),
        (scores, people, 0, "more than 0 points"),
    ]
    for given, whom, threshold, message in cases:
        with pytest.raises(AnalysisError, match=message):
            time_to_deterioration(given, whom, threshold=threshold)


def test_nobody_and_no_scores_at_all() -> None:
    scores, people = frames(a="", b="")
    assert time_to_deterioration(scores, people, threshold=10)["reason"].tolist() == [
        "no_baseline",
        "no_baseline",
    ]
    assert time_to_deterioration(scores, people[:0], threshold=10).empty
