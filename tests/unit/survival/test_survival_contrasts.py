"""Contrasts, quantiles and weighted tests: worked values, properties, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

from analyses.errors import AnalysisError
from analyses.survival import (
    difference_of,
    log_rank,
    log_rank_from_counts,
    median_survival,
    quantiles,
    restricted_mean_difference,
    restricted_mean_ratio,
    risk_table,
    survival_difference,
)
from tests.lib.parity_tables import gbsg2, lung, ties, untied


def test_contrasts_turn_with_their_reference() -> None:
    options = {"by": "tgrade", "horizon": [500, 1000]}
    for contrast, turned in (
        (restricted_mean_difference, lambda d: -d),
        (survival_difference, lambda d: -d),
    ):
        first = contrast(gbsg2(), reference="I", **options).query("tgrade == 'III'")
        third = contrast(gbsg2(), reference="III", **options).query("tgrade == 'I'")
        assert first["horizon"].tolist() == [500, 1000]
        np.testing.assert_allclose(first["difference"], turned(third["difference"]))
        np.testing.assert_allclose(first["p_value"], third["p_value"])
        np.testing.assert_allclose(first["ci_lower"], -third["ci_upper"])
    there = restricted_mean_ratio(gbsg2(), reference="I", **options).query("tgrade == 'III'")
    back = restricted_mean_ratio(gbsg2(), reference="III", **options).query("tgrade == 'I'")
    np.testing.assert_allclose(there["ratio"] * back["ratio"].to_numpy(), 1)
    np.testing.assert_allclose(there["ci_lower"] * back["ci_upper"].to_numpy(), 1)


def test_contrasts_beyond_the_data_are_missing() -> None:
    frame = pd.DataFrame(
        {"time": [1, 9, 2, 5], "event": [1, 0, 1, 0], "group": ["a", "a", "b", "b"]}
    )
    for contrast in (restricted_mean_difference, survival_difference):
        found = contrast(frame, by="group", horizon=[4, 8])
        assert found["difference"].isna().tolist() == [False, True]
        assert found["p_value"].isna().tolist() == [False, True]
    ratio = restricted_mean_ratio(frame, by="group", horizon=[4, 8])
    assert ratio["ratio"].isna().tolist() == [False, True]


def test_a_contrast_without_a_standard_error_has_no_p_value() -> None:
    frame = pd.DataFrame({"time": [5, 5, 6], "event": [0, 1, 0], "group": ["a", "b", "a"]})
    found = survival_difference(frame, by="group", horizon=4)
    assert found["difference"].tolist() == [0]
    assert found["p_value"].isna().all()


def test_a_ratio_to_a_mean_of_0_is_missing() -> None:
    frame = pd.DataFrame({"time": [0, 5, 6], "event": [1, 1, 0], "group": ["a", "b", "b"]})
    ratio = restricted_mean_ratio(frame, by="group", horizon=4)
    assert ratio[["ratio", "std_error", "p_value"]].isna().all(axis=None)


def test_contrasts_refuse_an_unknown_reference_and_no_rows() -> None:
    with pytest.raises(AnalysisError, match="'sex' has no level equal to the reference"):
        survival_difference(lung(), by="sex", horizon=100, reference=3)
    empty = pd.DataFrame({"g": [], "horizon": [], "rmst": [], "std_error": []})
    with pytest.raises(AnalysisError, match="needs rows"):
        difference_of(empty, "rmst", by="g")


@pytest.mark.parametrize("powers", [(0, 0), (1, 0), (0, 1), (0.5, 2)])
def test_weighted_log_rank_equals_lifelines_without_ties(powers: tuple[float, float]) -> None:
    """`gamma` is not in R's survdiff; lifelines has both, for two groups."""
    frame = untied()
    frame = frame[frame["group"] != "c"]
    a, b = (frame[frame["group"] == name] for name in "ab")
    theirs = logrank_test(
        a["time"], b["time"], a["event"], b["event"],
        weightings="fleming-harrington", p=powers[0], q=powers[1],
    )  # fmt: skip
    mine = log_rank(frame, by="group", rho=powers[0], gamma=powers[1])
    assert mine.statistic == pytest.approx(theirs.test_statistic, rel=1e-8)


def test_weighted_log_rank_of_counts_is_that_of_rows() -> None:
    counts = risk_table(ties(), by=["group", "stratum"])
    mine = log_rank_from_counts(counts, by="group", strata="stratum", rho=1, gamma=0.5)
    rows = log_rank(ties(), by="group", strata="stratum", rho=1, gamma=0.5)
    assert mine.statistic == pytest.approx(rows.statistic, rel=1e-12)
    with pytest.raises(AnalysisError, match="rho and gamma"):
        log_rank(ties(), by="group", rho=-1)


def test_quantiles_by_hand_and_beside_the_median() -> None:
    frame = pd.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 1, 0]})
    found = quantiles(frame, probabilities=[0, 0.2, 0.25, 0.3, 0.75, 0.8])
    # 1 - S is 1/4 on [1, 2), 1/2 on [2, 3), 3/4 from 3 to the end of follow-up at 4.
    assert found["quantile"].tolist()[:5] == [0, 1, 1.5, 2, 3.5]
    assert np.isnan(found["quantile"].iloc[5])
    half = quantiles(lung(), by="sex", probabilities=0.5)
    median = median_survival(lung(), by="sex")
    np.testing.assert_array_equal(half["quantile"], median["median"])
    np.testing.assert_array_equal(half[["ci_lower", "ci_upper"]], median[["ci_lower", "ci_upper"]])
    with pytest.raises(AnalysisError, match="probabilities"):
        quantiles(lung(), probabilities=1.5)
