"""Parametric models reach the released tables, say what is wrong with them, and stop nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyses.evaluation import evaluate
from analyses.extrapolation import fit_parametric
from analyses.studies import Study
from tests.lib.marts import Marts
from tests.lib.reference_rates import life_table
from tests.lib.studies import evaluated, found, two_arms

ASKED = {
    "horizon_years": 10,
    "families": ("exponential", "weibull", "mixture_cure_weibull"),
    "adjusted": True,
}
YEAR = 365.25


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    study = {
        "stratify_by": "product",
        "adjust_for": ("age", "sex"),
        "endpoints": ("overall_survival", "relapse"),
        "extrapolation": ASKED,
    }
    return evaluated(two_arms(), **study).tables


def test_every_family_is_fitted_to_every_group_and_once_to_all(
    tables: dict[str, pd.DataFrame],
) -> None:
    models = tables["parametric_model"]
    assert set(models["endpoint"]) == {"overall_survival"}
    assert set(models["family"]) == set(ASKED["families"])
    each = models[models["model"] == "per_stratum"]
    assert set(each["stratum"]) == {"a", "b"}
    together = models[models["model"] == "adjusted"]
    weibull = together[together["family"] == "weibull"]
    assert list(weibull["parameter"]) == ["shape", "scale", "product=b", "age", "sex=F"]
    assert weibull["n"].eq(120).all()


def test_the_numbers_are_those_of_the_python_interface(tables: dict[str, pd.DataFrame]) -> None:
    marts = two_arms()
    people = pd.DataFrame(marts.rows["treatment"])[["treatment_id", "product"]]
    rows = pd.DataFrame(marts.rows["time_to_event"]).merge(people, on="treatment_id")
    rows = rows[(rows["endpoint"] == "overall_survival") & (rows["product"] == "a")]
    fit = fit_parametric(rows.assign(time=rows["time_days"].clip(lower=0.5)), "weibull")
    models = tables["parametric_model"]
    mine = models[(models["family"] == "weibull") & (models["stratum"] == "a")]
    np.testing.assert_allclose(mine["estimate"], fit.estimates()["estimate"], rtol=1e-6)
    np.testing.assert_allclose(mine["aic"], fit.aic, rtol=1e-9)


def test_curves_go_on_beyond_the_data_and_say_so(tables: dict[str, pd.DataFrame]) -> None:
    curves = tables["parametric_curve"]
    one = curves[(curves["family"] == "exponential") & (curves["stratum"] == "a")]
    assert one["time_days"].max() == pytest.approx(10 * YEAR)
    last = one.loc[~one["extrapolated"].astype(bool), "time_days"].max()
    assert 300 < last < 800
    models = tables["parametric_model"]
    rate = models.query("family == 'exponential' and stratum == 'a'")["estimate"].iloc[0]
    np.testing.assert_allclose(one["survival"], np.exp(-rate * one["time_days"]), rtol=1e-9)
    np.testing.assert_allclose(one["hazard_per_year"], rate * YEAR, rtol=1e-9)
    assert (one["ci_lower"] <= one["survival"]).all()
    mean = tables["extrapolated_mean"].query("family == 'exponential' and stratum == 'a'").iloc[0]
    exact = (1 - np.exp(-rate * 10 * YEAR)) / rate / YEAR
    assert mean["mean_years"] == pytest.approx(exact, rel=1e-9)
    assert 0 < mean["share_beyond_data"] < 1
    assert mean["ci_lower"] < mean["mean_years"] < mean["ci_upper"]


def test_a_cure_fraction_that_cannot_be_told_is_said_and_gives_no_curve(
    tables: dict[str, pd.DataFrame],
) -> None:
    told = found(tables, "cure_fraction_identifiable")
    untold = told[told["diagnostic"].str.contains("stratum a")].iloc[0]
    assert untold["status"] == "fail"
    models, curves = tables["parametric_model"], tables["parametric_curve"]
    cure = models.query("family == 'mixture_cure_weibull' and stratum == 'a'")
    assert cure["estimate"].isna().all()
    assert not cure["converged"].any()
    assert curves.query("family == 'mixture_cure_weibull' and stratum == 'a'").empty
    assert len(found(tables, "model_not_converged")) >= 1
    assert len(found(tables, "cure_fraction_follow_up")) == 2
    assert len(found(tables, "cure_fraction_plateau")) == 2


def test_with_a_life_table_the_models_are_of_the_excess(tmp_path: Path) -> None:
    path = life_table(tmp_path / "life.csv")
    study = {
        "endpoints": ("overall_survival",),
        "extrapolation": {
            "horizon_years": 30, "families": ("exponential",), "life_table": str(path),
        },
    }  # fmt: skip
    relative = evaluated(two_arms(), **study).tables
    study["extrapolation"] = {"horizon_years": 30, "families": ("exponential",)}
    plain = evaluated(two_arms(), **study).tables
    assert set(relative["parametric_model"]["background"]) == {"life_table"}
    excess = relative["parametric_model"]["estimate"].iloc[0]
    whole = plain["parametric_model"]["estimate"].iloc[0]
    assert 0 < excess < whole
    # All-cause survival falls below that of the excess alone, and its hazard rises with age.
    curve = relative["parametric_curve"]
    late = curve[curve["time_days"] > 20 * YEAR]
    assert (late["survival"] < np.exp(-excess * late["time_days"])).all()
    hazard = curve["hazard_per_year"].to_numpy()
    assert hazard[-1] > hazard[5] > excess * YEAR


def test_an_event_on_day_0_is_moved_and_said() -> None:
    marts = Marts().source()
    for number in range(30):
        marts.person(f"p{number}", outcomes={"overall_survival": (number * 9, "death")})
    asked = {"horizon_years": 5, "families": ("exponential",)}
    tables = evaluated(marts, endpoints=("overall_survival",), extrapolation=asked).tables
    assert found(tables, "events_on_day_0")["value"].tolist() == [1.0]
    days = sum(number * 9 for number in range(30)) + 0.5
    assert tables["parametric_model"]["estimate"].iloc[0] == pytest.approx(30 / days)


def test_a_life_table_that_cannot_be_read_stops_only_the_models(tmp_path: Path) -> None:
    path = tmp_path / "life.csv"
    path.write_text("sex,age,year,rate\nF,50,2024,0.01\n")
    asked = {"horizon_years": 5, "life_table": str(path)}
    tables = evaluated(two_arms(), endpoints=("overall_survival",), extrapolation=asked).tables
    failed = found(tables, "analysis_failed")
    assert failed["diagnostic"].str.contains("life.csv: 1 of 2 combinations").all()
    assert tables["parametric_model"].empty
    assert len(tables["survival_curve"])


def test_few_events_are_not_modelled() -> None:
    marts = Marts().source()
    for number in range(20):
        died = "death" if number < 4 else None
        marts.person(f"p{number}", outcomes={"overall_survival": (100 + number, died)})
    asked = {"horizon_years": 5}
    with marts.connect() as con:
        study = Study(id="s", title="A study", extrapolation=asked)
        tables = evaluate(study, con).tables
    few = found(tables, "too_few_events")
    assert few["diagnostic"].str.contains("extrapolation, stratum overall").any()
    assert tables["parametric_model"].empty
