"""`model_strata` of a study file: models with a baseline hazard in each of its strata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses import survival
from analyses.report.estimand import estimand_rows
from analyses.studies import StudyError, load_study
from tests.lib.responders import responders
from tests.lib.studies import evaluated, found

ASKED: dict[str, Any] = {
    "stratify_by": "product",
    "adjust_for": ("age",),
    "model_strata": ("sex", "covariate:ecog"),
    "endpoints": ("overall_survival", "relapse"),
    "landmark": {"by": "response", "days": (60,)},
}
ESTIMATES = ["hazard_ratio", "std_error", "ci_lower", "ci_upper", "p_value"]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return evaluated(responders(), **ASKED).tables


def people(endpoint: str) -> pd.DataFrame:
    """The same people as a plain frame, those without a stratum of the models left out."""
    marts = responders()
    rows = pd.DataFrame(marts.rows["time_to_event"]).query("endpoint == @endpoint")
    treatment = pd.DataFrame(marts.rows["treatment"]).set_index("patient_id")
    patient = pd.DataFrame(marts.rows["patient"]).set_index("patient_id")
    ecog = pd.DataFrame(marts.rows["covariate"]).set_index("patient_id")["value_number"]
    frame = rows.assign(
        time=rows["time_days"],
        product=rows["patient_id"].map(treatment["product"]),
        sex=rows["patient_id"].map(patient["sex"]),
        age=2024 - rows["patient_id"].map(patient["birth_year"]),
        ecog=rows["patient_id"].map(ecog),
        number=rows["cause"].map({"relapse": 1, "death": 2}).fillna(0).astype(int),
    )
    return frame.dropna(subset="ecog")


def of(tables: dict[str, pd.DataFrame], endpoint: str, model: str) -> pd.DataFrame:
    rows = tables["hazard_ratio"].query("endpoint == @endpoint and model == @model")
    return rows[(rows["cause"].isna()) | (rows["cause"] == endpoint)].reset_index(drop=True)


@pytest.mark.parametrize(
    ("model", "covariates"), [("cox_unadjusted", ["product"]), ("cox_adjusted", ["product", "age"])]
)
def test_cox_models_are_those_of_cox_with_strata(
    tables: dict[str, pd.DataFrame], model: str, covariates: list[str]
) -> None:
    frame = people("overall_survival")
    fit = survival.cox(
        frame, covariates=covariates, strata=["sex", "ecog"], reference={"product": "a"}
    )
    rows = of(tables, "overall_survival", model)
    expected = fit.coefficients[ESTIMATES].to_numpy(dtype=float)
    np.testing.assert_allclose(rows[ESTIMATES].to_numpy(dtype=float), expected, rtol=1e-8)
    assert rows["n"].tolist() == [len(frame)] * len(covariates)
    without = survival.cox(frame, covariates=covariates, reference={"product": "a"})
    assert abs(without.coefficients["hazard_ratio"][0] - rows["hazard_ratio"][0]) > 1e-4


def test_fine_gray_models_are_those_of_fine_gray_with_strata(
    tables: dict[str, pd.DataFrame],
) -> None:
    fit = survival.fine_gray(
        people("relapse"), cause="number", covariates=["product", "age"],
        strata=["sex", "ecog"], reference={"product": "a"},
    )  # fmt: skip
    rows = of(tables, "relapse", "fine_gray_adjusted")
    expected = fit.coefficients[ESTIMATES].to_numpy(dtype=float)
    np.testing.assert_allclose(rows[ESTIMATES].to_numpy(dtype=float), expected, rtol=1e-8)


def test_who_has_no_stratum_of_the_models_is_left_out_of_every_one(
    tables: dict[str, pd.DataFrame],
) -> None:
    told = found(tables, "incomplete_covariates").query("endpoint == 'overall_survival'")
    of_all = told[~told["diagnostic"].str.contains("landmark")]
    assert set(of_all["value"]) == {120 - len(people("overall_survival"))} == {12}
    assert set(tables["survival_curve"].groupby("stratum")["n_at_risk"].max()) == {60}
    landmark = tables["hazard_ratio"].query(
        "endpoint == 'overall_survival' and model == 'cox_landmark_60'"
    )
    assert (landmark["n"] < 108).all()
    assert found(tables, "analysis_failed").empty


def test_a_measurement_is_no_stratum() -> None:
    marts = responders(40)
    for number in range(40):
        marts.covariate(f"p{number:03d}", "ldh", 0.5 + number / 7)
    asked = {**ASKED, "model_strata": ("covariate:ldh",), "endpoints": ("overall_survival",)}
    tables = evaluated(marts, **asked).tables
    said = found(tables, "analysis_failed")["diagnostic"]
    assert said.str.contains("model_strata: covariate:ldh has more than 12 values").any()
    assert len(tables["survival_curve"])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("stratify_by: sex\nmodel_strata: [sex]", "names `sex`, which is in `stratify_by`"),
        ("adjust_for: [sex]\nmodel_strata: [sex]", "names `sex`, which is in `adjust_for`"),
        ("model_strata: [sex, sex]", "listed twice: sex"),
        ("model_strata: [best_response]", "immortal time"),
        ("model_stratum: [sex]", "did you mean `model_strata`?"),
    ],
)
def test_what_may_be_no_stratum_of_the_models(tmp_path: Path, key: str, message: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(f"id: s\ntitle: t\n{key}\n")
    with pytest.raises(StudyError, match=r"line \d+") as refused:
        load_study(path)
    assert message in str(refused.value)


def test_the_summary_measures_name_the_strata_of_the_models() -> None:
    said = dict(estimand_rows({**ASKED, "id": "s"}, adjusted=True))["Summary measures"]
    assert "within strata of sex, ECOG performance status" in said
