"""Quality-adjusted life years: by hand, against a known truth under censoring, and at the edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import evaluate, quality_adjusted_survival
from analyses.quality_of_life.quality_adjusted import YEAR
from analyses.studies import Study
from tests.lib.quality_of_life_frames import cohort, forms, scores, study

NAN = np.nan


def years(time, died, utilities, days=(0, 100), horizon=200, **more) -> pd.Series:
    table = quality_adjusted_survival(
        np.array(time, dtype=float),
        np.array(died, dtype=bool),
        np.array(utilities, dtype=float),
        days,
        horizons=[horizon],
        **{"discount_rate": 0.0, "replicates": 50, **more},
    )
    return table.set_index("method")["qaly"]


def test_without_deaths_it_is_the_area_under_the_mean_utility() -> None:
    found = years([500, 500], [0, 0], [[0.6, 0.8], [0.8, 1.0]], days=(0, 200))
    # A straight line from 0.7 to 0.9 in 200 days.
    assert found["partitioned"] == pytest.approx(200 * 0.8 / YEAR)
    # Each keeps the first utility until the second is given.
    assert found["weighted"] == pytest.approx(200 * 0.7 / YEAR)


def test_a_death_ends_the_years() -> None:
    found = years([150, 500, 500, 500], [1, 0, 0, 0], [[0.5, 0.5]] * 4)
    by_hand = 0.5 * (150 + 50 * 3 / 4) / YEAR
    # Two of the visits' means reach day 100, so the partitioned one does not reach day 200.
    assert np.isnan(found["partitioned"])
    assert found["weighted"] == pytest.approx(by_hand)
    found = years([150, 500, 500, 500], [1, 0, 0, 0], [[0.5, 0.5]] * 4, days=(0, 200))
    assert found["partitioned"] == pytest.approx(by_hand)


def test_the_censored_are_stood_for_by_those_who_are_not() -> None:
    # One of four leaves at day 50, in the first quarter; another dies at day 150.
    found = years([50, 150, 500, 500], [0, 1, 0, 0], [[0.6, 0.6]] * 4)
    # Survival is 1 until day 150 and then 2/3 (Kaplan-Meier).
    assert found["weighted"] == pytest.approx(0.6 * (150 + 50 * 2 / 3) / YEAR)


def test_years_to_come_are_discounted_continuously() -> None:
    found = years([999, 999], [0, 0], [[1, 1]] * 2, days=(0, 730), horizon=730, discount_rate=0.025)
    by_hand = (1 - 1.025 ** (-730 / YEAR)) / np.log(1.025)
    assert found.to_numpy() == pytest.approx(by_hand, rel=1e-8)


def test_another_rate_holds_for_the_years_after_a_step() -> None:
    """Four years in full health at 10 % and, from a year and a half on, 5 %: the area of
    1.1^-t until then, and of 1.05^-(t - 1.5) after it times what the first years leave."""
    days = 4 * 365
    found = years(
        [1999, 1999], [0, 0], [[1, 1]] * 2, days=(0, days), horizon=days, discount_rate=0.1,
        later=(0.05, 1.5),
    )  # fmt: skip
    early = (1 - 1.1**-1.5) / np.log(1.1)
    late = 1.1**-1.5 * (1 - 1.05 ** -(days / YEAR - 1.5)) / np.log(1.05)
    assert found.to_numpy() == pytest.approx(early + late, rel=1e-6)
    # More than at 10 % throughout, by what the last years are worth more.
    plain = years([1999] * 2, [0, 0], [[1, 1]] * 2, (0, days), days, discount_rate=0.1)
    gained = late - (1.1**-1.5 - 1.1 ** -(days / YEAR)) / np.log(1.1)
    assert (found - plain).to_numpy() == pytest.approx(gained, rel=1e-5)


def test_a_study_discounts_in_steps_at_every_rate_but_none() -> None:
    names = [f"p{n}" for n in range(12)]
    people = cohort("patient\n" + "\n".join(names))
    given = forms("patient | day\n" + "\n".join(f"{n} | {d}" for n in names for d in (0, 730)))
    discounting = {"rates": [0, 0.04], "later_rate": 0.02, "later_from_years": 1}
    asked = Study(
        id="s",
        title="S",
        horizons_days=[730],
        quality_of_life={"instruments": ["eq-5d-5l"], "discounting": discounting},
    )
    found = evaluate(asked, people, given, scores(given, utility=[1.0] * len(given)))["qaly"]
    value = found.query("method == 'weighted'").set_index("discount_rate")["qaly"]
    end = 730 / YEAR
    stepped = (1 - 1 / 1.04) / np.log(1.04) + (1 - 1.02 ** -(end - 1)) / np.log(1.02) / 1.04
    assert value[0.0] == pytest.approx(end)
    assert value[0.04] == pytest.approx(stepped, rel=1e-6)


@pytest.mark.parametrize("given", [{"later_rate": 0.015}, {"later_from_years": 30}])
def test_a_later_rate_and_its_year_go_together(given) -> None:
    asked = {"instruments": ["eq-5d-5l"], "discounting": given}
    with pytest.raises(ValueError, match="go together; give both"):
        Study(id="s", title="S", quality_of_life=asked)


def test_a_horizon_nobody_is_known_to_reach_gives_none() -> None:
    assert years([150, 120], [0, 1], [[0.5, 0.5]] * 2).isna().all()
    # The last one died: nothing is left to know.
    found = years([150, 120], [1, 1], [[0.5, 0.5]] * 2, days=(0, 200))
    assert found.to_numpy() == pytest.approx(0.5 * 135 / YEAR)


def test_nobody_with_a_utility_is_an_error() -> None:
    with pytest.raises(AnalysisError, match="nobody has a utility"):
        years([150, 120], [0, 1], [[NAN, NAN]] * 2)


DAYS = (0, 91, 182, 365, 548, 730)


def simulate(random: np.random.Generator, people: int) -> tuple[np.ndarray, ...]:
    """Who lives long lives well, so that years censored are more than years seen."""
    frailty = random.normal(size=people)
    life = np.ceil(random.exponential(600 * np.exp(-0.5 * frailty)))
    left = np.ceil(random.uniform(100, 1200, people))
    lived = 0.7 - 0.15 * frailty[:, None] + 0.05 * random.normal(size=(people, len(DAYS)))
    time = np.minimum(life, left)
    given = np.where(np.array(DAYS) < time[:, None], lived, NAN)
    return time, life <= left, given, life, lived


def test_the_truth_is_recovered_where_the_naive_area_is_far_off() -> None:
    random = np.random.default_rng(20260704)
    _, _, _, life, lived = simulate(random, 100_000)
    step = np.searchsorted(DAYS, np.arange(730), "right") - 1
    truth = sum((lived[:, step[day]] * (life > day)).mean() for day in range(730)) / YEAR
    found, inside, naive = [], [], []
    for _ in range(60):
        time, died, given, _, _ = simulate(random, 250)
        table = quality_adjusted_survival(
            time, died, given, DAYS, horizons=[730], discount_rate=0, replicates=200
        )
        found.append(table["qaly"])
        inside.append((table["ci_lower"] < truth) & (table["ci_upper"] > truth))
        first = np.nanmean(given, axis=1)
        naive.append((first * np.minimum(time, 730)).mean() / YEAR)
    # The standard error of these means is 0.006.
    assert np.mean(found, axis=0) == pytest.approx(truth, abs=0.02)
    assert np.mean(naive) < truth - 0.1
    assert (np.mean(inside, axis=0) > 0.85).all()


def test_a_study_has_them_by_stratum_horizon_and_rate_where_there_are_enough_people() -> None:
    names = [f"p{number}" for number in range(15)]
    people = cohort("patient | stratum\n" + "\n".join(f"{n} | x" for n in names) + "\nalone | y")
    told = [f"{name} | {day}" for name in [*names, "alone"] for day in (0, 365, 730)]
    given = forms("patient | day\n" + "\n".join(told))
    values = scores(given, utility=[0.8] * len(given), vas=[70] * len(given))
    table = evaluate(study(), people, given, values)["qaly"]
    assert set(table["stratum"]) == {"x"}
    keys = ["method", "horizon_days", "discount_rate"]
    assert len(table) == len(table.drop_duplicates(keys)) == 2 * 3 * 2
    two_years = table.set_index(keys).loc[("partitioned", 730, 0.0)]
    assert two_years["qaly"] == pytest.approx(0.8 * 730 / YEAR)
    assert (two_years["n"], two_years["instrument"]) == (15, "eq-5d-5l")


def test_the_order_of_people_which_is_that_of_their_pseudonyms_changes_nothing() -> None:
    rng = np.random.default_rng(8)
    time = rng.integers(50, 700, 60).astype(float)
    event = rng.random(60) < 0.5
    utilities = np.where(rng.random((60, 3)) < 0.2, np.nan, rng.random((60, 3)))
    asked = {"days": (0, 180, 365), "horizons": (365,), "replicates": 50}
    mixed = rng.permutation(60)
    one = quality_adjusted_survival(time, event, utilities, **asked)
    other = quality_adjusted_survival(time[mixed], event[mixed], utilities[mixed], **asked)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
