"""Families that contain each other, closed forms, and integrals: what a model must equal."""

import numpy as np
import pandas as pd
import pytest

from analyses.extrapolation import (
    FAMILIES,
    ParametricFit,
    extrapolated_mean,
    fit_parametric,
    predict,
)
from analyses.extrapolation.fit import log_likelihood
from analyses.extrapolation.generalised_gamma import GeneralisedGamma
from analyses.extrapolation.prediction import survival_of
from analyses.extrapolation.sample import sample_of
from analyses.extrapolation.standard_families import Gompertz, LogNormal, Weibull
from tests.lib.parity_tables import gbsg2, lung

LUNG = lung()


def likelihood(fit: ParametricFit) -> float:
    assert fit.converged, fit.problem
    return fit.log_likelihood


def test_the_exponential_rate_is_events_over_person_time() -> None:
    fit = fit_parametric(LUNG, "exponential")
    events, time = LUNG["event"].sum(), LUNG["time"].sum()
    row = fit.estimates().iloc[0]
    assert row["estimate"] == pytest.approx(events / time, rel=1e-9)
    assert row["std_error"] == pytest.approx(np.sqrt(events) / time, rel=1e-7)
    assert fit.log_likelihood == pytest.approx(events * np.log(events / time) - events, rel=1e-12)
    assert fit.aic == pytest.approx(2 - 2 * fit.log_likelihood)
    assert fit.bic == pytest.approx(np.log(len(LUNG)) - 2 * fit.log_likelihood)


@pytest.mark.parametrize(
    ("spline", "plain"),
    [
        ("spline_hazard_0", "weibull"),
        ("spline_odds_0", "log_logistic"),
        ("spline_normal_0", "log_normal"),
    ],
)
def test_a_spline_without_inner_knots_is_a_plain_family(spline: str, plain: str) -> None:
    one, other = fit_parametric(LUNG, spline), fit_parametric(LUNG, plain)
    assert likelihood(one) == pytest.approx(likelihood(other), abs=1e-9)
    times = [1.0, 100.0, 700.0, 3000.0]
    pd.testing.assert_frame_equal(predict(one, times), predict(other, times), rtol=1e-6)


def test_the_generalised_gamma_contains_weibull_log_normal_and_gamma() -> None:
    from scipy.stats import gamma

    time = np.array([0.01, 0.5, 1.0, 2.7, 30.0])
    family = GeneralisedGamma()
    mu, sigma = np.array(0.7), np.array(np.log(0.6))
    weibull = [np.array(-sigma), mu]
    at_one = [mu, sigma, np.array(1.0)]
    np.testing.assert_allclose(
        family.log_hazard(time, at_one), Weibull().log_hazard(time, weibull), rtol=1e-9
    )
    for q in (1e-9, -1e-9, 1e-4, -1e-4):
        near = [mu, sigma, np.array(q)]
        # The distance from the log-normal is of the order of Q.
        np.testing.assert_allclose(
            family.log_hazard(time, near),
            LogNormal().log_hazard(time, near[:2]),
            rtol=0,
            atol=max(200 * abs(q), 2e-4),
        )
    shape = 1 / 0.6**2
    as_gamma = gamma(shape, scale=np.exp(0.7) / shape)
    np.testing.assert_allclose(
        family.cumulative_hazard(time, [mu, sigma, np.array(0.6)]), -as_gamma.logsf(time), rtol=1e-9
    )


@pytest.mark.parametrize("q", [-2.0, -0.8, -1e-3, 1e-3, 0.05, 0.9, 2.5])
def test_the_hazard_of_the_generalised_gamma_is_the_slope_of_its_cumulative_hazard(
    q: float,
) -> None:
    family, at = GeneralisedGamma(), [np.array(1.0), np.array(0.2), np.array(q)]
    time = np.array([0.4, 2.0, 3.0, 8.0])
    step = 1e-5 * time
    slope = (
        family.cumulative_hazard(time + step, at) - family.cumulative_hazard(time - step, at)
    ) / (2 * step)
    np.testing.assert_allclose(np.exp(family.log_hazard(time, at)), slope, rtol=2e-7)


def test_gompertz_without_shape_is_exponential_and_its_information_is_the_closed_form() -> None:
    sample = sample_of(LUNG)
    rate = fit_parametric(LUNG, "exponential")
    flat = log_likelihood(Gompertz(), sample, np.array([1e-12, rate.at[0]]))
    assert flat == pytest.approx(rate.log_likelihood, abs=1e-6)
    fit = fit_parametric(LUNG, "gompertz")
    shape, log_rate = fit.at
    points, weights = np.polynomial.legendre.leggauss(40)
    time = LUNG["time"].to_numpy(float)
    u = time[:, None] * (points + 1) / 2

    def moment(power: int) -> float:
        values = np.exp(log_rate) * u**power * np.exp(shape * u)
        return float(np.sum(values @ (weights / 2) * time))

    information = np.array([[moment(2), moment(1)], [moment(1), moment(0)]])
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-6)


