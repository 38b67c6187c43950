"""The mixed model against R's nlme::gls, and against its own formulas written out in full."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life import mixed_model
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.repeated_measures.likelihood import Likelihood, duplication
from analyses.quality_of_life.repeated_measures.patterns import reduce_to_patterns
from analyses.quality_of_life.repeated_measures.small_sample import Uncertainty
from analyses.quality_of_life.while_alive import while_alive_curve

GOLDEN = Path(__file__).parent / "golden_quality_of_life"


def scores_of(case: str) -> pd.DataFrame:
    scores = pd.read_csv(GOLDEN / "scores.csv")
    return scores[scores["case"] == case.split("_")[0]].drop(columns="case")


def golden(case: str) -> pd.DataFrame:
    table = pd.read_csv(GOLDEN / "mixed_model.csv")
    return table[table["case"] == case].sort_values(["group", "visit"], ignore_index=True)


def change_from_base(scores: pd.DataFrame) -> pd.DataFrame:
    later = scores[scores["visit"] > 1]
    return later.assign(value=later["value"] - later["base"])


@pytest.mark.parametrize("case", ["large", "large_alone", "large_change", "small", "complete"])
def test_means_errors_and_likelihood_are_those_of_gls(case: str) -> None:
    scores, baseline = scores_of(case), None
    if case == "large_change":
        scores, baseline = change_from_base(scores), "base"
    by = None if case == "large_alone" else "group"
    fit = mixed_model(scores, by=by, baseline=baseline, std_error="expected")
    expected = golden(case)
    assert fit.means["visit"].tolist() == expected["visit"].tolist()
    for column in ("mean", "std_error"):
        # gls stops where its numerical search does, this one at the maximum.
        assert fit.means[column].to_numpy() == pytest.approx(
            expected[column].to_numpy(), rel=2e-6, abs=1e-6
        )
    assert fit.log_likelihood >= expected["log_likelihood"].iloc[0]
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"].iloc[0], rel=1e-8)
    deviation = np.sqrt(np.diag(fit.covariance))
    assert deviation[[0, -1]] == pytest.approx(
        expected[["sd_first", "sd_last"]].iloc[0].to_numpy(), rel=1e-4
    )
    correlation = fit.covariance.iloc[0, -1] / deviation[0] / deviation[-1]
    assert correlation == pytest.approx(expected["correlation"].iloc[0], rel=1e-4)


def test_with_every_visit_answered_the_degrees_of_freedom_are_exactly_those_of_t() -> None:
    scores = scores_of("complete")
    for std_error in ("observed", "expected", "kenward_roger"):
        means = mixed_model(scores, by="group", std_error=std_error).means
        # 25 people less 2 groups; the covariance is then that of ordinary residuals.
        assert means["degrees_of_freedom"].to_numpy() == pytest.approx(23.0, rel=1e-6)
        assert means["std_error"].to_numpy() == pytest.approx(
            golden("complete")["std_error"].to_numpy(), rel=1e-6
        )


def test_the_mean_of_those_alive_is_that_of_weighted_estimating_equations_in_r() -> None:
    """Weights by glm, mean by weighted lm, error by the sandwich clustered by person."""
    scores = scores_of("large")
    wide = scores.pivot(index="unit", columns="visit", values="value")
    group = scores.drop_duplicates("unit").set_index("unit")["group"].loc[wide.index]
    everybody = np.ones(wide.shape, dtype=bool)
    one = Answered(
        "s", "s", tuple(wide.columns.astype(str)), group.to_numpy(dtype=object), wide.to_numpy(),
        everybody, ~everybody,
    )  # fmt: skip
    found, largest = while_alive_curve(one)
    expected = pd.read_csv(GOLDEN / "while_alive.csv").sort_values(["group", "visit"])
    assert found["stratum"].tolist() == expected["group"].tolist()
    # The prior that keeps the weights' model finite moves them by a thousandth or two.
    assert largest == pytest.approx(expected["largest_weight"].iloc[0], rel=3e-3)
    assert found["mean"].to_numpy() == pytest.approx(expected["mean"].to_numpy(), rel=1e-4)
    assert found["std_error"].to_numpy() == pytest.approx(
        expected["std_error"].to_numpy(), rel=2e-3
    )
    # It is not the observed mean: a visit of those who are left is off by more than its error.
    observed = wide[group == "a"].mean().to_numpy()
    assert np.abs(observed - found["mean"].to_numpy()[:5]).max() > 1


class Dense:
    """The same quantities as textbook formulas on matrices of all scores, for 30 people."""

    def __init__(self, covariates: np.ndarray, scores: np.ndarray, sigma: np.ndarray) -> None:
        person, visit = np.nonzero(~np.isnan(scores))
        n_visits, n_covariates = scores.shape[1], covariates.shape[1]
        self.same = person[:, None] == person[None, :]
        self.visit, self.y = visit, scores[person, visit]
        self.x = np.zeros((len(person), n_visits * n_covariates))
        for row, (i, j) in enumerate(zip(person, visit, strict=True)):
            self.x[row, j * n_covariates : (j + 1) * n_covariates] = covariates[i]
        self.entries = [self.spread(m.reshape(n_visits, n_visits)) for m in duplication(n_visits).T]
        self.v = self.spread(sigma)
        self.w = np.linalg.inv(self.v)
        self.phi = np.linalg.inv(self.x.T @ self.w @ self.x)
        self.p = self.w - self.w @ self.x @ self.phi @ self.x.T @ self.w

    def spread(self, sigma: np.ndarray) -> np.ndarray:
        return np.where(self.same, sigma[np.ix_(self.visit, self.visit)], 0.0)

    def value(self) -> float:
        n, q = self.x.shape
        parts = [np.linalg.slogdet(m)[1] for m in (self.v, self.x.T @ self.w @ self.x)]
        return -((n - q) * np.log(2 * np.pi) + sum(parts) + self.y @ self.p @ self.y) / 2

    def gradient(self) -> np.ndarray:
        p, y = self.p, self.y
        return np.array([(y @ p @ k @ p @ y - np.trace(p @ k)) / 2 for k in self.entries])

    def information(self) -> tuple[np.ndarray, np.ndarray]:
        p, y = self.p, self.y
        trace = np.array([[np.trace(p @ k @ p @ m) for m in self.entries] for k in self.entries])
        quadratic = np.array(
            [[y @ p @ k @ p @ m @ p @ y for m in self.entries] for k in self.entries]
        )
        return trace / 2, quadratic - trace / 2

    def observed_covariance(self) -> np.ndarray:
        x, w, p, y = self.x, self.w, self.p, self.y
        moved = np.array([self.phi @ x.T @ w @ k @ p @ y for k in self.entries])
        return self.phi + moved.T @ np.linalg.inv(self.information()[1]) @ moved

    def kenward_roger(self) -> tuple[np.ndarray, np.ndarray]:
        x, w, phi = self.x, self.w, self.phi
        of_sigma = np.linalg.inv(self.information()[0])
        first = [-x.T @ w @ k @ w @ x for k in self.entries]
        middle = np.zeros_like(phi)
        for i, k in enumerate(self.entries):
            for j, m in enumerate(self.entries):
                second = x.T @ w @ k @ w @ m @ w @ x
                middle += of_sigma[i, j] * (second - first[i] @ phi @ first[j])
        slopes = np.array([-phi @ one @ phi for one in first])
        freedom = [
            2 * phi[c, c] ** 2 / (slopes[:, c, c] @ of_sigma @ slopes[:, c, c])
            for c in range(len(phi))
        ]
        return phi + 2 * phi @ middle @ phi, np.array(freedom)


def test_sums_over_patterns_give_what_the_formulas_in_full_give() -> None:
    scores = scores_of("small")
    wide = scores.pivot(index="unit", columns="visit", values="value").to_numpy()
    group = scores.drop_duplicates("unit").sort_values("unit")["group"].to_numpy()
    covariates = np.column_stack([group == "a", group == "b"]).astype(float)
    wide = (wide - 60) / 10
    # Not at the maximum, so that no term is zero by chance.
    sigma = 0.6 + np.diag([0.5, 0.8, 1.1, 1.4])
    at = Likelihood(reduce_to_patterns(covariates, wide), np.ones(8, dtype=bool), sigma)
    dense = Dense(covariates, wide, sigma)
    assert at.value == pytest.approx(dense.value(), rel=1e-10)
    assert at.gradient == pytest.approx(dense.gradient(), rel=1e-8)
    expected, observed = dense.information()
    assert at.expected_information == pytest.approx(expected, rel=1e-8, abs=1e-10)
    assert at.observed_information == pytest.approx(observed, rel=1e-8, abs=1e-8)
    covariance, freedom = dense.kenward_roger()
    found = Uncertainty(at, "kenward_roger")
    assert found.covariance == pytest.approx(covariance, rel=1e-8, abs=1e-10)
    assert found.of(np.eye(8))[1] == pytest.approx(freedom, rel=1e-8)
    # The covariance is not the maximum's, so that the observed one needs another to be positive.
    residual = mixed_model(scores, by="group").covariance.to_numpy() / 100
    at = Likelihood(at.patterns, at.estimable, residual)
    assert Uncertainty(at, "observed").covariance == pytest.approx(
        Dense(covariates, wide, residual).observed_covariance(), rel=1e-8, abs=1e-10
    )
