"""What goes wrong in deliveries of questionnaires: each is told, and nothing is lost.

From answers as delivered, one a row, to the results of a study: every form is used or counted among
those set aside, and every answer is scored, counted as wrong, or of no instrument known here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.quality_of_life import count_invalid, evaluate, find_instrument, score, score_long
from analyses.quality_of_life.scale import ItemScale
from tests.lib.quality_of_life_frames import cohort, forms, study

PEOPLE = cohort("""
patient | death
a       |
b       | 200
""")


def answers(instrument: str, **by_form: dict[str, object]) -> pd.DataFrame:
    """Rows of answers, one a form and item."""
    rows = [
        (form, instrument, item, answer)
        for form, given in by_form.items()
        for item, answer in given.items()
    ]
    return pd.DataFrame(rows, columns=["questionnaire_id", "instrument", "item", "answer"])


def through(given: pd.DataFrame, delivered: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Results of a study of EQ-5D-5L on these forms with these answers."""
    scored = score_long(delivered).merge(
        given[["source", "patient_id", "questionnaire_id"]], on="questionnaire_id"
    )
    return evaluate(study(), PEOPLE, given, scored.assign(withheld=None))


def used_and_set_aside(results: dict[str, pd.DataFrame]) -> tuple[int, dict[str, int]]:
    told = results["diagnostic"].set_index("diagnostic")["value"]
    aside = {
        name.split(":")[0]: int(value) for name, value in told.items()
        if name.startswith("forms_") and value
    }  # fmt: skip
    return int(results["item_completion"]["n_forms"].sum()), aside


FULL = {"mo": 1, "sc": 2, "ua": 1, "pd": 3, "ad": 2, "vas": 70}


def test_answers_out_of_range_are_missing_and_counted_by_item() -> None:
    delivered = answers("eq-5d-5l", f={**FULL, "mo": 6, "vas": "101", "ua": "2.5"})
    scored = score_long(delivered).set_index("scale")["value"]
    assert scored[["utility", "vas"]].isna().all()
    counted = count_invalid(delivered).set_index("item")["n_invalid"]
    assert counted.to_dict() == {"mo": 1, "ua": 1, "vas": 1}
    frame = pd.DataFrame([{**FULL, "mo": 6}])
    with pytest.raises(AnalysisError, match=r"'mo' \(1 row outside 1 to 5\)") as told:
        score("eq-5d-5l", frame)
    assert "6" not in str(told.value)


def test_an_instrument_that_is_not_registered_is_named_with_the_known_ones() -> None:
    with pytest.raises(AnalysisError, match=r"'eq-5d-6l' is not registered: did you mean eq-5d-5l"):
        find_instrument("eq-5d-6l")
    with pytest.raises(ValueError, match="is not registered"):
        study("whoqol")
    both = pd.concat([answers("eq-5d-5l", f=FULL), answers("whoqol", g={"q1": 3})])
    assert score_long(both)["questionnaire_id"].unique().tolist() == ["f"]
    # Another's forms do not disturb the curve of the one asked for.
    given = forms("""
    patient | form | day | instrument
    a       | f    | 0   | eq-5d-5l
    a       | g    | 0   | whoqol
    """)
    assert used_and_set_aside(through(given, both)) == (1, {})


def test_two_forms_in_one_window_the_closest_to_the_nominal_date_counts_and_one_is_counted() -> (
    None
):
    given = forms("""
    patient | form | day
    a       | far  | 60
    a       | near | 31
    """)
    delivered = answers("eq-5d-5l", far={**FULL, "vas": 10}, near={**FULL, "vas": 90})
    results = through(given, delivered)
    curve = results["quality_of_life_curve"]
    assert curve.loc[curve["visit"] == "M1", "n_completed"].max() == 1
    observed = curve.query("visit == 'M1' and scale == 'vas' and method == 'observed'")
    # A mean of one person is withheld, so that of two says which of the four forms were used.
    assert observed["mean"].isna().all()
    both = pd.concat([given, given.assign(patient_id="b", questionnaire_id=["far2", "near2"])])
    again = answers("eq-5d-5l", far2={**FULL, "vas": 20}, near2={**FULL, "vas": 80})
    curve = through(both, pd.concat([delivered, again]))["quality_of_life_curve"]
    observed = curve.query("visit == 'M1' and scale == 'vas' and method == 'observed'")
    assert observed["mean"].tolist() == [(90 + 80) / 2]
    assert used_and_set_aside(results) == (1, {"forms_not_preferred": 1})


