"""Each kind of bad input, through every estimator: a defined result or a sentence with a count.

The same through the evaluation of a study: tests/unit/evaluation/test_bad_studies.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import (
    cox,
    cumulative_incidence,
    fine_gray,
    follow_up_median,
    gray_test,
    kaplan_meier,
    log_rank,
    median_survival,
    quantiles,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
    simultaneous_bands,
    survival_difference,
)

Estimate = Callable[[pd.DataFrame], object]
CURVES: dict[str, Estimate] = {
    "kaplan_meier": kaplan_meier,
    "bands": lambda f: simultaneous_bands(risk_table(f)),
    "cumulative_incidence": lambda f: cumulative_incidence(f, causes=[1, 2]),
    "median": median_survival,
    "follow_up": follow_up_median,
    "quantiles": quantiles,
    "restricted_mean": lambda f: restricted_mean(f, horizon=5),
}
COMPARISONS: dict[str, Estimate] = {
    "log_rank": lambda f: log_rank(f, by="arm"),
    "gray": lambda f: gray_test(f, by="arm"),
    "cox": lambda f: cox(f, covariates="x"),
    "firth": lambda f: cox(f, covariates="x", penalty="firth"),
    "fine_gray": lambda f: fine_gray(f, covariates="x"),
}
EVERY = {**CURVES, **COMPARISONS}


def people(size: int = 40, **columns: object) -> pd.DataFrame:
    i = np.arange(size)
    cause = i % 3
    base = {
        "time": 1.0 + (i * 7) % 13, "cause": cause, "event": (cause > 0).astype(int),
        "arm": np.where(i % 2, "a", "b"), "x": (i * 5) % 11 / 2.0,
    }  # fmt: skip
    return pd.DataFrame({**base, **columns})


@pytest.mark.parametrize("name", COMPARISONS)
def test_zero_events_cannot_be_compared(name: str) -> None:
    with pytest.raises(AnalysisError, match="needs events"):
        COMPARISONS[name](people(event=0, cause=0))


@pytest.mark.parametrize("frame", [people(event=0, cause=0), people(1), people(1, event=0)])
def test_zero_events_and_one_patient_have_curves_without_a_silent_nan(frame: pd.DataFrame) -> None:
    curve = kaplan_meier(frame)
    assert curve[["time", "n_at_risk", "n_event", "survival", "std_error"]].notna().all().all()
    if not frame["event"].any():
        assert curve["survival"].tolist() == [1.0] * len(curve)
        assert curve[["ci_lower", "ci_upper"]].to_numpy().min() == 1.0
        assert simultaneous_bands(risk_table(frame)).empty
    # Not reached, and not known beyond the data, is missing by definition and nothing else is.
    assert median_survival(frame)["median"].notna().item() == bool(frame["event"].any())
    assert restricted_mean(frame, horizon=1.0)["rmst"].item() == pytest.approx(1.0)
    incidence = cumulative_incidence(frame, causes=[1, 2])
    assert incidence[["incidence", "std_error"]].notna().all().all()


@pytest.mark.parametrize("name", COMPARISONS)
def test_one_patient_cannot_be_compared(name: str) -> None:
    with pytest.raises(AnalysisError, match=r"two groups|is constant|needs events"):
        COMPARISONS[name](people(1, event=1, cause=1))


def test_all_censored_at_the_origin_have_a_curve_of_one_point() -> None:
    curve = kaplan_meier(people(time=0.0, event=0))
    assert curve[["time", "n_at_risk", "n_censored", "survival"]].to_numpy().tolist() == [
        [0, 40, 40, 1]
    ]
    assert math.isnan(restricted_mean(people(time=0.0, event=0), horizon=1)["rmst"].item())
    assert follow_up_median(people(time=0.0, event=0))["median"].item() == 0


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (-1.0, "column 'time' is negative in 3 rows of 40"),
        (np.nan, "column 'time' is missing in 3 rows of 40"),
        (np.inf, "column 'time' is infinite in 3 rows of 40"),
    ],
)
def test_negative_missing_and_infinite_times(name: str, bad: float, message: str) -> None:
    frame = people()
    frame.loc[:2, "time"] = bad
    with pytest.raises(AnalysisError, match=message):
        EVERY[name](frame)


@pytest.mark.parametrize(
    "estimate",
    [
        lambda f: kaplan_meier(f, entry="entry"),
        lambda f: cumulative_incidence(f, entry="entry"),
        lambda f: restricted_mean(f, horizon=5, entry="entry"),
        lambda f: log_rank(f, by="arm", entry="entry"),
        lambda f: cox(f, covariates="x", entry="entry"),
        lambda f: cox(f, covariates="x", entry="entry", penalty="firth"),
        lambda f: fine_gray(f, covariates="x", entry="entry"),
    ],
)
def test_an_entry_that_is_not_before_the_exit(estimate: Estimate) -> None:
    frame = people(entry=0.0)
    frame.loc[:1, "entry"] = frame.loc[:1, "time"]
    with pytest.raises(AnalysisError, match="column 'entry' is not before 'time' in 2 rows of 40"):
        estimate(frame)


def test_a_stratum_with_nobody_is_not_there() -> None:
    arms = pd.Categorical(people()["arm"], categories=["a", "b", "nobody"])
    curve = kaplan_meier(people(arm=arms), by="arm")
    assert sorted(set(curve["arm"])) == ["a", "b"]
    assert log_rank(people(arm=arms), by="arm").degrees_of_freedom == 1
    for contrast in (restricted_mean_difference, survival_difference):
        with pytest.raises(AnalysisError, match="no level equal to the reference given"):
            contrast(people(arm=arms), horizon=3, by="arm", reference="nobody")


def test_a_perfectly_separated_covariate() -> None:
    separated = people(x=people()["event"].astype(float))
    for fit in (cox, lambda f, **o: fine_gray(f.assign(cause=f["event"]), **o)):
        with pytest.raises(AnalysisError, match="covariate 'x' separates the events"):
            fit(separated, covariates="x")
    row = cox(separated, covariates="x", penalty="firth").coefficients.iloc[0]
    assert np.isfinite(row[["hazard_ratio", "std_error", "ci_lower"]].to_numpy(dtype=float)).all()


@pytest.mark.parametrize("name", ["cox", "firth", "fine_gray"])
def test_a_constant_covariate(name: str) -> None:
    with pytest.raises(AnalysisError, match="covariate 'x' is constant: leave it out"):
        COMPARISONS[name](people(x=2.0))


def test_a_million_ties_at_one_day() -> None:
    size = 1_000_000
    half = np.arange(size) % 2
    ties = pd.DataFrame(
        {"time": 30.0, "event": half, "cause": half * 2, "arm": (np.arange(size) // 2) % 2}
    )
    curve = kaplan_meier(ties)
    assert curve[["n_at_risk", "n_event"]].to_numpy().tolist() == [[size, size / 2]]
    assert curve["survival"].item() == pytest.approx(0.5)
    assert curve["std_error"].item() == pytest.approx(0.5 / math.sqrt(size))
    incidence = cumulative_incidence(ties, causes=[2])
    assert incidence["incidence"].item() == 0.5
    assert log_rank(ties, by="arm").p_value == pytest.approx(1.0)
    # Half of each arm has the event: the hazard ratio of Efron's approximation is 1.
    fit = cox(ties.assign(arm=ties["arm"].astype(float)), covariates="arm")
    assert fit.coefficients["coefficient"].item() == pytest.approx(0.0, abs=1e-9)
    assert simultaneous_bands(risk_table(ties))["survival"].tolist() == [0.5]


@pytest.mark.parametrize(
    "estimate",
    [
        lambda f: kaplan_meier(f, weight="w"),
        lambda f: cumulative_incidence(f, weight="w"),
        lambda f: cox(f, covariates="x", weight="w"),
        lambda f: fine_gray(f, covariates="x", weight="w"),
    ],
)
def test_weights_of_zero_and_of_infinity(estimate: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    with pytest.raises(AnalysisError, match="column 'w' is infinite in 2 rows of 40"):
        estimate(people(w=np.where(np.arange(40) < 2, np.inf, 1.0)))
    with pytest.raises(AnalysisError, match="column 'w' is missing in 2 rows of 40"):
        estimate(people(w=np.where(np.arange(40) < 2, np.nan, 1.0)))
    some = people(w=np.where(np.arange(40) < 10, 0.0, 1.0))
    found = estimate(some)
    alone = estimate(some[some["w"] > 0].reset_index(drop=True))
    if isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(found, alone)
    else:
        pd.testing.assert_frame_equal(found.coefficients, alone.coefficients, rtol=1e-8)


def test_weights_that_are_all_zero_are_nobody() -> None:
    assert kaplan_meier(people(w=0.0), weight="w").empty
    with pytest.raises(AnalysisError, match="needs events"):
        cox(people(w=0.0), covariates="x", weight="w")


@pytest.mark.parametrize(
    ("n_clusters", "covariates", "message"),
    [
        (1, ["x"], "column 'place' has 1 cluster: robust errors of 1 term need 2 or more"),
        (2, ["x", "z"], "column 'place' has 2 clusters: robust errors of 2 terms need 3 or more"),
    ],
)
def test_robust_errors_need_more_clusters_than_terms(
    n_clusters: int, covariates: list[str], message: str
) -> None:
    random = np.random.default_rng(5)
    frame = people(time=random.integers(1, 90, 40), x=random.normal(size=40)).assign(
        z=random.normal(size=40), place=np.arange(40) % n_clusters
    )
    with pytest.raises(AnalysisError, match=message):
        cox(frame, covariates=covariates, cluster="place")
    with pytest.raises(AnalysisError, match=message):
        fine_gray(frame, covariates=covariates, cluster="place")
    three = frame.assign(place=np.arange(40) % 3)
    fit = cox(three, covariates=covariates, cluster="place")
    assert (fit.coefficients["std_error"] > 1e-4).all()
