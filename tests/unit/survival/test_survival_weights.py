"""Weights: robust errors also of whole ones, restricted means and medians, curves that end at 0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analyses.survival import (
    cox,
    cumulative_incidence,
    follow_up_median,
    kaplan_meier,
    median_survival,
    quantiles,
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_ratio,
    survival_difference,
)

HORIZONS = [25.0, 50.0]


def people(seed: int = 1, size: int = 60) -> pd.DataFrame:
    """Ties, late entries, two groups, two causes, and somebody of every group seen to the end."""
    random = np.random.default_rng(seed)
    time = random.integers(1, 60, size).astype(float)
    time[:4] = 80.0
    cause = random.integers(0, 3, size)
    cause[:4] = 0
    return pd.DataFrame(
        {
            "time": time,
            "cause": cause,
            "event": (cause > 0).astype(int),
            "entry": np.where(random.random(size) < 0.3, np.floor(time / 3), 0.0),
            "group": np.where(np.arange(size) % 2, "a", "b"),
            "x": random.normal(size=size),
            "w": random.uniform(0.2, 3.0, size),
            "times": random.integers(1, 5, size).astype(float),
        }
    )


@pytest.mark.parametrize("entry", [None, "entry"])
def test_the_error_of_a_restricted_mean_is_that_of_its_derivatives(entry: str | None) -> None:
    frame = people()

    def means(weights: pd.Series) -> np.ndarray:
        found = restricted_mean(
            frame.assign(w=weights), horizon=HORIZONS, by="group", entry=entry, weight="w"
        )
        return found["rmst"].to_numpy()

    step = 1e-5
    moved = [
        (means(frame["w"] + step * one) - means(frame["w"] - step * one)) / (2 * step)
        for one in np.eye(len(frame))
    ]
    expected = np.sqrt(np.sum((frame["w"].to_numpy()[:, None] * np.array(moved)) ** 2, axis=0))
    found = restricted_mean(frame, horizon=HORIZONS, by="group", entry=entry, weight="w")
    np.testing.assert_allclose(found["std_error"], expected, rtol=1e-6)
    assert (found["ci_lower"] < found["rmst"]).all()


def test_without_weights_the_robust_error_of_a_restricted_mean_is_greenwoods() -> None:
    options = {"horizon": HORIZONS, "by": "group"}
    pd.testing.assert_frame_equal(
        restricted_mean(people(), **options, robust=True), restricted_mean(people(), **options)
    )


@pytest.mark.parametrize("entry", [None, "entry"])
@pytest.mark.parametrize("estimate", [restricted_mean, median_survival, follow_up_median])
def test_whole_weights_of_summaries_are_repeated_rows(
    estimate: Callable[..., pd.DataFrame], entry: str | None
) -> None:
    frame = people()
    repeated = frame.loc[frame.index.repeat(frame["times"].astype(int))]
    more = {"horizon": HORIZONS} if estimate is restricted_mean else {}
    pd.testing.assert_frame_equal(
        estimate(frame, by="group", entry=entry, weight="times", **more),
        estimate(repeated, by="group", entry=entry, **more),
    )


ESTIMATES = [
    lambda frame, **more: kaplan_meier(frame, by="group", **more),
    lambda frame, **more: cumulative_incidence(frame, by="group", **more),
    lambda frame, **more: restricted_mean(frame, by="group", horizon=HORIZONS, **more),
    lambda frame, **more: cox(frame, covariates=["x", "group"], **more).coefficients,
]


@pytest.mark.parametrize("estimate", ESTIMATES)
def test_robust_errors_do_not_know_the_unit_of_whole_weights(
    estimate: Callable[..., pd.DataFrame],
) -> None:
    frame = people().assign(half=lambda one: one["times"] * 0.37)
    whole = estimate(frame, weight="times", robust=True)["std_error"]
    np.testing.assert_allclose(whole, estimate(frame, weight="half")["std_error"], rtol=1e-8)
    counted = estimate(frame, weight="times")["std_error"]
    seen = whole > 0
    # People that are counted several times over tell less than so many people.
    assert (whole[seen] > 1.1 * counted[seen]).mean() > 0.9


@pytest.mark.parametrize("entry", [None, "entry"])
@pytest.mark.parametrize("seed", range(20))
def test_a_weighted_curve_ends_at_0_when_nobody_is_left(seed: int, entry: str | None) -> None:
    frame = people(seed).assign(event=1, cause=1)
    curve = kaplan_meier(frame, weight="w", entry=entry)
    last = curve.iloc[-1]
    assert (last["survival"], last["std_error"]) == (0, 0)
    assert curve.iloc[-1][["ci_lower", "ci_upper"]].isna().all()
    mean = restricted_mean(frame, weight="w", entry=entry, horizon=[80.0, 90.0])
    assert mean["rmst"].nunique() == 1
    assert mean["std_error"].nunique() == 1
    incidence = cumulative_incidence(frame, weight="w", entry=entry)["incidence"]
    assert incidence.iloc[-1] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("entry", [None, "entry"])
def test_quantiles_and_contrasts_of_whole_weights_are_those_of_repeated_rows(
    entry: str | None,
) -> None:
    frame = people()
    repeated = frame.loc[np.repeat(frame.index, frame["times"].astype(int))]
    options = {"by": "group", "entry": entry}
    for estimate, more in (
        (quantiles, {}),
        (restricted_mean_difference, {"horizon": HORIZONS}),
        (restricted_mean_ratio, {"horizon": HORIZONS}),
        (survival_difference, {"horizon": HORIZONS}),
    ):
        found = estimate(frame, weight="times", **options, **more)
        pd.testing.assert_frame_equal(found, estimate(repeated, **options, **more), rtol=1e-12)


def test_quantiles_under_weights_are_where_the_weighted_curve_and_its_limits_cross() -> None:
    frame = people()
    curve = kaplan_meier(frame, weight="w")
    found = quantiles(frame, weight="w", probabilities=[0.3]).iloc[0]
    for name, of in (("quantile", "survival"), ("ci_lower", "ci_lower"), ("ci_upper", "ci_upper")):
        assert found[name] == curve["time"][(1 - curve[of] >= 0.3).to_numpy()].iloc[0]


def test_contrasts_under_weights_have_the_errors_of_the_weighted_estimates() -> None:
    frame = people()
    means = restricted_mean(frame, horizon=25.0, by="group", weight="w").set_index("group")
    found = restricted_mean_difference(frame, horizon=25.0, by="group", reference="b", weight="w")
    assert found["difference"].item() == pytest.approx(means["rmst"]["a"] - means["rmst"]["b"])
    assert found["std_error"].item() == pytest.approx(np.hypot(*means["std_error"]))
    plain = restricted_mean_difference(frame, horizon=25.0, by="group", reference="b")
    assert found["std_error"].item() > plain["std_error"].item()