def test_a_form_dated_after_death_is_set_aside_with_a_warning() -> None:
    given = forms("""
    patient | form  | day
    b       | alive | 180
    b       | dead  | 201
    """)
    results = through(given, answers("eq-5d-5l", alive=FULL, dead=FULL))
    assert used_and_set_aside(results) == (1, {"forms_after_death": 1})
    told = results["diagnostic"].set_index("diagnostic")["status"]
    assert told["forms_after_death: eq-5d-5l"] == "warn"


def test_a_form_submitted_twice_counts_once_and_where_they_differ_the_answer_is_missing() -> None:
    once = answers("eq-5d-5l", f=FULL)
    again = once.assign(answer=once["answer"].where(once["item"] != "vas", 75))
    both = pd.concat([once, again], ignore_index=True)
    scored = score_long(both).set_index("scale")["value"]
    assert scored["utility"] == score("eq-5d-5l", pd.DataFrame([FULL]))["utility"].iloc[0]
    assert np.isnan(scored["vas"])
    counted = count_invalid(both).set_index("item")
    assert counted.loc["vas", "n_conflicting"] == 1
    assert counted["n_duplicate"].sum() == 5
    # Under another number it is a second form of the window.
    given = forms("""
    patient | form | day
    a       | f    | 0
    a       | f2   | 0
    """)
    results = through(given, answers("eq-5d-5l", f=FULL, f2=FULL))
    assert used_and_set_aside(results) == (1, {"forms_not_preferred": 1})


@pytest.mark.parametrize(
    "names",
    [
        ("mobilité", "autonomie", "activités courantes", "douleurs/gêne", "anxiété/dépression"),
        ("Mobility", "Self-Care", "Usual_Activities", "PAIN DISCOMFORT", "Anxiety/Depression"),
        ("MO", " sc ", "UA", "Pd", "ad"),
    ],
)
def test_item_keys_in_another_language_or_spelling_are_the_same_items(names) -> None:
    dimensions = ("mo", "sc", "ua", "pd", "ad")
    translated = {name: FULL[key] for name, key in zip(names, dimensions, strict=True)}
    found = score("eq-5d-5l", pd.DataFrame([translated]))["utility"].iloc[0]
    assert found == score("eq-5d-5l", pd.DataFrame([FULL]))["utility"].iloc[0]


HALF_RULES = [
    (name, scale)
    for name in ("qlq-c30", "pedsql-4.0", "pedsql-4.0-toddler", "fact-g", "fact-lym", "fact-bmt",
                 "rand-36")
    for scale in find_instrument(name).scales
    if isinstance(scale, ItemScale)
]  # fmt: skip


@pytest.mark.parametrize(("name", "scale"), HALF_RULES, ids=lambda v: getattr(v, "name", v))
def test_a_form_at_the_boundary_of_its_half_rule(name: str, scale: ItemScale) -> None:
    """The fewest answers that give a score do, and one fewer does not."""
    needed = scale.answered.share * len(scale.items)
    fewest = int(np.floor(needed)) + 1 if scale.answered.more_than else int(np.ceil(needed))
    fewest = max(fewest, 1)
    items = find_instrument(name).items
    some = {key: items[key].minimum for key in scale.items[:fewest]}
    assert score(name, pd.DataFrame([some]))[scale.name].notna().all()
    fewer = {key: items[key].minimum for key in scale.items[: fewest - 1]}
    assert score(name, pd.DataFrame([fewer], index=[0]))[scale.name].isna().all()
