"""The mixed model at its edges: what is refused, what is left out, how long it takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import NotConvergedError, mixed_model
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.model_curve import enough_visits, fit_model, model_curve


def frame_of(scores: np.ndarray, groups: list[str] | None = None) -> pd.DataFrame:
    person, visit = np.nonzero(~np.isnan(scores))
    frame = pd.DataFrame({"unit": person, "visit": visit, "value": scores[person, visit]})
    return frame if groups is None else frame.assign(group=np.array(groups)[person])


def simulated(people: int, visits: int, missing: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(5)
    scores = 60 + 8 * rng.normal(size=(people, 1)) + 6 * rng.normal(size=(people, visits))
    return np.where(rng.random(scores.shape) < missing, np.nan, scores)


def answered(scores: np.ndarray, stratum: list[str] | None = None) -> Answered:
    visits = tuple(f"v{j}" for j in range(scores.shape[1]))
    strata = np.array(stratum or ["overall"] * len(scores), dtype=object)
    nobody = np.zeros(scores.shape, dtype=bool)
    return Answered("PF", "PF", visits, strata, scores, ~nobody, nobody)


def test_two_thousand_people_at_eight_visits_are_fitted() -> None:
    fit = mixed_model(frame_of(simulated(2000, 8)))
    assert (fit.n_people, len(fit.means)) == (2000, 8)


def test_scale_and_shift_of_the_scores_change_the_means_alike() -> None:
    scores = simulated(60, 3)
    one = mixed_model(frame_of(scores))
    other = mixed_model(frame_of(scores / 100 - 2))
    columns = ["mean", "ci_lower", "ci_upper"]
    assert other.means[columns].to_numpy() == pytest.approx(
        one.means[columns].to_numpy() / 100 - 2, rel=1e-8
    )
    assert other.covariance.to_numpy() == pytest.approx(one.covariance.to_numpy() / 1e4, rel=1e-6)
    n_free = one.n_scores - 3
    assert other.log_likelihood == pytest.approx(one.log_likelihood + n_free * np.log(100))


def test_differences_between_groups_are_those_of_the_means() -> None:
    groups = ["a", "b", "c"] * 20
    fit = mixed_model(frame_of(simulated(60, 3), groups), by="group")
    means = fit.means.pivot(index="visit", columns="group", values="mean")
    found = fit.differences("b")
    assert found[["group", "visit"]].to_numpy().tolist() == [
        [group, visit] for group in ("a", "c") for visit in (0, 1, 2)
    ]
    by_hand = pd.concat([means["a"] - means["b"], means["c"] - means["b"]])
    assert found["difference"].to_numpy() == pytest.approx(by_hand.to_numpy())
    excludes_zero = (found["ci_lower"] > 0) | (found["ci_upper"] < 0)
    assert ((found["p_value"] < 0.05) == excludes_zero).all()
    with pytest.raises(AnalysisError, match="no group 'd'"):
        fit.differences("d")


def test_a_group_nobody_of_which_answered_a_visit_has_no_mean_there() -> None:
    scores = simulated(40, 3, missing=0)
    scores[::2, 2] = np.nan
    means = mixed_model(frame_of(scores, ["a", "b"] * 20), by="group").means
    assert means[["group", "visit"]].to_numpy().tolist() == [
        ["a", 0], ["a", 1], ["b", 0], ["b", 1], ["b", 2],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="visit"), "lacks the column visit"),
        (lambda f: pd.concat([f, f[:2]]), "2 rows repeat a unit and visit"),
        (lambda f: f.assign(value=np.nan), "value is empty in every row"),
        (lambda f: f.assign(group=[None, *f["group"][1:]]), "group is empty in 1 row"),
        (lambda f: f.assign(group=["b", *f["group"][1:]]), "group is not the same in all rows"),
    ],
)
def test_a_frame_that_is_no_repeated_measure_is_refused(change, message) -> None:
    frame = frame_of(simulated(30, 3, missing=0), ["a"] * 30)
    with pytest.raises(AnalysisError, match=message):
        mixed_model(change(frame), by="group")


def test_two_visits_hardly_anybody_answered_both_are_refused_with_their_number() -> None:
    scores = simulated(30, 3, missing=0)
    scores[:14, 1], scores[16:, 2] = np.nan, np.nan
    with pytest.raises(AnalysisError, match="only 2 people answered both 1 and 2"):
        mixed_model(frame_of(scores))


def modelled(one: Answered) -> tuple[pd.DataFrame, str | None]:
    model, why_not = fit_model(one)
    return model_curve(one, model), why_not


def test_a_covariance_that_cannot_be_told_is_an_error_and_no_estimate() -> None:
    scores = simulated(30, 3, missing=0)
    scores[:, 2] = 2 * scores[:, 1] - scores[:, 0]
    with pytest.raises(NotConvergedError, match=r"did not converge.*30 people, 3 visits"):
        mixed_model(frame_of(scores))
    with pytest.raises(NotConvergedError, match="every score is the same"):
        mixed_model(frame_of(np.full((30, 3), 50.0)))
    rows, problem = modelled(answered(scores))
    assert (len(rows), problem) == (0, "not_converged")


def test_visits_without_enough_people_are_left_out_of_a_curve() -> None:
    scores = simulated(40, 4, missing=0)
    scores[9:, 1] = np.nan
    rows, problem = modelled(answered(scores))
    assert problem is None
    assert rows["visit"].tolist() == ["v0", "v2", "v3"]
    rows, problem = modelled(answered(scores[:9]))
    assert (len(rows), problem) == (0, "too_few_people")


def test_of_two_visits_few_answered_both_the_one_with_fewer_scores_goes() -> None:
    given = np.ones((40, 3), dtype=bool)
    given[:24, 2], given[28:, 1] = False, False
    assert enough_visits(given).tolist() == [True, True, False]
    # As many scores at both: the later one goes.
    given[:, 1], given[:, 2] = np.arange(40) < 22, np.arange(40) >= 18
    assert enough_visits(given).tolist() == [True, True, False]
    assert enough_visits(np.ones((40, 3), dtype=bool)).all()


def test_a_stratum_of_one_person_has_no_mean() -> None:
    rows, problem = modelled(answered(simulated(30, 2, missing=0), ["x"] * 29 + ["y"]))
    assert problem is None
    assert set(rows["stratum"]) == {"x"}
