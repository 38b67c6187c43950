"""Quality of life in a public release: small cells go, with what would give them back."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.disclosure import SuppressionPolicy, suppress_results
from analyses.results import RESULT_TABLES

K = 5


def released(name: str, *rows: dict, **others: list[dict]) -> pd.DataFrame:
    """The table as a public release shows it, from rows of what a test speaks of."""
    tables = {name: list(rows), **others}
    filled = {}
    for table, given in tables.items():
        whole = {"study_id": "s", "instrument": "i", "scale": "u", "stratum": "x", "visit": "v1"}
        columns = RESULT_TABLES[table].names
        filled[table] = pd.DataFrame([{**whole, **row} for row in given]).reindex(columns=columns)
    return suppress_results(filled, SuppressionPolicy(K))[name]


def test_the_people_one_method_leaves_out_do_not_follow_from_the_other() -> None:
    rows = [
        {"method": method, "n": n, "qaly": 1.0, "horizon_days": 365, "discount_rate": 0.0}
        for method, n in (("partitioned", 40), ("weighted", 38))
    ]
    assert released("qaly", *rows)["n"].isna().tolist() == [False, True]
    rows[1]["n"] = 35
    assert released("qaly", *rows)["n"].tolist() == [40, 35]
    rows[1]["n"] = 4
    shown = released("qaly", *rows)
    assert shown["qaly"].isna().tolist() == [False, True]


@pytest.mark.parametrize(("n_reference", "hides"), [(4, True), (5, False)])
def test_a_difference_rests_on_both_groups(n_reference: int, hides: bool) -> None:
    row = {"method": "mixed_model", "n": 30, "n_reference": n_reference, "difference": 3.0}
    shown = released("quality_of_life_difference", {**row, "p_value": 0.04})
    assert shown[["difference", "p_value"]].isna().all(axis=None) == hides
    assert shown["n_reference"].isna()[0] == hides


def test_few_missing_scores_take_what_the_shift_by_delta_would_tell() -> None:
    row = {"method": "delta_adjusted", "quantity": "mean", "n": 50, "delta": -10.0, "value": 59.0}
    tip = {**row, "method": "tipping_point", "quantity": "change"}
    joint = {**row, "method": "shared_random_effects", "delta": None}
    few = [{**one, "n_missing": 3} for one in (row, tip, joint)]
    shown = released("quality_of_life_sensitivity", *few)
    assert shown["n_missing"].isna().all()
    assert shown["value"].isna().tolist() == [True, True, False]
    assert shown["delta"].isna().tolist() == [False, True, True]
    enough = released("quality_of_life_sensitivity", *[{**one, "n_missing": 9} for one in few])
    assert enough["value"].notna().all()


def test_a_small_pattern_goes_with_another_that_would_give_it_back() -> None:
    rows = [
        {"last_visit": last, "ended_by": "drop_out", "n": n, "n_completed": n, "mean": 50.0}
        for last, n in (("v1", 3), ("v2", 20), ("v3", 30))
    ]
    shown = released("quality_of_life_pattern", *rows).set_index("last_visit")
    assert shown["n"].isna().tolist() == [True, True, False]
    assert shown["mean"].isna().tolist() == [True, True, False]


def test_a_composite_mean_is_shown_where_it_tells_no_few_deaths() -> None:
    rows = [
        {"visit": visit, "time_days": day, "method": method, "mean": 50.0, "n_completed": 40,
         "n_expected": 60}
        for visit, day in (("v1", 30), ("v2", 91), ("v3", 182))
        for method in ("while_alive", "composite", "survivors")
    ]  # fmt: skip
    dead = [{"visit": v, "reason": "death", "n_fixed": n} for v, n in (("v1", 3), ("v2", 9))]
    dead.append({"visit": "v3", "reason": "death", "n_fixed": 11})
    shown = released("quality_of_life_curve", *rows, completion=dead)
    seen = shown.set_index(["method", "visit"])["mean"].notna()
    assert seen["while_alive"].all()
    # 3 are few; 9 are not; two more than the 9 shown are.
    assert seen["composite"].tolist() == [False, True, False]
    assert seen["survivors"].all()
    few = released("quality_of_life_curve", *rows, completion=[{**dead[2], "n_fixed": 4}])
    assert few.loc[few["method"] == "survivors", "mean"].isna().all()


def test_few_low_or_incomplete_ones_are_not_told() -> None:
    shown = released(
        "quality_of_life_z_score",
        {"n": 30, "n_without_norm": 2, "n_low": 3, "mean_z": -1.0},
        {"n": 30, "n_without_norm": 0, "n_low": 6, "mean_z": -1.0, "visit": "v2"},
        {"n": 4, "n_without_norm": 0, "n_low": 0, "mean_z": -1.0, "visit": "v3"},
    )
    assert shown["n_low"].isna().tolist() == [True, False, True]
    assert shown["n_without_norm"].isna().tolist() == [True, False, False]
    assert shown["mean_z"].isna().tolist() == [False, False, True]
    forms = released(
        "item_completion",
        {"n_forms": 30, "n_complete": 28, "n_scored": 20, "items_answered": 0.99, "item": None},
        {"n_forms": 4, "n_complete": 4, "n_scored": 4, "items_answered": 1.0, "visit": "v2",
         "item": None},
        {"n_forms": 30, "n_complete": 29, "items_answered": 29 / 30, "item": "q1"},
        {"n_forms": 30, "n_complete": 20, "items_answered": 2 / 3, "item": "q2"},
    )  # fmt: skip
    assert forms["n_complete"].isna().tolist() == [True, True, True, False]
    assert forms["n_scored"].isna().tolist() == [False, True, True, True]
    # 29 of 30 would be told by the share of them.
    assert forms["items_answered"].isna().tolist() == [True, True, True, False]


def test_numbers_the_curve_withholds_are_not_told_by_another_table() -> None:
    """Three of 50 without a score: neither 47 here nor 47 there."""
    curve = [
        {"time_days": 30, "method": "observed", "mean": 50.0, "n_completed": 47, "n_expected": 50}
    ]
    whole = {"n_fixed": 50, "n_expected": 50, "n_completed": 47, "reason": None}
    why = {"n_fixed": 3, "n_expected": 3, "n_completed": 0, "reason": "no_form_received"}
    others = {"quality_of_life_curve": curve, "completion": [whole, why]}
    cases = {
        "quality_of_life_sensitivity": {"method": "delta_adjusted", "n": 47, "n_missing": 9},
        "quality_of_life_difference": {"reference": "y", "n": 47, "n_reference": 30},
        "quality_of_life_z_score": {"n": 47, "n_without_norm": 0, "n_low": 6},
        "item_completion": {"n_forms": 47, "n_complete": 40, "n_scored": 40, "item": None},
    }
    for name, row in cases.items():
        shown = released(name, row, **others)
        number = "n_forms" if name == "item_completion" else "n"
        assert shown[number].isna().all(), name
        assert released(name, row)[number].notna().all(), name
    pattern = {"last_visit": "v1", "ended_by": "end_of_data", "n": 60, "n_completed": 47}
    assert released("quality_of_life_pattern", pattern, **others)["n_completed"].isna().all()
    assert released("quality_of_life_pattern", pattern)["n_completed"].notna().all()
