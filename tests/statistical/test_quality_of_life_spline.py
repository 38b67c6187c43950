"""The spline model against R's nlme, lmerTest and pbkrtest (golden_quality_of_life/*.R)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import NotConvergedError, mixed_model
from analyses.quality_of_life.spline import spline_model

GOLDEN = Path(__file__).parent / "golden_quality_of_life"
KNOTS, AT = (0, 90, 200, 380), (0, 60, 180, 300)


def scores(case: str) -> pd.DataFrame:
    """The scores of mixed_model.R, every form on a day of its own as spline_model.R has them."""
    found = pd.read_csv(GOLDEN / "scores.csv")
    found = found[found["case"] == case]
    later = 90 * (found["visit"] - 1) + (found["unit"] * 7 + found["visit"] * 13) % 41 - 20
    return found.assign(time=later.where(found["visit"] > 1, 0))


@pytest.mark.parametrize(
    ("case", "random"), [("large", "slope"), ("large", "intercept"), ("small", "intercept")]
)
def test_means_errors_and_degrees_of_freedom_are_those_of_lme_and_lmer_test(case, random) -> None:
    golden = pd.read_csv(GOLDEN / "spline_model.csv")
    golden = golden[(golden["case"] == case) & (golden["random"] == random)]
    fitted = spline_model(scores(case), at=AT, knots=KNOTS, by="group", random=random)
    assert fitted.means["group"].tolist() == golden["group"].tolist()
    for column, tolerance in (("mean", 1e-6), ("std_error", 1e-5), ("degrees_of_freedom", 1e-4)):
        assert fitted.means[column].to_numpy() == pytest.approx(
            golden[column].to_numpy(), rel=tolerance
        )
    assert fitted.sigma == pytest.approx(golden["sigma"].iloc[0], rel=1e-5)


def test_degrees_of_freedom_of_an_unstructured_covariance_where_a_random_effect_gives_them() -> (
    None
):
    """Groups' means over the visits, every visit answered: lmerTest and pbkrtest say n - 2."""
    golden = pd.read_csv(GOLDEN / "compound_symmetry.csv").set_index("method")
    for std_error, method in (("expected", "satterthwaite"), ("kenward_roger", "kenward_roger")):
        model = mixed_model(scores("complete"), by="group", std_error=std_error)
        n_visits = scores("complete")["visit"].nunique()
        contrast = np.tile([-1.0, 1.0], n_visits)[None, :] / n_visits
        found = model._combined(contrast, "difference").iloc[0]
        for column in ("difference", "std_error", "degrees_of_freedom"):
            assert found[column] == pytest.approx(golden.loc[method, column], rel=1e-6)


def test_a_person_in_two_groups_and_days_too_few_are_refused() -> None:
    given = scores("small")
    with pytest.raises(AnalysisError, match="group is not the same in all rows of a person"):
        spline_model(given.assign(group=given["visit"].astype(str)), at=AT, knots=KNOTS, by="group")
    with pytest.raises(AnalysisError, match="time has too few different days"):
        spline_model(given.assign(time=0), at=AT, knots=KNOTS)
    with pytest.raises(NotConvergedError, match="all scores are the same"):
        spline_model(given.assign(value=3.0), at=AT, knots=KNOTS)
    with pytest.raises(AnalysisError, match="knots of a spline ascend"):
        spline_model(given, at=AT, knots=(0, 90, 90))
    with pytest.raises(AnalysisError, match="time is empty in 1 row"):
        spline_model(
            given.assign(time=given["time"].astype(float).where(given.index != given.index[0])),
            at=AT,
            knots=KNOTS,
        )


def test_its_limits_hold_the_truth_at_unequal_days() -> None:
    """Coverage of a curve between the visits, in 150 samples of 60 people."""
    rng = np.random.default_rng(20260706)
    days = np.array([0, 30, 91, 182, 365])
    holds = []
    for _ in range(150):
        time = np.maximum(0, days + rng.integers(-10, 11, (60, 5)) * (days > 0)).astype(float)
        own = rng.normal(size=(60, 1)) + rng.normal(size=(60, 1)) * time / 365
        truth = np.sqrt(time / 365 + 0.1)
        given = rng.random(time.shape) < 0.8
        person, place = np.nonzero(given)
        value = (truth + own + 0.5 * rng.normal(size=time.shape))[person, place]
        frame = pd.DataFrame({"unit": person, "time": time[person, place], "value": value})
        means = spline_model(frame, at=[0, 135, 365], knots=[0, 60, 150, 376]).means
        at = np.sqrt(means["time"] / 365 + 0.1)
        holds.append((means["ci_lower"] < at) & (means["ci_upper"] > at))
    # 150 samples tell a share of 0.95 to 0.035.
    assert (np.mean(holds, axis=0) > 0.9).all()
