"""Input without meaning is an error that names the column; what cannot be fitted is a result."""

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.extrapolation import (
    cure_support,
    extrapolated_mean,
    fit_parametric,
    predict,
    smoothed_hazard,
)

FRAME = pd.DataFrame({"time": [1.0, 2.0, 3.0, 5.0, 8.0], "event": [1, 0, 1, 1, 0]})


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (FRAME.assign(time=[0, 2, 3, 5, 8]), {}, r"'time' is 0 with an event .* in 1 row of 5"),
        (FRAME.assign(time=[-1, 2, 3, 5, 8]), {}, "'time' is negative in 1 row of 5"),
        (FRAME.assign(event=0), {}, "there is no event"),
        (FRAME.assign(time=0.0, event=0), {}, "nobody is at risk"),
        (FRAME.assign(w=0.0), {"weight": "w"}, "nobody is at risk"),
        (FRAME.assign(w=np.inf), {"weight": "w"}, "'w' is infinite in 5 rows"),
        (FRAME.assign(e=[1.0, 0, 0, 0, 0]), {"entry": "e"}, "'e' is not before 'time' in 1 row"),
        (FRAME.assign(x=1.0), {"covariates": ["x"]}, "covariate 'x' is constant"),
        (FRAME.assign(x=["a", None, "b", "a", "b"]), {"covariates": ["x"]}, "'x' is missing"),
        (FRAME.assign(b=-1.0), {"background": "b"}, "'b' is negative in 5 rows"),
    ],
)
def test_what_has_no_meaning_is_refused(frame: pd.DataFrame, options: dict, said: str) -> None:
    with pytest.raises(AnalysisError, match=said):
        fit_parametric(frame, "weibull", **options)


def test_a_family_unknown_or_with_too_many_parameters_is_refused() -> None:
    with pytest.raises(AnalysisError, match="unknown family 'weibul'"):
        fit_parametric(FRAME, "weibul")
    with pytest.raises(AnalysisError, match="7 parameters but only 3 distinct event times"):
        fit_parametric(FRAME, "spline_hazard_5")


def test_a_search_without_a_maximum_is_a_result() -> None:
    """All events at one time: the Weibull shape has no bound."""
    frame = pd.DataFrame({"time": [5.0] * 6 + [5.0], "event": [1] * 6 + [0]})
    with pytest.raises(AnalysisError, match="2 parameters but only 1 distinct"):
        fit_parametric(frame, "weibull")
    # Everybody has the event: nobody tells of a cure.
    ended = pd.DataFrame({"time": np.arange(1.0, 31.0), "event": 1})
    fit = fit_parametric(ended, "mixture_cure_weibull")
    assert not fit.converged
    assert fit.problem
    assert predict(fit, [1.0, 2.0])["ci_lower"].isna().all()
    assert np.isnan(extrapolated_mean(fit, 100.0).mean)
    assert fit.estimates()["std_error"].isna().all()


def test_a_perfectly_separating_covariate_does_not_converge_but_does_not_fail() -> None:
    frame = pd.DataFrame(
        {"time": np.arange(1.0, 41.0), "event": [1] * 20 + [0] * 20, "x": [1] * 20 + [0] * 20}
    )
    assert not fit_parametric(frame, "exponential", covariates=["x"]).converged


def test_means_and_curves_refuse_what_they_cannot_give() -> None:
    fit = fit_parametric(FRAME, "exponential")
    with pytest.raises(AnalysisError, match="horizon must be"):
        extrapolated_mean(fit, -1.0)
    with pytest.raises(AnalysisError, match="times must be"):
        predict(fit, [np.nan])
    relative = fit_parametric(FRAME.assign(b=0.01), "exponential", background="b")
    with pytest.raises(AnalysisError, match="expected survival of the population"):
        extrapolated_mean(relative, 10.0)
    adjusted = fit_parametric(FRAME.assign(x=[1, 2, 1, 2, 2]), "exponential", covariates=["x"])
    with pytest.raises(AnalysisError, match="give `design`"):
        predict(adjusted, [1.0])


def test_a_hundred_thousand_ties_at_one_day_are_two_rows() -> None:
    frame = pd.DataFrame({"time": np.full(100_000, 7.0), "event": np.arange(100_000) % 2})
    fit = fit_parametric(frame, "exponential")
    assert np.exp(fit.at[0]) == pytest.approx(0.5 / 7)
    assert fit.n == 100_000


def test_the_smoothed_hazard_says_when_there_is_nothing_to_smooth() -> None:
    with pytest.raises(AnalysisError, match="no event while 10 people"):
        smoothed_hazard(FRAME)
    with pytest.raises(AnalysisError, match="bandwidth must be"):
        smoothed_hazard(pd.concat([FRAME] * 10), bandwidth=-1.0)


def test_cure_support_counts_the_plateau() -> None:
    support = cure_support(FRAME)
    assert (support.last_event, support.last_time, support.n_on_plateau) == (5.0, 8.0, 1)
    assert support.plateau_share == pytest.approx(3 / 8)
    # Events in (2, 5]: two of five people.
    assert support.q_n == pytest.approx(2 / 5)
    assert support.p_insufficient == pytest.approx(0.6**5)
    ends_in_event = cure_support(FRAME.assign(event=1))
    assert (ends_in_event.n_on_plateau, ends_in_event.p_insufficient) == (0, 1.0)
    assert np.isnan(cure_support(FRAME.assign(event=0)).q_n)
