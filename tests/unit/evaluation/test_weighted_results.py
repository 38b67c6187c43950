"""A study with weights: its weighted rows are the estimators', and the others are not touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses import survival
from analyses.disclosure import SuppressionPolicy, suppress_results
from analyses.results import Evaluation
from tests.lib.marts import Marts
from tests.lib.studies import evaluated, found, two_arms

ENDPOINTS = ("overall_survival", "progression_free_survival", "relapse", "death_by_cause")
ASKED: dict[str, Any] = {
    "stratify_by": "product",
    "reference": "a",
    "adjust_for": ("age", "sex"),
    "endpoints": ENDPOINTS,
    "horizons_days": (100, 200, 300),
}
PROBABILITY = {"covariate": "sampling", "kind": "probability"}
CASE = {"covariate": "persons", "kind": "case"}
WEIGHTED = (
    "survival_curve",
    "survival_summary",
    "survival_quantile",
    "contrast",
    "cumulative_incidence",
    "hazard_ratio",
)
CURVE = ["n_at_risk", "n_event", "survival", "std_error", "ci_lower", "ci_upper"]
LIMITS = ["std_error", "ci_lower", "ci_upper"]


def cohort(people: int = 120) -> Marts:
    """Two arms, with a whole and a fractional weight of everybody."""
    marts = two_arms(people)
    random = np.random.default_rng(4)
    for row in list(marts.rows["patient"]):
        marts.covariate(row["patient_id"], "persons", int(random.integers(1, 5)))
        marts.covariate(row["patient_id"], "sampling", float(random.uniform(0.3, 4)))
    return marts


def repeated(marts: Marts) -> Marts:
    """Everybody as often as their whole weight says."""
    persons = {
        row["patient_id"]: int(row["value_number"])
        for row in marts.rows["covariate"]
        if row["name"] == "persons"
    }
    copies = Marts().source()
    for table, rows in marts.rows.items():
        for row in rows if table != "source" else ():
            for number in range(persons[row["patient_id"]]):
                changed = {"patient_id": f"{row['patient_id']}-{number}"}
                if row.get("treatment_id"):
                    changed["treatment_id"] = f"{row['treatment_id']}-{number}"
                copies.rows[table].append({**row, **changed})
    return copies


def of(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table)
    return table.reset_index(drop=True)


@pytest.fixture(scope="module")
def plain() -> Evaluation:
    return evaluated(cohort(), **ASKED)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return evaluated(cohort(), **ASKED, weights=PROBABILITY).tables


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """The cohort as one frame: stratum, sex, age, both weights, and the rows of each endpoint."""
    with cohort().connect() as con:
        rows: pd.DataFrame = con.execute(
            "SELECT e.endpoint, e.patient_id, t.product AS stratum, p.sex, e.time_days AS time, "
            "e.event, e.cause AS cause_name, w.value_number AS w, "
            "date_diff('month', make_date(p.birth_year, 1, 1), e.start_date) / 12.0 AS age "
            "FROM marts.time_to_event AS e JOIN marts.treatment AS t USING (treatment_id) "
            "JOIN marts.patient AS p ON p.patient_id = e.patient_id "
            "JOIN marts.covariate AS w ON w.patient_id = e.patient_id AND w.name = 'sampling' "
            "ORDER BY e.patient_id"
        ).df()
    return rows


def test_curves_and_summaries_are_those_of_the_estimators(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    rows = of(people, endpoint="overall_survival")
    asked = {"endpoint": "overall_survival", "adjustment": "weighted"}
    expected = survival.kaplan_meier(rows, by="stratum", weight="w")
    curve = of(tables["survival_curve"], **asked)
    np.testing.assert_allclose(curve[CURVE].astype(float), expected[CURVE].astype(float))
    at = of(tables["survival_summary"], **asked, statistic="survival_at")
    exact = survival.survival_at(expected, [100, 200, 300])
    np.testing.assert_allclose(at["value"], exact["survival"])
    np.testing.assert_allclose(at[LIMITS], exact[LIMITS])
    means = of(tables["survival_summary"], **asked, statistic="rmst")
    exact = survival.restricted_mean(rows, by="stratum", weight="w", horizon=[100, 200, 300])
    np.testing.assert_allclose(means["value"], exact["rmst"])
    np.testing.assert_allclose(means[LIMITS], exact[LIMITS])
    for statistic, estimate in (
        ("median", survival.median_survival),
        ("follow_up_median", survival.follow_up_median),
    ):
        medians = of(tables["survival_summary"], **asked, statistic=statistic)
        np.testing.assert_allclose(
            medians["value"], estimate(rows, by="stratum", weight="w")["median"]
        )
    assert means["n"].tolist() == [60] * 6


def test_quantiles_and_contrasts_are_those_of_the_estimators(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    rows = of(people, endpoint="overall_survival")
    asked = {"endpoint": "overall_survival", "adjustment": "weighted"}
    weighed: dict[str, Any] = {"by": "stratum", "weight": "w"}
    exact = survival.quantiles(rows, **weighed)
    found = of(tables["survival_quantile"], **asked)
    limits = ["ci_lower", "ci_upper"]
    np.testing.assert_allclose(found["time_days"], exact["quantile"])
    np.testing.assert_allclose(found[limits], exact[limits])
    assert found["time_days"].notna().any()
    for contrast, estimate, value in (
        ("rmst_difference", survival.restricted_mean_difference, "difference"),
        ("rmst_ratio", survival.restricted_mean_ratio, "ratio"),
        ("survival_difference", survival.survival_difference, "difference"),
    ):
        exact = estimate(rows, **weighed, reference="a", horizon=[100, 200, 300])
        found = of(tables["contrast"], **asked, contrast=contrast)
        np.testing.assert_allclose(found["estimate"], exact[value])
        np.testing.assert_allclose(found[[*LIMITS, "p_value"]], exact[[*LIMITS, "p_value"]])


def test_incidences_are_those_of_the_estimator(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    rows = of(people, endpoint="death_by_cause")
    names = {"disease": 1, "toxicity": 2}
    rows["cause"] = rows["cause_name"].map(names).fillna(0).astype(int)
    expected = survival.cumulative_incidence(rows, by="stratum", weight="w")
    expected = expected.sort_values(["stratum", "cause", "time"])
    curve = of(tables["cumulative_incidence"], endpoint="death_by_cause", adjustment="weighted")
    assert curve["cause"].map(names).tolist() == expected["cause"].tolist()
    columns = ["n_at_risk", "n_event", "incidence", *LIMITS]
    np.testing.assert_allclose(curve[columns].astype(float), expected[columns].astype(float))


def test_models_are_robust_and_weighted(
    tables: dict[str, pd.DataFrame], people: pd.DataFrame
) -> None:
    rows = of(people, endpoint="overall_survival")
    fit = survival.cox(
        rows, covariates=["stratum", "age", "sex"], reference={"sex": "M"}, weight="w"
    )
    model = of(
        tables["hazard_ratio"], endpoint="overall_survival", model="cox_adjusted_weighted",
        adjustment="weighted",
    )  # fmt: skip
    for column in ("hazard_ratio", *LIMITS, "p_value"):
        np.testing.assert_allclose(model[column], fit.coefficients[column])
    assert model["n"].unique().tolist() == [120]
    assert model["n_event"].unique().tolist() == [rows["event"].sum()]
    named = set(of(tables["hazard_ratio"], adjustment="weighted")["model"])
    assert named == {
        f"cox_{kind}{which}_weighted"
        for kind in ("", "cause_specific_")
        for which in ("unadjusted", "adjusted")
    }


def test_probability_weights_that_are_whole_have_robust_limits() -> None:
    weights = {"covariate": "persons", "kind": "probability"}
    robust = evaluated(cohort(), **ASKED, weights=weights).tables
    counted = evaluated(cohort(), **ASKED, weights=CASE).tables
    for name, value in (
        ("survival_curve", "survival"),
        ("cumulative_incidence", "incidence"),
        ("survival_summary", "value"),
    ):
        one, other = (of(tables[name], adjustment="weighted") for tables in (robust, counted))
        np.testing.assert_allclose(one[value], other[value], atol=1e-12)
        seen = other["std_error"] > 0
        assert (one["std_error"][seen] > 1.1 * other["std_error"][seen]).mean() > 0.9
    one, other = (
        of(tables["hazard_ratio"], adjustment="weighted", term="product=b")
        for tables in (robust, counted)
    )
    assert (one["std_error"] > 1.1 * other["std_error"]).all()


def test_case_weights_are_people_with_a_row_each() -> None:
    weighted = evaluated(cohort(), **ASKED, weights=CASE).tables
    expected = evaluated(repeated(cohort()), **ASKED).tables
    assert found(weighted, "analysis_failed").empty
    keys = {
        "survival_curve": ["endpoint", "stratum", "time_days"],
        "survival_summary": ["endpoint", "stratum", "statistic", "horizon_days"],
        "survival_quantile": ["endpoint", "stratum", "probability"],
        "contrast": ["endpoint", "level", "contrast", "horizon_days"],
        "cumulative_incidence": ["endpoint", "stratum", "cause", "time_days"],
        "hazard_ratio": ["endpoint", "cause", "model", "term"],
    }
    for name in WEIGHTED:
        mine = of(weighted[name], adjustment="weighted")
        theirs = expected[name]
        if name == "hazard_ratio":
            mine["model"] = mine["model"].str.removesuffix("_weighted")
            theirs = theirs[~theirs["model"].str.startswith("fine_gray")]
        both = theirs.merge(mine, on=keys[name], suffixes=("", "_mine"), how="left")
        assert len(both) == len(mine) == len(theirs)
        values = (
            "survival",
            "incidence",
            "value",
            "estimate",
            "time_days",
            "hazard_ratio",
            *LIMITS,
        )
        for value in values:
            if value in theirs and value not in keys[name]:
                np.testing.assert_allclose(
                    both[f"{value}_mine"], both[value], rtol=1e-8, atol=1e-12
                )
        for count in ("n", "n_at_risk", "n_event"):
            if count in theirs:
                assert (both[f"{count}_mine"] <= both[count]).all()
                assert (both[f"{count}_mine"] < both[count]).any()


@pytest.mark.parametrize("weights", [PROBABILITY, CASE])
def test_what_is_not_weighted_stays_as_it_is(plain: Evaluation, weights: dict[str, str]) -> None:
    more = evaluated(cohort(), **ASKED, weights=weights)
    for name, expected in plain.tables.items():
        table = more.tables[name]
        if "adjustment" in table:
            table = table[table["adjustment"] != "weighted"].reset_index(drop=True)
        pd.testing.assert_frame_equal(table, expected, check_exact=True)
    kept = {
        name: value for name, value in more.headlines.items() if not name.startswith("diagnostics")
    }
    assert kept.items() <= plain.headlines.items()


def test_late_entries_are_weighted_too() -> None:
    marts = Marts().source()
    for number in range(40):
        died = "death" if number % 3 else None
        marts.person(
            f"p{number:02d}", entry_days=10 * (number % 4),
            outcomes={"overall_survival": (50 + 7 * number, died), "relapse": (45 + number, died)},
        )  # fmt: skip
        marts.covariate(f"p{number:02d}", "sampling", 0.5 + number % 5)
    study = {"endpoints": ("overall_survival", "relapse"), "weights": PROBABILITY}
    tables = evaluated(marts, **study).tables
    assert found(tables, "analysis_failed").empty
    frame = pd.DataFrame(
        {
            "time": [50.0 + 7 * number for number in range(40)],
            "event": [int(number % 3 > 0) for number in range(40)],
            "entry": [10.0 * (number % 4) for number in range(40)],
            "w": [0.5 + number % 5 for number in range(40)],
        }
    )
    curve = of(tables["survival_curve"], adjustment="weighted")
    expected = survival.kaplan_meier(frame, entry="entry", weight="w")
    np.testing.assert_allclose(curve[CURVE].astype(float), expected[CURVE].astype(float))
    assert len(of(tables["cumulative_incidence"], adjustment="weighted"))


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (None, "probability", "is missing in 2 rows of 120"),
        (0, "probability", "is zero in 2 rows of 120"),
        (0, "case", "is zero in 2 rows of 120"),
        (-1.5, "probability", "is negative in 2 rows of 120"),
        (float("inf"), "probability", "is infinite in 2 rows of 120"),
        ("many", "probability", "is not a number in 2 rows of 120"),
        (1.5, "case", "is not a whole number of people in 2 rows of 120"),
    ],
)
def test_weights_without_meaning_are_a_diagnostic(
    plain: Evaluation, value: Any, kind: str, said: str
) -> None:
    marts = two_arms()
    for number, row in enumerate(list(marts.rows["patient"])):
        given = value if number in (3, 50) else 2
        if given is not None:
            marts.covariate(row["patient_id"], "dose", given)
    weights = {"covariate": "dose", "kind": kind}
    tables = evaluated(marts, **ASKED, weights=weights).tables
    failed = found(tables, "analysis_failed")
    assert failed["endpoint"].tolist() == list(ENDPOINTS)
    assert set(failed["adjustment"]) == {"weighted"}
    assert set(failed["diagnostic"]) == {
        f"analysis_failed: weights: column 'covariate:dose' {said}"
    }
    for name in WEIGHTED:
        pd.testing.assert_frame_equal(tables[name], plain.tables[name], check_exact=True)


def test_weights_that_nobody_has_are_a_diagnostic() -> None:
    tables = evaluated(two_arms(), **ASKED, weights=PROBABILITY).tables
    failed = found(tables, "analysis_failed")
    assert failed["diagnostic"].str.endswith("is missing in 120 rows of 120").all()
    assert len(tables["survival_curve"])


def test_case_weights_of_too_many_people_leave_the_curves() -> None:
    marts = two_arms()
    for row in list(marts.rows["patient"]):
        marts.covariate(row["patient_id"], "persons", 100_000)
    tables = evaluated(marts, **{**ASKED, "endpoints": ENDPOINTS[:1]}, weights=CASE).tables
    failed = found(tables, "analysis_failed")["diagnostic"].tolist()
    assert len(failed) == 1
    assert "stands for more than 5,000,000 people" in failed[0]
    assert len(of(tables["survival_curve"], adjustment="weighted"))


def test_a_public_release_tells_no_more_with_weights() -> None:
    with_weights = evaluated(cohort(24), **ASKED, weights=CASE).tables
    without = evaluated(cohort(24), **ASKED).tables
    shown, expected = (
        suppress_results(tables, SuppressionPolicy(5)) for tables in (with_weights, without)
    )
    assert len(with_weights["survival_curve"]) == 2 * len(without["survival_curve"])
    for name in ("survival_curve", "cumulative_incidence"):
        pd.testing.assert_frame_equal(shown[name], expected[name])
    summary = of(shown["survival_summary"], adjustment="weighted")
    assert summary[["value", *LIMITS]].isna().all().all()
    for name in ("survival_summary", "hazard_ratio", "comparison_test", "contrast"):
        rest = shown[name][shown[name]["adjustment"] != "weighted"].reset_index(drop=True)
        pd.testing.assert_frame_equal(rest, expected[name])
    few = shown["hazard_ratio"][shown["hazard_ratio"]["adjustment"] == "weighted"]
    hidden = expected["hazard_ratio"].set_index(["endpoint", "cause", "model", "term"])
    for row in few.itertuples():
        key = (row.endpoint, row.cause, row.model.removesuffix("_weighted"), row.term)
        assert pd.isna(row.hazard_ratio) == pd.isna(hidden.loc[[key], "hazard_ratio"].iloc[0])
