"""What a study file may ask beside curves, tests and models, and that each equals its estimator."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses import survival
from analyses.disclosure import SuppressionPolicy, suppress_results
from analyses.evaluation.multi_state import stays
from analyses.studies import StudyError, load_study
from tests.lib.marts import Marts
from tests.lib.responders import responders
from tests.lib.studies import evaluated, found

ENDPOINTS = ("overall_survival", "progression_free_survival", "relapse", "death_by_cause")
ASKED: dict[str, Any] = {
    "stratify_by": "product",
    "adjust_for": ("age", "sex", "covariate:ecog"),
    "endpoints": ENDPOINTS,
    "horizons_days": (100, 200, 300),
    "bands": "equal_precision",
    "multi_state": "treatment_course",
    "landmark": {"by": "response", "days": (60,)},
    "time_dependent": ("response",),
    "subgroups": {"by": ("sex", "age_group", "covariate:ecog")},
    "missing_covariates": {"imputations": 4},
    "cluster": "centre",
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return evaluated(responders(), **ASKED).tables


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Overall survival of the same people as a plain frame."""
    marts = responders()
    rows = pd.DataFrame(marts.rows["time_to_event"])
    wide = rows.pivot(index="patient_id", columns="endpoint", values=["time_days", "event"])
    treatment = pd.DataFrame(marts.rows["treatment"]).set_index("patient_id")
    frame = pd.DataFrame(
        {
            "time": wide["time_days"]["overall_survival"].astype(float),
            "event": wide["event"]["overall_survival"].astype(int),
            "product": treatment["product"],
            "centre": treatment["centre_id"],
            "sex": pd.DataFrame(marts.rows["patient"]).set_index("patient_id")["sex"],
        }
    )
    responded = wide["event"]["time_to_response"] == 1
    frame["response"] = wide["time_days"]["time_to_response"].where(responded).astype(float)
    relapsed = wide["event"]["relapse"] == 1
    frame["relapse"] = wide["time_days"]["relapse"].where(relapsed).astype(float)
    return frame.reset_index()


def of(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table)
    return table


def test_nothing_failed(tables: dict[str, pd.DataFrame]) -> None:
    assert found(tables, "analysis_failed").empty


def test_contrasts_come_with_limits(tables: dict[str, pd.DataFrame], people: pd.DataFrame) -> None:
    rows = of(tables["contrast"], endpoint="overall_survival")
    assert rows["contrast"].unique().tolist() == [
        "rmst_difference", "rmst_ratio", "survival_difference",
    ]  # fmt: skip
    for name, contrast, value in (
        ("rmst_difference", survival.restricted_mean_difference, "difference"),
        ("rmst_ratio", survival.restricted_mean_ratio, "ratio"),
        ("survival_difference", survival.survival_difference, "difference"),
    ):
        mine = of(rows, contrast=name)
        reference = mine["reference"].iloc[0]
        expected = contrast(people, by="product", horizon=[100, 200, 300], reference=reference)
        columns = ["std_error", "ci_lower", "ci_upper", "p_value"]
        np.testing.assert_allclose(mine["estimate"], expected[value])
        np.testing.assert_allclose(mine[columns], expected[columns].astype(float))


def test_quantiles_and_bands(tables: dict[str, pd.DataFrame], people: pd.DataFrame) -> None:
    rows = of(tables["survival_quantile"], endpoint="overall_survival")
    expected = survival.quantiles(people, by="product")
    np.testing.assert_allclose(rows["time_days"], expected["quantile"])
    np.testing.assert_allclose(rows["ci_upper"], expected["ci_upper"])
    assert rows["n"].tolist() == [60] * 6
    bands = of(tables["survival_band"], endpoint="overall_survival")
    expected = survival.simultaneous_bands(survival.risk_table(people, by="product"))
    np.testing.assert_allclose(bands["band_lower"], expected["band_lower"])
    assert set(bands["band"]) == {"equal_precision"}


