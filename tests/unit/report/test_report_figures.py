"""Figures: what is drawn, where, and byte for byte the same."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from analyses import figures
from analyses.figures.steps import step_curves
from analyses.figures.time_axis import time_axis

CURVE = pd.DataFrame(
    {
        "stratum": ["a", "a", "a", "b", "b"],
        "time_days": [10.0, 20.0, 40.0, 15.0, 30.0],
        "n_at_risk": [30, 20, 5, 12, 11],
        "n_event": [10, 5, 0, 1, 0],
        "n_censored": [0, 10, 5, 0, 11],
        "survival": [2 / 3, 0.5, 0.5, 11 / 12, 11 / 12],
        "ci_lower": [0.5, 0.3, 0.3, 0.6, 0.6],
        "ci_upper": [0.8, 0.7, 0.7, 1.0, 1.0],
    }
)


def texts(svg):
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter() if "text" in e.tag]


def test_values_between_steps_and_numbers_at_risk_follow_the_definitions():
    curve = step_curves(CURVE, "survival")[0]
    days = np.array([0.0, 9.9, 10.0, 25.0, 40.0, 41.0])
    np.testing.assert_allclose(curve.values_at(days), [1, 1, 2 / 3, 0.5, 0.5, np.nan])
    # At risk just before t: everybody whose time is t or later.
    np.testing.assert_array_equal(curve.at_risk_at(days), [30, 30, 30, 5, 5, 0])


@pytest.mark.parametrize(
    ("longest", "unit", "labels"),
    [
        (28, "days", ("0", "5", "10", "15", "20", "25")),
        (365, "months", ("0", "2", "4", "6", "8", "10", "12")),
        (730, "months", ("0", "3", "6", "9", "12", "15", "18", "21", "24")),
        (2600, "years", ("0", "1", "2", "3", "4", "5", "6", "7")),
        (0, "days", ("0", "1")),
    ],
)
def test_time_axis_has_round_ticks_in_a_sensible_unit(longest, unit, labels):
    axis = time_axis(longest)
    assert axis.unit == unit
    assert axis.tick_labels == labels
    assert len(axis.ticks_days) <= 10
    assert axis.limit_days >= longest


def test_time_axis_names_unit_and_origin():
    assert time_axis(730).label("infusion") == "Months since infusion (1 month = 30.44 days)"


def test_survival_figure_shows_at_risk_and_medians_and_is_the_same_every_time():
    medians = {"a": (20.0, 10.0, None), "b": (None, None, None)}
    first, second = (figures.survival_figure(CURVE, medians=medians) for _ in range(2))
    assert first == second
    shown = texts(first)
    assert "At risk" in shown
    assert "a \u2013 median 20.0 days (95% CI 10.0 to not reached)" in shown
    assert "b \u2013 median not reached" in shown


def test_survival_figure_holds_no_date_and_refers_to_nothing_outside():
    svg = figures.survival_figure(CURVE)
    assert "metadata" not in svg
    assert "matplotlib.org" not in svg
    assert "@import" not in svg


def test_censoring_ticks_are_drawn_only_when_asked_for():
    # A tick is a marker placed with <use>; the axes have theirs too.
    plain = figures.survival_figure(CURVE).count("<use")
    ticked = figures.survival_figure(CURVE, look=figures.Look(censor_ticks=True)).count("<use")
    assert ticked == plain + int((CURVE["n_censored"] > 0).sum())


def test_png_never_draws_censoring_ticks():
    asked = figures.survival_png(CURVE, look=figures.Look(censor_ticks=True))
    assert asked == figures.survival_png(CURVE)
    assert asked.startswith(b"\x89PNG")
    assert b"Software" not in asked


def test_png_takes_a_disclosed_curve_without_counts():
    disclosed = CURVE[["stratum", "time_days", "survival"]]
    assert figures.survival_png(disclosed, title="Overall survival").startswith(b"\x89PNG")


def test_png_of_nothing_and_of_several_adjustments_is_drawn():
    disclosed = CURVE[["stratum", "time_days", "survival"]]
    assert figures.survival_png(disclosed.iloc[:0]).startswith(b"\x89PNG")
    first = disclosed.assign(adjustment="none")
    both = pd.concat([first, disclosed.assign(adjustment="iptw", survival=0.2)])
    assert figures.survival_png(both) == figures.survival_png(first)


def test_a_curve_without_its_columns_is_refused_by_name():
    with pytest.raises(ValueError, match="survival"):
        figures.survival_figure(CURVE.drop(columns="survival"))


def test_text_of_a_stratum_is_text_whatever_it_holds():
    nasty = CURVE.replace({"stratum": {"a": "<script>$x_1$\x07", "b": "_b & c"}})
    shown = texts(figures.survival_figure(nasty, medians={}))
    assert "<script>$x_1$" in shown
    assert "_b & c" in shown


def test_survival_without_events_or_with_one_patient_is_drawn():
    one = CURVE.iloc[[4]].assign(n_at_risk=1, survival=1.0)
    assert "At risk" in texts(figures.survival_figure(one))


def test_many_strata_are_limited_and_drawn_without_bands():
    many = pd.concat([CURVE.assign(stratum=f"s{i:02}") for i in range(20)])
    drawing = figures.draw_survival(many)
    assert len(drawing.panels[0].lines) == 12
    assert "FillBetween" not in drawing.svg
    assert "s00" in texts(drawing.svg)
    assert "s12" not in texts(drawing.svg)


def test_incidence_panels_by_cause_share_axes_and_put_the_own_cause_first(results):
    curve = results["cumulative_incidence"]
    curve = curve[(curve["study_id"] == "lbcl_car_t") & (curve["endpoint"] == "relapse")]
    drawing = figures.draw_incidence(curve, causes=["relapse", "death"])
    assert [panel.title for panel in drawing.panels] == ["relapse", "death"]
    assert len({(p.x_limits, p.y_limits) for p in drawing.panels}) == 1
    seen = curve["incidence"].max()
    assert seen <= drawing.panels[0].y_limits[1]


def test_incidence_of_an_early_event_ends_the_axis_early(results):
    curve = results["cumulative_incidence"]
    curve = curve[(curve["study_id"] == "lbcl_car_t") & (curve["endpoint"] == "crs_grade_3")]
    drawing = figures.draw_incidence(curve, causes=["crs_grade_3", "death"])
    assert drawing.axis.unit == "days"
    assert 30 <= drawing.axis.limit_days < 60
    whole = figures.draw_incidence(curve, causes=["death", "crs_grade_3"])
    assert whole.axis.unit == "months"


def test_quality_of_life_figure_aligns_completion_under_the_visits(results):
    curve = results["quality_of_life_curve"]
    curve = curve[(curve["study_id"] == "lbcl_car_t") & (curve["scale"] == "utility")]
    svg = figures.quality_of_life_figure(curve)
    shown = texts(svg)
    row = curve[(curve["visit"] == "month_3")].iloc[0]
    assert f"{row['n_completed']} / {row['n_expected']}" in shown
    places = {"".join(e.itertext()): e.get("x") for e in ET.fromstring(svg).iter()}
    cell = places[f"{row['n_completed']} / {row['n_expected']}"]
    assert float(cell) == pytest.approx(float(places["month_3"]), abs=0.5)


def test_forest_writes_estimates_and_says_what_cannot_be_estimated():
    rows = [
        figures.ForestRow("Overall survival", heading=True),
        figures.ForestRow("adjusted", 0.5, 0.25, 1.0),
        figures.ForestRow("wide", 2.0, 0.0001, 9000.0),
        figures.ForestRow("separated"),
    ]
    shown = texts(figures.forest_figure(rows))
    assert "0.50 (0.25 to 1.00)" in shown
    assert "not estimable" in shown


def test_attrition_flow_counts_every_step(results):
    attrition = results["attrition"]
    shown = texts(figures.attrition_figure(attrition[attrition["study_id"] == "lbcl_car_t"]))
    assert {"661 patients", "655 patients remain", "95 excluded"} <= set(shown)


def test_importing_figures_and_report_does_not_import_matplotlib():
    code = "import sys, analyses.figures, analyses.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
