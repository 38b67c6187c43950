"""Drop-out that is not at random, and deaths: what each estimand gives where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from analyses.quality_of_life import mixed_model
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.model_curve import fit_model
from analyses.quality_of_life.not_at_random import missing_shares, not_at_random
from analyses.quality_of_life.shared_effects import shared_effects
from analyses.quality_of_life.visits import Visit
from analyses.quality_of_life.while_alive import while_alive_curve
from analyses.quality_of_life.with_deaths import composite_curve, survivors_curve

DAYS = (0, 30, 91, 182, 365)
VISITS = tuple(
    Visit(f"v{n}", day, day if n == 0 else DAYS[n - 1] + 1, day) for n, day in enumerate(DAYS)
)
AT = {visit.name: float(visit.nominal_day) for visit in VISITS}


def leaving(rng: np.random.Generator, people: int) -> tuple[np.ndarray, ...]:
    """Scores of people who leave by how they are, not by what they said; the last mean is 0.1."""
    time = np.array(DAYS) / DAYS[-1]
    own = rng.multivariate_normal([0, 0], [[0.5, 0.05], [0.05, 0.4]], people)
    level = own[:, :1] + own[:, 1:] * time
    score = level + 0.1 * time + 0.6 * rng.normal(size=level.shape)
    gone, at_risk, drops = (np.zeros(score.shape, dtype=bool) for _ in range(3))
    for visit in range(1, len(DAYS)):
        at_risk[:, visit] = ~gone[:, visit - 1]
        drops[:, visit] = at_risk[:, visit] & (
            rng.random(people) < expit(-1.5 - 1.5 * level[:, visit])
        )
        gone[:, visit] = gone[:, visit - 1] | drops[:, visit]
    return np.where(gone, np.nan, score), at_risk, drops


def test_a_joint_model_recovers_the_mean_where_drop_out_is_by_the_unseen_level() -> None:
    rng = np.random.default_rng(20260707)
    joint, inside, at_random, association = [], [], [], []
    for _ in range(10):
        scores, at_risk, drops = leaving(rng, 250)
        found = shared_effects(scores, at_risk, drops, np.zeros(250, dtype=int), DAYS)
        joint.append(found.mean[0, -1])
        inside.append(abs(found.mean[0, -1] - 0.1) < 1.96 * found.std_error[0, -1])
        association.append(found.association)
        person, visit = np.nonzero(~np.isnan(scores))
        frame = pd.DataFrame({"unit": person, "visit": visit, "value": scores[person, visit]})
        at_random.append(mixed_model(frame).means["mean"].iloc[-1])
    # One sample's mean has an error of 0.12, the mean of 10 one of 0.04.
    assert np.mean(joint) == pytest.approx(0.1, abs=0.1)
    assert np.mean(at_random) > 0.3
    assert np.mean(inside) >= 0.8
    assert np.mean(association) < -1


def test_the_shifted_mean_is_that_of_imputing_with_the_shift() -> None:
    """Truth: missing scores are one point worse than others with the same past."""
    rng = np.random.default_rng(20260708)
    error = []
    for _ in range(30):
        first = rng.normal(size=400)
        second = 0.6 * first + 0.8 * rng.normal(size=400)
        missing = rng.random(400) < expit(-0.5 - first)
        truth = np.where(missing, second - 1.0, second)
        scores = np.column_stack([first, np.where(missing, np.nan, second)])
        whole = np.ones(scores.shape, dtype=bool)
        stratum = np.full(400, "overall", dtype=object)
        one = Answered("s", "s", ("v0", "v1"), stratum, scores, whole, ~whole)
        model, _ = fit_model(one)
        alive = FollowUp(np.full(400, 999.0), np.zeros(400, dtype=bool), stratum)
        shares = missing_shares(one, alive, VISITS[:2])
        table = not_at_random(one, model, shares, [-1.0], None, 10)
        row = table[(table["quantity"] == "mean") & (table["visit"] == "v1")].iloc[0]
        assert (row["n"], row["n_missing"]) == (400 - missing.sum(), missing.sum())
        error.append(row["value"] - truth.mean())
    assert np.mean(error) == pytest.approx(0, abs=0.02)


def dying(rng: np.random.Generator, people: int) -> tuple[Answered, FollowUp, np.ndarray, ...]:
    """The unwell die sooner; who lives long rose all the while. A fifth of the scores are lost."""
    frailty = rng.normal(size=people)
    life = np.ceil(rng.exponential(500 * np.exp(-0.8 * frailty)))
    left = np.ceil(rng.uniform(300, 900, people))
    full = 50 - 10 * frailty[:, None] + 4 * rng.normal(size=(people, len(DAYS)))
    time = np.minimum(life, left)
    expected = np.array(DAYS) < time[:, None]
    given = expected & (rng.random(expected.shape) < 0.8)
    stratum = np.full(people, "overall", dtype=object)
    lost = ~expected & ~(life <= left)[:, None]
    names = tuple(visit.name for visit in VISITS)
    one = Answered("s", "s", names, stratum, np.where(given, full, np.nan), expected, lost)
    return one, FollowUp(time, life <= left, stratum), life, full


def test_composite_and_survivors_are_the_means_they_say() -> None:
    rng = np.random.default_rng(20260709)
    _, _, life, full = dying(rng, 200_000)
    alive = np.array(DAYS) < life[:, None]
    composite = np.where(alive, full, 0.0).mean(axis=0)
    survivors = full[life > DAYS[-1]].mean(axis=0)
    errors, holds = [], []
    for _ in range(40):
        one, followed, _, _ = dying(rng, 400)
        living, _ = while_alive_curve(one)
        found = {
            "composite": (composite_curve(living, followed, AT, 0.0), composite),
            "survivors": (survivors_curve(one, followed, AT), survivors),
        }
        errors.append([table["mean"].to_numpy() - truth for table, truth in found.values()])
        holds.append(
            [(table["ci_lower"] < truth) & (table["ci_upper"] > truth)
             for table, truth in found.values()]
        )  # fmt: skip
    # A sample's standard errors are up to 1.3 and 0.9 points.
    assert np.abs(np.mean(errors, axis=0)).max() < 0.6
    assert np.mean(holds, axis=0).min() > 0.85
    # The mean of those alive rises because the unwell die; that of the survivors does not.
    assert (living["mean"].iloc[-1] - living["mean"].iloc[0]) > 2
    assert abs(survivors[-1] - survivors[0]) < 0.1
