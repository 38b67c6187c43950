"""Rates, recurrent events and the standardised incidence ratio reach the released tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.lib.marts import Marts
from tests.lib.reference_rates import cancer_incidence
from tests.lib.studies import evaluated, found

YEAR = 365.25


def cohort() -> Marts:
    """Four people followed 100, 200, 300 and 400 days; the third dies."""
    marts = Marts().source()
    for number in range(1, 5):
        died = "death" if number == 3 else None
        marts.person(f"p{number}", outcomes={"overall_survival": (100 * number, died)})
    marts.event("p1", "infection", 10, 2).event("p1", "infection", 10, 3)
    marts.event("p1", "infection", 50, 3).event("p4", "infection", 350)
    marts.event("p2", "infection", -5, 4).event("p3", "infection", 301, 5)
    marts.event("p4", "crs", 0, 3)
    return marts


def test_rates_count_first_and_all_events_at_risk() -> None:
    asked = {"events": ("infection", "infection_grade_3", "crs")}
    tables = evaluated(cohort(), safety=asked).tables
    rates = tables["incidence_rate"].set_index(["event_type", "counting", "method"])
    first = rates.loc[("infection", "first", "exact_poisson")]
    # Time ends at the first event of p1 (day 10) and p4 (day 350).
    assert first["person_years"] == pytest.approx((10 + 200 + 300 + 350) / YEAR)
    assert (first["n"], first["n_with_event"], first["n_event"]) == (4, 2, 2)
    every = rates.loc[("infection", "all", "exact_poisson")]
    # Two reports of one day are one event; before the start and after the end count for nothing.
    assert every["n_event"] == 3
    assert every["rate_per_100_years"] == pytest.approx(100 * 3 / (1000 / YEAR))
    # Garwood's limits of 3 events: 0.6187 and 8.7673.
    assert every["ci_lower"] == pytest.approx(100 * 0.61867 / (1000 / YEAR), rel=1e-4)
    assert every["ci_upper"] == pytest.approx(100 * 8.76727 / (1000 / YEAR), rel=1e-4)
    severe = rates.loc[("infection_grade_3", "all", "exact_poisson")]
    assert severe["n_event"] == 2
    assert rates.loc[("crs", "first", "exact_poisson")]["n_event"] == 1


def test_the_mean_count_lets_death_end_events() -> None:
    curve = evaluated(cohort(), safety={"events": ("infection",)}).tables["mean_cumulative_count"]
    steps = curve.set_index("time_days")["mean_count"]
    # 4 at risk at day 10 and 50; at 350 one is at risk, half survive the death at day 300.
    assert steps[10] == pytest.approx(1 / 4)
    assert steps[50] == pytest.approx(2 / 4)
    assert steps[350] == pytest.approx(2 / 4 + 0.5)
    assert curve["n_death"].sum() == 1


def test_an_event_nobody_had_has_a_rate_of_0_and_an_upper_limit() -> None:
    tables = evaluated(cohort(), safety={"events": ("icans",)}).tables
    row = tables["incidence_rate"].query("method == 'exact_poisson' and counting == 'all'").iloc[0]
    assert (row["n_event"], row["rate_per_100_years"], row["ci_lower"]) == (0, 0.0, 0.0)
    assert row["ci_upper"] == pytest.approx(100 * 3.68888 / (1000 / YEAR), rel=1e-4)
    assert (tables["mean_cumulative_count"]["mean_count"] == 0).all()


def test_observed_second_malignancies_are_held_against_the_reference(tmp_path: Path) -> None:
    path = cancer_incidence(tmp_path / "incidence.csv")
    marts = cohort().event("p2", "second_malignancy", 150).event("p4", "t_cell_malignancy", 40)
    asked = {"events": ("second_malignancy",), "standardised_incidence": {"rates": str(path)}}
    row = evaluated(marts, safety=asked).tables["standardised_incidence"].iloc[0]
    assert (row["n"], row["observed"]) == (4, 2)
    # Women aged 64 on 2024-01-01: 10 x 7^2 per 100,000, and 10 x 7^2 until they turn 70.
    years = (100 + 150 + 300 + 40) / YEAR
    assert row["person_years"] == pytest.approx(years)
    assert row["expected"] == pytest.approx(490e-5 * years, rel=1e-9)
    assert row["ratio"] == pytest.approx(2 / row["expected"])
    assert row["ci_lower"] == pytest.approx(0.24221 / row["expected"], rel=1e-4)
    late = {**asked["standardised_incidence"], "from_days": 100}
    row = (
        evaluated(marts, safety={**asked, "standardised_incidence": late})
        .tables["standardised_incidence"]
        .iloc[0]
    )
    assert (row["n"], row["observed"]) == (2, 1)


def test_an_event_before_registration_is_no_first_one_nor_at_risk_of_it(tmp_path: Path) -> None:
    # p2 comes under observation on day 120 with a malignancy of day 100, and has another on 150.
    marts = Marts().source()
    for number, (entry, last) in enumerate([(0, 100), (120, 200), (50, 300), (0, 400)], start=1):
        outcomes = {"overall_survival": (last, None)}
        marts.person(f"p{number}", entry_days=entry, outcomes=outcomes)
    marts.event("p2", "second_malignancy", 100).event("p2", "second_malignancy", 150)
    marts.event("p4", "second_malignancy", 40).event("p3", "second_malignancy", -20)
    rates = {"rates": str(cancer_incidence(tmp_path / "incidence.csv"))}
    asked = {"events": ("second_malignancy",), "standardised_incidence": rates}
    tables = evaluated(marts, safety=asked).tables
    found_rates = tables["incidence_rate"].set_index(["counting", "method"])
    first, every = (found_rates.loc[(name, "exact_poisson")] for name in ("first", "all"))
    assert (first["n"], first["n_with_event"], first["n_event"]) == (3, 1, 1)
    assert first["person_years"] == pytest.approx((100 + 250 + 40) / YEAR)
    assert (every["n"], every["n_with_event"], every["n_event"]) == (4, 2, 2)
    assert every["person_years"] == pytest.approx((100 + 80 + 250 + 400) / YEAR)
    ratio = tables["standardised_incidence"].iloc[0]
    assert (ratio["n"], ratio["observed"]) == (3, 1)
    assert ratio["person_years"] == pytest.approx((100 + 250 + 40) / YEAR)
    # Women aged 64 on 2024-01-01: 10 x 7^2 per 100,000, all within two years.
    assert ratio["expected"] == pytest.approx(490e-5 * (100 + 250 + 40) / YEAR, rel=1e-9)
    told = found(tables, "event_before_registration")
    assert told[["value", "status"]].to_numpy().tolist() == [[1, "warn"]]


def test_events_that_cluster_are_warned_of() -> None:
    marts = Marts().source()
    for number in range(20):
        marts.person(f"p{number:02d}", outcomes={"overall_survival": (400, None)})
    for day in range(1, 41):
        marts.event("p03", "bleed", 5 * day)
    tables = evaluated(marts, safety={"events": ("bleed",)}).tables
    warned = found(tables, "overdispersed_events").iloc[0]
    assert warned["status"] == "warn"
    rates = tables["incidence_rate"].set_index(["counting", "method"])
    exact, robust = rates.loc[("all", "exact_poisson")], rates.loc[("all", "robust")]
    assert robust["ci_upper"] > 2 * exact["ci_upper"]
    assert isinstance(tables["incidence_rate"], pd.DataFrame)


def test_a_rates_file_that_lacks_a_cell_stops_only_the_ratio(tmp_path: Path) -> None:
    path = tmp_path / "incidence.csv"
    path.write_text("sex,age_from,age_to,year,rate\nF,0,,2024,0.01\n")
    asked = {"events": ("crs",), "standardised_incidence": {"rates": str(path)}}
    tables = evaluated(cohort(), safety=asked).tables
    assert found(tables, "analysis_failed")["diagnostic"].str.contains("incidence.csv").all()
    assert len(tables["incidence_rate"])
    assert tables["standardised_incidence"].empty
