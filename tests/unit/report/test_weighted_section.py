"""Weighted results stand beside the others in the report, named as such."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from analyses.disclosure import SuppressionPolicy, suppress_results
from analyses.report import render
from tests.lib.studies import evaluated, two_arms

CHECKS = ["layer", "table", "check", "severity", "status", "n_rows", "n_unexpected"]
CHECKS += ["share_unexpected", "reason"]
STUDY = {
    "id": "s",
    "title": "A study",
    "stratify_by": "product",
    "endpoints": ["overall_survival", "relapse"],
    "extrapolation": {"families": ["weibull"], "horizon_years": 10},
}
WEIGHTS = {"weights": {"covariate": "sampling_weight", "kind": "probability"}}


def tables(**more: object) -> dict[str, pd.DataFrame]:
    marts = two_arms()
    for number, row in enumerate(list(marts.rows["patient"])):
        marts.covariate(row["patient_id"], "sampling_weight", 0.5 + number % 4)
    return evaluated(marts, **{**STUDY, **more}).tables


def rendered(results: dict[str, pd.DataFrame], **more: object) -> str:
    return render([{**STUDY, **more}], results, {}, pd.DataFrame(columns=CHECKS))


@pytest.fixture(scope="module")
def results() -> dict[str, pd.DataFrame]:
    return tables(**WEIGHTS)


@pytest.fixture(scope="module")
def page(results: dict[str, pd.DataFrame]) -> str:
    return rendered(results, **WEIGHTS)


def captions(page: str) -> list[str]:
    return re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page, re.DOTALL)


def drawings(page: str) -> list[str]:
    """The drawings without their titles, which say what of the study is unadjusted."""
    found = re.findall(r"<svg role=.*?</svg>", page, re.DOTALL)
    return [re.sub(r'aria-label="[^"]*"', "", drawing) for drawing in found]


def test_there_is_a_weighted_figure_and_table_beside_the_others(page: str) -> None:
    survival = [text for text in captions(page) if "Kaplan-Meier estimate with" in text]
    assert ["(weighted)" in text for text in survival] == [False, True]
    assert ["(unadjusted)" in text for text in survival] == [True, False]
    assert ["numbers at risk count people" in text for text in survival] == [False, True]
    incidence = [text for text in captions(page) if "Aalen-Johansen estimate with" in text]
    assert ["confidence band, weighted;" in text for text in incidence] == [False, True]
    assert "Overall survival (weighted): estimates per group" in page


def test_models_and_methods_say_weighted(page: str) -> None:
    assert "Cox, unadjusted, weighted" in page
    assert "B, unadjusted, weighted" in page
    assert (
        "Weights: what is marked weighted takes Sampling weight as a probability weight, with "
        "robust limits" in page
    )


def test_what_is_not_weighted_is_drawn_as_without_weights(page: str) -> None:
    """The observed curve beside the parametric ones too."""
    alone = rendered(tables())
    assert "eighted" not in "".join(captions(alone))
    assert "Weights: " not in alone
    before, now = drawings(alone), drawings(page)
    assert len(before) > 5
    # The forest plot has the weighted models; survival, incidence and its stacked form are added.
    assert sum(drawing not in now for drawing in before) == 1
    assert len(now) == len(before) + 3


def test_a_public_report_has_no_weighted_curve(results: dict[str, pd.DataFrame]) -> None:
    page = rendered(suppress_results(results, SuppressionPolicy(5)), **WEIGHTS)
    assert not [text for text in captions(page) if "numbers at risk count people" in text]
    assert [text for text in captions(page) if "Kaplan-Meier estimate with" in text]
