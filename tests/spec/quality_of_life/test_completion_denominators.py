"""Who is expected to answer, who did, and why not."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.quality_of_life import evaluate
from analyses.studies import Study
from tests.lib.quality_of_life_frames import cohort, forms, scores, study

NO_FORMS = forms("patient | day")


def completion(
    people: pd.DataFrame, given: pd.DataFrame, instrument: str = "eq-5d-5l", scale: str = "vas"
) -> pd.DataFrame:
    values = scores(given, **{scale: [50.0] * len(given)})
    answered = values[
        values["questionnaire_id"].isin(given[given["n_items_answered"] > 0]["questionnaire_id"])
    ]
    return evaluate(study(instrument), people, given, answered)["completion"]


def at(found: pd.DataFrame, visit: str, stratum: str = "overall") -> dict[str | None, tuple]:
    """reason -> (n_fixed, n_expected, n_completed); None is the visit as a whole."""
    here = found[(found["visit"] == visit) & (found["stratum"] == stratum)]
    return {
        None if pd.isna(row.reason) else row.reason: (row.n_fixed, row.n_expected, row.n_completed)
        for row in here.itertuples()
    }


def test_those_who_died_left_or_are_beyond_the_cutoff_are_not_expected():
    people = cohort("""
    patient | death | end | cutoff
    a       |       |     |
    b       |       |     |
    dead    | 300   |     |
    left    |       | 300 |
    recent  |       |     | 300
    """)
    given = forms("""
    patient | day
    a       | 365
    """)
    assert at(completion(people, given), "M12") == {
        None: (5, 2, 1),
        "no_form_received": (1, 1, 0),
        "death": (1, 0, 0),
        "follow_up_ended": (1, 0, 0),
        "visit_after_cutoff": (1, 0, 0),
    }


@pytest.mark.parametrize(
    ("column", "day", "n_expected"),
    [
        ("death", 364, 0), ("death", 365, 0), ("death", 366, 1),
        ("end", 364, 0), ("end", 365, 1),
        ("cutoff", 364, 0), ("cutoff", 365, 1),
    ],
)  # fmt: skip
def test_the_nominal_day_decides(column, day, n_expected):
    people = cohort(f"patient | {column}\na | {day}")
    assert at(completion(people, NO_FORMS), "M12")[None] == (1, n_expected, 0)


def test_who_answered_early_in_the_window_and_died_before_the_nominal_day_was_expected():
    people = cohort("""
    patient | death
    a       | 340
    """)
    given = forms("""
    patient | day
    a       | 330
    """)
    assert at(completion(people, given), "M12") == {None: (1, 1, 1)}


def test_reasons_are_those_delivered_and_a_form_after_death_is_none():
    people = cohort("""
    patient | death
    ill     |
    refused |
    silent  |
    dead    | 350
    """)
    given = forms("""
    patient | day | n | reason
    ill     | 365 | 0 | too_ill
    refused | 380 | 0 | refused
    dead    | 365 | 6 |
    """)
    assert at(completion(people, given), "M12") == {
        None: (4, 3, 0),
        "too_ill": (1, 1, 0),
        "refused": (1, 1, 0),
        "no_form_received": (1, 1, 0),
        "death": (1, 0, 0),
    }


def test_an_empty_reason_is_no_reason():
    people = cohort("""
    patient
    a
    """)
    given = forms("""
    patient | day | n
    a       | 365 | 0
    """).assign(not_completed_reason="")
    assert at(completion(people, given), "M12") == {None: (1, 1, 0), "no_form_received": (1, 1, 0)}


def test_a_form_without_a_score_is_expected_and_not_completed():
    people = cohort("""
    patient
    a
    """)
    given = forms("""
    patient | day | n
    a       | 365 | 1
    """)
    found = evaluate(study(), people, given, scores(given, vas=[None]))["completion"]
    assert at(found, "M12") == {None: (1, 1, 0), "form_without_score": (1, 1, 0)}


def test_nobody_is_expected_to_fill_in_what_is_not_made_for_their_age():
    people = cohort("""
    patient | age
    infant  | 0.5
    child   | 7
    adult   | 30
    unknown |
    """)
    pedsql = at(completion(people, NO_FORMS, "pedsql-4.0", "total"), "M1")
    assert pedsql == {
        None: (4, 2, 0),
        "no_form_received": (2, 2, 0),
        "not_for_this_age": (2, 0, 0),
    }
    eq_5d = at(completion(people, NO_FORMS), "M1")
    assert eq_5d[None] == (4, 2, 0)
    # The infant is two at month 18.
    later = at(completion(people, NO_FORMS, "pedsql-4.0", "total"), "M18")
    assert later[None] == (4, 3, 0)


def test_nobody_is_expected_at_a_visit_the_instrument_is_not_asked_at_by_design():
    people = cohort("""
    patient | death | end
    a       |       |
    b       |       |
    dead    | 100   |
    left    |       | 100
    """)
    given = forms("""
    patient | day
    a       | 91
    b       | 91
    a       | 182
    b       | 365
    """)
    asked = Study(
        id="s",
        title="S",
        quality_of_life={
            "instruments": ["eq-5d-5l"], "visits": ["baseline", "M3", "M6", "M12"],
            "not_asked": {"eq-5d-5l": ["M6"]},
        },
    )  # fmt: skip
    results = evaluate(asked, people, given, scores(given, vas=[50.0, 40.0, 60.0, 30.0]))
    found = results["completion"]
    assert found["visit"].unique().tolist() == ["baseline", "M3", "M6", "M12"]
    # A form that came all the same counts; nobody else was asked, dead or not.
    assert at(found, "M6") == {None: (4, 1, 1), "not_asked_at_visit": (3, 0, 0)}
    assert at(found, "M12")[None] == (4, 2, 1)
    pattern = results["quality_of_life_pattern"]
    ended = pattern.groupby("last_visit")["ended_by"].unique().map(list).to_dict()
    # Not answering where nobody asks is no drop-out: b went on, and only a left at the end.
    assert ended == {"M12": ["end_of_data"], "M6": ["drop_out"]}


def test_a_form_with_answers_none_of_which_can_be_scored_was_received():
    people = cohort("patient\na")
    given = forms("""
    patient | day | n | unusable
    a       | 365 | 0 | 5
    """)
    assert at(completion(people, given), "M12") == {
        None: (1, 1, 0),
        "form_without_score": (1, 1, 0),
    }


def test_any_respondent_completes_a_visit():
    people = cohort("""
    patient | age
    a       | 10
    """)
    given = forms("""
    patient | day | respondent | instrument | n | reason
    a       | 182 | self       | pedsql-4.0 | 0 | refused
    a       | 182 | parent     | pedsql-4.0 | 6 |
    """)
    found = completion(people, given, "pedsql-4.0", "total")
    assert at(found, "M6") == {None: (1, 1, 1)}


def test_strata_are_counted_apart():
    people = cohort("""
    patient | stratum
    a       | axi
    b       | axi
    c       | tisa
    """)
    given = forms("""
    patient | day
    a       | 0
    c       | 0
    """)
    found = completion(people, given)
    assert at(found, "baseline", "axi")[None] == (2, 2, 1)
    assert at(found, "baseline", "tisa")[None] == (1, 1, 1)
    assert set(found["stratum"]) == {"axi", "tisa"}


def test_reasons_and_completed_add_up_to_both_denominators():
    people = cohort("""
    patient | death | end | cutoff | age
    a       | 10    |     |        | 50
    b       | 200   |     |        | 50
    c       |       | 500 |        | 50
    d       |       |     | 700    | 50
    e       |       |     |        | 17.5
    f       |       |     |        | 50
    """)
    given = forms("""
    patient | day | n | reason
    a       | 5   | 6 |
    b       | 100 | 6 |
    b       | 150 | 6 |
    c       | 365 | 0 | refused
    d       | 690 | 6 |
    e       | 30  | 6 |
    f       | -5  | 6 |
    """)
    found = completion(people, given)
    assert (found["n_completed"] <= found["n_expected"]).all()
    assert (found["n_expected"] <= found["n_fixed"]).all()
    for _, visit in found.groupby("visit"):
        whole = visit[visit["reason"].isna()].iloc[0]
        reasons = visit[visit["reason"].notna()]
        assert whole["n_fixed"] == 6
        assert whole["n_fixed"] == whole["n_completed"] + reasons["n_fixed"].sum()
        assert whole["n_expected"] == whole["n_completed"] + reasons["n_expected"].sum()
