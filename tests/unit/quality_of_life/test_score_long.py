"""Answers one to a row: duplicates, mistakes, several instruments at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import count_invalid, score, score_long

COLUMNS = ["questionnaire_id", "instrument", "item", "answer"]


def answers(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def value(scores: pd.DataFrame, form: str, scale: str) -> float:
    found = scores[(scores["questionnaire_id"] == form) & (scores["scale"] == scale)]
    assert len(found) == 1
    return float(found["value"].iloc[0])


def counts(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    table = count_invalid(frame).set_index("item").drop(columns="instrument")
    return {item: row[row > 0].to_dict() for item, row in table.iterrows()}


def test_long_and_wide_answers_give_the_same_scores():
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(
        rng.integers(1, 5, (50, 30)).astype(float), columns=[f"q{i}" for i in range(1, 31)]
    ).mask(rng.random((50, 30)) < 0.3)
    long = wide.stack().rename("answer").rename_axis(["questionnaire_id", "item"]).reset_index()
    long = long.assign(instrument="qlq-c30").sample(frac=1, random_state=2)
    scores = score_long(long).pivot(index="questionnaire_id", columns="scale", values="value")
    expected = score("qlq-c30", wide).loc[scores.index, scores.columns]
    pd.testing.assert_frame_equal(scores, expected, check_names=False)


def test_several_instruments_under_any_of_their_names():
    scores = score_long(
        answers(
            ("a", "EQ-5D-5L", "VAS", "80"),
            ("b", "QLQ_C30", "Q08", 4),
            ("c", "eortc-qlq-c30", "8", 1),
        )
    )
    assert scores["instrument"].unique().tolist() == ["eq-5d-5l", "qlq-c30"]
    assert value(scores, "a", "vas") == 80
    assert value(scores, "b", "DY") == 100
    assert value(scores, "c", "DY") == 0
    assert np.isnan(value(scores, "a", "utility"))
    # One row a form and scale: three of EQ-5D, sixteen of each QLQ-C30.
    assert len(scores) == 3 + 2 * 16
    assert not scores.duplicated(["questionnaire_id", "instrument", "scale"]).any()


def test_an_instrument_that_is_not_registered_is_left_out():
    frame = answers(("a", "made-up", "q1", 1), ("b", None, "q1", 1))
    assert score_long(frame).empty
    assert list(score_long(frame).columns) == ["questionnaire_id", "instrument", "scale", "value"]
    assert count_invalid(frame).empty


@pytest.mark.parametrize(
    ("given", "expected", "counted"),
    [
        ([2, 2], 100 / 3, {"n_duplicate": 1}),
        ([2, "2", "2.0"], 100 / 3, {"n_duplicate": 2}),
        ([2, 3], np.nan, {"n_conflicting": 1}),
        ([2, 2, 3], np.nan, {"n_conflicting": 1}),
        ([2, None], 100 / 3, {}),
        ([2, ""], 100 / 3, {}),
        ([7], np.nan, {"n_invalid": 1}),
        (["a lot"], np.nan, {"n_invalid": 1}),
        ([2, 7], np.nan, {"n_invalid": 1, "n_conflicting": 1}),
    ],
)
def test_an_item_answered_twice(given, expected, counted):
    frame = answers(("f", "qlq-c30", "q9", 1), *(("f", "qlq-c30", "q8", a) for a in given))
    assert value(score_long(frame), "f", "DY") == pytest.approx(expected, nan_ok=True)
    assert counts(frame) == ({"q8": counted} if counted else {})


def test_an_item_the_instrument_does_not_have_is_counted_and_left_out():
    frame = answers(("f", "qlq-c30", "q8", 1), ("f", "qlq-c30", "q99", 1), ("g", "qlq-c30", "x", 1))
    assert score_long(frame)["questionnaire_id"].unique().tolist() == ["f"]
    assert counts(frame) == {"q99": {"n_unknown_item": 1}, "x": {"n_unknown_item": 1}}


def test_a_form_without_a_valid_answer_has_no_scores():
    frame = answers(
        ("empty", "qlq-c30", None, None),
        ("blank", "qlq-c30", "q8", None),
        ("wrong", "qlq-c30", "q8", 9),
    )
    assert score_long(frame).empty
    assert counts(frame) == {"q8": {"n_invalid": 1}}


def test_an_answer_without_a_form_is_an_error():
    with pytest.raises(AnalysisError, match="questionnaire_id is empty in 1 row"):
        score_long(answers((None, "qlq-c30", "q8", 1)))


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(AnalysisError, match="lack the column answer"):
        score_long(answers(("f", "qlq-c30", "q8", 1)).drop(columns="answer"))
