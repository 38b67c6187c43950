"""Methods of a report: a sentence for what a study uses, none for what it does not."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.report.context import StudyContext
from analyses.report.deterioration import definition
from analyses.report.methods import methods_of

STUDY = {
    "id": "a",
    "title": "A study",
    "endpoints": ["overall_survival", "deterioration:qlq-c30:QL@definitive_2+best+threshold_5"],
    "extrapolation": {"horizon_years": 40.0, "life_table": "rates/life.csv"},
    "safety": {"events": ["crs"], "standardised_incidence": {"rates": "c.csv", "from_days": 30}},
    "quality_of_life": {"instruments": ["eq-5d-5l"]},
    "missing_covariates": {"imputations": 7},
    "estimand": {"intercurrent_events": {"death": "while_alive"}},
}
HYPOTHETICAL = {"estimand": {"intercurrent_events": {"death": "hypothetical"}}}
FILE = {
    "key": "extrapolation.life_table",
    "file": "rates/life.csv",
    "sha256": "ab" * 32,
    "rows": 3392,
}
USED = {
    "hazard_ratio": pd.DataFrame({"model": ["cox_adjusted_firth", "cox_adjusted_imputed"]}),
    "parametric_model": pd.DataFrame({"family": ["weibull", "weibull"]}),
    "incidence_rate": pd.DataFrame({"event": ["crs"]}),
    "standardised_incidence": pd.DataFrame({"event": ["second_malignancy"]}),
    "quality_of_life_curve": pd.DataFrame({"method": ["observed", "mixed_model"]}),
    "qaly": pd.DataFrame({"method": ["partitioned"], "discount_rate": [0.025]}),
}
SAID = {
    "hazard_ratio": ("Firth: ", "drawn 7 times by chained equations"),
    "parametric_model": ("Extrapolation: parametric models (weibull)", "in excess of the life"),
    "incidence_rate": ("events per 100 person-years",),
    "standardised_incidence": ("before day 30, with exact limits",),
    "quality_of_life_curve": ("mixed model for repeated measures", "rules of EQ-5D-5L"),
    "qaly": ("area under survival times", "Discounted at 2.5 % a year"),
}


def said(results: dict[str, pd.DataFrame], manifest: dict | None = None) -> str:
    frames = {name: frame.assign(study_id="a") for name, frame in results.items()}
    return "\n".join(methods_of(StudyContext(STUDY, frames, True), manifest or {}).sentences)


def test_every_method_used_has_its_sentence() -> None:
    text = said(USED)
    for sentences in SAID.values():
        for sentence in sentences:
            assert sentence in text, sentence
    assert "spline" not in text and "person's own years" not in text


@pytest.mark.parametrize("absent", [name for name in SAID if name != "quality_of_life_curve"])
def test_a_method_without_results_is_not_told(absent: str) -> None:
    text = said({name: frame for name, frame in USED.items() if name != absent})
    for sentence in SAID[absent]:
        assert sentence not in text


def test_a_deterioration_says_threshold_reference_and_death() -> None:
    text = definition(str(STUDY["endpoints"][1]), STUDY)
    assert "worse than the best score so far (baseline included) by 5 points or more" in text
    assert "and every later score too. A death competes." in text
    plain = definition("deterioration:qlq-c30:QL", {})
    assert "worse than the baseline score by 10 points or more. A death is an event." in plain
    # As test_deterioration_of_a_study.py has it: where deaths count, nobody leaves at day 1.
    window = "censored when the window of the first visit they missed ends, or follow-up."
    assert f"censored at day 0; without a later one {window}" in plain
    assert window in definition("deterioration:qlq-c30:QL@death_competing", {})
    for censored in (
        definition("deterioration:qlq-c30:QL@death_censored", {}),
        definition("deterioration:qlq-c30:QL", STUDY | HYPOTHETICAL),
    ):
        assert "A death is censored." in censored
        assert censored.endswith("without a later one censored at day 1.")
    worst = definition("deterioration:qlq-c30:QL@SA3", {})
    assert "an event at day 0; without a later one an event at day 1 (at their death" in worst
    assert definition("overall_survival", {}) == ""
    assert text in said({})


def test_reference_rates_are_named_with_their_digest() -> None:
    manifest = {"studies": [{"id": "a", "reference_files": [FILE]}, {"id": "b"}]}
    text = said({}, manifest)
    assert (
        f"(extrapolation.life_table): rates/life.csv, 3\u202f392 rows, SHA-256 {'ab' * 32}" in text
    )
