"""Which value of a patient counts, and how patients are grouped by it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from analyses.cohort import Cohort, build_cohort
from analyses.cohort.strata import refuse_reference
from analyses.errors import AnalysisError
from analyses.studies import Study, StudyError
from tests.lib.marts import Marts, day
from tests.lib.studies import evaluated
from tests.lib.studies import found as diagnostics_of


def cohort(marts: Marts, **more: Any) -> Cohort:
    with marts.connect() as con:
        return build_cohort(Study(**{"id": "s", "title": "A study", **more}), con)


def value_of(marts: Marts, name: str = "ecog") -> Any:
    return cohort(marts, adjust_for=(f"covariate:{name}",)).patients[f"covariate:{name}"].iloc[0]


def test_the_latest_value_by_the_index_date_counts() -> None:
    marts = Marts().source().person("p")
    marts.covariate("p", "ecog", 1, measured_date=day(-9)).covariate("p", "ecog", 3)
    marts.covariate("p", "ecog", 2, measured_date=day(0)).covariate(
        "p", "ecog", 4, measured_date=day(1)
    )
    assert value_of(marts) == 2


def test_an_undated_value_counts_when_there_is_no_dated_one() -> None:
    marts = Marts().source().person("p").covariate("p", "ecog", 3)
    assert value_of(marts.covariate("p", "ecog", 4, measured_date=day(1))) == 3


def test_a_value_of_the_treatment_comes_before_a_later_one_of_the_patient() -> None:
    marts = Marts().source().person("p").covariate("p", "ecog", 0, measured_date=day(-1))
    marts.covariate("p", "ecog", 1, measured_date=day(-9), treatment_id="p-1")
    assert value_of(marts) == 1


def test_a_value_of_another_treatment_does_not_count() -> None:
    marts = Marts().source().person("p").covariate("p", "ecog", 1, treatment_id="p-2")
    assert math.isnan(value_of(marts))


def test_the_treatments_own_source_comes_before_others() -> None:
    marts = Marts().source("registry").source("other").person("p")
    marts.covariate("p", "ecog", 2, source="other", measured_date=day(-1))
    assert value_of(marts) == 2
    assert value_of(marts.covariate("p", "ecog", 1, measured_date=day(-9))) == 1


def test_names_are_compared_as_the_marts_write_them() -> None:
    marts = Marts().source().person("p").covariate("p", "ecog", 2)
    assert value_of(marts, "ECOG") == 2


def test_a_covariate_is_a_number_only_when_every_value_is() -> None:
    marts = Marts().source().person("p").person("q").person("r")
    marts.covariate("p", "stage", 2).covariate("q", "stage", "IV")
    values = cohort(marts, adjust_for=("covariate:stage",)).patients["covariate:stage"]
    assert values.tolist() == ["2", "IV", None]


def test_people_told_by_a_value_without_a_date_are_counted() -> None:
    marts = Marts().source().person("p").person("q").person("r").person("s")
    marts.covariate("p", "ecog", 1).covariate("q", "ecog", 2, measured_date=day(-3))
    # A dated value comes before one without a date; one after the start counts for nothing.
    marts.covariate("r", "ecog", 1).covariate("r", "ecog", 0, measured_date=day(-9))
    marts.covariate("s", "ecog", 1).covariate("s", "ecog", 0, measured_date=day(5))
    marts.covariate("p", "stage", 3, measured_date=day(-1)).covariate("p", "other", 3)
    asked = {"adjust_for": ("covariate:ECOG",), "stratify_by": "covariate:stage"}
    assert cohort(marts, **asked).undated == {"covariate:ECOG": 2, "covariate:stage": 0}
    rows = diagnostics_of(evaluated(marts, **asked).tables, "undated_covariate")
    assert rows["diagnostic"].str.startswith("undated_covariate: covariate:ECOG, people").all()
    assert rows[["value", "status"]].to_numpy().tolist() == [[2, "pass"]]


def test_without_a_stratum_everybody_is_overall() -> None:
    found = cohort(Marts().source().person("p"))
    assert found.levels == ("overall",)
    assert found.reference is None
    assert found.compared_levels == ()


def test_an_unknown_level_is_missing_and_comes_last() -> None:
    marts = Marts().source().person("p", sex="U").person("q", sex="M").person("r", sex="F")
    found = cohort(marts, stratify_by="sex")
    assert found.patients["stratum"].tolist() == ["missing", "M", "F"]
    assert found.levels == ("F", "M", "missing")
    assert found.compared_levels == ("F", "M")


def test_the_reference_is_the_most_frequent_level_and_ties_go_by_name() -> None:
    marts = Marts().source()
    for patient, product in (("p", "b"), ("q", "b"), ("r", "a")):
        marts.person(patient, product=product)
    assert cohort(marts, stratify_by="product").reference == "b"
    assert cohort(marts.person("s", product="a"), stratify_by="product").reference == "a"
    asked = cohort(marts, stratify_by="product", reference="b")
    assert (asked.reference, asked.reference_as_asked) == ("b", True)


def test_a_reference_without_patients_is_not_replaced() -> None:
    marts = Marts().source().person("p", product="a").person("q", product="b")
    found = cohort(marts, stratify_by="product", reference="c")
    assert (found.reference, found.reference_as_asked) == (None, False)
    assert found.compared_levels == ()


def test_a_reference_that_nobody_has_is_told_with_the_levels_and_the_nearest() -> None:
    asked = Study(id="s", title="A study", stratify_by="centre", reference="Lepzig")
    with pytest.raises(AnalysisError, match=r"known: Bonn, Leipzig; did you mean `Leipzig`\?$"):
        refuse_reference(asked, ("Bonn", "Leipzig", "missing"))
    refuse_reference(asked.model_copy(update={"reference": "Bonn"}), ("Bonn", "Leipzig"))


def test_age_bands_are_in_the_order_of_age() -> None:
    marts = Marts().source()
    for years in (1, 2, 11, 12, 17, 18, 40, 65, 75, 90):
        marts.person(f"p{years:02d}", birth_year=2024 - years)
    found = cohort(marts, stratify_by="age_group")
    assert found.levels == ("0-1", "2-11", "12-17", "18-39", "40-64", "65-74", "75+")
    assert found.patients["stratum"].value_counts().to_dict() == {
        "0-1": 1, "2-11": 2, "12-17": 2, "18-39": 1, "40-64": 1, "65-74": 1, "75+": 2,
    }  # fmt: skip


def test_levels_of_a_number_are_whole_and_in_its_order() -> None:
    marts = Marts().source()
    for number in (10, 2, 1):
        marts.person(f"p{number}").covariate(f"p{number}", "score", number)
    assert cohort(marts, stratify_by="covariate:score").levels == ("1", "2", "10")


def test_a_measurement_cannot_be_a_stratum() -> None:
    marts = Marts().source()
    for number in range(21):
        marts.person(f"p{number}").covariate(f"p{number}", "ldh", 200.5 + number)
    with pytest.raises(StudyError, match="stratify_by covariate:ldh has 21 levels"):
        cohort(marts, stratify_by="covariate:ldh")
