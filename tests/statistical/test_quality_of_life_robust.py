"""The sandwich of the mixed model: what it is of complete scores, and what each person adds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life import mixed_model
from analyses.quality_of_life.repeated_measures.patterns import Patterns, reduce_to_patterns
from analyses.quality_of_life.repeated_measures.reml import maximise
from analyses.quality_of_life.repeated_measures.robust import People, influences

VISITS = 3


def frame_of(scores: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    person, visit = np.nonzero(~np.isnan(scores))
    return pd.DataFrame(
        {"unit": person, "visit": visit, "value": scores[person, visit], "group": group[person]}
    )


def skewed(rng: np.random.Generator, people: int) -> np.ndarray:
    frailty = rng.gamma(1.0, size=(people, 1))
    return 1 - 0.3 * frailty * (1 + 0.4 * rng.standard_normal((people, VISITS)))


def test_of_complete_scores_it_is_the_error_of_a_sample_of_each_group() -> None:
    """The model's other errors pool the variance of the groups; this one does not."""
    rng = np.random.default_rng(11)
    group = np.repeat(["few", "many"], [9, 40])
    scores = skewed(rng, 49)
    scores[group == "few"] *= 3
    model = mixed_model(frame_of(scores, group), by="group")
    for name, size in (("few", 9), ("many", 40)):
        means = model.means[model.means["group"] == name]
        error = scores[group == name].std(axis=0, ddof=1) / np.sqrt(size)
        assert means["std_error"].to_numpy() == pytest.approx(error, rel=1e-8)
        assert means["degrees_of_freedom"].to_numpy() == pytest.approx(size - 1, rel=1e-8)
    both = model.differences("few")
    apart = [
        scores[group == name].var(axis=0, ddof=1) / n for name, n in (("few", 9), ("many", 40))
    ]
    assert both["std_error"].to_numpy() == pytest.approx(np.sqrt(sum(apart)), rel=1e-8)


def test_an_influence_is_what_a_little_more_of_a_person_does() -> None:
    """Against the fit itself, with the person counted one thousandth more."""
    rng = np.random.default_rng(12)
    people = 150
    scores = skewed(rng, people)
    gone = rng.random((people, VISITS)) < 0.35 * (scores < 0.8)
    scores[:, 1:][np.maximum.accumulate(gone, axis=1)[:, :-1]] = np.nan
    covariates = np.ones((people, 1))
    estimable = np.ones(VISITS, dtype=bool)
    fit = maximise(reduce_to_patterns(covariates, scores), estimable)
    found = influences(fit.likelihood, People(covariates, scores))
    assert found.sum(axis=0) == pytest.approx(0, abs=1e-9)
    step, moved = 1e-3, []
    for person in range(0, people, 10):
        more = maximise(counted_more(covariates, scores, person, step), estimable)
        moved.append((more.likelihood.coefficients - fit.likelihood.coefficients) / step)
    size = np.abs(found).max(axis=0)
    # The restricted likelihood's own term, which is nobody's, moves them by a hundredth as well.
    assert np.abs(np.array(moved) - found[::10]).max(axis=0) == pytest.approx(
        0, abs=size.max() / 30
    )
    assert np.abs(moved).max() > size.max() / 4


def counted_more(covariates: np.ndarray, scores: np.ndarray, person: int, by: float) -> Patterns:
    """The patterns of everybody, one person counted 1 + by."""
    one = reduce_to_patterns(covariates[[person]], scores[[person]])
    all_of_them = reduce_to_patterns(covariates, scores)
    at = np.flatnonzero((all_of_them.mask == one.mask).all(axis=1))[0]
    sums = {}
    for name in ("n", "zz", "zy", "yy"):
        of_all = getattr(all_of_them, name).copy()
        of_all[at] += by * getattr(one, name)[0]
        sums[name] = of_all
    return Patterns(mask=all_of_them.mask, **sums)
