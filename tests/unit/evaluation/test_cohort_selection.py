"""Who enters a study, who does not, and that every step counts people exactly."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from analyses.cohort import Cohort, build_cohort
from analyses.studies import Population, Study, StudyError
from tests.lib.marts import INDEX, Marts, day

ALIVE: dict[str, tuple[int, str | None]] = {"overall_survival": (400, None)}


def study(**more: Any) -> Study:
    population = Population(**more.pop("population", {}))
    return Study(**{"id": "s", "title": "A study", "population": population, **more})


def cohort(asked: Study, marts: Marts) -> Cohort:
    with marts.connect() as con:
        return build_cohort(asked, con)


def people(asked: Study, marts: Marts) -> list[str]:
    return cohort(asked, marts).patients["patient_id"].tolist()


def test_each_criterion_is_a_step_that_counts_people() -> None:
    marts = Marts().source()
    marts.person("kept").person("other product", product="product_b")
    marts.person("other indication", indication="mm").person("line 1", line=1)
    marts.person("line unknown", line=None).person("not infused", start=None)
    marts.person("too young", birth_year=2010).person("age unknown", birth_year=None)
    marts.person("after delivery", start=dt.date(2026, 7, 1))
    marts.person("died before", outcomes={"overall_survival": (-3, "death")})
    marts.person("registered late", entry_days=400, outcomes=ALIVE)
    asked = study(
        population={
            "sources": ("registry",),
            "products": ("product_a",),
            "indications": ("dlbcl",),
            "min_line": 2,
            "min_age": 18,
        }
    )
    attrition = cohort(asked, marts).attrition
    assert list(zip(attrition["reason"], attrition["n_remaining"], strict=True)) == [
        ("people with a treatment in registry", 11),
        ("another product than the study's", 10),
        ("another indication than the study's", 9),
        ("line of treatment unknown or before 2", 7),
        ("no date of infusion", 6),
        ("index date after the data cut-off", 5),
        ("age at the index date unknown or under 18 years", 3),
        ("not the first treatment of a person in the population: it counts as next treatment", 3),
        ("follow-up ends before the index date", 2),
        ("registered at or after the end of follow-up", 1),
    ]
    assert attrition["n_excluded"].tolist() == [0, 1, 1, 2, 1, 1, 2, 0, 1, 1]
    assert attrition["step"].tolist() == list(range(1, 11))
    assert people(asked, marts) == ["kept"]


def test_a_person_is_one_across_treatments_and_sources() -> None:
    marts = Marts().source("registry").source("other")
    marts.person("p", treatment_id="second", start=day(30))
    marts.person("p", treatment_id="first", start=day(10))
    marts.person("p", source="other", treatment_id="later", start=day(20))
    found = cohort(study(), marts)
    assert found.patients["treatment_id"].tolist() == ["first"]
    assert found.later_treatments == 2
    assert found.attrition["n_remaining"].unique().tolist() == [1]


def test_the_first_treatment_is_the_first_that_meets_the_population() -> None:
    marts = Marts().source()
    marts.person("p", treatment_id="too early a line", start=day(0), line=1)
    marts.person("p", treatment_id="right", start=day(90), line=2)
    found = cohort(study(population={"min_line": 2}), marts)
    assert found.patients["treatment_id"].tolist() == ["right"]


def test_treatments_of_one_day_are_settled_by_source_and_identifier() -> None:
    marts = Marts().source("b").source("a")
    for source, treatment in (("b", "t1"), ("a", "t3"), ("a", "t2")):
        marts.person("p", source=source, treatment_id=treatment)
    patients = cohort(study(), marts).patients
    assert patients[["source", "treatment_id"]].to_numpy().tolist() == [["a", "t2"]]


def test_a_follow_up_of_no_day_is_kept() -> None:
    marts = Marts().source().person("p", outcomes={"overall_survival": (0, None)})
    assert people(study(), marts) == ["p"]


def test_the_cut_off_is_the_earlier_of_the_study_and_the_delivery() -> None:
    marts = Marts().source("registry", delivery_date=day(100)).source("slow", delivery_date=day(50))
    marts.person("p", outcomes=ALIVE)
    marts.person("q", source="slow", outcomes=ALIVE)
    patients = cohort(study(data_cutoff=day(80)), marts).patients
    assert patients["cutoff_date"].dt.date.tolist() == [day(80), day(50)]
    assert patients["end_of_follow_up"].dt.date.tolist() == [day(80), day(50)]


def test_a_death_after_the_cut_off_has_not_happened() -> None:
    marts = Marts().source()
    marts.person("p", outcomes={"overall_survival": (90, "death")})
    before, after = study(data_cutoff=day(89)), study(data_cutoff=day(90))
    assert cohort(before, marts).patients["death_date"].isna().all()
    assert cohort(after, marts).patients["death_date"].dt.date.tolist() == [day(90)]


@pytest.mark.parametrize(
    ("born", "years"),
    [
        ((1984, 1), 40.0),
        ((1984, 2), 39 + 11 / 12),
        ((1984, None), 39.5),
        ((2030, 1), None),  # born after the index date: unknown
    ],
)
def test_age_is_counted_in_months_and_mid_year_without_one(
    born: tuple[int, int | None], years: float | None
) -> None:
    marts = Marts().source().person("p", birth_year=born[0], birth_month=born[1])
    age = cohort(study(), marts).patients["age_years"].iloc[0]
    assert age == pytest.approx(math.nan if years is None else years, nan_ok=True)


@pytest.mark.parametrize(("month", "enters"), [(1, True), (2, False)])
def test_somebody_is_eighteen_from_the_month_of_the_birthday(month: int, enters: bool) -> None:
    marts = Marts().source().person("p", birth_year=INDEX.year - 18, birth_month=month)
    assert (people(study(population={"min_age": 18}), marts) == ["p"]) is enters
    assert (people(study(population={"max_age": 17}), marts) == ["p"]) is not enters


@pytest.mark.parametrize(
    ("analysis_set", "registers_from", "refused"),
    [
        ("infused", "infusion", False),
        ("intention_to_treat", "infusion", True),
        ("intention_to_treat", "apheresis", False),
        ("decision", "apheresis", True),
        ("decision", "decision", False),
    ],
)
def test_a_source_that_registers_too_late_for_the_clock_is_refused(
    analysis_set: str, registers_from: str, refused: bool
) -> None:
    marts = Marts().source("registry", registers_from=registers_from)
    marts.person("p", analysis_set=analysis_set)
    asked = study(analysis_set=analysis_set)
    if not refused:
        assert people(asked, marts) == ["p"]
        return
    with pytest.raises(StudyError) as error:
        cohort(asked, marts)
    assert "source `registry` registers from " + registers_from in str(error.value)


def test_a_late_source_without_a_treatment_of_the_population_is_no_matter() -> None:
    marts = Marts().source("registry").source("late", registers_from="infusion")
    marts.person("p", analysis_set="intention_to_treat")
    marts.person("q", source="late", product="product_z")
    asked = study(analysis_set="intention_to_treat", population={"products": ("product_a",)})
    assert people(asked, marts) == ["p"]


def test_an_unknown_source_is_refused_with_the_known_ones() -> None:
    marts = Marts().source("registry").source("other")
    with pytest.raises(StudyError, match="known sources: other, registry"):
        cohort(study(population={"sources": ("registri",)}), marts)


def test_codes_that_no_source_has_are_told() -> None:
    marts = Marts().source().person("p")
    asked = study(population={"products": ("product_a", "x"), "indications": ("y",)})
    found = cohort(asked, marts)
    assert found.absent == (("product", "x"), ("indication", "y"))
    assert found.patients.empty


@pytest.mark.parametrize("seed", range(6))
def test_the_steps_are_those_of_a_count_by_hand(seed: int) -> None:
    random = np.random.default_rng(seed)
    marts = Marts().source("a").source("b", delivery_date=dt.date(2025, 1, 1))
    treatments = []
    for number in range(80):
        treatment = {
            "person": f"p{random.integers(0, 40)}",
            "source": "ab"[random.integers(0, 2)],
            "product": f"product_{'ab'[random.integers(0, 2)]}",
            "line": int(random.integers(1, 5)),
            "start": day(int(random.integers(0, 700))) if random.random() < 0.9 else None,
        }
        treatments.append(treatment)
        person, row = treatment["person"], {k: v for k, v in treatment.items() if k != "person"}
        marts.person(str(person), treatment_id=f"t{number}", outcomes=ALIVE, **row)
    asked = study(
        population={"sources": ("a", "b"), "products": ("product_a",), "min_line": 3},
        data_cutoff=dt.date(2025, 6, 30),
    )
    cut_off = {"a": dt.date(2025, 6, 30), "b": dt.date(2025, 1, 1)}
    keeps = (
        lambda t: True,
        lambda t: t["product"] == "product_a",
        lambda t: t["line"] >= 3,
        lambda t: t["start"] is not None,
        lambda t: t["start"] <= cut_off[t["source"]],
    )
    expected = []
    for keep in keeps:
        treatments = [treatment for treatment in treatments if keep(treatment)]
        expected.append(len({treatment["person"] for treatment in treatments}))
    found = cohort(asked, marts)
    assert found.attrition["n_remaining"].tolist()[:5] == expected
    assert found.attrition["n_remaining"].iloc[-1] == len(found.patients) == expected[-1]
    first = {
        t["person"]: min(u["start"] for u in treatments if u["person"] == t["person"])
        for t in treatments
    }
    starts = dict(
        zip(found.patients["patient_id"], found.patients["start_date"].dt.date, strict=True)
    )
    assert starts == first
    assert found.later_treatments == len(treatments) - expected[-1]


def test_the_selection_runs_on_a_read_only_database(tmp_path: Path) -> None:
    with Marts().source().person("p").connect(tmp_path / "build.duckdb") as con:
        assert len(build_cohort(study(), con).patients) == 1
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("CREATE TABLE marts.more (x INTEGER)")
