"""Change from baseline: means by hand, directions of scales, thresholds at their limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life import evaluate
from analyses.studies import Study
from tests.lib.quality_of_life_frames import cohort, forms, scores, study


def change(instrument: str, people: pd.DataFrame, given: pd.DataFrame, **values) -> pd.DataFrame:
    results = evaluate(study(instrument), people, given, scores(given, **values))
    return results["quality_of_life_change"].set_index(["scale", "visit"])


FOUR = cohort("patient\na\nb\nc\nd")
TWICE = forms("""
patient | day | instrument
a       | 0   | qlq-c30
b       | 0   | qlq-c30
c       | 0   | qlq-c30
d       | 0   | qlq-c30
a       | 30  | qlq-c30
b       | 30  | qlq-c30
c       | 30  | qlq-c30
""")


def test_mean_change_and_numbers_of_those_who_answered_both() -> None:
    row = change("qlq-c30", FOUR, TWICE, QL=[50, 50, 50, 50, 60, 40, 59]).loc[("QL", "M1")]
    assert (row["n"], row["time_days"]) == (3, 30)
    assert row["mean_change"] == pytest.approx(3)
    assert row["std_error"] == pytest.approx(np.std([10, -10, 9], ddof=1) / np.sqrt(3))
    # 10 points (the file of the instrument) count in both directions, 9 do not.
    assert row[["n_improved", "n_stable", "n_deteriorated"]].tolist() == [1, 1, 1]
    assert row[["threshold_improvement", "threshold_deterioration"]].tolist() == [10, 10]


def test_what_a_study_says_matters_goes_before_the_file_of_the_instrument() -> None:
    """By 8 and 5 points: +10 improves, +9 too, -5 deteriorates where 10 of the file would not."""
    matters = {
        "EORTC QLQ-C30": {"QL": {"improvement": 8, "deterioration": 5}},
        "rand-36": {"PF": {"improvement": 15, "deterioration": 10}},
    }
    asked = Study(
        id="s",
        title="S",
        quality_of_life={
            "instruments": ["qlq-c30", "rand-36"],
            "important_differences": matters,
            "sensitivity": {"deltas": [1.0]},
        },
    )
    values = scores(TWICE, QL=[50, 50, 50, 50, 60, 45, 59], FA=[50, 50, 50, 50, 58, 58, 58])
    found = evaluate(asked, FOUR, TWICE, values)["quality_of_life_change"]
    rows = found.set_index(["scale", "visit"])
    counts = ["n_improved", "n_stable", "n_deteriorated"]
    assert rows.loc[("QL", "M1"), counts].tolist() == [2, 0, 1]
    thresholds = ["threshold_improvement", "threshold_deterioration"]
    assert rows.loc[("QL", "M1"), thresholds].tolist() == [8, 5]
    # A scale the study does not name keeps that of the file.
    assert rows.loc[("FA", "M1"), [*thresholds, *counts]].tolist() == [10, 10, 0, 3, 0]
    # One without a threshold in its file has the study's.
    twice = TWICE.assign(instrument="rand-36")
    found = evaluate(asked, FOUR, twice, scores(twice, PF=[50] * 4 + [60, 70, 40]))
    row = found["quality_of_life_change"].iloc[0]
    assert row[[*thresholds, *counts]].tolist() == [15, 10, 1, 1, 1]


@pytest.mark.parametrize(
    ("matters", "problem"),
    [
        ({"qlq-30": {}}, "did you mean qlq-c30"),
        ({"fact-g": {}}, "important_differences names fact-g, which the study leaves out"),
        ({"qlq-c30": {"sumary": 5}}, "unknown scale `sumary` of qlq-c30; did you mean `summary`"),
        ({"qlq-c30": {"QL": 101}}, "qlq-c30 QL is more than the 100 points of the scale"),
        ({"qlq-c30": {"QL": 0}}, "greater than 0"),
    ],
)
def test_an_important_difference_that_cannot_be_is_refused(matters, problem) -> None:
    points = {
        instrument: {
            scale: {"improvement": of, "deterioration": 1} for scale, of in of_scales.items()
        }
        for instrument, of_scales in matters.items()
    }
    asked = {"instruments": ["qlq-c30"], "important_differences": points}
    with pytest.raises(ValueError, match=problem):
        Study(id="s", title="S", quality_of_life=asked)


def test_more_of_a_symptom_is_a_deterioration() -> None:
    row = change("qlq-c30", FOUR, TWICE, FA=[0, 0, 50, 0, 100 / 3, 100 / 3, 0]).loc[("FA", "M1")]
    assert row["mean_change"] == pytest.approx((100 / 3 + 100 / 3 - 50) / 3)
    assert row[["n_improved", "n_stable", "n_deteriorated"]].tolist() == [1, 0, 2]


def test_a_change_of_exactly_the_threshold_counts_whatever_its_rounding() -> None:
    given = [0.1 + 0.2, 0, 0, 0, 0.3 - 0.08, 0.08 - 1e-12, 0.0799]
    twice = TWICE.assign(instrument="eq-5d-5l")
    row = change("eq-5d-5l", FOUR, twice, utility=given).loc[("utility", "M1")]
    assert row[["n_improved", "n_stable", "n_deteriorated"]].tolist() == [1, 1, 1]


def test_a_scale_without_a_known_threshold_has_means_and_no_numbers() -> None:
    twice = TWICE.assign(instrument="rand-36")
    found = change("rand-36", FOUR, twice, PF=[50] * 4 + [60, 70, 80])
    row = found.iloc[0]
    assert row["mean_change"] == pytest.approx(20)
    counts = ["threshold_improvement", "n_improved", "n_stable", "n_deteriorated"]
    assert row[counts].isna().all()


def test_one_person_has_a_number_and_no_mean_and_nobody_no_row() -> None:
    found = change("qlq-c30", FOUR, TWICE[:5], QL=[50, 50, 50, 50, 60])
    assert found.index.tolist() == [("QL", "M1")]
    assert (found["n"].iloc[0], found["n_improved"].iloc[0]) == (1, 1)
    assert found[["mean_change", "std_error", "ci_lower", "ci_upper"]].isna().all(axis=None)
    assert change("qlq-c30", FOUR, TWICE[4:], QL=[50, 60, 70]).empty