def test_a_course_is_built_from_the_marts(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    assert tables["state_probability"]["state"].unique().tolist() == [
        "infusion", "response", "relapse", "death",
    ]  # fmt: skip
    probability = tables["state_probability"]
    total = probability.groupby(["stratum", "time_days"])["probability"].sum()
    np.testing.assert_allclose(total, 1.0)
    # Being dead is 1 less overall survival; somebody is always alive when another dies.
    dead = of(probability, stratum="a", state="death")
    curve = survival.kaplan_meier(people[people["product"] == "a"])
    at = survival.survival_at(curve, [200])["survival"].item()
    assert dead[dead["time_days"] <= 200]["probability"].iloc[-1] == pytest.approx(1 - at, abs=0.02)
    mean = tables["state_time"].groupby(["stratum", "horizon_days"])["mean_days"].sum()
    np.testing.assert_allclose(mean, [100, 200, 300] * 2)
    moves = tables["state_transition"]
    entered = of(moves, to_state="response")["n"].sum()
    assert entered == (people["response"] < people["time"]).sum()
    assert of(moves, to_state="death")["n"].sum() == people["event"].sum()
    left = moves[moves["from_state"] == "infusion"].groupby("stratum")["n"].sum()
    assert left.tolist() == [60, 60]


def test_stays_of_one_person_each() -> None:
    """Response then relapse then death; two on one day; after the end; entering late; no state."""
    given = pd.DataFrame(
        {"patient_id": list("pqrstu"), "stratum": "x", "entry": [0.0, 0, 0, 30, 0, 0],
         "last_day": [90.0, 40, 50, 60, 0, 20]}
    )  # fmt: skip
    nan = np.nan
    reached = {
        "response": pd.Series([10, 40, nan, 20, nan, 20]),
        "relapse": pd.Series([50, nan, 70, nan, 0, nan]),
        "death": pd.Series([90, 40, nan, nan, nan, nan]),
    }
    rows = stays(given, reached, "infusion").where(lambda f: f.notna(), None)
    assert rows[["id", "start", "stop", "from", "to"]].to_numpy().tolist() == [
        ["p", 0, 10, "infusion", "response"], ["p", 10, 50, "response", "relapse"],
        ["p", 50, 90, "relapse", "death"],
        ["q", 0, 40, "infusion", "death"],
        ["r", 0, 50, "infusion", None],
        ["s", 30, 60, "response", None],
        ["t", 0, 0, "infusion", "relapse"], ["t", 0, 0, "relapse", None],
        ["u", 0, 20, "infusion", "response"], ["u", 20, 20, "response", None],
    ]  # fmt: skip


def test_a_landmark_and_a_time_dependent_covariate(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    models = of(tables["hazard_ratio"], endpoint="overall_survival").set_index("model")
    later = survival.landmark_rows(people, at=60, state_time="response")
    expected = survival.cox(later, covariates="state", cluster="centre")
    row = models.loc["cox_landmark_60"]
    assert (row["term"], row["reference"]) == ("response=reached", "not_reached")
    assert row["hazard_ratio"] == pytest.approx(expected.coefficients["hazard_ratio"].item())
    assert row["std_error"] == pytest.approx(expected.coefficients["std_error"].item())
    assert row["n"] == len(later) < len(people)
    split = survival.counting_rows(people, states={"state": "response"})
    expected = survival.cox(split, entry="start", covariates="state", cluster="centre")
    row = models.loc["cox_time_dependent"]
    assert row["hazard_ratio"] == pytest.approx(expected.coefficients["hazard_ratio"].item())
    assert row["n"] == len(people)
    terms = models.loc["cox_landmark_60_adjusted", "term"].tolist()
    assert terms[:3] == ["response=reached", "product=b", "age"]
    curves = of(tables["landmark_curve"], endpoint="overall_survival")
    assert set(curves["method"]) == {"landmark", "simon_makuch"}
    mine = of(curves, method="landmark", stratum="reached")
    alone = survival.kaplan_meier(later[later["state"] == 1])
    np.testing.assert_allclose(mine["survival"], alone["survival"])
    tests = of(tables["comparison_test"], stratify_by="response at day 60")
    assert of(tests, endpoint="overall_survival")["p_value"].item() == pytest.approx(
        survival.log_rank(later, by="state").p_value
    )
    # Under competing events there are models of the own event, and no curve of it.
    relapse = of(tables["hazard_ratio"], endpoint="relapse")
    assert set(of(relapse, model="cox_landmark_60")["cause"]) == {"relapse"}
    assert "relapse" not in set(tables["landmark_curve"]["endpoint"])
    assert "death_by_cause" not in set(tables["subgroup"]["endpoint"])


def test_subgroups_and_imputed_models(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    rows = of(tables["subgroup"], endpoint="overall_survival", variable="sex")
    reference = rows["reference"].iloc[0]
    expected = survival.subgroup_effects(people, group="product", by="sex", reference=reference)
    np.testing.assert_allclose(rows["hazard_ratio"], expected.effects["hazard_ratio"].astype(float))
    assert expected.interaction is not None
    np.testing.assert_allclose(rows["interaction_p_value"], expected.interaction.p_value)
    ecog = of(tables["subgroup"], endpoint="overall_survival", variable="covariate:ecog")
    assert ecog["level"].tolist() == ["0", "1", "2"]
    models = of(tables["hazard_ratio"], endpoint="overall_survival")
    imputed, complete = (of(models, model=f"cox_adjusted{m}") for m in ("_imputed", ""))
    assert imputed["term"].tolist() == complete["term"].tolist()
    assert imputed["n"].unique().tolist() == [len(people)]
    assert complete["n"].iloc[0] < len(people)
    assert imputed[["std_error", "ci_lower", "p_value"]].notna().all().all()
    assert found(tables, "missing_information")["value"].between(0, 1).all()


def test_models_are_robust_over_the_clusters_asked_for(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    row = of(tables["hazard_ratio"], endpoint="overall_survival", model="cox_unadjusted").iloc[0]
    reference = {"product": row["reference"]}
    fit = survival.cox(people, covariates="product", reference=reference, cluster="centre")
    assert row["std_error"] == pytest.approx(fit.coefficients["std_error"].item())
    few = found(tables, "clusters")
    assert set(few["status"]) == {"warn"}
    assert few["value"].iloc[0] == 8


def test_too_few_clusters_leave_a_model_without_errors() -> None:
    tables = evaluated(
        responders(60, centres=1),
        stratify_by="product",
        adjust_for=("age", "covariate:ecog"),
        missing_covariates={"imputations": 2},
        cluster="centre",
    ).tables
    rows = tables["hazard_ratio"]
    assert {"cox_unadjusted", "cox_adjusted", "cox_adjusted_imputed"} <= set(rows["model"])
    assert rows["hazard_ratio"].notna().all()
    robust = rows[~rows["model"].str.endswith("_firth")]
    assert robust[["std_error", "ci_lower", "ci_upper", "p_value"]].isna().all().all()
    few = found(tables, "clusters_too_few")
    assert few[["value", "status"]].drop_duplicates().to_numpy().tolist() == [[1, "warn"]]
    assert "analysis_failed" not in " ".join(tables["diagnostic"]["diagnostic"])


def test_a_centre_that_carries_the_result_is_told() -> None:
    marts = responders(60, centres=6)
    for row in marts.rows["time_to_event"]:
        number = int(row["patient_id"][1:])
        if number % 6 == 1 and row["endpoint"] == "overall_survival":
            # All of arm b at this centre die at once.
            row.update(time_days=2, end_date=row["start_date"], event=1, cause="death")
            row["end_date"] = row["start_date"] + pd.Timedelta(days=2)
    asked = {"stratify_by": "product", "endpoints": ("overall_survival",)}
    told = found(evaluated(marts, **asked).tables, "influential_centre")
    assert told["status"].tolist() == ["warn"]
    assert told["diagnostic"].item().endswith("without centre c1")
    tables = evaluated(marts, **asked).tables
    public = suppress_results(tables, SuppressionPolicy())["diagnostic"]
    assert "without centre" not in " ".join(public["diagnostic"])
    calm = found(evaluated(responders(), **asked).tables, "influential_centre")
    assert calm["status"].tolist() == ["pass"]
    single = found(evaluated(marts, endpoints=("overall_survival",)).tables, "influential_centre")
    assert "survival at the last horizon" in single["diagnostic"].item()


def test_censoring_that_differs_by_arm_is_told() -> None:
    marts = responders()
    for row in marts.rows["time_to_event"]:
        number = int(row["patient_id"][1:])
        if number % 2 and row["time_days"] > 150:
            # Arm b is lost to follow-up at five months.
            row.update(time_days=150, event=0, cause=None)
            row["end_date"] = row["start_date"] + pd.Timedelta(days=150)
    asked = {"stratify_by": "product", "endpoints": ("overall_survival",)}
    told = found(evaluated(marts, **asked).tables, "informative_censoring")
    assert told["status"].tolist() == ["warn"]
    assert told["value"].item() < 1e-6


def test_events_too_few_for_the_model_bring_the_penalised_one() -> None:
    tables = evaluated(
        responders(24), stratify_by="product", endpoints=("overall_survival",),
        adjust_for=("age", "sex", "covariate:ecog", "line"), horizons_days=(100,),
    ).tables  # fmt: skip
    models = set(tables["hazard_ratio"]["model"])
    assert {"cox_adjusted", "cox_adjusted_firth"} <= models
    assert "cox_unadjusted_firth" not in models
    assert found(tables, "events_per_term")["status"].tolist()[-1] == "fail"


@pytest.mark.parametrize(
    "key",
    [
        "stratify_by: response",
        "stratify_by: covariate:Responder",
        "stratify_by: covariate:repondeur",
        "stratify_by: covariate:Meilleure-Reponse",
        "adjust_for: [covariate:best.resp]",
        "stratify_by: crs_grade_3",
        "adjust_for: [age, covariate:best_response]",
        "stratify_by: product\nsubgroups: {by: [covariate:best_overall_response]}",
    ],
)
def test_the_naive_comparison_is_refused_and_says_what_to_do(tmp_path: Path, key: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(f"id: s\ntitle: t\n{key}\n")
    with pytest.raises(StudyError) as refused:
        load_study(path)
    said = str(refused.value)
    for part in ("immortal time", "`landmark: {by: response, days: [90]}`", "time_dependent"):
        assert part in said


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("multi_state: ilness_death", "did you mean `illness_death`?"),
        ("multi_state: {states: [response]}", "the last of the states must be `death`"),
        ("multi_state: {states: [response, infusion, death]}", "`infusion` must be the first"),
        ("multi_state: {states: [death]}", "needs a state before `death`"),
        ("multi_state: {states: [respons, death]}", "did you mean `response`?"),
        ("landmark: {by: death, days: [90]}", "no state to live on in"),
        ("landmark: {by: response, days: [0]}", "greater than 0"),
        ("landmark: {by: response, day: [90]}", "did you mean `days`?"),
        ("time_dependent: [relapse, relapse]", "listed twice: relapse"),
        ("subgroups: {by: [sex]}", "needs `stratify_by`"),
        ("stratify_by: sex\nsubgroups: {by: [sex]}", "`by` names the stratum `sex`"),
        ("cluster: hospital", "unknown variable `hospital`"),
        ("bands: scheffe", "'equal_precision' or 'hall_wellner'"),
        ("missing_covariates: {method: mean}", "'multiple_imputation'"),
        ("min_at_risk: 0", "key `min_at_risk`"),
        ("log_rank: {weights: [[0, 1]]}", "needs `stratify_by`"),
        ("stratify_by: sex\nlog_rank: {}", "give `strata`, `weights` or both"),
        ("stratify_by: sex\nlog_rank: {strata: [sex]}", "`strata` names the stratum `sex`"),
        ("stratify_by: sex\nlog_rank: {weights: [[0, -1]]}", "key `log_rank.weights"),
        ("stratify_by: sex\nlog_rank: {strata: [response]}", "immortal time"),
    ],
)
def test_what_a_study_may_not_ask(tmp_path: Path, key: str, message: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(f"id: s\ntitle: t\n{key}\n")
    with pytest.raises(StudyError, match=r"line \d+") as refused:
        load_study(path)
    assert message in str(refused.value)


def test_a_course_of_an_earlier_clock_begins_before_the_infusion() -> None:
    marts = Marts().source()
    for number in range(30):
        keys = {"source": "registry", "patient_id": f"p{number:02d}"}
        marts.person(keys["patient_id"], outcomes={"overall_survival": (200, None)})
        treatment = marts.rows["treatment"][-1]
        infused = number % 3 > 0
        start = treatment["infusion_date"]
        treatment["infusion_date"] = start + pd.Timedelta(days=30) if infused else None
        died = "death" if number % 5 == 0 else None
        marts.outcome(
            keys, treatment["treatment_id"], "overall_survival", 90 + number, died,
            analysis_set="decision",
        )  # fmt: skip
    tables = evaluated(
        marts, analysis_set="decision", multi_state="treatment_course", horizons_days=(30, 60)
    ).tables
    assert found(tables, "analysis_failed").empty
    moves = tables["state_transition"].set_index(["from_state", "to_state"])["n"]
    assert moves[("decision", "infusion")] == 20
    assert moves[("decision", "death")] == 2
    waiting = of(tables["state_time"], state="decision").set_index("horizon_days")["mean_days"]
    assert waiting.to_dict() == pytest.approx({30: 30, 60: 30 + 10})
    assert found(tables, "state_not_reached")["diagnostic"].tolist() == [
        "state_not_reached: response", "state_not_reached: relapse",
    ]  # fmt: skip


def test_a_public_release_holds_back_what_tells_a_few(tables: dict[str, pd.DataFrame]) -> None:
    shown = suppress_results(tables, SuppressionPolicy(threshold=5))
    contrast = shown["contrast"]
    assert of(contrast, contrast="survival_difference")["estimate"].isna().all()
    assert shown["survival_band"]["critical_value"].isna().all()
    steps = shown["survival_curve"].groupby(["endpoint", "stratum"]).size()
    assert (shown["survival_band"].groupby(["endpoint", "stratum"]).size() <= steps).all()
    assert shown["landmark_curve"]["n_at_risk"].isna().all()
    assert (shown["landmark_curve"]["n_event"] >= 5).all()
    assert shown["state_probability"][["n_at_risk", "n_event"]].isna().all().all()
    small = tables["state_transition"].groupby("stratum")["n"].min()
    for stratum in small.index[small < 5]:
        assert of(shown["state_transition"], stratum=stratum)["n"].isna().all()
        assert stratum not in set(shown["state_probability"]["stratum"])
    later = shown["hazard_ratio"]["model"].str.contains("landmark|time_dependent")
    assert shown["hazard_ratio"].loc[later, ["n", "n_event"]].isna().all().all()
    subgroup = shown["subgroup"]
    counts = subgroup[["n", "n_event"]].astype("float64").stack()
    assert not counts.between(0, 5, inclusive="neither").any()
    quiet = evaluated(responders(400), **{**ASKED, "endpoints": ("overall_survival",)}).tables
    open_course = suppress_results(quiet, SuppressionPolicy(threshold=2))
    assert len(open_course["state_probability"])
    assert set(open_course["state_probability"]["time_days"]) <= {100, 200, 300}


def test_stratified_and_weighted_tests_are_those_of_the_estimator(people: pd.DataFrame) -> None:
    asked = {
        "stratify_by": "product",
        "endpoints": ("overall_survival", "relapse"),
        "log_rank": {"strata": ("sex",), "weights": ((0, 1), (1, 0.5))},
    }
    tests = evaluated(responders(), **asked).tables["comparison_test"].set_index("test")
    for name, options in {
        "log_rank": {},
        "stratified_log_rank": {"strata": ["sex"]},
        "fleming_harrington_0_1": {"gamma": 1.0},
        "fleming_harrington_1_0.5": {"rho": 1.0, "gamma": 0.5},
    }.items():
        expected = survival.log_rank(people, by="product", **options)
        row = tests.loc[name]
        assert row["endpoint"] == "overall_survival"
        assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-9)
        assert row["p_value"] == pytest.approx(expected.p_value, rel=1e-9)
        assert row["degrees_of_freedom"] == expected.degrees_of_freedom


def test_who_has_no_stratum_is_left_out_of_the_stratified_test_and_counted() -> None:
    asked = {
        "stratify_by": "product",
        "endpoints": ("overall_survival",),
        "log_rank": {"strata": ("covariate:ecog",)},
    }
    tables = evaluated(responders(), **asked).tables
    told = found(tables, "incomplete_covariates")
    told = told[told["diagnostic"].str.contains("stratified_log_rank")]
    assert told["value"].tolist() == [12]
    assert "stratified_log_rank" in set(tables["comparison_test"]["test"])


def test_curves_end_where_too_few_are_at_risk_and_what_is_read_from_them_does_not() -> None:
    asked = {
        "stratify_by": "product",
        "endpoints": ("overall_survival", "relapse"),
        "bands": "equal_precision",
    }
    whole = evaluated(responders(), **asked).tables
    ended = evaluated(responders(), **asked, min_at_risk=20).tables
    for name in ("survival_curve", "cumulative_incidence"):
        assert ended[name]["n_at_risk"].min() >= 20 > whole[name]["n_at_risk"].min()
    last = ended["survival_curve"].groupby("stratum")["time_days"].max()
    edge = ended["survival_band"].groupby("stratum")["time_days"].max()
    assert (edge <= last).all()
    for name in ("survival_summary", "comparison_test", "contrast"):
        pd.testing.assert_frame_equal(ended[name], whole[name])


def test_after_its_end_a_curve_says_nothing_of_people_at_risk() -> None:
    from analyses import figures

    asked = {"stratify_by": "product", "endpoints": ("overall_survival",), "min_at_risk": 20}
    curve = evaluated(responders(), **asked).tables["survival_curve"]
    later = np.array([curve["time_days"].max() + 1])
    for truncated in (True, False):
        look = figures.Look(truncated=truncated)
        drawn = figures.draw_survival(curve, look=look).panels[0].lines[0].curve
        assert np.isnan(drawn.at_risk_at(later)).all() == truncated


def test_a_state_that_is_the_event_of_an_endpoint_is_not_compared_in_it() -> None:
    tables = evaluated(
        responders(60),
        endpoints=("time_to_response", "overall_survival"),
        landmark={"by": "response", "days": (60,)},
        time_dependent=("response",),
    ).tables
    told = found(tables, "state_is_the_event")
    assert told["endpoint"].tolist() == ["time_to_response"] * 2
    assert "analysis_failed" not in " ".join(tables["diagnostic"]["diagnostic"])
    compared = tables["hazard_ratio"]
    assert set(compared["endpoint"]) == {"overall_survival"}
    assert "cox_time_dependent" in set(compared["model"])


@pytest.mark.parametrize("last", [0, 40])
def test_a_state_nobody_is_seen_in_is_not_comparable(last: int) -> None:
    marts = responders(60)
    for row in marts.rows["time_to_event"]:
        if row["endpoint"] == "overall_survival":
            # Everybody dies on one day: at once, or on the day they would respond.
            end = row["start_date"] + dt.timedelta(days=last)
            row.update(time_days=last, end_date=end, event=1, cause="death")
        elif row["endpoint"] == "time_to_response":
            end = row["start_date"] + dt.timedelta(days=last)
            row.update(time_days=last, end_date=end)
            if last == 0:
                row.update(event=0, cause=None)
    tables = evaluated(marts, time_dependent=("response",)).tables
    assert "analysis_failed" not in " ".join(tables["diagnostic"]["diagnostic"])
    assert len(found(tables, "later_state_not_comparable")) == 1