def test_a_constant_background_moves_the_exponential_rate_by_itself() -> None:
    """With the same expected hazard for all, excess and expected are the plain rate together."""
    background = 0.0004
    fit = fit_parametric(LUNG.assign(b=background), "exponential", background="b")
    plain = fit_parametric(LUNG, "exponential")
    assert np.exp(fit.at[0]) + background == pytest.approx(np.exp(plain.at[0]), rel=1e-7)
    none = fit_parametric(LUNG.assign(b=0.0), "weibull", background="b")
    assert none.log_likelihood == pytest.approx(
        fit_parametric(LUNG, "weibull").log_likelihood, abs=1e-10
    )


def test_weights_are_rows_repeated_and_the_unit_of_time_does_not_matter() -> None:
    frame = LUNG.assign(w=1 + np.arange(len(LUNG)) % 3)
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    weighted, replicated = (
        fit_parametric(frame, "generalised_gamma", weight="w"),
        fit_parametric(repeated, "generalised_gamma"),
    )
    np.testing.assert_allclose(weighted.at, replicated.at, rtol=1e-6)
    np.testing.assert_allclose(weighted.covariance, replicated.covariance, rtol=1e-5)
    years = fit_parametric(LUNG.assign(time=LUNG["time"] / 365.25), "gompertz")
    days = fit_parametric(LUNG, "gompertz")
    assert years.at[0] == pytest.approx(days.at[0] * 365.25, rel=1e-6)
    in_years, in_days = predict(years, [1.0, 4.0]), predict(days, [365.25, 1461.0])
    np.testing.assert_allclose(in_years["ci_lower"], in_days["ci_lower"], rtol=1e-6)


def test_delayed_entry_of_an_exponential_takes_person_time_away() -> None:
    entry = np.minimum(np.arange(len(LUNG)) % 4 * 10.0, LUNG["time"] - 1)
    fit = fit_parametric(LUNG.assign(late=entry), "exponential", entry="late")
    time = float((LUNG["time"] - entry).sum())
    assert np.exp(fit.at[0]) == pytest.approx(LUNG["event"].sum() / time, rel=1e-9)


@pytest.mark.parametrize("family", ["weibull", "generalised_gamma", "spline_odds_2"])
def test_the_mean_is_the_area_under_the_curve(family: str) -> None:
    from scipy.integrate import quad

    fit = fit_parametric(LUNG, family)
    horizon = 4000.0
    exact, _ = quad(
        lambda t: float(survival_of(fit, np.array([t]))[0]),
        0, horizon, limit=400, points=[1, 10, 100, 1000],
    )  # fmt: skip
    mean = extrapolated_mean(fit, horizon)
    assert mean.mean == pytest.approx(exact, rel=1e-7)
    assert mean.ci_lower < mean.mean < mean.ci_upper
    assert mean == extrapolated_mean(fit, horizon)


def test_the_error_of_the_mean_of_an_exponential_is_the_delta_method_s() -> None:
    fit = fit_parametric(LUNG, "exponential")
    mean = extrapolated_mean(fit, 1e5, draws=20_000)
    events = LUNG["event"].sum()
    assert mean.mean == pytest.approx(LUNG["time"].sum() / events, rel=1e-6)
    assert mean.std_error == pytest.approx(mean.mean / np.sqrt(events), rel=0.03)


@pytest.mark.parametrize("family", ["mixture_cure_weibull", "non_mixture_cure_log_logistic"])
def test_the_curve_of_a_cure_model_ends_at_its_fraction(family: str) -> None:
    fit = fit_parametric(gbsg2(), family)
    fraction = fit.estimates().iloc[0]
    far = predict(fit, [1e9]).iloc[0]
    assert far["survival"] == pytest.approx(fraction["estimate"], rel=1e-4)
    assert 0 < fraction["ci_lower"] < fraction["estimate"] < fraction["ci_upper"] < 1


QUICK = [f for f in FAMILIES if f[-1] not in "345" and not f.endswith("cure_generalised_gamma")]


@pytest.mark.parametrize("family", QUICK)
def test_every_family_gives_falling_curves_whose_hazard_is_their_slope(family: str) -> None:
    fit = fit_parametric(gbsg2(), family)
    times = np.linspace(40.0, 2500.0, 40)
    survival = survival_of(fit, times)
    assert (np.diff(survival) <= 1e-12).all()
    assert predict(fit, [0.0])["survival"].iloc[0] == 1.0
    hazard = predict(fit, times)["hazard"].to_numpy()
    slope = (np.log(survival_of(fit, times - 0.01)) - np.log(survival_of(fit, times + 0.01))) / 0.02
    np.testing.assert_allclose(hazard, slope, rtol=1e-4)
