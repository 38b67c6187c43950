"""Parametric models where the truth is known: coverage within Monte Carlo error of nominal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.extrapolation import extrapolated_mean, fit_parametric, predict, smoothed_hazard
from analyses.reference_rates import People, RateTable, cumulative_hazard, hazard_at
from analyses.safety import mean_cumulative_count, recurrent_of

YEAR = 365.25


def share(covered: list[bool], tolerated: float = 3.5) -> tuple[float, float]:
    """Coverage, and how far from 95 % it may lie: so many Monte Carlo standard errors."""
    return float(np.mean(covered)), tolerated * np.sqrt(0.95 * 0.05 / len(covered))


def test_weibull_survival_and_mean_beyond_the_data_are_covered() -> None:
    random = np.random.default_rng(20261123)
    shape, scale, horizon = 1.4, 500.0, 1500.0
    true = np.exp(-((horizon / scale) ** shape))
    grid = np.linspace(0, horizon, 20_001)
    mean = np.trapezoid(np.exp(-((grid / scale) ** shape)), grid)
    curves, means = [], []
    for _ in range(200):
        time, end = scale * random.weibull(shape, 200), random.uniform(200, 700, 200)
        frame = pd.DataFrame({"time": np.minimum(time, end), "event": (time <= end).astype(int)})
        fit = fit_parametric(frame, "weibull")
        at = predict(fit, [horizon]).iloc[0]
        curves.append(bool(at["ci_lower"] <= true <= at["ci_upper"]))
        found = extrapolated_mean(fit, horizon, draws=300)
        means.append(bool(found.ci_lower <= mean <= found.ci_upper))
    for covered in (curves, means):
        coverage, tolerance = share(covered)
        assert coverage == pytest.approx(0.95, abs=tolerance)


def test_a_cure_fraction_with_long_follow_up_is_covered() -> None:
    random = np.random.default_rng(11)
    covered = []
    for _ in range(100):
        cured = random.random(300) < 0.4
        time = np.where(cured, np.inf, 300 * random.weibull(1.3, 300))
        end = random.uniform(900, 2000, 300)
        frame = pd.DataFrame({"time": np.minimum(time, end), "event": (time <= end).astype(int)})
        row = fit_parametric(frame, "mixture_cure_weibull").estimates().iloc[0]
        covered.append(bool(row["ci_lower"] <= 0.4 <= row["ci_upper"]))
    coverage, tolerance = share(covered)
    assert coverage == pytest.approx(0.95, abs=tolerance)


def beside_a_life_table(random: np.random.Generator, own: np.ndarray) -> pd.DataFrame:
    """People of 55 to 80 who die of their disease at `own`, or as the population does."""
    n, ages = len(own), np.arange(0, 110)
    rates = RateTable(0, 2020, np.tile(2e-4 * np.exp(0.08 * ages)[None, :, None], (2, 1, 1)))
    people = People(np.zeros(n, dtype=np.int64), random.uniform(55, 80, n), np.full(n, 2022.0))
    # Death of the population: its cumulative hazard, inverted on a grid of months.
    grid = np.arange(0, 12.01, 1 / 12) * YEAR
    hazard = np.array([cumulative_hazard(rates, people, np.full(n, day)) for day in grid])
    target = random.exponential(1.0, n)
    other = np.array([np.interp(target[i], hazard[:, i], grid, right=1e9) for i in range(n)])
    end = random.uniform(4, 10, n) * YEAR
    time = np.minimum(np.minimum(own, other), end)
    frame = pd.DataFrame({"time": time, "event": (time < end).astype(int)})
    return frame.assign(background=hazard_at(rates, people, time))


def test_an_excess_hazard_beside_a_life_table_is_covered() -> None:
    random = np.random.default_rng(7)
    excess, n, covered, plain = 0.08, 400, [], []
    for _ in range(100):
        frame = beside_a_life_table(random, random.exponential(YEAR / excess, n))
        row = fit_parametric(frame, "exponential", background="background").estimates().iloc[0]
        covered.append(bool(row["ci_lower"] <= excess / YEAR <= row["ci_upper"]))
        naive = fit_parametric(frame, "exponential").estimates().iloc[0]
        plain.append(bool(naive["ci_lower"] <= excess / YEAR <= naive["ci_upper"]))
    coverage, tolerance = share(covered)
    assert coverage == pytest.approx(0.95, abs=tolerance)
    assert np.mean(plain) < 0.5  # without the life table the excess is overstated


def test_a_cure_fraction_and_its_covariate_beside_a_life_table_are_covered() -> None:
    random = np.random.default_rng(20261201)
    n, at_zero, log_odds = 300, -0.4, 1.0
    truth = {"cure_fraction": 1 / (1 + np.exp(-at_zero)), "better": log_odds}
    covered: dict[str, list[bool]] = {name: [] for name in truth}
    found: dict[str, list[float]] = {name: [] for name in truth}
    overlooked = []
    for replicate in range(50):
        better = np.arange(n) % 2
        cured = random.random(n) < 1 / (1 + np.exp(-at_zero - log_odds * better))
        own = np.where(cured, np.inf, 400 * random.weibull(1.2, n))
        frame = beside_a_life_table(random, own).assign(better=better)
        options = {"covariates": ["better"], "background": "background"}
        fit = fit_parametric(frame, "mixture_cure_weibull", **options)
        assert fit.converged, fit.problem
        rows = fit.estimates().set_index("parameter")
        for name, true in truth.items():
            row = rows.loc[name]
            covered[name].append(bool(row["ci_lower"] <= true <= row["ci_upper"]))
            found[name].append(float(row["estimate"]))
        if replicate < 8:
            naive = fit_parametric(frame, "mixture_cure_weibull", covariates=["better"])
            cure = naive.estimates().set_index("parameter").loc["cure_fraction", "estimate"]
            overlooked.append(found["cure_fraction"][-1] - cure)
    for name, true in truth.items():
        coverage, tolerance = share(covered[name])
        assert coverage == pytest.approx(0.95, abs=tolerance), name
        error = np.std(found[name]) / np.sqrt(len(found[name]))
        assert np.mean(found[name]) == pytest.approx(true, abs=3.5 * error), name
    # Deaths of the population taken for those of the disease: fewer seem cured.
    assert np.mean(overlooked) > 0.05


@pytest.mark.parametrize("shape", [1.0, 2.0])
def test_the_smoothed_hazard_finds_a_constant_and_a_rising_hazard_up_to_its_ends(
    shape: float,
) -> None:
    random = np.random.default_rng(5)
    time, end = random.weibull(shape, 20_000), random.uniform(0.5, 1.5, 20_000)
    frame = pd.DataFrame({"time": np.minimum(time, end), "event": (time <= end).astype(int)})
    found = smoothed_hazard(frame, bandwidth=0.15)
    inside = found[found["time"] <= 1.2]
    true = shape * inside["time"] ** (shape - 1)
    # At the boundary too, where a plain kernel would give half of it.
    np.testing.assert_allclose(inside["hazard"], true, atol=0.17)
    assert (found["bandwidth"] == 0.15).all()


def test_the_robust_error_of_the_mean_count_is_that_of_the_jackknife() -> None:
    """Deaths, ties and clustered events: leave each person out in turn."""
    random = np.random.default_rng(3)
    n = 80
    people = pd.DataFrame({"id": np.arange(n), "time": random.integers(20, 100, n)})
    people["died"] = random.integers(0, 2, n)
    counts = random.poisson(random.gamma(1.0, 2.0, n))
    events = pd.DataFrame(
        [
            (i, day)
            for i in range(n)
            for day in random.integers(1, people["time"][i] + 1, counts[i])
        ],
        columns=["id", "time"],
    )

    def mean_at_80(kept: pd.DataFrame) -> float:
        mine = events[events["id"].isin(kept["id"])]
        curve = mean_cumulative_count(recurrent_of(kept, mine))
        return float(curve.loc[curve["time"] <= 80, "mean_count"].iloc[-1])

    left_out = np.array([mean_at_80(people[people["id"] != i]) for i in range(n)])
    jackknife = np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2))
    curve = mean_cumulative_count(recurrent_of(people, events))
    ours = curve.loc[curve["time"] <= 80, "std_error"].iloc[-1]
    assert ours == pytest.approx(jackknife, rel=0.04)
