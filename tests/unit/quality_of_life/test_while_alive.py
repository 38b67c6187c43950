"""The weights of answering and the mean they give."""

from __future__ import annotations

import numpy as np
import pytest

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.answering import MAX_WEIGHT, answering_weights
from analyses.quality_of_life.while_alive import while_alive_curve

NAN = np.nan


def answered(scores: np.ndarray, expected: np.ndarray | None = None, **more) -> Answered:
    everybody = np.ones(scores.shape, dtype=bool)
    visits = tuple(f"v{j}" for j in range(scores.shape[1]))
    stratum = np.full(len(scores), "overall", dtype=object)
    at = everybody if expected is None else expected
    lost = more.get("lost", ~everybody)
    return Answered("PF", "PF", visits, stratum, scores, at, lost)


def low_and_high(answering_low: int) -> np.ndarray:
    """100 people, half of them low; of the low so many answer the second visit, of the high 45."""
    scores = np.column_stack([np.repeat([20.0, 80.0], 50), np.full(100, NAN)])
    scores[:answering_low, 1] = 20
    scores[50:95, 1] = 80
    return scores


def test_who_answers_stands_for_those_with_the_same_last_score_who_did_not() -> None:
    weights = answering_weights(answered(low_and_high(15)))
    # 60 of 100 answered: 0.6 / (15 / 50) of the low, 0.6 / (45 / 50) of the high.
    assert weights[0, 1] == pytest.approx(2.0, rel=1e-3)
    assert weights[60, 1] == pytest.approx(2 / 3, rel=1e-3)
    assert (weights[:, 0] == 1).all()
    assert np.isnan(weights[15:50, 1]).all()


def test_the_weighted_mean_is_that_of_everybody_alive() -> None:
    scores = low_and_high(15)
    rows, largest = while_alive_curve(answered(scores))
    assert np.nanmean(scores[:, 1]) == pytest.approx(65)
    assert rows["mean"].tolist() == pytest.approx([50, 50], rel=1e-3)
    assert largest == pytest.approx(2.0, rel=1e-3)
    # By hand: 15 of weight 2 and 45 of 2/3, all 30 points from the mean; 60 in all.
    squares = 30**2 * (15 * 2**2 + 45 * (2 / 3) ** 2)
    assert rows["std_error"][1] == pytest.approx(np.sqrt(squares / 60**2 * 60 / 59), rel=1e-3)


def test_the_dead_are_not_weighted_for() -> None:
    scores = low_and_high(15)
    expected = np.ones(scores.shape, dtype=bool)
    expected[15:50, 1] = False
    rows, _ = while_alive_curve(answered(scores, expected))
    # Alive are 15 low, all of whom answered, and 50 high, of whom 45 did.
    assert rows["mean"][1] == pytest.approx((15 * 20 + 50 * 80) / 65, rel=2e-3)


def test_whose_follow_up_ended_counts_as_alive_at_the_first_visit_after_it() -> None:
    scores = low_and_high(15)
    expected = np.ones(scores.shape, dtype=bool)
    expected[15:50, 1] = False
    rows, _ = while_alive_curve(answered(scores, expected, lost=~expected))
    assert rows["mean"][1] == pytest.approx(50, rel=1e-3)


def test_equal_weights_give_the_observed_mean_with_its_limits() -> None:
    scores = np.array([[60.0, 55.0], [70, 65], [80, NAN], [50, NAN]])
    rows, largest = while_alive_curve(answered(scores))
    assert largest == 1
    assert rows["mean"].tolist() == [65, 60]
    assert rows["std_error"][0] == pytest.approx(np.std(scores[:, 0], ddof=1) / 2)
    # Student's t, three degrees of freedom: the 97.5 % quantile is 3.182446 (any t table).
    half = 3.182446 * rows["std_error"][0]
    assert rows["ci_upper"][0] == pytest.approx(65 + half, abs=1e-4)


def test_weights_are_cut_and_the_largest_is_told() -> None:
    scores = np.column_stack([np.repeat([20.0, 80.0], [200, 200]), np.full(400, NAN)])
    scores[0, 1] = 20
    scores[200:, 1] = 80
    weights = answering_weights(answered(scores))
    assert np.nanmax(weights) == MAX_WEIGHT


def test_one_score_gives_no_mean() -> None:
    scores = np.array([[60.0, 55.0], [70, NAN]])
    rows, _ = while_alive_curve(answered(scores))
    assert rows["visit"].tolist() == ["v0"]
