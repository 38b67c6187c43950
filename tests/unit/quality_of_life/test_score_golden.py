"""Scores against published and independently computed values."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life import find_instrument, score

DIMENSIONS = ["mo", "sc", "ua", "pd", "ad"]

# QoLR (R package), dataqol, first row, with its scores by scoring.QLQC30.
QLQ_C30_ROW = [1, 2, None, 2, 1, 2, 1, 1, 2, 2, 3, 2, 1, 3, 3]
QLQ_C30_ROW += [2, 2, 2, 2, 1, 2, 4, 2, 3, 1, 2, 2, 1, 5, 4]
QLQ_C30_SCORES = {
    "QL": 58.33, "PF": 83.33, "RF": 83.33, "EF": 41.67, "CF": 100, "SF": 66.67,
    "FA": 33.33, "NV": 66.67, "PA": 33.33, "DY": 0, "SL": 66.67, "AP": 0,
    "CO": 33.33, "DI": 33.33, "FI": 0,
}  # fmt: skip


def states(*codes: str) -> pd.DataFrame:
    rows = [[int(level) for level in code] for code in codes]
    return pd.DataFrame(rows, columns=DIMENSIONS, index=list(codes))


def test_qlq_c30_scores_a_published_row():
    form = pd.DataFrame([QLQ_C30_ROW], columns=[f"q{i}" for i in range(1, 31)])
    scores = score("qlq-c30", form).iloc[0]
    assert scores[list(QLQ_C30_SCORES)].round(2).to_dict() == QLQ_C30_SCORES


def test_qlq_c30_summary_is_the_mean_of_thirteen_scales_with_symptoms_reversed():
    form = pd.DataFrame([QLQ_C30_ROW], columns=[f"q{i}" for i in range(1, 31)])
    # By hand from the row above: functions 375; symptoms reversed 200/3 + 100/3 + 200/3 + 100
    # + 100/3 + 100 + 200/3 + 200/3 = 1600/3.
    expected = (375 + 1600 / 3) / 13
    assert score("qlq-c30", form)["summary"].iloc[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("state", "utility"),
    [
        # R package eq5d, French value set of Andrade et al. 2020.
        ("11111", 1), ("22222", 0.85028), ("33333", 0.767819),
        ("44444", 0.027579), ("54321", 0.440889), ("55555", -0.525491),
    ],
)  # fmt: skip
def test_eq_5d_5l_french_utility(state, utility):
    assert score("eq-5d-5l", states(state)).loc[state, "utility"] == pytest.approx(utility)


def test_eq_5d_5l_all_3125_states():
    """Against the increments between levels, summed one state at a time."""
    # Andrade et al. 2020: what each level takes off beyond the level before it.
    increments = {
        "mo": (0.03759, 0.01015, 0.13175, 0.14560),
        "sc": (0.03656, 0.014221, 0.12147, 0.08608),
        "ua": (0.03313, 0.00666, 0.11710, 0.08316),
        "pd": (0.02198, 0.02506, 0.21670, 0.18025),
        "ad": (0.02046, 0.02637, 0.15322, 0.05798),
    }
    codes = ["".join(levels) for levels in itertools.product("12345", repeat=5)]
    expected = []
    for code in codes:
        taken_off = 0.0
        for dimension, level in zip(DIMENSIONS, code, strict=True):
            taken_off += sum(increments[dimension][: int(level) - 1])
        expected.append(1 - taken_off)
    utilities = score("eq-5d-5l", states(*codes))["utility"]
    assert len(utilities) == 3125
    assert utilities.to_numpy() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("state", "utility"),
    # Chevalier and de Pouvourville 2013, as in R packages eq5d and eq5dsuite.
    [("11111", 1), ("11233", 0.201), ("21212", 0.599), ("32133", -0.227), ("33333", -0.530)],
)
def test_eq_5d_3l_french_utility(state, utility):
    assert score("eq-5d-3l", states(state)).loc[state, "utility"] == pytest.approx(utility)


def test_eq_5d_3l_all_243_states():
    """A level 3 anywhere costs its constant once."""
    decrements = {  # Chevalier and de Pouvourville 2013, levels 2 and 3
        "mo": (0.155, 0.372), "sc": (0.212, 0.326), "ua": (0.156, 0.189),
        "pd": (0.112, 0.265), "ad": (0.090, 0.204),
    }  # fmt: skip
    codes = ["".join(levels) for levels in itertools.product("123", repeat=5)]
    expected = []
    for code in codes:
        utility = 1.0 - (0.174 if "3" in code else 0.0)
        for dimension, level in zip(DIMENSIONS, code, strict=True):
            if level != "1":
                utility -= decrements[dimension][int(level) - 2]
        expected.append(utility)
    utilities = score("eq-5d-3l", states(*codes))["utility"]
    assert utilities.to_numpy() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("instrument", "scale", "lowest"),
    [
        ("eq-5d-5l", "utility", -0.525491), ("eq-5d-5l", "utility_crosswalk", -0.530),
        ("eq-5d-3l", "utility", -0.530),
    ],
)  # fmt: skip
def test_a_utility_never_rises_when_a_dimension_worsens_and_the_worst_state_is_the_lowest(
    instrument, scale, lowest
):
    """Every state against every state that is one level worse in one dimension."""
    n_levels = 5 if instrument == "eq-5d-5l" else 3
    levels = pd.DataFrame(
        list(itertools.product(range(1, n_levels + 1), repeat=5)), columns=DIMENSIONS
    )
    values = score(instrument, levels)[scale].to_numpy().reshape((n_levels,) * 5)
    assert np.isfinite(values).all()
    for dimension in range(5):
        assert (np.diff(values, axis=dimension) <= 1e-12).all()
    assert values.max() == values[0, 0, 0, 0, 0] == 1
    assert values.min() == values[-1, -1, -1, -1, -1] == pytest.approx(lowest, abs=1e-12)
    found = find_instrument(instrument)
    assert found.utility_range(scale) == pytest.approx((lowest, 1.0), abs=1e-12)


def test_eq_vas_is_the_answer_itself():
    assert score("eq-5d-5l", pd.DataFrame({"vas": [0, 55, 100]}))["vas"].tolist() == [0, 55, 100]


def test_pedsql_by_hand():
    """0..4 become 100..0; summary scores are means over items (pedsql.org, scoring)."""
    form = {f"pf{i}": 0 for i in range(1, 9)}  # 8 x 100
    form |= {f"ef{i}": 1 for i in range(1, 6)}  # 5 x 75
    form |= {"sf1": 2, "sf2": 2, "sf3": 4}  # 50, 50, 0; two left out
    form |= {f"sc{i}": 3 for i in range(1, 6)}  # 5 x 25
    scores = score("pedsql-4.0", pd.DataFrame([form])).iloc[0]
    assert scores.to_dict() == pytest.approx(
        {
            "physical": 100,
            "emotional": 75,
            "social": 100 / 3,
            "school": 25,
            "psychosocial": (375 + 100 + 125) / 13,
            "total": (800 + 375 + 100 + 125) / 21,
        }
    )


def fact_g_form() -> dict[str, int]:
    form = {f"GP{i}": 1 for i in range(1, 8)}  # reversed: 7 x 3 = 21
    form |= {f"GS{i}": 3 for i in range(1, 8)}  # 21
    form |= {f"GE{i}": 1 for i in range(1, 7)}  # five reversed 15, GE2 as it is 1: 16
    form |= {f"GF{i}": 2 for i in range(1, 8)}  # 14
    return form


def test_fact_g_by_hand():
    scores = score("fact-g", pd.DataFrame([fact_g_form()])).iloc[0]
    assert scores.to_dict() == {"PWB": 21, "SWB": 21, "EWB": 16, "FWB": 14, "total": 72}


def test_fact_g_prorates_by_the_items_answered():
    form = fact_g_form()
    del form["GS7"]
    form |= {"GS1": 0, "GF1": 4}
    scores = score("fact-g", pd.DataFrame([form])).iloc[0]
    # SWB: 0 + 5 x 3 = 15 over six items, times seven. FWB: 4 + 6 x 2.
    assert scores["SWB"] == pytest.approx(17.5)
    assert scores["FWB"] == 16
    assert scores["total"] == pytest.approx(21 + 17.5 + 16 + 16)


def test_fact_lym_by_hand():
    concerns = ["P2", "LEU1", "BRM3", "ES3", "LYM1", "LYM2", "BMT6", "C2"]
    concerns += ["GA1", "HI8", "N3", "LEU6", "LEU7", "BRM9", "LEU4"]
    form = fact_g_form() | dict.fromkeys(concerns, 1)  # reversed: 15 x 3 = 45
    scores = score("fact-lym", pd.DataFrame([form])).iloc[0]
    assert scores["LymS"] == 45
    assert scores["fact_g"] == 72
    assert scores["total"] == 72 + 45
    assert scores["toi"] == 21 + 14 + 45


def test_rand_36_by_hand():
    """Each item recoded as in Hays, Sherbourne and Mazel 1993, table of recoding."""
    form = {f"q{i}": 3 for i in range(1, 37)}
    form |= dict.fromkeys([f"q{i}" for i in range(3, 13)], 2) | {"q3": 1}  # nine of 50, one of 0
    form |= {"q13": 1, "q14": 2, "q15": 2, "q16": 2}  # 0 100 100 100
    form |= {"q17": 1, "q18": 1, "q19": 2}  # 0 0 100
    form |= {"q23": 1, "q27": 2, "q29": 6, "q31": 1}  # 100 80 100 0
    form |= {"q24": 6, "q25": 6, "q26": 1, "q28": 5, "q30": 1}  # 100 100 100 80 100
    form |= {"q20": 1, "q32": 2}  # 100 25
    form |= {"q21": 1, "q22": 5}  # 100 0
    form |= {"q1": 2, "q33": 5, "q34": 1, "q35": 4, "q36": 5}  # 75 100 100 75 0
    scores = score("rand-36", pd.DataFrame([form])).iloc[0]
    assert scores.to_dict() == pytest.approx(
        {"PF": 45, "RP": 75, "RE": 100 / 3, "EF": 70, "EW": 96, "SF": 62.5, "PA": 50, "GH": 70}
    )


CROSSWALK = {"11111": 1, "11112": 0.929, "22222": 0.410, "33333": 0.275, "55555": -0.530}


@pytest.mark.parametrize(("state", "utility"), [*CROSSWALK.items(), ("12345", 0.116)])
def test_eq_5d_5l_french_crosswalk(state, utility):
    found = score("eq-5d-5l", states(state))["utility_crosswalk"].iloc[0]
    assert found == pytest.approx(utility, abs=1e-9)


# The probabilities of van Hout et al. (2012), as the R package eq5dsuite has them: that a level 2
# of five is a 2 of three (else a 1), and that a level 4 is a 3 (else a 2), by dimension. Levels 1,
# 3 and 5 are 1, 2 and 3.
VAN_HOUT = {
    "mo": (0.8226528, 0.07211538), "sc": (0.8326531, 0.24305556), "ua": (0.8021845, 0.32843137),
    "pd": (0.8011310, 0.39949749), "ad": (0.7933962, 0.49068323),
}  # fmt: skip


def test_eq_5d_5l_crosswalk_is_the_french_3l_value_set_averaged_over_what_answers_stand_for():
    """All 3,125 values of the file: each is the sum over the 243 states of three levels of the
    state's probability times its French value, rounded to 0.001."""
    of_three = list(itertools.product(range(3), repeat=5))
    older = states(*("".join(str(level + 1) for level in state) for state in of_three))
    values = score("eq-5d-3l", older)["utility"].to_numpy()
    of_five = list(itertools.product(range(5), repeat=5))
    probability = np.ones((len(of_five), len(of_three)))
    for place, (second, third) in enumerate(VAN_HOUT.values()):
        by_level = np.array(
            [[1, 0, 0], [1 - second, second, 0], [0, 1, 0], [0, 1 - third, third], [0, 0, 1]]
        )
        probability *= by_level[np.array(of_five)[:, [place]], np.array(of_three)[:, place]]
    assert probability.sum(axis=1) == pytest.approx(1)
    published = score(
        "eq-5d-5l", states(*("".join(str(level + 1) for level in state) for state in of_five))
    )["utility_crosswalk"].to_numpy()
    assert len(published) == 3125
    assert np.abs(probability @ values - published).max() < 0.0005 + 1e-6
    assert published == pytest.approx(published.round(3), abs=1e-12)


