"""Firth's penalty: closed forms, limits where likelihood has none, and what it refuses.

Parity with R's penalised likelihood is in tests/statistical (method `cox, Firth's penalty`).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import SeparationError, cox, firth
from tests.lib.parity_tables import rossi


def strata_of_one_event(d: int, k: int, a: int, b: int) -> pd.DataFrame:
    """d strata with `a` exposed and `b` others at risk and one event each, `k` of an exposed."""
    rows = []
    for stratum in range(d):
        for person in range(a + b):
            exposed = person < a
            first = person == 0 if stratum < k else person == a
            rows.append((stratum, float(exposed), 1.0 if first else 2.0, int(first)))
    return pd.DataFrame(rows, columns=["stratum", "x", "time", "event"])


@pytest.mark.parametrize(
    ("d", "k", "a", "b"), [(1, 1, 3, 2), (4, 4, 2, 2), (6, 1, 1, 4), (5, 0, 3, 3)]
)
def test_one_event_a_stratum_is_half_an_event_more_on_each_side(
    d: int, k: int, a: int, b: int
) -> None:
    """The likelihood is binomial with p = a r / (a r + b), r the hazard ratio, and its penalty
    that of Jeffreys: p = (k + 1/2) / (d + 1)."""
    fit = cox(strata_of_one_event(d, k, a, b), covariates="x", strata="stratum", penalty="firth")
    p = (k + 0.5) / (d + 1)
    assert fit.coefficients["hazard_ratio"].item() == pytest.approx(p / (1 - p) * b / a, rel=1e-8)
    assert fit.coefficients["std_error"].item() == pytest.approx(1 / math.sqrt(d * p * (1 - p)))
    information = d * p * (1 - p)
    value = k * math.log(p / a) + (d - k) * math.log((1 - p) / b) + math.log(information) / 2
    assert fit.log_likelihood == pytest.approx(value, abs=1e-8)


def test_a_separated_covariate_has_a_finite_estimate() -> None:
    frame = strata_of_one_event(4, 4, 2, 2)
    with pytest.raises(SeparationError, match="'x' separates the events"):
        cox(frame, covariates="x", strata="stratum")
    row = cox(frame, covariates="x", strata="stratum", penalty="firth").coefficients.iloc[0]
    assert 1 < row["hazard_ratio"] < math.inf
    assert 0 < row["ci_lower"] < row["hazard_ratio"] < row["ci_upper"]
    assert row["p_value"] < 0.1


def test_with_many_events_the_penalty_hardly_matters() -> None:
    covariates = ["fin", "age", "prio"]
    plain = cox(rossi(), covariates=covariates).coefficients
    firth = cox(rossi(), covariates=covariates, penalty="firth").coefficients
    np.testing.assert_allclose(firth["coefficient"], plain["coefficient"], atol=0.01)
    np.testing.assert_allclose(firth["std_error"], plain["std_error"], rtol=0.01)
    np.testing.assert_allclose(firth["p_value"], plain["p_value"], atol=0.02)


def test_the_unit_of_a_covariate_does_not_matter() -> None:
    scaled = rossi().assign(age=rossi()["age"] * 365.25)
    one = cox(rossi(), covariates=["fin", "age"], penalty="firth").coefficients
    other = cox(scaled, covariates=["fin", "age"], penalty="firth").coefficients
    assert other["coefficient"][1] * 365.25 == pytest.approx(one["coefficient"][1], rel=1e-6)
    np.testing.assert_allclose(other["p_value"], one["p_value"], rtol=1e-5)


def test_bias_of_few_events_is_gone() -> None:
    """300 samples of 2 x 30 people of whom a fifth have the event, log hazard ratio 1."""
    random = np.random.default_rng(11)
    x = np.repeat([0.0, 1.0], 30)
    found = []
    for _ in range(300):
        time, end = random.exponential(np.exp(-x)), random.exponential(0.15, size=60)
        rows = {"time": np.minimum(time, end), "event": (time <= end).astype(int), "x": x}
        fit = cox(pd.DataFrame(rows), covariates="x", penalty="firth")
        found.append(fit.coefficients["coefficient"].item())
    error = np.std(found) / math.sqrt(len(found))
    assert np.mean(found) == pytest.approx(1.0, abs=3.5 * error)


def test_what_has_no_penalised_fit() -> None:
    frame = rossi().assign(copy=lambda f: f["fin"] * 2)
    for options, message in (
        ({"covariates": ["fin", "copy"]}, "cannot be told apart"),
        ({"covariates": ["fin"], "cluster": "age"}, "no robust variance"),
        ({"covariates": ["fin"], "weight": "half_weight"}, "no robust variance"),
        ({"covariates": [f"v{i}" for i in range(31)]}, "30 terms or fewer"),
    ):
        wide = frame.assign(
            **{f"v{i}": np.random.default_rng(i).normal(size=432) for i in range(31)}
        )
        with pytest.raises(AnalysisError, match=message):
            cox(wide, penalty="firth", **options)  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match="penalty of cox is 'firth'"):
        cox(frame, covariates="fin", penalty="ridge")  # type: ignore[arg-type]


def test_each_of_ten_terms_has_profile_limits() -> None:
    random = np.random.default_rng(3)
    names = [f"v{i}" for i in range(10)]
    frame = pd.DataFrame(random.normal(size=(200, 10)), columns=names)
    time, end = random.exponential(size=200), random.exponential(0.4, size=200)
    frame = frame.assign(time=np.minimum(time, end), event=(time <= end).astype(int))
    fit = cox(frame, covariates=names, penalty="firth")
    assert np.isfinite(fit.coefficients[["ci_lower", "ci_upper"]]).all().all()
    assert fit.wald == ()


def test_a_profile_that_is_not_found_leaves_walds_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> float:
        raise AnalysisError("did not converge")

    whole = cox(rossi(), covariates=["fin", "age"], penalty="firth")
    monkeypatch.setattr(firth._Penalised, "profile_limit", never)
    fit = cox(rossi(), covariates=["fin", "age"], penalty="firth")
    assert fit.wald == ("fin", "age")
    found = fit.coefficients
    half = 1.959963984540054 * found["std_error"]
    np.testing.assert_allclose(np.log(found["ci_upper"]), found["coefficient"] + half)
    np.testing.assert_allclose(np.log(found["ci_lower"]), found["coefficient"] - half)
    np.testing.assert_allclose(found["p_value"], whole.coefficients["p_value"], atol=0.02)
