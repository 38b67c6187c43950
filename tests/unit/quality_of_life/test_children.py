"""A series of forms for ages, proxies apart, z-scores against the norms of a study."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.quality_of_life import evaluate
from analyses.studies import Study
from tests.lib.quality_of_life_frames import cohort, forms, scores


def norm(**more) -> dict:
    return {
        "instrument": "pedsql-4.0", "scale": "total", "respondent": "parent", "sex": "all",
        "min_age": 2, "max_age": 4, "mean": 85.0, "sd": 10.0, "source": "Invented", **more,
    }  # fmt: skip


def study(**quality_of_life) -> Study:
    asked = {"instruments": ["pedsql-4.0"], **quality_of_life}
    return Study(id="s", title="S", quality_of_life=asked)


PEOPLE = cohort("""
patient | age
a       | 4.5
b       | 4.5
c       | 9
""").assign(sex=["F", "M", "F"])
# At a year a and b are five: the parent has another form, and b answers too.
FORMS = forms("""
patient | day | respondent | instrument          | n
a       | 0   | parent     | pedsql-4.0-toddler  | 21
b       | 0   | parent     | PedsQL toddler      | 21
a       | 365 | parent     | pedsql-4.0          | 23
b       | 365 | parent     | pedsql-4.0          | 20
b       | 365 | self       | pedsql-4.0          | 23
c       | 0   | self       | pedsql-4.0          | 23
""")
VALUES = scores(FORMS, total=[75, 85, 65, 95, 50, 60])


def test_forms_for_two_ages_are_one_series_and_respondents_stay_apart() -> None:
    results = evaluate(study(), PEOPLE, FORMS, VALUES)
    curve = results["quality_of_life_curve"]
    curve = curve[curve["method"] == "observed"].set_index(["scale", "visit"])
    assert set(curve["instrument"]) == {"pedsql-4.0"}
    assert curve.loc[("total:parent", "baseline"), "mean"] == 80
    assert curve.loc[("total:parent", "M12"), "mean"] == 80
    assert curve.loc[("total", "M12"), "n_completed"] == 1
    items = results["item_completion"].set_index(["respondent", "visit"])
    # 21 items are all of the toddlers' form; 20 of 23 are not all of the other.
    assert items.loc[("parent", "baseline"), "n_complete"] == 2
    assert items.loc[("parent", "M12"), "n_complete"] == 1


def test_the_form_of_a_series_is_not_asked_for_by_its_own_name() -> None:
    with pytest.raises(ValueError, match=r"is a form of pedsql-4.0 for some ages; name pedsql-4.0"):
        study(instruments=["pedsql-4.0-toddler"])


def test_a_z_score_is_against_the_norm_of_the_age_sex_and_respondent_of_the_form() -> None:
    norms = [
        norm(),
        norm(min_age=5, max_age=7, sex="F", mean=80.0, sd=5.0),
        norm(respondent="self", min_age=8, max_age=12, mean=80.0, sd=10.0),
    ]
    table = evaluate(study(norms=norms), PEOPLE, FORMS, VALUES)["quality_of_life_z_score"]
    found = table.set_index(["scale", "visit"])
    # Two toddlers: (75 - 85) / 10 and (85 - 85) / 10.
    baseline = found.loc[("total:parent", "baseline")]
    assert (baseline["n"], baseline["mean_z"], baseline["n_low"]) == (2, -0.5, 0)
    # At five: the girl is (65 - 80) / 5 = -3, and there is no norm for the boy.
    later = found.loc[("total:parent", "M12")]
    assert (later["n"], later["n_without_norm"], later["n_low"]) == (1, 1, 1)
    own = found.loc[("total", "baseline")]
    assert (own["n"], own["n_low"]) == (1, 1)
    assert found.loc[("total", "M12"), ["n", "n_without_norm"]].tolist() == [0, 1]


def test_norms_that_overlap_or_name_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="norms 1 and 2 both hold for some scores"):
        study(norms=[norm(), norm(sex="F", min_age=4, max_age=6)])
    study(norms=[norm(sex="M"), norm(sex="F", min_age=4, max_age=6)])
    with pytest.raises(ValueError, match=r"unknown scale `totl` .*did you mean `total`"):
        study(norms=[norm(scale="totl")])
    with pytest.raises(ValueError, match="min_age is above max_age"):
        study(norms=[norm(min_age=9)])


def test_without_norms_there_are_no_z_scores() -> None:
    table: pd.DataFrame = evaluate(study(), PEOPLE, FORMS, VALUES)["quality_of_life_z_score"]
    assert table.empty
