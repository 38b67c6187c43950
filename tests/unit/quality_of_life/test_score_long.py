"""Answers one to a row: duplicates, mistakes, several instruments at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.errors import AnalysisError
from analyses.quality_of_life import count_invalid, score, score_long, unusable_items

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


def states(*rows: tuple[object, ...]) -> dict[tuple[str, str], str]:
    """What `unusable_items` says, for EQ-5D-5L forms answered in full but for these rows."""
    table = unusable_items(answers(*rows))
    assert set(table["n_items"]) <= {6}
    return {(row.questionnaire_id, row.item): row.state for row in table.itertuples()}


FULL = {"mo": 1, "sc": 1, "ua": 1, "pd": 1, "ad": 1, "vas": 80}


def test_every_item_that_gives_no_answer_is_told_with_its_form_and_why():
    whole = [("whole", "eq-5d-5l", item, answer) for item, answer in FULL.items()]
    assert states(*whole) == {("whole", None): None}
    assert states(
        ("f", "eq-5d-5l", "mo", 2), ("f", "eq-5d-5l", "mobility", "2,0"),
        ("f", "eq-5d-5l", "sc", 1), ("f", "eq-5d-5l", "SC", 3),
        ("f", "eq-5d-5l", "ua", 9), ("f", "eq-5d-5l", "UA", 9),
        ("f", "eq-5d-5l", "pd", ""), ("f", "eq-5d-5l", "vas", "seventy"),
        ("f", "eq-5d-5l", "mobilidad", 1), ("f", "eq-5d-5l", "movilidad", None),
        ("f", "other", "q1", 1),
    ) == {
        ("f", "sc"): "conflicting", ("f", "ua"): "invalid", ("f", "pd"): "blank",
        ("f", "ad"): "blank", ("f", "vas"): "invalid", ("f", "mobilidad"): "unknown_item",
    }  # fmt: skip


def test_a_form_without_an_answer_is_not_told_and_one_with_wrong_ones_alone_is():
    assert unusable_items(answers(("f", "eq-5d-5l", "mo", None))).empty
    assert unusable_items(answers(("f", "other", "mo", 1))).empty
    told = states(("f", "eq-5d-5l", "mo", 6))
    assert told[("f", "mo")] == "invalid"
    assert sorted(told.values()) == ["blank"] * 5 + ["invalid"]
    # 8 and 9 are not answers of FACT.
    fact = unusable_items(answers(("f", "fact-g", "GP1", 8), ("f", "fact-g", "GP2", 0)))
    assert fact.set_index("item").loc["GP1", "state"] == "blank"
    assert len(fact) == 26


KEYS = st.sampled_from([*FULL, "Mobility", "Q99"])
ANSWERS = st.one_of(
    st.none(), st.integers(-2, 103), st.floats(0, 101, width=16), st.sampled_from(["", "x", "3,0"])
)


@given(st.lists(st.tuples(st.sampled_from("abc"), KEYS, ANSWERS), max_size=25), st.randoms())
@settings(max_examples=150, deadline=None)
def test_whatever_is_answered_no_answer_is_lost_and_the_order_of_rows_does_not_matter(rows, random):
    told = [(form, "eq-5d-5l", item, answer) for form, item, answer in rows]
    table = unusable_items(answers(*told))
    scored = score_long(answers(*told))
    # An item is scored or told as not; a form with anything answered is there.
    something = {form for form, _, item, answer in told if answer not in (None, "")}
    assert set(table["questionnaire_id"]) == something
    of_items = table[table["state"].isin(["blank", "invalid", "conflicting"])]
    n_used = 6 - of_items.groupby("questionnaire_id").size()
    n_used = n_used.reindex(sorted(something), fill_value=6)
    assert set(scored["questionnaire_id"]) == set(n_used[n_used > 0].index)
    assert scored["value"].dropna().between(-0.53, 100).all()
    utilities = scored[scored["scale"].str.startswith("utility")]["value"].dropna()
    assert (utilities <= 1).all()
    random.shuffle(told)
    again = score_long(answers(*told)).sort_values(["questionnaire_id", "scale"])
    pd.testing.assert_frame_equal(
        again.reset_index(drop=True),
        scored.sort_values(["questionnaire_id", "scale"]).reset_index(drop=True),
    )
