"""Models, extrapolation and safety stand in the report, with what a reader must know of them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from analyses import figures
from analyses.report import render
from analyses.report.extrapolation import family_name
from analyses.report.safety import event_name
from tests.lib.studies import evaluated, two_arms

CHECKS = ["layer", "table", "check", "severity", "status", "n_rows", "n_unexpected"]
CHECKS += ["share_unexpected", "reason"]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    marts = two_arms()
    for number in range(0, 120, 3):
        marts.event(f"p{number:03d}", "infection", 20 + number)
    asked = {
        "stratify_by": "product",
        "endpoints": ("overall_survival", "relapse"),
        "extrapolation": {
            "families": ("weibull", "log_logistic", "mixture_cure_weibull"), "horizon_years": 10,
        },
        "safety": {"events": ("infection",)},
    }  # fmt: skip
    return evaluated(marts, **asked).tables


@pytest.fixture(scope="module")
def page(tables: dict[str, pd.DataFrame]) -> str:
    study = {"id": "s", "title": "A study", "stratify_by": "product", "reference": "a"}
    manifest = {"release_id": "r", "profile": "internal", "synthetic": True}
    return render([study], tables, manifest, pd.DataFrame(columns=CHECKS))


def test_the_sections_are_there_and_in_the_contents(page: str) -> None:
    assert 'href="#s-extrapolation"' in page
    assert '<h3 id="s-extrapolation">' in page
    assert "Mean to 10 years, years (95% CI)" in page
    assert "Exposure-adjusted rates (95% CI)" in page
    assert "Mean cumulative number of events a person since infusion" in page


def test_a_model_that_did_not_converge_is_said_where_its_numbers_would_be(page: str) -> None:
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page, re.DOTALL)
    cure = [row for row in rows if "Mixture cure, weibull" in row or "Mixture cure, Weibull" in row]
    assert any("did not converge" in row for row in cure)


def test_a_study_without_models_has_no_such_section() -> None:
    tables = evaluated(two_arms(), endpoints=("overall_survival",)).tables
    study = {"id": "s", "title": "A study"}
    page = render([study], tables, {}, pd.DataFrame(columns=CHECKS))
    assert "s-extrapolation" not in page
    assert "Exposure-adjusted" not in page


def test_families_and_events_have_names() -> None:
    assert family_name("spline_odds_1") == "Spline, odds, 1 inner knot"
    assert family_name("non_mixture_cure_log_normal") == "Non-mixture cure, log-normal"
    assert event_name("crs_grade_3") == "CRS of grade 3 or more"
    assert event_name("infection") == "Infection"


def test_figures_are_told_apart_without_colour(tables: dict[str, pd.DataFrame]) -> None:
    """Dashes of lines and hatching of fields: each of its own."""
    curves = figures.draw_extrapolation(tables["parametric_curve"], tables["survival_curve"]).svg
    assert len(set(re.findall(r"stroke-dasharray: ([\d., ]+)", curves))) >= 2
    stacked = figures.draw_stacked_incidence(tables["cumulative_incidence"]).svg
    assert stacked.count("<pattern") >= 1
    again = figures.draw_extrapolation(tables["parametric_curve"], tables["survival_curve"])
    assert curves == again.svg


def test_stacked_fields_begin_with_everybody_free_and_add_up() -> None:
    from analyses.figures.stacked import REST, _corners

    wide = pd.DataFrame({"relapse": [0.1, 0.3], REST: [0.9, 0.7]}, index=[10.0, 20.0])
    days, heights = _corners(wide, 30.0)
    # Nobody is observed after day 20.
    assert days.tolist() == [0.0, 10.0, 20.0, 20.0]
    assert heights["relapse"].tolist() == [0.0, 0.1, 0.3, 0.3]
    assert (heights["relapse"] + heights[REST]).tolist() == [1.0] * 4
    days, heights = _corners(wide, 15.0)
    assert days.tolist() == [0.0, 10.0, 15.0]
    assert heights["relapse"].tolist() == [0.0, 0.1, 0.1]


def test_a_failing_model_is_told_beside_the_models_and_hides_no_curve(
    tables: dict[str, pd.DataFrame], page: str
) -> None:
    failing = tables["diagnostic"].query("status == 'fail'")["diagnostic"]
    assert failing.str.startswith("cure_fraction_identifiable").any()
    curves, models = page.split('id="s-overall_survival-extrapolation"')
    assert "Cure fraction identifiable" in models.split("</section>")[0]
    assert "Cure fraction identifiable" not in curves.split('id="s-survival"')[1]
    assert 'class="behind"' not in page
    # What fails the endpoint's curves puts the models behind it too: they are drawn over them.
    failed = (
        tables["diagnostic"]
        .iloc[:1]
        .assign(endpoint="overall_survival", diagnostic="number_at_risk: day 365", status="fail")
    )
    study = {"id": "s", "title": "A study", "stratify_by": "product", "reference": "a"}
    behind = render([study], {**tables, "diagnostic": failed}, {}, pd.DataFrame(columns=CHECKS))
    models = behind.split('id="s-overall_survival-extrapolation"')[1].split("</section>")[0]
    assert models.index('class="behind"') < models.index("<figure")
