"""What counts as an answer: text, blanks, invalid values, names, and how many are enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import instruments, score
from analyses.quality_of_life.scale import ItemScale

BEST_STATE = {"mo": 1, "sc": 1, "ua": 1, "pd": 1, "ad": 1}


def middle(instrument: str) -> dict[str, int]:
    """A fully answered form, each answer valid."""
    items = instruments()[instrument].items.values()
    return {item.key: (item.minimum + item.maximum) // 2 for item in items}


def enough(scale: ItemScale) -> int:
    """The fewest answers the rule of a scale is content with."""
    counts = range(1, len(scale.items) + 1)
    limit = scale.answered.share * len(scale.items)
    return next(n for n in counts if (n > limit if scale.answered.more_than else n >= limit))


ITEM_SCALES = [
    (instrument.id, scale.name)
    for instrument in instruments().values()
    for scale in instrument.scales
    if isinstance(scale, ItemScale)
]


@pytest.mark.parametrize(("instrument", "name"), ITEM_SCALES)
def test_a_scale_is_scored_from_the_fewest_answers_on_and_not_below(instrument, name):
    scale = next(s for s in instruments()[instrument].scales if s.name == name)
    answers = middle(instrument)
    fewest = enough(scale)
    for n_answered in {fewest - 1, fewest, len(scale.items)}:
        form = {key: answers[key] for key in scale.items[:n_answered]} or {scale.items[0]: None}
        value = score(instrument, pd.DataFrame([form]))[name].iloc[0]
        assert np.isnan(value) == (n_answered < fewest), n_answered


@pytest.mark.parametrize(
    ("instrument", "scale", "fewest"),
    [
        # EORTC: at least half. FACT: more than half. PedsQL: half. RAND: any.
        ("qlq-c30", "PF", 3), ("qlq-c30", "FA", 2), ("qlq-c30", "EF", 2), ("qlq-c30", "RF", 1),
        ("fact-g", "PWB", 4), ("fact-g", "EWB", 4), ("fact-lym", "LymS", 8),
        ("pedsql-4.0", "physical", 4), ("pedsql-4.0", "school", 3), ("pedsql-4.0", "total", 12),
        ("rand-36", "PF", 1),
    ],
)  # fmt: skip
def test_the_fewest_answers_of_the_published_rules(instrument, scale, fewest):
    found = next(s for s in instruments()[instrument].scales if s.name == scale)
    assert isinstance(found, ItemScale)
    assert enough(found) == fewest


@pytest.mark.parametrize(("n_blank", "is_scored"), [(5, True), (6, False)])
def test_fact_g_total_needs_more_than_four_fifths_of_its_items(n_blank, is_scored):
    # 22 of 27 is over 80 %, 21 is not; every subscale keeps more than half throughout.
    blank = ["GP1", "GP2", "GS1", "GS2", "GF1", "GF2"][:n_blank]
    form = {key: answer for key, answer in middle("fact-g").items() if key not in blank}
    scores = score("fact-g", pd.DataFrame([form])).iloc[0]
    assert scores[["PWB", "SWB", "EWB", "FWB"]].notna().all()
    assert pd.notna(scores["total"]) == is_scored


def test_fact_g_total_needs_every_subscale():
    form = {key: a for key, a in middle("fact-g").items() if key not in ("GE1", "GE2", "GE3")}
    scores = score("fact-g", pd.DataFrame([form])).iloc[0]  # 24 of 27 items, but half of EWB
    assert np.isnan(scores["EWB"])
    assert np.isnan(scores["total"])


# Items left out one by one while every subscale keeps more than half of its own.
SPARED = ["GP1", "GP2", "GP3", "GS1", "GS2", "GS3", "GF1", "GF2"]


@pytest.mark.parametrize(
    ("instrument", "n_items", "fewest"),
    # More than four fifths: 33.6 of 42, 29.6 of 37.
    [("fact-lym", 42, 34), ("fact-bmt", 37, 30)],
)
def test_fact_totals_need_more_than_four_fifths_and_the_trial_outcome_index_does_not(
    instrument, n_items, fewest
):
    assert len(middle(instrument)) == n_items
    for n_answered in (fewest - 1, fewest):
        # Of FACT-Lym the ninth item is from its own scale of fifteen.
        blank = [*SPARED, "P2"][: n_items - n_answered]
        form = {key: a for key, a in middle(instrument).items() if key not in blank}
        assert len(form) == n_answered
        scores = score(instrument, pd.DataFrame([form])).iloc[0]
        assert scores.drop(["total", "fact_g"]).notna().all()
        assert pd.notna(scores["total"]) == (n_answered == fewest), n_answered


@pytest.mark.parametrize(("instrument", "own"), [("fact-lym", "LymS"), ("fact-bmt", "BMTS")])
def test_a_trial_outcome_index_is_the_sum_of_its_scales_however_few_items_they_have(
    instrument, own
):
    """FACTscorer: PWB + FWB + own scale, each by its half rule and nothing else."""
    scales = {s.name: s for s in instruments()[instrument].scales if isinstance(s, ItemScale)}
    parts = [scales[name] for name in ("PWB", "FWB", own)]
    fewest = {key for scale in parts for key in scale.items[: enough(scale)]}
    form = {key: a for key, a in middle(instrument).items() if key in fewest}
    assert len(form) < 0.6 * sum(len(scale.items) for scale in parts)
    scores = score(instrument, pd.DataFrame([form])).iloc[0]
    assert scores["toi"] == pytest.approx(scores[["PWB", "FWB", own]].sum())
    assert np.isnan(scores["total"])
    # One answer less of one scale, which is then half answered: no index.
    del form[scales[own].items[0]]
    assert np.isnan(score(instrument, pd.DataFrame([form]))["toi"].iloc[0])


def test_qlq_c30_summary_needs_all_thirteen_scales_but_not_ql_and_fi():
    without_two = {k: a for k, a in middle("qlq-c30").items() if k not in ("q28", "q29", "q30")}
    without_dyspnoea = {k: a for k, a in middle("qlq-c30").items() if k != "q8"}
    assert pd.notna(score("qlq-c30", pd.DataFrame([without_two]))["summary"].iloc[0])
    assert np.isnan(score("qlq-c30", pd.DataFrame([without_dyspnoea]))["summary"].iloc[0])


@pytest.mark.parametrize("blank", list(BEST_STATE))
def test_a_utility_needs_all_five_dimensions(blank):
    forms = pd.DataFrame([BEST_STATE, BEST_STATE | {blank: None}])
    assert score("eq-5d-5l", forms)["utility"].isna().tolist() == [False, True]
    assert score("eq-5d-5l", forms.drop(columns=blank))["utility"].isna().all()


def test_the_index_is_kept():
    forms = pd.DataFrame([BEST_STATE, BEST_STATE], index=pd.Index(["b", "a"], name="form"))
    assert score("eq-5d-5l", forms).index.equals(forms.index)


def test_no_forms_give_no_scores_but_every_column():
    scores = score("qlq-c30", pd.DataFrame({"q1": []}))
    assert scores.shape == (0, 16)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 4]),
        pd.Series(["1", " 4 "]),
        pd.Series(["1,0", "4.0"]),
        pd.Series([1, 4], dtype="Int64"),
        pd.Series(["1", "4"], dtype="string"),
        pd.Series(["1", "4"], dtype="category"),
        pd.Series([1, "4"], dtype=object),
    ],
    ids=["integer", "text", "decimals", "Int64", "string", "category", "mixed"],
)
def test_text_and_numbers_are_the_same_answers(column):
    assert score("qlq-c30", pd.DataFrame({"q8": column}))["DY"].tolist() == [0, 100]


@pytest.mark.parametrize("blank", [None, np.nan, pd.NA, "", "  ", "NA"])
def test_a_blank_is_not_answered(blank):
    form = pd.DataFrame({"q8": pd.Series([blank, "1"], dtype=object)})
    assert score("qlq-c30", form)["DY"].isna().tolist() == [True, False]


@pytest.mark.parametrize("answer", [0, 5, -1, 1.5, "1.5", "often", "1e0", "inf", np.inf])
def test_an_invalid_answer_is_an_error_naming_column_and_rows_but_no_value(answer):
    forms = pd.DataFrame({"Q8": pd.Series([1, answer, answer], dtype=object), "q9": [1, 2, 3]})
    with pytest.raises(AnalysisError, match=r"column 'Q8' \(2 rows outside 1 to 4\)") as caught:
        score("qlq-c30", forms)
    assert "q9" not in str(caught.value)
    assert "often" not in str(caught.value)


def test_yes_and_no_are_no_answers_on_a_scale():
    with pytest.raises(AnalysisError, match=r"'q8' \(2 rows"):
        score("qlq-c30", pd.DataFrame({"q8": [True, False]}))


def test_an_invalid_answer_can_be_taken_as_missing():
    forms = pd.DataFrame({"q8": [1, 9]})
    assert score("qlq-c30", forms, invalid="missing")["DY"].isna().tolist() == [False, True]


def test_codes_for_not_answered_are_no_invalid_answers():
    form = middle("fact-g") | {"GP1": 8, "GP2": 9}
    assert score("fact-g", pd.DataFrame([form]))["PWB"].iloc[0] == 14  # five of 2, times 7 / 5


@pytest.mark.parametrize(
    ("instrument", "names"),
    [
        ("eq-5d-5l", ["MO", "SC", "UA", "PD", "AD"]),
        ("EQ_5D_5L", ["Mobility", "self-care", "usual activities", "pain_discomfort", "anxiety"]),
        (
            "EQ5D5L",
            ["Mobilité", "Autonomie", "Activités courantes", "Douleurs/gêne", "Anxiété"],
        ),
    ],
)
def test_item_names_are_taken_in_any_case_and_by_alias(instrument, names):
    forms = pd.DataFrame([[5, 4, 3, 2, 1]], columns=names)
    assert score(instrument, forms)["utility"].iloc[0] == pytest.approx(0.440889)


@pytest.mark.parametrize("name", ["q8", "Q8", "Q08", " q_8", "8", 8, "item8", "C30_8", "C30_Q08"])
def test_numbered_items_are_taken_as_they_are_written(name):
    assert score("QLQ-C30", pd.DataFrame([[4]], columns=[name]))["DY"].tolist() == [100]


def test_an_unknown_instrument_lists_the_known_ones():
    with pytest.raises(
        AnalysisError, match=r"'qlq-c31'.*did you mean qlq-c30.*eq-5d-5l, fact-bmt, fact-g"
    ):
        score("qlq-c31", pd.DataFrame({"q1": [1]}))


def test_an_unknown_item_names_the_nearest():
    with pytest.raises(AnalysisError, match="column 'q31' is no item of qlq-c30; the nearest is"):
        score("qlq-c30", pd.DataFrame({"q31": [1]}))


def test_one_item_in_two_columns_is_an_error():
    with pytest.raises(AnalysisError, match="columns 'q1' and 'Q01' are both item q1"):
        score("qlq-c30", pd.DataFrame({"q1": [1], "Q01": [2]}))


def test_an_unknown_way_with_invalid_answers_is_an_error():
    with pytest.raises(AnalysisError, match="must be 'error' or 'missing'"):
        score("qlq-c30", pd.DataFrame({"q1": [1]}), invalid="ignore")
