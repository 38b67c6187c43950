"""Simulated scores whose truth is known: bias, standard errors and degrees of freedom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from analyses.quality_of_life import mixed_model
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.model_curve import fit_model, model_curve
from analyses.quality_of_life.while_alive import while_alive_curve

VISITS = ("v0", "v1", "v2", "v3", "v4")


def simulate(
    rng: np.random.Generator, people: int, *, for_good: bool
) -> tuple[Answered, np.ndarray, np.ndarray]:
    """Scores of people who answer and live by their last score, and the means they would have.

    Scores have a deviation near 1. The lower the score last given, the likelier the next is
    missing (at random), and with `for_good` all after it; the lower the last score, the likelier a
    death. The truths: the mean of all had nobody died, and that of those alive.
    """
    n_visits = len(VISITS)
    steps = np.cumsum(rng.normal(size=(people, n_visits)), axis=1)
    score = 0.7 * rng.normal(size=(people, 1)) + 0.4 * steps + 0.1 * np.arange(n_visits)
    dead = np.zeros(score.shape, dtype=bool)
    missing = np.zeros(score.shape, dtype=bool)
    last = score[:, 0].copy()
    for visit in range(1, n_visits):
        dead[:, visit] = dead[:, visit - 1] | (rng.random(people) < expit(-3 - last))
        missing[:, visit] = rng.random(people) < expit(-1.2 - 1.2 * last)
        if for_good:
            missing[:, visit] |= missing[:, visit - 1]
        seen = ~missing[:, visit] & ~dead[:, visit]
        last = np.where(seen, score[:, visit], last)
    alive = np.where(dead, np.nan, score)
    given = np.where(missing, np.nan, alive)
    nobody = np.zeros(score.shape, dtype=bool)
    stratum = np.full(people, "overall", dtype=object)
    answered = Answered("scale", "scale", VISITS, stratum, given, ~dead, nobody)
    return answered, score.mean(axis=0), np.nanmean(alive, axis=0)


@pytest.mark.parametrize("for_good", [False, True])
def test_bias_is_small_under_drop_out_at_random_where_that_of_the_observed_mean_is_not(
    for_good: bool,
) -> None:
    rng = np.random.default_rng(20260701)
    bias: dict[str, list[np.ndarray]] = {name: [] for name in ("observed", "weighted", "model")}
    for _ in range(40):
        answered, hypothetical, alive = simulate(rng, 500, for_good=for_good)
        bias["observed"].append(np.nanmean(answered.scores, axis=0) - alive)
        bias["weighted"].append(while_alive_curve(answered)[0]["mean"].to_numpy() - alive)
        model, problem = fit_model(answered)
        assert problem is None
        modelled = model_curve(answered, model)
        bias["model"].append(modelled["mean"].to_numpy() - hypothetical)
    last = {name: abs(float(np.mean(found, axis=0)[-1])) for name, found in bias.items()}
    assert last["observed"] > 0.15
    # Those who leave for good leave few low scores behind: their weights are cut at 10.
    assert last["weighted"] < (0.1 if for_good else 0.05)
    assert last["model"] < 0.03


def test_limits_of_the_mean_of_those_alive_cover_it_though_weights_are_estimated() -> None:
    """The truth is of those alive, whom a model that weighted for deaths would miss."""
    rng = np.random.default_rng(20260710)
    _, hypothetical, alive = simulate(rng, 200_000, for_good=False)
    covers, errors, means = [], [], []
    for _ in range(200):
        answered, _, _ = simulate(rng, 300, for_good=False)
        found, _ = while_alive_curve(answered)
        covers.append((found["ci_lower"] < alive) & (found["ci_upper"] > alive))
        errors.append(found["std_error"])
        means.append(found["mean"])
    # 200 samples tell a share of 0.95 to 0.03, and a ratio of errors to 0.05.
    assert np.mean(covers, axis=0).min() > 0.9
    ratio = np.mean(errors, axis=0) / np.std(means, axis=0)
    assert ratio == pytest.approx(1.0, abs=0.15)
    # Nobody is weighted to stand for the dead, who were worse: that mean is another one.
    assert alive[-1] - hypothetical[-1] > 0.05
    assert abs(np.mean(means, axis=0)[-1] - alive[-1]) < 0.03


def drop_outs(rng: np.random.Generator, people: int, by_score: float) -> pd.DataFrame:
    """Three visits around 0; who drops out does so by the score before, with that strength."""
    score = 0.7 * rng.normal(size=(people, 1)) + 0.5 * np.cumsum(rng.normal(size=(people, 3)), 1)
    gone = np.zeros(score.shape, dtype=bool)
    for visit in (1, 2):
        drops = rng.random(people) < expit(-1.2 - by_score * score[:, visit - 1])
        gone[:, visit] = gone[:, visit - 1] | drops
    person, visit = np.nonzero(~gone)
    return pd.DataFrame({"unit": person, "visit": visit, "value": score[person, visit]})


def test_degrees_of_freedom_are_those_of_the_variance_over_samples() -> None:
    rng = np.random.default_rng(20260702)
    fits = [
        mixed_model(drop_outs(rng, 25, by_score=0), std_error="expected").means for _ in range(300)
    ]
    variance = np.array([fit["std_error"] ** 2 for fit in fits])
    # A variance with f degrees of freedom has a mean squared of f / 2 times its own variance.
    of_samples = 2 * variance.mean(axis=0) ** 2 / variance.var(axis=0)
    reported = np.mean([fit["degrees_of_freedom"] for fit in fits], axis=0)
    assert reported[0] == pytest.approx(24, rel=0.02)
    assert reported == pytest.approx(of_samples, rel=0.25)


def test_limits_cover_the_truth_under_drop_out_by_the_score() -> None:
    rng = np.random.default_rng(20260703)
    covers, ratio = {}, {}
    samples = [drop_outs(rng, 80, by_score=2.0) for _ in range(200)]
    for std_error in ("robust", "observed", "expected"):
        fits = [mixed_model(sample, std_error=std_error).means for sample in samples]
        covers[std_error] = np.mean(
            [(fit["ci_lower"] < 0) & (fit["ci_upper"] > 0) for fit in fits], axis=0
        )
        spread = np.std([fit["mean"] for fit in fits], axis=0)
        ratio[std_error] = np.mean([fit["std_error"] for fit in fits], axis=0) / spread
    # 200 samples tell a share of 0.95 to 0.03.
    for std_error in ("robust", "observed"):
        assert (covers[std_error] > 0.905).all()
        assert ratio[std_error] == pytest.approx(1.0, abs=0.1)
    # Errors that take the covariance as told by all, whoever drops out, are too small.
    assert ratio["expected"][-1] < ratio["observed"][-1] - 0.05
