"""Words of the data that are few people's, or of no list, are in no table of a public release."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.disclosure import DEFAULT_THRESHOLD, SuppressionPolicy, suppress_results
from analyses.results import RESULT_TABLES

K = DEFAULT_THRESHOLD
NAME = "Durand"


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    of = {"study_id": "s", "analysis_set": "infused", "adjustment": "none", "endpoint": "os"}
    names = RESULT_TABLES[name].names
    return pd.DataFrame([{**of, **row} for row in rows]).reindex(columns=names)


def tables(people: int) -> dict[str, pd.DataFrame]:
    """A study stratified by arm, one of which is somebody's name and has `people` people."""
    sizes = {"a": 40, "b": 50, NAME: people}
    counted = [
        {"stratum": stratum, "variable": "patients", "statistic": "n", "value": n}
        for stratum, n in {**sizes, "overall": sum(sizes.values())}.items()
    ]
    estimate = {"hazard_ratio": 0.7, "std_error": 0.2, "p_value": 0.08, "n": 90, "n_event": 50}
    compared = {"stratify_by": "covariate:arm", "statistic": 1.0, "p_value": 0.3}
    followed = "follow_up_maturity: median days of follow-up, stratum"
    return {
        "baseline": table("baseline", counted),
        "hazard_ratio": table(
            "hazard_ratio",
            [
                {"term": f"covariate:arm={level}", "model": "cox", "reference": "a", **estimate}
                for level in ("b", NAME)
            ],
        ),
        "comparison_test": table(
            "comparison_test",
            [{"test": f"rmst_difference: {level}", **compared} for level in ("b", NAME)],
        ),
        "contrast": table(
            "contrast",
            [
                {"level": level, "reference": "a", "contrast": "rmst_ratio", "estimate": 1.0}
                for level in ("b", NAME)
            ],
        ),
        "diagnostic": table(
            "diagnostic",
            [
                {"diagnostic": f"overdispersed_events: crs, stratum {level}", "value": 1.1}
                for level in ("b", NAME)
            ]
            + [{"diagnostic": f"{followed} {NAME}", "status": "pass"}],
        ),
    }


def words(shown: dict[str, pd.DataFrame]) -> str:
    return " ".join(frame.to_csv(index=False) for frame in shown.values())


@pytest.mark.parametrize(("people", "told"), [(K - 1, False), (K, True), (K + 1, True)])
def test_the_label_of_few_is_in_no_table(people: int, told: bool) -> None:
    shown = suppress_results(tables(people), SuppressionPolicy(K))
    assert (NAME in words(shown)) == told
    assert ("withheld" in words(shown)) != told
    assert set(shown["baseline"]["stratum"]) >= {"a", "b", "overall"}
    assert "covariate:arm=b" in set(shown["hazard_ratio"]["term"])
    other = shown["diagnostic"][shown["diagnostic"]["diagnostic"].str.contains("overdispersed")]
    # What is said of the group goes with its label.
    assert other["value"].notna().tolist() == [True, told]


def test_groups_of_few_are_pooled_under_one_word() -> None:
    exact = tables(2)
    again = exact["baseline"][exact["baseline"]["stratum"] == NAME].assign(stratum="Dupont")
    exact["baseline"] = pd.concat([exact["baseline"], again], ignore_index=True)
    shown = suppress_results(exact, SuppressionPolicy(K))["baseline"]
    assert shown["stratum"].tolist().count("withheld") == 1
    assert shown.loc[shown["stratum"] == "withheld", "value"].isna().all()


@pytest.mark.parametrize(("people", "word"), [(K - 1, "withheld"), (K, "unlisted_1")])
@pytest.mark.parametrize("spelling", [NAME, "DURAND", "durand "])
def test_a_code_in_no_list_is_not_shown_in_its_own_words(
    people: int, word: str, spelling: str
) -> None:
    shown = suppress_results(tables(people), SuppressionPolicy(K), unlisted=[spelling])
    assert NAME.casefold() not in words(shown).casefold()
    assert word in set(shown["baseline"]["stratum"])
    assert f"covariate:arm={word}" in set(shown["hazard_ratio"]["term"])
    sizes = shown["baseline"].set_index("stratum")["value"]
    assert pd.notna(sizes[word]) == (people >= K)


@pytest.mark.parametrize(("number", "told"), [(K - 1, False), (K, True), (K + 1, True)])
def test_levels_causes_and_respondents_of_few_are_not_named(number: int, told: bool) -> None:
    counted = [
        {"stratum": "overall", "variable": "patients", "statistic": "n", "value": 40},
        {"stratum": "overall", "variable": "product", "level": NAME, "value": number},
        {"stratum": "overall", "variable": "product", "level": "other", "value": 40 - number},
    ]
    deaths = [
        {"endpoint": "death_by_cause", "stratum": "overall", "cause": cause, "time_days": day}
        | {"n_at_risk": 40, "n_event": n, "incidence": 0.1}
        for cause, n in (("Cause of one", number), ("infection", 20))
        for day in (10,)
    ]
    forms = [
        {"instrument": "i", "respondent": one, "stratum": "overall", "visit": "v", "n_forms": n}
        for one, n in (("Grandmother", number), ("self", 30))
    ]
    exact = {
        "baseline": table("baseline", [{"statistic": "n", **row} for row in counted]),
        "cumulative_incidence": table("cumulative_incidence", deaths),
        "item_completion": table("item_completion", forms),
        "diagnostic": table(
            "diagnostic",
            [{"diagnostic": f"too_few_events: cox, cause {one}"} for one in ("Cause of one",)],
        ),
    }
    said = words(suppress_results(exact, SuppressionPolicy(K)))
    for secret in (NAME, "Cause of one", "Grandmother"):
        assert (secret in said) == told, secret
    for known in ("other", "infection", "self"):
        assert known in said, known


def test_our_own_words_and_small_numbers_stay() -> None:
    rows = [
        {"stratum": "overall", "variable": variable, "level": level, "statistic": "n", "value": 2}
        for variable, level in (("sex", "U"), ("age_group", "75+"), ("line", "7"))
    ]
    missing = {"stratum": "missing", "variable": "patients", "statistic": "n", "value": 2}
    exact = {"baseline": table("baseline", [*rows, missing])}
    shown = suppress_results(exact, SuppressionPolicy(K), unlisted=["U", "free_text"])["baseline"]
    assert shown["level"].dropna().tolist() == ["U", "75+", "7"]
    assert "missing" in set(shown["stratum"])
    assert shown["value"].isna().all()
