"""A failing diagnostic hides what it concerns, and nothing else."""

import pandas as pd

from analyses.report.diagnostics import (
    alerts,
    by_kind,
    concerns_model,
    part_of,
    without_failed_models,
)

COLUMNS = ["endpoint", "diagnostic", "value", "threshold", "status"]


def _diagnostics(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def test_a_model_s_diagnostic_is_told_from_a_curve_s() -> None:
    assert concerns_model("events_per_term: cox_adjusted")
    assert concerns_model("proportional_hazards: global p-value, cox_adjusted")
    assert concerns_model("too_few_events: cox_cause_specific_adjusted, cause crs not fitted")
    assert concerns_model("events_per_term: fine_gray_adjusted, cause relapse")
    assert not concerns_model("number_at_risk: day 365")


def test_a_parametric_model_s_diagnostic_is_told_from_a_curve_s() -> None:
    for of_models in (
        "cure_fraction_identifiable: mixture_cure_weibull, stratum a",
        "model_not_converged: gompertz, stratum a: no maximum",
        "analysis_failed: spline_odds_2, stratum a: too few events for its knots",
        "analysis_failed: smoothed_hazard, stratum a: no events",
        "too_few_events: extrapolation, stratum a",
    ):
        assert part_of(of_models) == "extrapolation", of_models
    for of_curves in (
        "follow_up_maturity: median days of follow-up, stratum a",
        "horizon_beyond_data: day 730, stratum a",
        "number_at_risk: day 365",
        "analysis_failed: kaplan_meier: column 'time' is missing",
    ):
        assert part_of(of_curves) == "curves", of_curves


def test_an_analysis_that_failed_does_not_hide_the_curve_it_is_not() -> None:
    for failed in ("comparison", "landmark, response at day 60", "imputation", "robustness"):
        assert part_of(f"analysis_failed: {failed}: unforeseen KeyError") == "not_made", failed
    assert part_of("analysis_failed: extrapolation: life.csv: has no rows") == "extrapolation"
    assert part_of("analysis_failed: cumulative_incidence: no rows") == "curves"


def test_subgroups_without_an_estimate_concern_the_subgroups_alone() -> None:
    assert part_of("subgroups_without_estimate: levels of sex with too few events") == "subgroups"
    assert part_of("events_per_term: cox_adjusted") == "models"


def test_only_the_failing_model_of_that_endpoint_and_cause_goes_behind() -> None:
    ratios = pd.DataFrame(
        {
            "endpoint": ["relapse", "relapse", "relapse", "overall_survival"],
            "model": ["cox_cause_specific_adjusted"] * 3 + ["cox_adjusted"],
            "cause": ["relapse", "death", "death", None],
            "hazard_ratio": [1.0, 2.0, 3.0, 4.0],
        }
    )
    found = _diagnostics(
        ("relapse", "events_per_term: cox_cause_specific_adjusted, cause death", 4, 10, "fail"),
        ("overall_survival", "events_per_term: cox_adjusted", 8, 10, "warn"),
        ("overall_survival", "number_at_risk: day 365", 2, 10, "fail"),
    )
    shown, behind = without_failed_models(ratios, found)
    assert list(shown["hazard_ratio"]) == [1.0, 4.0]
    assert list(behind["hazard_ratio"]) == [2.0, 3.0]


def test_a_model_of_the_whole_endpoint_fails_with_its_rows() -> None:
    ratios = pd.DataFrame(
        {"endpoint": ["os"], "model": ["cox_adjusted"], "cause": [None], "hazard_ratio": [1.0]}
    )
    found = _diagnostics(
        ("os", "analysis_failed: cox_adjusted: covariate 'x' separates", *[None] * 2, "fail")
    )
    shown, behind = without_failed_models(ratios, found)
    assert shown.empty and len(behind) == 1


def test_alerts_say_each_kind_once_and_the_failing_first() -> None:
    found = _diagnostics(
        ("relapse", "too_few_events: cox_adjusted, cause a not fitted", 2, 5, "warn"),
        ("relapse", "too_few_events: cox_adjusted, cause b not fitted", 1, 5, "warn"),
        (None, "forms_after_death: eq-5d-5l", 2, 1, "fail"),
        ("relapse", "number_at_risk: day 365", 50, 10, "pass"),
    )
    said = alerts(found)
    assert [alert.status for alert in said] == ["fail", "warn"]
    assert said[0].endpoint == "Whole study"
    assert said[1].sentence.count("threshold 5") == 2


def test_warnings_of_a_kind_stand_together_the_most_frequent_first() -> None:
    found = _diagnostics(
        ("relapse", "number_at_risk: day 365", 5, 10, "warn"),
        ("overall_survival", "few_events: cox_adjusted", 1, 5, "warn"),
        ("overall_survival", "number_at_risk: day 730", 4, 10, "warn"),
    )
    kinds = by_kind(alerts(found))
    assert [(kind, len(of)) for kind, of in kinds] == [("Number at risk", 2), ("Few events", 1)]
    assert {alert.endpoint for alert in kinds[0][1]} == {
        "Overall survival",
        "Progression or relapse",
    }
