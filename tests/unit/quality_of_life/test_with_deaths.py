"""Composite and survivors by hand, what a death counts for, and when they are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life import evaluate, find_instrument
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.score_range import limits_within, score_range, value_of_death
from analyses.quality_of_life.while_alive import while_alive_curve
from analyses.quality_of_life.with_deaths import composite_curve, mortality, survivors_curve
from tests.lib.quality_of_life_frames import cohort, forms, scores, study

AT = {"v0": 0.0, "v1": 100.0}


def half_die(people: int = 20) -> tuple[Answered, FollowUp]:
    """Everybody answers the first visit; every other one, scoring 40, dies at day 50."""
    dies = np.arange(people) % 2 == 1
    score = np.where(dies, 40.0, 60.0) + np.where(np.arange(people) % 4 < 2, 1.0, -1.0)
    given = np.column_stack([score, np.where(dies, np.nan, score + 10)])
    stratum = np.full(people, "overall", dtype=object)
    expected = ~np.isnan(given)
    one = Answered("s", "s", ("v0", "v1"), stratum, given, expected, np.zeros_like(expected))
    return one, FollowUp(np.where(dies, 50.0, 900.0), dies, stratum)


def test_composite_is_survival_times_the_mean_alive_and_the_worst_for_the_dead() -> None:
    one, followed = half_die()
    living, _ = while_alive_curve(one)
    found = composite_curve(living, followed, AT, worst=0.0).set_index("visit")
    assert found.loc["v0", "mean"] == pytest.approx(50)
    assert found.loc["v1", "mean"] == pytest.approx(0.5 * 70 + 0.5 * 0)
    # Greenwood: sqrt(0.5 * 0.5 / 20); the mean alive has the error of ten scores of 69 and 71.
    alive_error = np.std([69, 71] * 5, ddof=1) / np.sqrt(10)
    error = np.hypot(0.5 * alive_error, 70 * np.sqrt(0.25 / 20))
    assert found.loc["v1", "std_error"] == pytest.approx(error)
    symptom = composite_curve(living, followed, AT, worst=100.0).set_index("visit")
    assert symptom.loc["v1", "mean"] == pytest.approx(0.5 * 70 + 0.5 * 100)


def test_survivors_are_the_same_people_at_every_visit() -> None:
    one, followed = half_die()
    found = survivors_curve(one, followed, AT).set_index("visit")
    assert found["mean"].tolist() == [60, 70]
    # Their numbers are of them, not of the 20 who answered the first visit.
    assert found[["n_expected", "n_completed"]].to_numpy().tolist() == [[10, 10], [10, 10]]
    assert mortality(one, followed, AT) == pytest.approx(0.5)


def test_deaths_count_where_follow_up_ends_before_the_nominal_day_of_the_last_visit() -> None:
    """Of 40 people 20 die by day 50; the others, followed to day 170, give the forms of M6 (day
    182) early."""
    people = "\n".join(f"p{n} | {50 if n % 2 else ''} | 170" for n in range(40))
    told = "\n".join(f"p{n} | {d}" for n in range(40) for d in (0, 30, 160) if d < 50 or not n % 2)
    given = forms("patient | day\n" + told)
    values = scores(given, vas=list(np.random.default_rng(2).normal(60, 10, len(given))))
    found = evaluate(study(), cohort("patient | death | end\n" + people), given, values)
    known = found["diagnostic"].set_index("diagnostic").loc["mortality_by_last_visit: eq-5d-5l"]
    assert (known["value"], known["status"]) == (pytest.approx(0.5), "warn")
    table = found["quality_of_life_curve"]
    of_survivors = table.query("method == 'survivors'").set_index("visit")
    assert of_survivors["n_expected"].tolist() == [20, 20, 20]
    assert of_survivors.loc["M6", "n_completed"] == 20
    # Nobody knows who is alive at day 182: no composite there, and one where survival is known.
    assert table.query("method == 'composite'")["visit"].tolist() == ["baseline", "M1"]


def test_mortality_where_one_of_two_strata_is_followed_less_is_that_of_the_worst() -> None:
    one, followed = half_die(40)
    stratum = np.where(np.arange(40) < 20, "short", "long").astype(object)
    # Half of the short stratum die, a tenth of the long one.
    died = followed.died & ((stratum == "short") | (np.arange(40) < 24))
    time = np.where(died, 50.0, np.where(stratum == "short", 90.0, 900.0))
    assert mortality(one, FollowUp(time, died, stratum), AT) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("instrument", "scale", "death"),
    [
        ("eq-5d-5l", "utility", 0),
        ("eq-5d-5l", "vas", 0),
        ("qlq-c30", "QL", 0),
        ("qlq-c30", "FA", 100),
        ("qlq-c30", "summary", 0),
        ("fact-g", "total", 0),
        ("pedsql-4.0", "total", 0),
    ],
)
def test_a_death_counts_as_the_worst_score_and_as_no_utility(instrument, scale, death) -> None:
    assert value_of_death(find_instrument(instrument), scale) == death


def test_the_ends_of_scales_are_those_of_the_published_rules() -> None:
    assert score_range(find_instrument("fact-lym"), "total") == (0, 168)
    assert score_range(find_instrument("fact-lym"), "toi") == (0, 116)
    assert score_range(find_instrument("eq-5d-3l"), "utility") == pytest.approx((-0.53, 1))
    assert score_range(find_instrument("eq-5d-5l"), "utility") == pytest.approx((-0.525491, 1))
    assert score_range(find_instrument("eq-5d-5l"), "vas") == (0, 100)


def curve(n_dead: int) -> pd.DataFrame:
    names = [f"p{number}" for number in range(30)]
    dead = "\n".join(f"{n} | {200 if i < n_dead else ''}" for i, n in enumerate(names))
    people = cohort("patient | death\n" + dead)
    told = [
        f"{n} | {d}" for i, n in enumerate(names) for d in (0, 30, 91, 365)
        if i >= n_dead or d < 200
    ]  # fmt: skip
    given = forms("patient | day\n" + "\n".join(told))
    rng = np.random.default_rng(1)
    values = scores(given, vas=list(rng.normal(60, 10, len(given))))
    table: pd.DataFrame = evaluate(study(), people, given, values)["quality_of_life_curve"]
    return table


def methods(n_dead: int) -> set[str]:
    return set(curve(n_dead)["method"])


def test_they_stand_beside_the_others_where_mortality_is_not_small() -> None:
    without = {"observed", "mixed_model", "spline_model", "while_alive"}
    assert methods(1) == without
    assert methods(3) == {*without, "composite", "survivors"}
    of_survivors = curve(3).query("method == 'survivors' and visit == 'baseline'").iloc[0]
    assert (of_survivors["n_expected"], of_survivors["n_completed"]) == (27, 27)


def test_limits_of_few_people_stay_inside_the_scale() -> None:
    people = cohort("patient\na\nb")
    given = forms("""
    patient | day
    a       | 0
    b       | 0
    a       | 30
    b       | 30
    """)
    values = scores(given, vas=[95, 70, 100, 20], utility=[1.0, 0.2, 0.9, -0.3])
    results = evaluate(study(), people, given, values)
    table = results["quality_of_life_curve"]
    row = table[(table["scale"] == "vas") & (table["method"] == "observed")].iloc[0]
    # Student's t of one degree of freedom: 82.5 and 12.7 times 12.5 either side.
    assert (row["mean"], row["std_error"]) == (82.5, 12.5)
    assert (row["ci_lower"], row["ci_upper"]) == (0, 100)
    utility = table[(table["scale"] == "utility") & table["ci_lower"].notna()]
    assert utility["ci_lower"].min() == pytest.approx(-0.525491)
    assert utility["ci_upper"].max() == 1
    changed = results["quality_of_life_change"].set_index("scale")
    assert changed.loc["vas", ["ci_lower", "ci_upper"]].tolist() == [-100, 100]
    outside = pd.DataFrame({"mean": [-2.0], "ci_lower": [-5.0], "ci_upper": [1.0]})
    # A model's mean beyond the end keeps a limit either side.
    assert limits_within(outside, 0, 100, "mean")[["ci_lower", "ci_upper"]].to_numpy().tolist() == [
        [-2.0, 1.0]
    ]
