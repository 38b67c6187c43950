"""Observed curves of a study: means, limits, respondents, ages, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import evaluate
from analyses.results import RESULT_TABLES
from tests.lib.quality_of_life_frames import cohort, forms, scores, study


def curve(
    people: pd.DataFrame, given: pd.DataFrame, values: pd.DataFrame, *of: str
) -> pd.DataFrame:
    """The observed curve alone."""
    found = evaluate(study(*of), people, given, values)["quality_of_life_curve"]
    return found[found["method"] == "observed"]


def diagnostics(people: pd.DataFrame, given: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    return evaluate(study(), people, given, values)["diagnostic"].set_index("diagnostic")


FOUR = cohort("""
patient
a
b
c
d
""")
FOUR_FORMS = forms("""
patient | day
a       | 0
b       | -3
c       | -8
d       | 30
""")


def test_mean_error_and_limits():
    found = curve(FOUR, FOUR_FORMS, scores(FOUR_FORMS, vas=[60, 70, 80, 50]))
    row = found[found["visit"] == "baseline"].iloc[0]
    assert (row["n_expected"], row["n_completed"], row["time_days"]) == (4, 3, 0)
    assert row["mean"] == pytest.approx(70)
    assert row["std_error"] == pytest.approx(10 / np.sqrt(3))
    # Student's t, two degrees of freedom: the 97.5 % quantile is 4.302653 (any t table).
    assert row["ci_lower"] == pytest.approx(70 - 4.302653 * 10 / np.sqrt(3), abs=1e-5)
    assert row["ci_upper"] == pytest.approx(70 + 4.302653 * 10 / np.sqrt(3), abs=1e-5)


def test_one_person_has_no_mean_and_nobody_has_none():
    found = curve(FOUR, FOUR_FORMS, scores(FOUR_FORMS, vas=[60, 70, 80, 50])).set_index("visit")
    assert found.loc["M1", "n_completed"] == 1
    assert found.loc["M3", "n_completed"] == 0
    assert found.loc[["M1", "M3"], ["mean", "std_error", "ci_lower", "ci_upper"]].isna().all(None)


def test_columns_and_order():
    results = evaluate(study(), FOUR, FOUR_FORMS, scores(FOUR_FORMS, vas=[1, 2, 3, 4]))
    for name, frame in results.items():
        assert tuple(frame.columns) == RESULT_TABLES[name].names
    found = results["quality_of_life_curve"]
    assert found["visit"][found["method"] == "observed"].tolist() == [
        "baseline",
        "M1",
        "M3",
        "M6",
        "M12",
        "M18",
        "M24",
        "M36",
    ]
    assert set(results["quality_of_life_curve"]["study_id"]) == {"example"}
    assert set(results["quality_of_life_curve"]["analysis_set"]) == {"infused"}
    # Three people answered the baseline: a mean of those alive, and too few for a model.
    assert set(found["method"]) == {"observed", "while_alive"}


def test_a_scale_that_cannot_be_computed_is_no_completed_form_of_that_scale():
    values = scores(FOUR_FORMS, vas=[60, 70, 80, 50], utility=[0.9, None, 0.7, 0.5])
    found = curve(FOUR, FOUR_FORMS, values).set_index(["scale", "visit"])
    assert found.loc[("utility", "baseline"), "n_completed"] == 2
    assert found.loc[("vas", "baseline"), "n_completed"] == 3


def test_a_utility_is_given_and_expected_only_from_the_age_of_its_value_set():
    people = cohort("""
    patient | age
    a       | 17.5
    b       | 17.5
    c       | 40
    d       | 40
    """)
    given = forms("""
    patient | day
    a       | 0
    a       | 365
    b       | 0
    c       | 0
    d       | 0
    """)
    values = scores(given, vas=[1, 2, 3, 4, 5], utility=[0.1, 0.2, 0.3, 0.4, 0.6])
    found = curve(people, given, values).set_index(["scale", "visit"])
    utility = found.loc[("utility", "baseline")]
    assert (utility["n_expected"], utility["n_completed"]) == (2, 2)
    assert utility["mean"] == pytest.approx(0.5)
    assert found.loc[("vas", "baseline"), "n_completed"] == 4
    # They are of age a year later.
    assert found.loc[("utility", "M12"), "n_expected"] == 4
    assert found.loc[("utility", "M12"), "n_completed"] == 1
    told = diagnostics(people, given, values)
    assert told.loc["utilities_outside_ages: eq-5d-5l", "value"] == 2
    assert told.loc["utilities_outside_ages: eq-5d-5l", "status"] == "warn"


def test_respondents_are_kept_apart():
    people = cohort("""
    patient | age
    a       | 10
    b       | 10
    toddler | 3
    """)
    given = forms("""
    patient | day | respondent | instrument
    a       | 0   | self       | pedsql-4.0
    a       | 0   | parent     | PedsQL_4.0
    b       | 0   | self       | pedsql-4.0
    toddler | 0   | parent     | pedsql-4.0
    """)
    values = scores(given, total=[80, 70, 60, 50])
    found = curve(people, given, values, "pedsql-4.0")
    baseline = found[found["visit"] == "baseline"].set_index("scale")
    assert list(baseline.index) == ["total", "total:parent"]
    assert baseline["mean"].tolist() == [70, 60]
    # Who never answered, or was never answered for, is not expected to.
    assert baseline["n_expected"].tolist() == [2, 2]


def test_strata_and_instruments_are_kept_apart():
    people = cohort("""
    patient | stratum
    a       | x
    b       | x
    c       | y
    d       | y
    """)
    given = forms("""
    patient | day | instrument
    a       | 0   | eq-5d-5l
    b       | 0   | eq-5d-5l
    c       | 0   | eq-5d-5l
    d       | 0   | eq-5d-5l
    a       | 0   | qlq-c30
    b       | 0   | qlq-c30
    """)
    values = pd.concat([scores(given[:4], vas=[10, 20, 30, 40]), scores(given[4:], QL=[50, 60])])
    found = curve(people, given, values, "eq-5d-5l", "qlq-c30")
    baseline = found[found["visit"] == "baseline"].set_index(["instrument", "stratum"])["mean"]
    assert baseline[("eq-5d-5l", "x")] == 15
    assert baseline[("eq-5d-5l", "y")] == 35
    assert baseline[("qlq-c30", "x")] == 55
    assert np.isnan(baseline[("qlq-c30", "y")])


def test_forms_after_death_are_counted_among_the_diagnostics():
    people = cohort("""
    patient | death
    a       | 100
    """)
    given = forms("""
    patient | day
    a       | 101
    """)
    told = diagnostics(people, given, scores(given, vas=[1]))
    assert told.loc["forms_after_death: eq-5d-5l", ["value", "status"]].tolist() == [1, "warn"]
    assert told.loc["forms_outside_windows: eq-5d-5l", "status"] == "pass"


def test_no_questionnaire_at_all_gives_no_curve_and_a_completion_of_nobody():
    nothing = forms("patient | day")
    results = evaluate(study(), FOUR, nothing, scores(nothing, vas=[]))
    assert results["quality_of_life_curve"].empty
    totals = results["completion"][results["completion"]["reason"].isna()]
    assert totals["n_completed"].sum() == 0
    assert (totals["n_expected"] == 4).all()


def test_a_study_without_quality_of_life_and_a_cohort_of_nobody_give_empty_tables():
    without = study().model_copy(update={"quality_of_life": None})
    for results in (
        evaluate(without, FOUR, FOUR_FORMS, scores(FOUR_FORMS, vas=[1, 2, 3, 4])),
        evaluate(study(), FOUR[:0], FOUR_FORMS, scores(FOUR_FORMS, vas=[1, 2, 3, 4])),
    ):
        assert results["quality_of_life_curve"].empty
        assert results["completion"].empty


def test_a_missing_column_and_an_empty_start_are_errors():
    values = scores(FOUR_FORMS, vas=[1, 2, 3, 4])
    with pytest.raises(AnalysisError, match="forms lack the column completed_date"):
        evaluate(study(), FOUR, FOUR_FORMS.drop(columns="completed_date"), values)
    without_start = FOUR.assign(start_date=[pd.NaT, *FOUR["start_date"][1:]])
    with pytest.raises(AnalysisError, match="start_date is empty in 1 row"):
        evaluate(study(), without_start, FOUR_FORMS, values)
