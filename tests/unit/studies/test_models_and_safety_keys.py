"""The keys `extrapolation` and `safety`: what may stand in them, and where their files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyses.studies import StudyError, load_study
from analyses.studies.safety import type_and_grade
from tests.lib.reference_rates import cancer_incidence, life_table

HEAD = "id: a\ntitle: A study\nendpoints: [overall_survival, relapse]\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "study.yml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_the_keys_are_read_and_files_are_found_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "rates").mkdir()
    life_table(tmp_path / "life.csv")
    cancer_incidence(tmp_path / "rates" / "cancer.csv")
    study = load_study(
        written(
            tmp_path,
            "extrapolation: {families: [weibull, spline_odds_2], horizon_years: 30,"
            " life_table: life.csv}\n"
            "safety: {events: [crs_grade_3, infection], standardised_incidence: "
            "{rates: rates/cancer.csv, limits: mid_p}}\n",
        )
    )
    assert study.extrapolation is not None
    assert study.safety is not None
    assert study.safety.standardised_incidence is not None
    assert study.extrapolation.life_table == str(tmp_path / "life.csv")
    assert study.safety.standardised_incidence.rates == str(tmp_path / "rates" / "cancer.csv")
    assert study.extrapolation.endpoints is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extrapolation: {families: [weibul], horizon_years: 9}", "did you mean `weibull`"),
        ("extrapolation: {horizon_years: 0}", "key `extrapolation.horizon_years`"),
        ("extrapolation: {families: [weibull]}", "`extrapolation.horizon_years`: this key is req"),
        ("extrapolation: {horizon_years: 9, horizon: 9}", "did you mean `horizon_years`"),
        ("extrapolation: {horizon_years: 9, endpoints: [relapse]}", "has competing events"),
        (
            "extrapolation: {horizon_years: 9, endpoints: [event_free_survival]}",
            "`event_free_survival` is no endpoint of the study",
        ),
        ("extrapolation: {horizon_years: 9, life_table: x.csv}", "there is no `x.csv` beside"),
        ("extrapolation: {horizon_years: 9, life_table: ../x.csv}", "must lie beside the study"),
        ("extrapolation: {horizon_years: 9, life_table: /x.csv}", "must lie beside the study"),
        ("extrapolation: {horizon_years: 9, life_table: x.xlsx}", "is not a .csv file"),
        ("safety: {events: [infectoin]}", "did you mean `infection`"),
        ("safety: {events: [crs_grade_9]}", "unknown event `crs_grade_9`"),
        ("safety: {events: [crs, crs]}", "listed twice: crs"),
        ("safety: {events: [crs], event: 1}", "did you mean `events`"),
    ],
)
def test_what_cannot_be_asked_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StudyError) as error:
        load_study(written(tmp_path, text + "\n"))
    assert said in str(error.value)


def test_a_file_of_rates_that_cannot_be_read_is_refused_with_the_study(tmp_path: Path) -> None:
    (tmp_path / "life.csv").write_text("sex,age,year,rate\nF,1,2020,1200\n")
    with pytest.raises(StudyError) as error:
        load_study(written(tmp_path, "extrapolation: {horizon_years: 9, life_table: life.csv}\n"))
    assert "key `extrapolation.life_table`: life.csv: column 'rate' is above 2" in str(error.value)


def test_an_event_may_name_its_least_grade() -> None:
    assert type_and_grade("crs_grade_3") == ("crs", 3)
    assert type_and_grade("second_malignancy") == ("second_malignancy", None)