def test_fact_bmt_by_hand():
    form = {**fact_g_form(), **dict.fromkeys(("BMT1", "BMT2", "BMT3", "BMT4", "BMT6"), 1)}
    form |= dict.fromkeys(("C6", "C7", "BMT5", "BL4", "BMT8"), 2)
    scores = score("fact-bmt", pd.DataFrame([form])).iloc[0]
    # Five reversed answers of 1 are 3 each; five of 2 stay.
    assert scores["BMTS"] == 5 * 3 + 5 * 2
    assert scores["total"] == scores["fact_g"] + 25
    assert scores["toi"] == scores["PWB"] + scores["FWB"] + 25
    del form["C6"], form["C7"], form["BMT5"], form["BL4"]
    # Six of ten answered: five of 3 and one of 2, prorated.
    assert score("fact-bmt", pd.DataFrame([form]))["BMTS"].iloc[0] == pytest.approx(17 / 6 * 10)
    del form["BMT8"]
    assert np.isnan(score("fact-bmt", pd.DataFrame([form]))["BMTS"].iloc[0])


def test_the_school_scale_of_toddlers_needs_half_of_its_three_items():
    two = score("pedsql-4.0-toddler", pd.DataFrame([{"sc1": 0, "sc2": 2}]))["school"].iloc[0]
    assert two == pytest.approx(75)
    one = score("pedsql-4.0-toddler", pd.DataFrame([{"sc1": 0, "sc2": None}]))["school"].iloc[0]
    assert np.isnan(one)
