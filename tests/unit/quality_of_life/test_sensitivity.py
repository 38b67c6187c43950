"""Differences, deltas, tipping points, drop-out and patterns, by hand and through a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from analyses.quality_of_life import evaluate, find_instrument, mixed_model
from analyses.quality_of_life.answer_patterns import answer_patterns
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.follow_up import FollowUp
from analyses.quality_of_life.not_at_random import missing_shares, not_at_random
from analyses.quality_of_life.sensitivity import drop_outs
from analyses.quality_of_life.visits import Visit
from analyses.studies import Study
from tests.lib.quality_of_life_frames import cohort, forms, scores

VISITS = (Visit("v0", 0, -90, 0), Visit("v1", 30, 1, 60), Visit("v2", 91, 61, 136))
NAN = np.nan


def answered(given: list[list[float]], expected=None, lost=None, **more) -> Answered:
    values = np.array(given)
    nobody = np.zeros(values.shape, dtype=bool)
    names = tuple(visit.name for visit in VISITS[: values.shape[1]])
    stratum = more.get("stratum", np.full(len(values), "overall", dtype=object))
    whole = ~nobody if expected is None else np.array(expected)
    return Answered("QL", "QL", names, stratum, values, whole, nobody if lost is None else lost)


def followed(one: Answered, died=()) -> FollowUp:
    dead = np.isin(np.arange(len(one.scores)), list(died))
    return FollowUp(np.where(dead, 40.0, 999.0), dead, one.stratum)


def test_the_dead_are_of_the_denominator_and_are_not_missing() -> None:
    one = answered(
        [[50, 50, 50], [50, 40, NAN], [50, NAN, NAN]],
        expected=[[True] * 3, [True, True, False], [True] * 3],
    )
    shares = missing_shares(one, followed(one, died=[1]), VISITS)
    assert shares[["n", "n_missing", "n_all"]].to_numpy().tolist() == [
        [3, 0, 3], [2, 1, 3], [1, 1, 3],
    ]  # fmt: skip


def simulated(people: int = 60) -> Answered:
    """Group y is better at the last visit; a quarter of its last scores are missing."""
    rng = np.random.default_rng(5)
    values = rng.normal(60, 5, (people, 1)) + rng.normal(0, 5, (people, 3))
    stratum = np.where(np.arange(people) % 2 == 0, "x", "y").astype(object)
    values[stratum == "y", 2] += 10
    values[3::8, 2] = NAN
    return answered(values.tolist(), stratum=stratum)


def model_of(one: Answered):
    person, visit = np.nonzero(~np.isnan(one.scores))
    frame = pd.DataFrame({"unit": person, "visit": visit, "value": one.scores[person, visit]})
    return mixed_model(frame.assign(stratum=one.stratum[person]), by="stratum")


def test_a_delta_moves_a_mean_by_the_share_missing_and_widens_its_limits() -> None:
    one = simulated()
    model = model_of(one)
    table = not_at_random(one, model, missing_shares(one, followed(one), VISITS), [-8.0], "x", 100)
    found = table.set_index(["quantity", "method", "stratum", "visit"])
    mean = model.means.set_index(["stratum", "visit"])
    share = 8 / 30  # of the 30 of group y
    moved = found.loc[("mean", "delta_adjusted", "y", "v2")]
    assert (moved["n"], moved["n_missing"]) == (22, 8)
    assert moved["value"] == pytest.approx(mean.loc[("y", 2), "mean"] - 8 * share)
    error = np.hypot(mean.loc[("y", 2), "std_error"], 8 * np.sqrt(share * (1 - share) / 30))
    assert moved["std_error"] == pytest.approx(error)
    # Nobody is missing in x; a difference is shifted by the group's own missing alone.
    assert found.loc[("mean", "delta_adjusted", "x", "v2"), "n_missing"] == 0
    plain = model.differences("x").set_index("visit").loc[2, "difference"]
    assert found.loc[("difference", "delta_adjusted", "y", "v2"), "value"] == pytest.approx(
        plain - 8 * share
    )


def test_at_the_tipping_point_a_limit_is_zero_and_short_of_it_is_not() -> None:
    one = simulated()
    model = model_of(one)
    shares = missing_shares(one, followed(one), VISITS)
    tips = not_at_random(one, model, shares, [-1.0], "x", 100)
    tips = tips[tips["method"] == "tipping_point"].set_index(["quantity", "stratum", "visit"])
    tip = tips.loc[("difference", "y", "v2")]
    assert tip["delta"] < 0
    assert tip["ci_lower"] == pytest.approx(0, abs=1e-9)
    short = not_at_random(one, model, shares, [tip["delta"] * 0.99], "x", 100)
    short = short[(short["quantity"] == "difference") & (short["method"] == "delta_adjusted")]
    assert short.set_index("visit").loc["v2", "ci_lower"] > 0
    # Without missing scores, or a quantity not told from 0, or beyond the scale, there is none.
    assert np.isnan(tips.loc[("change", "x", "v2"), "delta"])
    narrow = not_at_random(one, model, shares, [-1.0], "x", 1)
    assert narrow.loc[narrow["method"] == "tipping_point", "delta"].isna().all()


def test_a_drop_out_is_the_first_of_the_visits_nobody_answered_again() -> None:
    one = answered(
        [
            [50, NAN, 50],  # came back
            [50, NAN, NAN],  # dropped out at v1
            [50, 50, NAN],  # at v2
            [50, NAN, NAN],  # died after v0: not expected
            [NAN, NAN, NAN],  # never there
        ],
        expected=[[True] * 3, [True] * 3, [True] * 3, [True, False, False], [True] * 3],
    )
    at_risk, drops = drop_outs(one)
    assert drops.astype(int).tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert at_risk.astype(int).tolist() == [[0, 1, 1], [0, 1, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]]
    patterns = answer_patterns([one], followed(one, died=[3]), VISITS, find_instrument("qlq-c30"))
    sizes = patterns.drop_duplicates(["last_visit", "ended_by"])
    assert sizes[["last_visit", "ended_by", "n"]].to_numpy().tolist() == [
        ["v0", "death", 1], ["v0", "drop_out", 1], ["v1", "drop_out", 1], ["v2", "end_of_data", 1],
    ]  # fmt: skip


def two_groups(**quality_of_life) -> dict[str, pd.DataFrame]:
    """Forty people in two groups by a study file; global health of y rises by 15 for good."""
    rng = np.random.default_rng(7)
    names = [f"p{number}" for number in range(40)]
    people = cohort(
        "patient | stratum\n" + "\n".join(f"{n} | {'xy'[i % 2]}" for i, n in enumerate(names))
    )
    own = dict(zip(names, rng.normal(55, 8, 40), strict=True))
    rows, values = [], []
    for i, name in enumerate(names):
        for day in (0, 30, 91, 182):
            if day > 30 and i % 5 == 4:
                continue
            rows.append(f"{name} | {day} | qlq-c30")
            values.append(own[name] + rng.normal(0, 5) + 15 * (i % 2 == 1 and day > 0))
    given = forms("patient | day | instrument\n" + "\n".join(rows))
    asked = Study(
        id="s", title="S", quality_of_life={"instruments": ["qlq-c30"], **quality_of_life}
    )
    return evaluate(asked, people, given, scores(given, QL=values), reference="x")


def test_a_study_releases_the_differences_of_its_groups() -> None:
    table = two_groups()["quality_of_life_difference"]
    assert set(table["stratum"]) == {"y"}
    found = table.set_index(["method", "visit"])
    assert set(found.loc["mixed_model"].index) == {"baseline", "M1", "M3", "M6"}
    change = found.loc[("mixed_model_change", "M3")]
    assert (change["n"], change["n_reference"]) == (16, 16)
    assert change["ci_lower"] < 15 < change["ci_upper"]
    assert change["p_value"] < 1e-6
    half = stdtrit(change["degrees_of_freedom"], 0.975) * change["std_error"]
    assert change["ci_upper"] - change["difference"] == pytest.approx(half)


def test_a_study_says_how_much_worse_and_which_scales_are_modelled_with_drop_out() -> None:
    results = two_groups(sensitivity={"deltas": [1, 2], "joint_model": ["qlq-c30:QL"]})
    table = results["quality_of_life_sensitivity"]
    shifted = table[table["method"] == "delta_adjusted"]
    # The important difference of a deterioration of QL is 10 points.
    # 0 is the mixed model as it is: its mean is the curve's.
    assert sorted(shifted["delta"].unique()) == [-20, -10, 0]
    keys = ["stratum", "visit"]
    unshifted = shifted[(shifted["delta"] == 0) & (shifted["quantity"] == "mean")]
    curve = results["quality_of_life_curve"].query("method == 'mixed_model' and scale == 'QL'")
    both = unshifted[unshifted["scale"] == "QL"].merge(curve, on=keys, suffixes=("", "_of_curve"))
    assert len(both) == len(curve) > 0
    assert both["value"].to_numpy() == pytest.approx(both["mean"].to_numpy())
    assert both["std_error"].to_numpy() == pytest.approx(both["std_error_of_curve"].to_numpy())
    joint = table[table["method"] == "shared_random_effects"]
    told = results["diagnostic"].set_index("diagnostic")["status"]
    # Eight people dropped out: too few to say why.
    assert joint.empty
    assert told["joint_model_not_fitted: qlq-c30, QL"] == "warn"


def test_items_left_out_are_told_apart_from_forms_not_received() -> None:
    people = cohort("patient\na\nb\nc")
    given = forms("""
    patient | day | n | instrument
    a       | 0   | 30 | qlq-c30
    b       | 0   | 15 | qlq-c30
    """)
    values = scores(given, QL=[50.0, None], PF=[50.0, 40.0])
    asked = Study(id="s", title="S", quality_of_life={"instruments": ["qlq-c30"]})
    table = evaluate(asked, people, given, values)["item_completion"]
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["respondent"], row["visit"], row["n_forms"], row["n_complete"]) == (
        "self", "baseline", 2, 1,
    )  # fmt: skip
    assert row["items_answered"] == pytest.approx(0.75)


def test_every_item_has_its_own_completion_of_the_forms_that_ask_it() -> None:
    people = cohort("patient | age\na | 4.9\nb | 4.9\nc | 9\nd | 3")
    given = forms("""
    patient | form | day | n  | instrument         | respondent
    a       | fa   | 0   | 20 | pedsql-4.0-toddler | parent
    b       | fb   | 0   | 22 | pedsql-4.0         | parent
    c       | fc   | 0   | 23 | pedsql-4.0         | parent
    c       | far  | -9  | 1  | pedsql-4.0         | parent
    d       | fd   | 0   | 21 | pedsql-4.0         | parent
    """)
    values = scores(given, total=[50.0, 40.0, 60.0, 1.0, 70.0])
    blank = [("fa", "pedsql-4.0-toddler", "sc3"), ("fb", "pedsql-4.0", "sc4")]
    # Under the name of the whole series, by the parent of a toddler: the form without these two.
    blank += [("fd", "pedsql-4.0", "sc4"), ("fd", "pedsql-4.0", "sc5")]
    # A form that is not used says nothing.
    blank += [("far", "pedsql-4.0", "pf1")]
    items = pd.DataFrame(blank, columns=["questionnaire_id", "instrument", "item"])
    items = items.assign(source="epro", state="blank")
    asked = Study(id="s", title="S", quality_of_life={"instruments": ["pedsql-4.0"]})
    table = evaluate(asked, people, given, values, items)["item_completion"]
    whole = table[table["item"].isna()].iloc[0]
    assert (whole["n_forms"], whole["n_complete"]) == (4, 2)
    each = table[table["item"].notna()].set_index("item")
    assert len(each) == 23
    assert each.loc["sc3", ["n_forms", "n_complete"]].tolist() == [4, 3]
    # Toddlers are not asked for the last two items of school.
    assert each.loc["sc4", ["n_forms", "n_complete"]].tolist() == [2, 1]
    assert each.loc["sc4", "items_answered"] == pytest.approx(0.5)
    assert each.loc["pf1", "n_complete"] == 4
    assert each["n_scored"].isna().all()
