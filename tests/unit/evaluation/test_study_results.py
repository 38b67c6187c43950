"""The tables of a study: hand-worked numbers, the estimators' own, and what is said about them."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses import survival
from analyses.disclosure import SuppressionPolicy, suppress_results
from analyses.evaluation import evaluate
from analyses.results import RESULT_TABLES, Evaluation, empty, read, write
from analyses.studies import Study
from tests.lib.marts import Marts, day
from tests.lib.studies import evaluated, found, two_arms


def statistic(tables: dict[str, pd.DataFrame], name: str, horizon: float | None = None) -> float:
    rows = tables["survival_summary"]
    rows = rows[rows["statistic"] == name]
    if horizon is not None:
        rows = rows[rows["horizon_days"] == horizon]
    assert len(rows) == 1
    return float(rows["value"].iloc[0])


def four_people(**more: Any) -> Marts:
    """Deaths on days 10 and 30, censored on 20 and 40: S = 3/4, then 3/4 x 1/2 = 3/8."""
    marts = Marts().source()
    for number, (days, cause) in enumerate([(10, "death"), (20, None), (30, "death"), (40, None)]):
        marts.person(f"p{number}", outcomes={"overall_survival": (days, cause)}, **more)
    return marts


def test_a_curve_worked_by_hand() -> None:
    curve = evaluated(four_people()).tables["survival_curve"]
    assert curve["time_days"].tolist() == [10, 20, 30, 40]
    assert curve["n_at_risk"].tolist() == [4, 3, 2, 1]
    assert curve["n_event"].tolist() == [1, 0, 1, 0]
    assert curve["n_censored"].tolist() == [0, 1, 0, 1]
    assert curve["survival"].tolist() == [0.75, 0.75, 0.375, 0.375]
    # Greenwood by hand: 0.75 sqrt(1/(4 x 3)); 0.375 sqrt(1/(4 x 3) + 1/(2 x 1)).
    assert curve["std_error"].iloc[0] == pytest.approx(0.75 * math.sqrt(1 / 12))
    assert curve["std_error"].iloc[2] == pytest.approx(0.375 * math.sqrt(1 / 12 + 1 / 2))
    assert set(curve["stratum"]) == {"overall"}
    assert set(curve["adjustment"]) == {"none"}


def test_a_summary_worked_by_hand() -> None:
    tables = evaluated(four_people(), horizons_days=(35, 50)).tables
    assert statistic(tables, "median") == 30
    assert statistic(tables, "survival_at", 35) == 0.375
    # Area: 10 days at 1, 20 at 3/4, 5 at 3/8.
    assert statistic(tables, "rmst", 35) == pytest.approx(10 + 15 + 1.875)
    # Reverse: people leave follow-up on day 20 (of 3) and 40 (of 1): 2/3, then 0.
    assert statistic(tables, "follow_up_median") == 40
    assert tables["survival_summary"]["n"].unique().tolist() == [4]
    assert tables["survival_summary"]["n_event"].unique().tolist() == [2]


def test_beyond_the_data_a_value_is_null_and_said_so() -> None:
    tables = evaluated(four_people(), horizons_days=(35, 50)).tables
    assert math.isnan(statistic(tables, "survival_at", 50))
    assert math.isnan(statistic(tables, "rmst", 50))
    beyond = found(tables, "horizon_beyond_data")
    assert beyond["diagnostic"].tolist() == ["horizon_beyond_data: day 50, stratum overall"]
    assert beyond["status"].tolist() == ["warn"]
    assert beyond["value"].tolist() == [40]


def test_beyond_the_data_with_nobody_left_survival_is_known() -> None:
    marts = Marts().source()
    for number, days in enumerate((10, 30)):
        marts.person(f"p{number}", outcomes={"overall_survival": (days, "death")})
    tables = evaluated(marts, horizons_days=(50,)).tables
    assert statistic(tables, "survival_at", 50) == 0
    assert statistic(tables, "rmst", 50) == 20
    assert found(tables, "horizon_beyond_data").empty


def test_an_earlier_cut_off_censors_there() -> None:
    curve = evaluated(four_people(), data_cutoff=day(25)).tables["survival_curve"]
    assert curve[["time_days", "n_event", "n_censored"]].to_numpy().tolist() == [
        [10, 1, 0],
        [20, 0, 1],
        [25, 0, 2],
    ]


def test_curves_tests_and_models_are_those_of_the_estimators(comparison: Any) -> None:
    tables, rows, _ = comparison
    curve = tables["survival_curve"].query("endpoint == 'overall_survival'")
    expected = survival.kaplan_meier(rows, by="stratum")
    columns = ["n_at_risk", "n_event", "survival", "std_error", "ci_lower", "ci_upper"]
    np.testing.assert_allclose(
        curve[columns].astype(float), expected[columns].astype(float), rtol=0, atol=1e-12
    )
    test = survival.log_rank(rows, by="stratum")
    row = tables["comparison_test"].query("endpoint == 'overall_survival'").iloc[0]
    assert (row["statistic"], row["p_value"]) == pytest.approx((test.statistic, test.p_value))
    assert (row["test"], row["stratify_by"]) == ("log_rank", "product")
    complete = rows.dropna()
    fit = survival.cox(
        complete, covariates=["stratum", "age", "sex", "ecog"], reference={"sex": "M"}
    )
    model = tables["hazard_ratio"].query(
        "endpoint == 'overall_survival' and model == 'cox_adjusted'"
    )
    np.testing.assert_allclose(model["hazard_ratio"], fit.coefficients["hazard_ratio"])
    np.testing.assert_allclose(model["std_error"], fit.coefficients["std_error"])
    assert model["n"].unique().tolist() == [len(complete)]
    assert model["n_event"].unique().tolist() == [complete["event"].sum()]


def test_terms_name_their_variable_level_and_reference(comparison: Any) -> None:
    tables, rows, _ = comparison
    model = tables["hazard_ratio"].query(
        "endpoint == 'overall_survival' and model == 'cox_adjusted'"
    )
    frequent = rows["sex"].value_counts().idxmax()
    other = {"F": "M", "M": "F"}[frequent]
    assert list(zip(model["term"], model["reference"], strict=True)) == [
        ("product=b", "a"),
        ("age", None),
        (f"sex={other}", frequent),
        ("covariate:ecog", None),
    ]
    assert model["ph_p_value"].between(0, 1).all()


def test_under_competing_events_every_cause_has_a_curve_and_a_model(comparison: Any) -> None:
    tables, _, _ = comparison
    incidence = tables["cumulative_incidence"]
    causes = incidence.groupby("endpoint")["cause"].unique().map(sorted).to_dict()
    assert causes == {
        "relapse": ["death", "relapse"],
        "death_by_cause": ["disease", "toxicity"],
        "crs_grade_3": ["crs_grade_3", "death"],  # nobody had one, and that is a curve too
    }
    assert not incidence.query("cause == 'crs_grade_3'")["incidence"].any()
    last = incidence.groupby(["endpoint", "stratum", "cause"])["incidence"].last()
    assert (last.groupby(["endpoint", "stratum"]).sum() <= 1).all()
    models = tables["hazard_ratio"].query("endpoint == 'relapse'")
    cause_specific = {"cox_cause_specific_unadjusted", "cox_cause_specific_adjusted"}
    assert set(models["model"]) == {*cause_specific, "fine_gray_unadjusted", "fine_gray_adjusted"}
    assert set(models["cause"]) == {"relapse", "death"}
    assert "relapse" not in set(tables["survival_curve"]["endpoint"])


def test_an_endpoint_nobody_had_is_said_and_not_modelled(comparison: Any) -> None:
    tables, _, _ = comparison
    assert found(tables, "no_events")["endpoint"].tolist() == ["crs_grade_3"]
    assert "crs_grade_3" not in set(tables["hazard_ratio"]["endpoint"])


def test_patients_left_out_of_a_model_are_counted(comparison: Any) -> None:
    tables, rows, _ = comparison
    left_out = found(tables, "incomplete_covariates").query("endpoint == 'overall_survival'")
    by_model = dict(zip(left_out["diagnostic"].str[-14:], left_out["value"], strict=True))
    assert by_model == {"cox_unadjusted": 0, "f cox_adjusted": rows["ecog"].isna().sum()}


def test_a_well_behaved_study_has_no_failed_analysis(comparison: Any) -> None:
    assert found(comparison[0], "analysis_failed").empty


def test_a_model_of_next_to_no_events_is_not_fitted_and_said() -> None:
    marts = Marts().source()
    for number in range(40):
        died = "death" if number < 4 else None
        marts.person(
            f"p{number}", product="ab"[number % 2], outcomes={"overall_survival": (50, died)}
        )
    tables = evaluated(marts, stratify_by="product").tables
    assert tables["hazard_ratio"].empty
    few = found(tables, "too_few_events")
    assert few["diagnostic"].tolist() == ["too_few_events: cox_unadjusted not fitted"]
    assert few[["value", "threshold"]].to_numpy().tolist() == [[4, 5]]
    assert few["status"].tolist() == ["warn"]


def test_a_competing_cause_needs_events_for_its_terms_and_the_own_event_is_told() -> None:
    marts = Marts().source()
    for number in range(60):
        cause = "relapse" if number % 5 == 0 else "death" if number % 6 == 1 else None
        marts.person(
            f"p{number:02d}",
            birth_year=1950 + number * 7 % 40,
            sex="FM"[number % 3 == 0],
            outcomes={"overall_survival": (99, None), "relapse": (number + 1, cause)},
        )
    tables = evaluated(marts, endpoints=("relapse",), adjust_for=("age", "sex", "line")).tables
    # 12 relapses and 8 deaths on 2 coefficients: a competing cause needs 10, the own event 5.
    assert tables["hazard_ratio"]["cause"].unique().tolist() == ["relapse"]
    few = found(tables, "too_few_events")
    assert few[["value", "threshold"]].to_numpy().tolist() == [[8, 10]]
    told = found(tables, "events_per_term")
    assert told[["value", "status"]].to_numpy().tolist() == [[6, "warn"]] * 2
    assert set(tables["hazard_ratio"]["model"]) == {
        "cox_cause_specific_adjusted",
        "fine_gray_adjusted",
    }


def test_headlines_are_aggregates_of_the_tables(comparison: Any) -> None:
    tables, rows, headlines = comparison
    assert headlines["patients"] == len(rows)
    assert headlines["overall_survival_events"] == rows["event"].sum()
    medians = survival.median_survival(rows, by="stratum").set_index("stratum")["median"]
    assert headlines["overall_survival_median_days_a"] == medians["a"]
    assert headlines["diagnostics_fail"] == (tables["diagnostic"]["status"] == "fail").sum()


def test_a_failing_analysis_is_a_diagnostic_and_the_others_go_on() -> None:
    marts = two_arms(60)
    for number in range(60):
        # The covariate tells who dies: no finite hazard ratio.
        died = marts.rows["time_to_event"][5 * number]["event"]
        marts.covariate(f"p{number:03d}", "tells", died)
    asked: dict[str, Any] = {"stratify_by": "product", "adjust_for": ("covariate:tells",)}
    tables = evaluated(marts, **asked, few_events="none").tables
    failed = found(tables, "analysis_failed")
    assert failed["endpoint"].tolist() == ["overall_survival"]
    assert failed["status"].tolist() == ["fail"]
    assert "cox_adjusted" in failed["diagnostic"].iloc[0]
    assert "covariate:tells" in failed["diagnostic"].iloc[0]
    assert set(tables["hazard_ratio"]["model"]) == {"cox_unadjusted"}
    assert "log_rank" in set(tables["comparison_test"]["test"])
    # Unless it is told not to, the study gets the penalised model in its place.
    penalised = evaluated(marts, **asked).tables
    assert found(penalised, "analysis_failed").empty
    assert found(penalised, "firth_penalty")["status"].tolist() == ["warn"]
    rows = penalised["hazard_ratio"].query("model == 'cox_adjusted_firth'")
    assert np.isfinite(rows[["hazard_ratio", "std_error"]].to_numpy(dtype=float)).all()
    assert set(penalised["hazard_ratio"]["model"]) == {"cox_unadjusted", "cox_adjusted_firth"}


def test_an_unforeseen_failure_tells_its_kind_and_no_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise KeyError("the value of a patient")

    monkeypatch.setattr(survival, "kaplan_meier_from_counts", fails)
    tables = evaluated(four_people()).tables
    failed = found(tables, "analysis_failed")["diagnostic"].tolist()
    assert failed == [
        f"analysis_failed: {step}: unforeseen KeyError"
        for step in ("kaplan_meier", "survival_quantile")
    ]
    assert len(tables["baseline"]) > 0


@pytest.mark.parametrize("loads", ["load_outcome", "load_deterioration"])
def test_an_endpoint_that_cannot_be_loaded_does_not_end_the_study(
    monkeypatch: pytest.MonkeyPatch, loads: str
) -> None:
    asked = {"load_outcome": "relapse", "load_deterioration": "deterioration:qlq-c30:QL"}
    evaluation = importlib.import_module("analyses.evaluation.evaluate")
    loaded = getattr(evaluation, loads)

    def fails(study: Any, endpoint: Any, *others: Any) -> Any:
        if endpoint.id == asked[loads]:
            raise KeyError("the value of a patient")
        return loaded(study, endpoint, *others)

    monkeypatch.setattr(evaluation, loads, fails)
    endpoints = (asked[loads], "overall_survival")
    tables = evaluated(two_arms(40), stratify_by="product", endpoints=endpoints).tables
    failed = found(tables, "analysis_failed")
    assert failed["diagnostic"].tolist() == ["analysis_failed: outcome: unforeseen KeyError"]
    assert failed["endpoint"].tolist() == [asked[loads]]
    assert set(tables["survival_curve"]["endpoint"]) == {"overall_survival"}
    assert len(tables["hazard_ratio"])


def test_a_covariate_that_does_not_vary_is_left_out_and_said() -> None:
    tables = evaluated(two_arms(), stratify_by="product", adjust_for=("age", "line")).tables
    adjusted = tables["hazard_ratio"].query("model == 'cox_adjusted'")
    assert adjusted["term"].tolist() == ["product=b", "age"]
    constant = found(tables, "constant_covariate")["diagnostic"].tolist()
    assert constant == ["constant_covariate: line left out of cox_adjusted"]


def test_patients_of_an_unknown_stratum_have_a_curve_but_no_comparison() -> None:
    marts = two_arms()
    for number in range(120, 125):
        marts.person(f"p{number}", product=None, outcomes={"overall_survival": (100, "death")})
    tables = evaluated(marts, stratify_by="product", adjust_for=()).tables
    assert tables["survival_curve"]["stratum"].unique().tolist() == ["a", "b", "missing"]
    test = tables["comparison_test"].query("test == 'log_rank'")
    assert test["degrees_of_freedom"].tolist() == [1]
    assert tables["hazard_ratio"]["n"].tolist() == [120]


def test_an_empty_cohort_leaves_every_table_empty_but_two() -> None:
    result = evaluated(
        four_people(),
        population={"products": ["product_z"]},
        quality_of_life={"instruments": ["eq-5d-5l"]},
    )
    for name, table in result.tables.items():
        if name not in ("attrition", "diagnostic"):
            pd.testing.assert_frame_equal(table, empty(name))
    assert result.tables["attrition"]["n_remaining"].tolist()[-1] == 0
    assert result.tables["diagnostic"]["diagnostic"].tolist() == [
        "product_not_found: product_z",
        "empty_cohort",
    ]
    assert result.headlines["patients"] == 0


def test_an_endpoint_without_rows_does_not_stop_the_others() -> None:
    endpoints = ("duration_of_response", "overall_survival", "relapse")
    tables = evaluated(four_people(), endpoints=endpoints).tables
    nobody = found(tables, "nobody_at_risk")["endpoint"].tolist()
    assert nobody == ["duration_of_response", "relapse"]
    assert tables["survival_curve"]["endpoint"].unique().tolist() == ["overall_survival"]


def test_delayed_entry_counts_people_from_their_registration() -> None:
    marts = four_people().person(
        "late", entry_days=15, outcomes={"overall_survival": (35, "death")}
    )
    curve = evaluated(marts).tables["survival_curve"]
    assert curve["time_days"].tolist() == [10, 20, 30, 35, 40]
    assert curve["n_at_risk"].tolist() == [4, 4, 3, 2, 1]


def test_who_was_registered_after_the_event_is_not_at_risk_of_it() -> None:
    marts = Marts().source()
    for name, entry in (("p", 0), ("q", 60)):
        outcomes: dict[str, tuple[int, str | None]] = {
            "overall_survival": (100, None),
            "progression_free_survival": (60, "progression"),
        }
        marts.person(name, entry_days=entry, outcomes=outcomes)
    tables = evaluated(marts, endpoints=("overall_survival", "progression_free_survival")).tables
    sizes = tables["survival_summary"].groupby("endpoint")["n"].first().to_dict()
    assert sizes == {"overall_survival": 2, "progression_free_survival": 1}
    late = found(tables, "registered_after_event")
    assert late[["endpoint", "value"]].to_numpy().tolist() == [["progression_free_survival", 1]]


def test_events_with_an_imputed_date_are_counted() -> None:
    marts = four_people()
    marts.rows["time_to_event"][2]["date_imputed"] = True
    for cut_off, number in ((None, [1]), (day(25), [])):
        tables = evaluated(marts, data_cutoff=cut_off).tables
        assert found(tables, "imputed_event_dates")["value"].tolist() == number


def test_the_order_of_the_rows_of_the_marts_changes_nothing() -> None:
    marts, asked = two_arms(60), {"stratify_by": "product", "adjust_for": ("age", "sex")}
    first = evaluated(marts, **asked)
    for rows in marts.rows.values():
        rows.reverse()
    second = evaluated(marts, **asked)
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name], check_exact=True)


def next_treatment_then_progression() -> Marts:
    return (
        Marts()
        .source()
        .person(
            "p",
            outcomes={
                "overall_survival": (100, None),
                "progression_free_survival": (60, "progression"),
                "time_to_next_treatment": (40, "time_to_next_treatment"),
            },
        )
    )


@pytest.mark.parametrize(
    ("strategy", "curve"), [("treatment_policy", [60, 1]), ("censor", [40, 0])]
)
def test_a_next_treatment_is_counted_on_unless_the_estimand_censors(
    strategy: str, curve: list[int]
) -> None:
    tables = evaluated(
        next_treatment_then_progression(),
        endpoints=("progression_free_survival", "overall_survival"),
        estimand={"intercurrent_events": {"next_treatment": strategy}},
    ).tables
    rows = tables["survival_curve"][["time_days", "n_event"]].to_numpy().tolist()
    assert rows == [curve, [100, 0]]


def test_a_progression_on_the_day_of_the_next_treatment_is_an_event() -> None:
    marts = next_treatment_then_progression()
    marts.rows["time_to_event"][2].update(end_date=day(60), time_days=60)
    tables = evaluated(
        marts,
        endpoints=("progression_free_survival",),
        estimand={"intercurrent_events": {"next_treatment": "censor"}},
    ).tables
    assert tables["survival_curve"]["n_event"].tolist() == [1]


def test_the_baseline_describes_each_stratum_and_their_distance() -> None:
    marts = Marts().source()
    ages = {"a": (1984, 1974), "b": (1964, 1954)}
    for arm, born in ages.items():
        for number, year in enumerate(born):
            marts.person(f"{arm}{number}", product=arm, birth_year=year, sex="FM"[number])
    table = evaluated(marts, stratify_by="product", reference="a").tables["baseline"]
    age = table.query("variable == 'age'").set_index(["stratum", "statistic"])
    assert age.loc[("a", "mean"), "value"] == 45
    assert age.loc[("overall", "mean"), "value"] == 55
    assert age.loc[("a", "sd"), "value"] == pytest.approx(math.sqrt(50))
    assert age.loc[("b", "missing"), "value"] == 0
    # 20 years over the root of the mean of both variances, 50 each.
    assert age.loc[("b", "mean"), "smd"] == pytest.approx(20 / math.sqrt(50))
    assert age.loc[("overall", "mean"), "smd"] == pytest.approx(20 / math.sqrt(50))
    assert math.isnan(age.loc[("a", "mean"), "smd"])
    sex = table.query("variable == 'sex' and stratum == 'b'")
    assert sex["smd"].unique().tolist() == [0]
    assert sex.query("statistic == 'percent'")["value"].tolist() == [50, 50]


def test_a_categorical_distance_is_that_of_the_shares() -> None:
    marts = Marts().source()
    for number in range(10):
        marts.person(f"a{number}", product="a", sex="F" if number < 5 else "M")
        marts.person(f"b{number}", product="b", sex="F" if number < 2 else "M")
    table = evaluated(marts, stratify_by="product", reference="a").tables["baseline"]
    # Two levels: |p - q| over the root of the mean of p(1 - p) and q(1 - q) (Austin 2009).
    expected = 0.3 / math.sqrt((0.25 + 0.16) / 2)
    sex = table.query("variable == 'sex' and stratum == 'b'")["smd"]
    assert sex.to_numpy() == pytest.approx(expected)


def test_questionnaires_are_expected_only_until_they_were_delivered() -> None:
    marts = four_people().source("epro", delivery_date=day(25))
    # Everybody is followed for longer than any visit but the first; forms stop on day 25.
    for row in marts.rows["time_to_event"]:
        row.update(end_date=day(500), time_days=500, event=0, cause=None)
    for patient, utility in (("p0", 0.8), ("p1", 0.6)):
        form = {
            "source": "epro",
            "patient_id": patient,
            "questionnaire_id": f"form of {patient}",
            "instrument": "eq-5d-5l",
            "respondent": "self",
            "completed_date": day(0),
        }
        marts.rows["questionnaire_form"].append({**form, "n_items_answered": 5})
        marts.rows["questionnaire_score"].append({**form, "scale": "utility", "value": utility})
    tables = evaluated(marts, quality_of_life={"instruments": ["eq-5d-5l"]}).tables
    visits = tables["completion"].query("reason.isna()")
    assert set(visits["n_fixed"]) == {4}
    assert visits["n_completed"].sum() == 2
    expected = visits["n_expected"].tolist()
    assert expected[0] == 4
    assert expected[-1] == 0
    assert tables["quality_of_life_curve"]["mean"].to_numpy() == pytest.approx(0.7)


def test_the_connection_is_left_as_it_was(tmp_path: Path) -> None:
    with four_people().connect(tmp_path / "build.duckdb") as con:
        evaluate(Study(id="s", title="A study"), con)
        left = con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert left == []


def test_results_are_the_same_after_writing_and_reading(comparison: Any, tmp_path: Path) -> None:
    tables = comparison[0]
    write(Evaluation("s", tables), tmp_path / "run" / "s")
    again = read(tmp_path / "run" / "s")
    assert list(again) == list(RESULT_TABLES)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_a_public_release_tells_no_small_number(comparison: Any) -> None:
    policy = SuppressionPolicy(threshold=11)
    shown = suppress_results(comparison[0], policy)
    for name, table in shown.items():
        for column in table.columns:
            if str(column).startswith("n_") or column == "n":
                small = table[column].between(0, policy.threshold, inclusive="neither")
                assert not small.fillna(False).any(), (name, column)
    assert shown["survival_curve"]["n_at_risk"].isna().all()
    assert shown["survival_curve"]["n_censored"].isna().all()
    assert len(shown["survival_curve"]) > 0
    counted = shown["baseline"]["statistic"].isin(["n", "missing"])
    assert not shown["baseline"].loc[counted, "value"].between(0, 11, inclusive="neither").any()
    # Survival at a horizon is that of counts in steps of 11, or withheld: never of another day.
    exact, told = comparison[0]["survival_summary"], shown["survival_summary"]
    at = (told["statistic"] == "survival_at") & told["value"].notna()
    assert at.any()
    away = (told["value"] - exact["value"]).abs() * exact["n"].astype("float64")
    assert (away[at] <= policy.threshold).all()
