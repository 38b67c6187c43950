"""Comparisons of a study's strata: which tests, contrasts and models, and that they are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses import survival
from analyses.disclosure import SuppressionPolicy, suppress_results
from tests.lib.marts import Marts
from tests.lib.studies import evaluated, found, two_arms


def test_strata_are_compared_under_competing_events_by_gray(comparison: Any) -> None:
    tables, _, _ = comparison
    tests = tables["comparison_test"].query("test == 'gray'")
    pairs = list(zip(tests["endpoint"], tests["cause"], strict=True))
    assert pairs == [
        ("relapse", "relapse"),
        ("relapse", "death"),
        ("death_by_cause", "disease"),
        ("death_by_cause", "toxicity"),
    ]
    assert tests["degrees_of_freedom"].tolist() == [1] * 4
    assert tests["p_value"].between(0, 1).all()
    assert tests["horizon_days"].isna().all()


def test_gray_and_fine_gray_are_those_of_the_estimators(comparison: Any) -> None:
    tables, rows, _ = comparison
    with two_arms().connect() as con:
        relapse = con.execute(
            "SELECT patient_id, time_days AS time, CASE cause WHEN 'relapse' THEN 1 "
            "WHEN 'death' THEN 2 ELSE 0 END AS cause FROM marts.time_to_event "
            "WHERE endpoint = 'relapse'"
        ).df()
    frame = relapse.merge(rows.drop(columns=["time", "event"]), on="patient_id")
    tests = tables["comparison_test"].query("test == 'gray' and endpoint == 'relapse'")
    for of, statistic in enumerate(tests["statistic"], start=1):
        gray = survival.gray_test(frame, of=of, by="stratum")
        assert gray.statistic == pytest.approx(statistic)
    fit = survival.fine_gray(
        frame.dropna(), covariates=["stratum", "age", "sex", "ecog"], reference={"sex": "M"}
    )
    model = tables["hazard_ratio"].query("endpoint == 'relapse' and model == 'fine_gray_adjusted'")
    assert set(model["cause"]) == {"relapse"}
    for column in ("hazard_ratio", "std_error", "ci_lower", "ci_upper", "p_value"):
        np.testing.assert_allclose(model[column], fit.coefficients[column])
    np.testing.assert_allclose(model["ph_p_value"], fit.proportional_hazards["p_value"][:-1])
    assert model["n_event"].unique().tolist() == [fit.n_event]


def test_two_groups_have_a_fine_gray_model_without_covariates_too() -> None:
    tables = evaluated(two_arms(), stratify_by="product", endpoints=("relapse",)).tables
    rows = pd.DataFrame(two_arms().rows["time_to_event"]).query("endpoint == 'relapse'")
    frame = rows.assign(
        time=rows["time_days"],
        cause=rows["cause"].map({"relapse": 1, "death": 2}).fillna(0).astype(int),
        product=["ab"[int(name[1:]) % 2] for name in rows["patient_id"]],
    )
    fit = survival.fine_gray(frame, covariates="product", reference={"product": "a"})
    model = tables["hazard_ratio"].query("model == 'fine_gray_unadjusted'").iloc[0]
    assert (model["term"], model["reference"], model["cause"]) == ("product=b", "a", "relapse")
    for column in ("hazard_ratio", "std_error", "ci_lower", "ci_upper", "p_value"):
        assert model[column] == pytest.approx(fit.coefficients[column].item())
    assert (model["n"], model["n_event"]) == (fit.n, fit.n_event)
    public = suppress_results(tables, SuppressionPolicy())["hazard_ratio"]
    shown = public.query("model == 'fine_gray_unadjusted'").iloc[0]
    assert shown["n_event"] == fit.n_event // 5 * 5
    few = suppress_results(tables, SuppressionPolicy(threshold=60))["hazard_ratio"]
    assert few.query("model == 'fine_gray_unadjusted'")["hazard_ratio"].isna().all()


def test_contrasts_are_of_the_other_stratum_against_the_reference(comparison: Any) -> None:
    tables, rows, _ = comparison
    tests = tables["comparison_test"].query("endpoint == 'overall_survival'")
    for name, estimate in (
        ("rmst_difference", survival.restricted_mean_difference),
        ("survival_difference", survival.survival_difference),
    ):
        mine = tests[tests["test"] == name]
        expected = estimate(rows, horizon=[182, 365, 730], by="stratum", reference="a")
        assert mine["horizon_days"].tolist() == [182, 365, 730]
        np.testing.assert_allclose(mine["statistic"], expected["difference"])
        np.testing.assert_allclose(mine["p_value"], expected["p_value"])
        assert mine["degrees_of_freedom"].isna().all()


def test_with_three_strata_a_contrast_names_its_level() -> None:
    marts = Marts().source()
    for number in range(90):
        marts.person(
            f"p{number:02d}",
            product="abc"[number % 3],
            outcomes={"overall_survival": (300 + number, "death" if number % 2 else None)},
        )
    study = {"stratify_by": "product", "reference": "b", "horizons_days": (350,)}
    tests = evaluated(marts, **study).tables["comparison_test"]
    assert tests["test"].tolist() == [
        "log_rank",
        *("rmst_difference: a", "rmst_difference: c"),
        *("survival_difference: a", "survival_difference: c"),
    ]
    assert tests["degrees_of_freedom"].tolist()[0] == 2


def test_gray_is_not_given_under_delayed_entry_and_that_is_said() -> None:
    marts = Marts().source()
    for number in range(60):
        cause = "relapse" if number % 3 == 0 else "death" if number % 3 == 1 else None
        marts.person(
            f"p{number:02d}",
            product="ab"[number % 2],
            entry_days=5 if number % 4 == 0 else 0,
            outcomes={"overall_survival": (99, None), "relapse": (number + 10, cause)},
        )
    tables = evaluated(marts, endpoints=("relapse",), stratify_by="product").tables
    assert tables["comparison_test"].empty
    assert found(tables, "gray_with_delayed_entry")["status"].tolist() == ["warn"]
