"""Parametric models, rates and recurrent events of few people do not leave the house."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.disclosure import DEFAULT_THRESHOLD, SuppressionPolicy, suppress_results
from analyses.results import conform

K = DEFAULT_THRESHOLD
STUDY = {"study_id": "s", "analysis_set": "infused"}
OF = {**STUDY, "endpoint": "overall_survival", "adjustment": "none", "stratum": "a"}


def released(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    filled = {
        name: conform(name, frame.reindex(columns=_names(name))) for name, frame in tables.items()
    }
    return suppress_results(filled, SuppressionPolicy())


def _names(name: str) -> list[str]:
    from analyses.results import RESULT_TABLES

    return list(RESULT_TABLES[name].names)


def models(n: int, n_event: int) -> dict[str, pd.DataFrame]:
    fitted = {"family": "weibull", "estimate": 1.0, "std_error": 0.1, "aic": 9.0, "bic": 10.0}
    counts = {"n": n, "n_event": n_event, "model": "per_stratum", "converged": True}
    return {
        "parametric_model": pd.DataFrame([{**OF, **fitted, **counts}]),
        "parametric_curve": pd.DataFrame(
            [{**OF, "family": "weibull", "time_days": 9.0, "survival": 0.5, "extrapolated": True}]
        ),
        "extrapolated_mean": pd.DataFrame(
            [{**OF, "family": "weibull", "mean_years": 3.0, "share_beyond_data": 0.25}]
        ),
        "smoothed_hazard": pd.DataFrame([{**OF, "time_days": 9.0, "hazard_per_year": 0.5}]),
        "baseline": pd.DataFrame(
            [{**STUDY, "stratum": "a", "variable": "patients", "statistic": "n", "value": n}]
        ),
    }


@pytest.mark.parametrize(
    ("n", "n_event", "is_shown"),
    [
        (60, K, True),
        (60, K - 1, False),
        (60, 60 - K, True),
        (60, 60 - K + 1, False),
        (60, 60, True),
        (K - 1, K - 1, False),
    ],
)
def test_a_model_of_few_events_or_few_without_is_withheld_with_its_curve(
    n: int, n_event: int, is_shown: bool
) -> None:
    shown = released(**models(n, n_event))
    model = shown["parametric_model"].iloc[0]
    for name in ("estimate", "std_error", "aic", "bic", "n", "n_event"):
        assert pd.notna(model[name]) is is_shown, name
    assert len(shown["parametric_curve"]) == is_shown
    assert pd.notna(shown["extrapolated_mean"]["mean_years"].iloc[0]) is is_shown


def test_where_the_data_end_is_not_said() -> None:
    shown = released(**models(60, 30))
    assert shown["parametric_curve"]["extrapolated"].isna().all()
    assert shown["extrapolated_mean"]["share_beyond_data"].isna().all()
    assert shown["smoothed_hazard"].empty


def test_the_size_of_a_model_does_not_tell_the_few_it_left_out() -> None:
    tables = models(60, 30)
    tables["baseline"]["value"] = 62
    model = released(**tables)["parametric_model"].iloc[0]
    assert pd.isna(model["n"])
    assert pd.isna(model["bic"])  # with AIC it would give n
    assert pd.notna(model["estimate"])


def rates(n: int, had: int, events: int) -> dict[str, pd.DataFrame]:
    of = {**STUDY, "stratum": "a", "event_type": "infection"}
    row = {**of, "counting": "all", "method": "exact_poisson", "n": n, "n_with_event": had}
    numbers = {"n_event": events, "person_years": 50.0, "rate_per_100_years": 2.0 * events}
    steps = [
        {**of, "time_days": day, "n_at_risk": n, "n_event": 1, "n_death": 0, "mean_count": day / n}
        for day in range(1, events + 1)
    ]
    return {
        "incidence_rate": pd.DataFrame([{**row, **numbers}]),
        "mean_cumulative_count": pd.DataFrame(steps),
    }


@pytest.mark.parametrize(("had", "is_shown"), [(K - 1, False), (K, True), (60 - K + 1, False)])
def test_a_rate_of_events_of_few_people_is_withheld_with_its_curve(
    had: int, is_shown: bool
) -> None:
    # Many events of few people are still those of few people.
    shown = released(**rates(60, had, 20))
    row = shown["incidence_rate"].iloc[0]
    for name in ("n_with_event", "n_event", "person_years", "rate_per_100_years"):
        assert pd.notna(row[name]) is is_shown, name
    assert bool(len(shown["mean_cumulative_count"])) is is_shown


@pytest.mark.parametrize(("before", "is_shown"), [(0, True), (1, False), (K - 1, False), (K, True)])
def test_people_at_risk_of_first_events_do_not_tell_the_few_with_one_before(
    before: int, is_shown: bool
) -> None:
    tables = rates(60, 20, 20)
    first = tables["incidence_rate"].assign(counting="first", n=60 - before)
    both = pd.concat([tables["incidence_rate"], first], ignore_index=True)
    shown = released(**{**tables, "incidence_rate": both})["incidence_rate"]
    assert shown["n"].notna().tolist() == [True, is_shown]


def test_the_steps_of_a_mean_count_stand_for_k_events_and_tell_no_deaths() -> None:
    curve = released(**rates(60, 12, 2 * K + 1))["mean_cumulative_count"]
    assert curve["n_event"].tolist() == [K, K]
    assert curve["n_at_risk"].isna().all()
    assert curve["n_death"].isna().all()


@pytest.mark.parametrize(
    ("observed", "is_shown"), [(0, True), (1, False), (K - 1, False), (K, True)]
)
def test_a_ratio_of_few_observed_events_is_withheld(observed: int, is_shown: bool) -> None:
    row = {**STUDY, "stratum": "a", "event_type": "second_malignancy", "method": "exact", "n": 90}
    numbers = {"observed": observed, "expected": 2.5, "ratio": observed / 2.5, "person_years": 80.0}
    shown = released(standardised_incidence=pd.DataFrame([{**row, **numbers}]))
    found = shown["standardised_incidence"].iloc[0]
    for name in ("observed", "ratio", "expected", "person_years"):
        assert pd.notna(found[name]) is is_shown, name
