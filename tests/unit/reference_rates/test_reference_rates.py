"""Files of rates are read in the shapes they are published in, and people walk through them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.reference_rates import (
    People,
    cumulative_hazard,
    expected_survival,
    hazard_at,
    read_rates,
)
from tests.lib.parity_tables import GOLDEN
from tests.lib.reference_rates import cancer_incidence, life_table

YEAR = 365.25


def people(*rows: tuple[str | None, float, str]) -> People:
    frame = pd.DataFrame(rows, columns=["sex", "age", "start"])
    return People.of(frame["sex"], frame["age"], pd.to_datetime(frame["start"]))


def test_a_person_meets_the_rate_of_each_age_and_year(tmp_path: Path) -> None:
    rates = read_rates(life_table(tmp_path / "life.csv"))
    woman = people(("F", 60.5, "2020-01-01"))

    def rate(age: int, year: int) -> float:
        return 2e-5 * np.exp(0.09 * age) * 0.99 ** (year - 2015)

    # Half a year at 60 in 2020, half at 61 in 2020, half at 61 in 2021.
    expected = (rate(60, 2020) + rate(61, 2020) + rate(61, 2021)) / 2
    found = cumulative_hazard(rates, woman, np.array([1.5 * YEAR]))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    later = cumulative_hazard(rates, woman, np.array([1.5 * YEAR]), np.array([0.5 * YEAR]))
    np.testing.assert_allclose(later, expected - rate(60, 2020) / 2, rtol=1e-12)
    np.testing.assert_allclose(
        hazard_at(rates, woman, np.array([0.75 * YEAR])), rate(61, 2020) / YEAR
    )


def test_unknown_sex_is_the_mean_and_the_table_goes_on_beyond_its_ends(tmp_path: Path) -> None:
    rates = read_rates(life_table(tmp_path / "life.csv"))
    both = hazard_at(rates, people(("F", 50, "2020-01-01"), ("M", 50, "2020-01-01")), np.zeros(2))
    unknown = hazard_at(rates, people((None, 50, "2020-01-01")), np.zeros(1))
    np.testing.assert_allclose(unknown, both.mean())
    old = hazard_at(rates, people(("F", 130, "2050-01-01")), np.zeros(1))
    np.testing.assert_allclose(
        old, hazard_at(rates, people(("F", 105.0, "2030-06-01")), np.zeros(1))
    )


def test_bands_percentages_and_quotients_are_the_same_rates(tmp_path: Path) -> None:
    bands = read_rates(cancer_incidence(tmp_path / "cancer.csv"))
    assert bands.rates.shape == (2, 121, 8)
    found = hazard_at(bands, people(("F", 64, "2024-01-01")), np.zeros(1)) * YEAR
    np.testing.assert_allclose(found, 490e-5)
    quotients = tmp_path / "q.csv"
    quotients.write_text("SEX;Age;Year;probability\nH;0+;2024;0,5\nF;0+;2024;0,25\n")
    found = read_rates(quotients).rates[:, 0, 0]
    np.testing.assert_allclose(found, -np.log([0.75, 0.5]))


def test_a_life_table_that_closes_with_certainty_goes_on_as_the_age_before(tmp_path: Path) -> None:
    path = tmp_path / "life.csv"
    lines = [f"{sex},{age},2020,{q}" for sex in "FM" for age, q in ((98, 0.4), (99, 0.99))]
    closing = ["F,100,2020,1", "M,100,2020,1"]
    path.write_text("\n".join(["sex,age,year,probability", *lines, *closing]))
    found = read_rates(path).rates[:, :, 0]
    np.testing.assert_allclose(found, [[-np.log(0.6), -np.log(0.01), -np.log(0.01)]] * 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read as a CSV"),
        ("sex,age,year,rate\n", "has no rows"),
        ("sex,age,rate\nF,1,0.1\n", "column year is missing"),
        ("sex,age,year\nF,1,2020\n", "one of rate"),
        ("sex,age,year,rate\nX,1,2020,0.1\n", "column 'sex' is neither F nor M in 1 row"),
        ("sex,age,year,rate\nF,1,2020,?\n", "column 'rate' is not a number in 1 row"),
        ("sex,age,year,rate\nF,1,2020,-1\n", "column 'rate' is negative in 1 row"),
        ("sex,age,year,rate\nF,1,2020,1200\n", "is it per 100,000"),
        ("sex,age,year,rate\nF,1.5,2020,0.1\n", "column 'age' is not a whole number in 1 row"),
        ("sex,age,year,probability\nF,1,2020,1\nM,1,2020,1\n", "1 at every age of a sex and year"),
        ("sex,age,year,probability\nF,1,2020,1.2\n", "no probability from 0 to 1 in 1 row"),
        (
            "sex,age,year,probability\n"
            + "".join(
                f"{s},{a},2020,{q}\n" for s in "FM" for a, q in ((8, 0.1), (9, 1), (10, 0.2))
            ),
            "1 before the last age",
        ),
        ("sex,age,year,rate\nF,1,2020,0.1\nF,1,2020,0.1\nM,1,2020,0.1\n", "more than once"),
        ("sex,age,year,rate\nF,1,2020,0.1\n", "1 of 2 combinations"),
        ("sex,age_from,age_to,year,rate\nF,9,1,2020,0.1\n", "'age_to' is below age_from in 1 row"),
    ],
)
def test_a_file_that_cannot_serve_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(AnalysisError, match=said):
        read_rates(path)
    with pytest.raises(AnalysisError, match="no such file"):
        read_rates(tmp_path / "none.csv")


def test_an_age_that_is_missing_is_refused() -> None:
    with pytest.raises(AnalysisError, match="missing in 1 of 1 rows"):
        people(("F", float("nan"), "2020-01-01"))


def test_expected_survival_is_that_of_survexp(tmp_path: Path) -> None:
    """Golden numbers of R's survexp(method = "ederer") on the same table and people."""
    rates = read_rates(life_table(tmp_path / "life.csv"))
    golden = pd.read_csv(GOLDEN / "survexp" / "survexp.csv")
    cohort = pd.read_csv(GOLDEN / "survexp" / "people.csv")
    who = People.of(cohort["sex"], cohort["age_years"], pd.to_datetime(cohort["start_date"]))
    found = expected_survival(rates, who, golden["time_days"].to_numpy(float))
    # survexp lets calendar years begin on January 1st, here a year is 365.25 days.
    np.testing.assert_allclose(found, golden["survival"], atol=2e-5)
