"""Registration after the start of the clock: who is at risk, expected and stood for before it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life import deterioration_of, evaluate, quality_adjusted_survival
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.quality_adjusted import YEAR
from analyses.quality_of_life.replicated import replicated_curve
from analyses.survival import kaplan_meier, survival_at
from tests.lib.marts import DELIVERED, Marts, day
from tests.lib.quality_of_life_frames import cohort, forms, scores, study
from tests.lib.studies import evaluated

GLOBAL_HEALTH = "deterioration:qlq-c30:QL@death_event"


def simulated(people: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """time, died, entry of those who live to be registered, a half of them late."""
    random = np.random.default_rng(20261130)
    life = np.ceil(random.exponential(300, people))
    left = np.ceil(random.uniform(100, 900, people))
    entry = np.where(random.random(people) < 0.5, np.ceil(random.uniform(0, 200, people)), 0.0)
    time = np.minimum(life, left)
    seen = (entry == 0) | (entry < time)
    return time[seen], (life <= left)[seen], entry[seen]


def test_survival_of_follow_up_and_of_replicates_is_that_of_people_at_risk() -> None:
    time, died, entry = simulated(150)
    frame = pd.DataFrame({"time": time, "event": died.astype(int), "entry": entry})
    days = [30.0, 91.0, 182.0, 365.0]
    right = survival_at(kaplan_meier(frame, entry="entry"), days)["survival"].to_numpy()
    # Without entry it is another curve, the one of immortal time.
    immortal = survival_at(kaplan_meier(frame), days)["survival"].to_numpy()
    assert np.abs(immortal - right).max() > 0.02
    stratum = np.full(len(time), "overall", dtype=object)
    followed = FollowUp(time, died, stratum, entry).alive_at(days).query("time > 0")
    assert followed["survival"].to_numpy() == pytest.approx(right, abs=1e-12)
    drawn = np.random.default_rng(1).multinomial(len(time), np.full(len(time), 1 / len(time)), 3)
    found = replicated_curve(time, died, np.vstack([np.ones(len(time)), drawn]), entry=entry)
    assert found.at(np.array(days))[0] == pytest.approx(right, abs=1e-12)
    for times_drawn, curve in zip(drawn, found.at(np.array(days))[1:], strict=True):
        again = frame.loc[np.repeat(frame.index, times_drawn)].reset_index(drop=True)
        expected = survival_at(kaplan_meier(again, entry="entry"), days)["survival"]
        assert curve == pytest.approx(expected.to_numpy(), abs=1e-12)


def years(entry: list[float] | None) -> pd.Series:
    """Four people of utility 0.8; one dies at day 50, one at day 150."""
    table = quality_adjusted_survival(
        np.array([50.0, 150.0, 500.0, 500.0]),
        np.array([True, True, False, False]),
        np.full((4, 2), 0.8),
        (0, 200),
        horizons=[200],
        discount_rate=0.0,
        entry=None if entry is None else np.array(entry),
        replicates=20,
    )
    return table.set_index("method")["qaly"]


def test_quality_adjusted_years_of_the_late_begin_with_their_registration() -> None:
    at_once = 0.8 * (50 + 100 * 3 / 4 + 50 * 2 / 4) / YEAR
    assert years(None).to_numpy() == pytest.approx(at_once)
    # The last is registered at day 60: of three at risk one dies at day 50, of three then one more.
    late = 0.8 * (50 + 100 * 2 / 3 + 50 * 2 / 3 * 2 / 3) / YEAR
    assert years([0, 0, 0, 60])["partitioned"] == pytest.approx(late)
    # The quarters end at days 91 and 182, between which the same people are at risk.
    assert years([0, 0, 0, 60])["weighted"] == pytest.approx(late)


def test_who_is_registered_after_their_end_counts_nowhere() -> None:
    three = quality_adjusted_survival(
        np.array([50.0, 150.0, 500.0]),
        np.array([True, True, False]),
        np.full((3, 2), 0.8),
        (0, 200),
        horizons=[200],
        discount_rate=0.0,
        replicates=20,
    ).set_index("method")["qaly"]
    table = quality_adjusted_survival(
        np.array([50.0, 150.0, 500.0, 40.0]),
        np.array([True, True, False, True]),
        np.array([[0.8, 0.8]] * 3 + [[0.1, 0.1]]),
        (0, 200),
        horizons=[200],
        discount_rate=0.0,
        entry=np.array([0.0, 0.0, 0.0, 60.0]),
        replicates=20,
    ).set_index("method")
    assert table["qaly"].to_dict() == pytest.approx(three.to_dict())
    assert table["n"].tolist() == [3, 3]


def test_years_under_censoring_and_late_registration_are_those_of_everybody() -> None:
    # The truth is of everybody treated, those who died before their registration included.
    random = np.random.default_rng(20261201)
    people, horizon = 4000, 365
    frailty = random.normal(size=people)
    life = np.ceil(random.exponential(400 * np.exp(-0.7 * frailty)))
    utility = np.clip(0.7 - 0.1 * frailty, 0, 1)
    truth = (utility * np.minimum(life, horizon)).mean() / YEAR
    left = np.ceil(random.uniform(200, 1200, people))
    entry = np.where(random.random(people) < 0.4, np.ceil(random.uniform(0, 120, people)), 0.0)
    time = np.minimum(life, left)
    kept = (entry == 0) | (entry < time)
    visits = np.array([0, 91, 182, 365])
    alive = time[:, None] > visits
    observed = np.where(alive & (entry[:, None] <= visits), utility[:, None], np.nan)
    # `weighted` leaves out who has no utility: here everybody brings one from before.
    brought = np.where(alive, utility[:, None], np.nan)
    for method, given in (("partitioned", observed), ("weighted", brought)):
        with_entry, without = (
            quality_adjusted_survival(
                time[kept],
                (life <= left)[kept],
                given[kept],
                visits,
                horizons=[horizon],
                discount_rate=0.0,
                entry=late,
                replicates=20,
            ).set_index("method")["qaly"][method]
            for late in (entry[kept], None)
        )
        # The standard error is 0.005.
        assert with_entry == pytest.approx(truth, abs=0.01)
        assert without > truth + 0.02


def late_and_early() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    people = cohort("""
    patient | entry | death
    a       | 0     |
    b       | 60    |
    c       | 200   | 250
    """)
    given = forms("""
    patient | day | instrument
    a       | -5  | qlq-c30
    b       | 0   | qlq-c30
    a       | 30  | qlq-c30
    b       | 91  | qlq-c30
    c       | 0   | qlq-c30
    c       | 91  | qlq-c30
    """)
    return people, given, scores(given, QL=[60, 60, 50, 40, 60, 40])


def test_a_deterioration_has_the_registration_of_its_person() -> None:
    rows = deterioration_of(GLOBAL_HEALTH, *late_and_early()).set_index("patient_id")
    assert rows["entry"].to_dict() == {"a": 0, "b": 60, "c": 200}
    assert rows["time"].to_dict() == {"a": 30, "b": 91, "c": 91}


def test_nobody_is_expected_before_they_are_registered() -> None:
    results = evaluate(study("qlq-c30"), *late_and_early())
    table = results["completion"].set_index("visit")
    # The late ones without a form at day 30 are not missing; their forms of day 0 are data.
    first = table.loc[["M1"]].set_index("reason")
    assert first.loc[[None], ["n_fixed", "n_expected", "n_completed"]].to_numpy().tolist() == [
        [3, 1, 1]
    ]
    assert first.loc["not_yet_registered", ["n_fixed", "n_expected"]].tolist() == [2, 0]
    told = results["diagnostic"].set_index("diagnostic")
    before = told.loc["forms_before_registration: qlq-c30", ["value", "status"]]
    assert before.tolist() == [3, "warn"]


def questionnaires(marts: Marts, patient: str, given: dict[int, float]) -> None:
    for number, (days, value) in enumerate(given.items()):
        form = {
            "source": "registry",
            "patient_id": patient,
            "questionnaire_id": f"{patient}-{number}",
            "instrument": "qlq-c30",
            "respondent": "self",
            "completed_date": day(days),
        }
        marts.rows["questionnaire_form"].append(
            {**form, "n_items_answered": 30, "n_items_unusable": 0}
        )
        marts.rows["questionnaire_score"].append({**form, "scale": "QL", "value": value})


def test_a_study_counts_deteriorations_among_people_registered_by_then() -> None:
    marts = Marts().source()
    told = {
        "a": (0, {0: 60, 30: 50}),
        "b": (60, {0: 60, 91: 40}),
        "c": (100, {0: 60, 91: 40}),  # deteriorated before anybody looked
        "d": (0, {0: 60, 91: 60, 365: 60}),
    }
    for name, (entry, given) in told.items():
        marts.person(name, entry_days=entry, outcomes={"overall_survival": (600, None)})
        questionnaires(marts, name, given)
    for endpoint, table in (
        ("deterioration:qlq-c30:QL@death_event", "survival_curve"),
        ("deterioration:qlq-c30:QL@death_competing", "cumulative_incidence"),
    ):
        tables = evaluated(marts, endpoints=(endpoint,), data_cutoff=DELIVERED).tables
        curve = tables[table].query("time_days < 365")
        if table == "cumulative_incidence":
            curve = curve[curve["cause"] == endpoint]
        # At risk at day 30 are the two registered at once, at day 91 the last of them and b.
        shown = curve[["time_days", "n_at_risk", "n_event"]].to_numpy().tolist()
        assert shown == [[30, 2, 1], [91, 2, 1]]
        late = tables["diagnostic"].query("diagnostic == 'registered_after_event'")
        assert late["value"].tolist() == [1]
