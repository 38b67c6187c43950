"""A study file is validated whole, and every complaint names file, line, key and remedy."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from analyses.studies import (
    Study,
    StudyError,
    built_in_studies,
    json_schema,
    known_endpoints,
    load_studies,
    load_study,
)

# The example of the design document, key by key.
DESIGN_EXAMPLE = """\
id: lbcl_car_t
title: CAR-T cells in relapsed or refractory large B-cell lymphoma
population: {sources: [cart_registry], products: [axicabtagene_ciloleucel, tisagenlecleucel],
  indications: [dlbcl], min_line: 3, min_age: 18}
analysis_set: infused
data_cutoff: 2026-06-30
stratify_by: product
reference: tisagenlecleucel
adjust_for: [age, sex, covariate:ecog, covariate:ldh_ratio]
endpoints: [overall_survival, progression_free_survival, relapse, non_relapse_mortality,
  death_by_cause, crs_grade_3]
horizons_days: [182, 365, 730]
quality_of_life: {instruments: [eq-5d-5l, qlq-c30], visits: default}
estimand: {intercurrent_events: {next_treatment: treatment_policy, death: composite},
  pre_specified: true}
"""
MINIMAL = "id: a\ntitle: A study\n"


def written(folder: Path, text: str, name: str = "study.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(StudyError) as refused:
        load_study(written(folder, text))
    return str(refused.value).removeprefix(f"{folder}/")


def test_the_designs_example_is_read_as_written(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, DESIGN_EXAMPLE))
    assert study.data_cutoff == dt.date(2026, 6, 30)
    assert study.population.min_line == 3
    assert study.adjust_for == ("age", "sex", "covariate:ecog", "covariate:ldh_ratio")
    assert study.quality_of_life is not None
    assert study.quality_of_life.instruments == ("eq-5d-5l", "qlq-c30")
    assert study.estimand.pre_specified


def test_what_is_left_out_has_the_documented_default(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, MINIMAL))
    assert study.analysis_set == "infused"
    assert study.stratify_by is None
    assert study.population.sources is None
    assert study.conf_type == "log-log"
    assert study.quality_of_life is None
    assert study.estimand.intercurrent_events.next_treatment == "treatment_policy"


def test_a_study_cannot_be_changed_after_reading(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, MINIMAL))
    with pytest.raises(ValidationError):
        study.title = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            MINIMAL + "stratify_bi: product\n",
            "study.yml, line 3, key `stratify_bi`: unknown key; did you mean `stratify_by`?",
        ),
        (
            MINIMAL + "population:\n  product: [x]\n",
            "study.yml, line 4, key `population.product`: unknown key; did you mean `products`?",
        ),
        (
            MINIMAL + "endpoints:\n  - relapse\n  - overall_survivel\n",
            (
                "study.yml, line 5, key `endpoints`: unknown endpoint `overall_survivel`; "
                "did you mean `overall_survival`?"
            ),
        ),
        (
            MINIMAL + "stratify_by: produkt\n",
            (
                "study.yml, line 3, key `stratify_by`: unknown variable `produkt`; "
                "did you mean `product`?"
            ),
        ),
        (
            MINIMAL + "adjust_for: [agee]\n",
            "study.yml, line 3, key `adjust_for`: unknown variable `agee`; did you mean `age`?",
        ),
        (
            MINIMAL + "stratify_by: product\nadjust_for: [age, product]\n",
            (
                "study.yml, line 4, key `adjust_for`: repeats the stratum `product`; "
                "take it out of one of them"
            ),
        ),
        (
            MINIMAL + "reference: x\n",
            (
                "study.yml, line 3, key `reference`: `reference` needs `stratify_by`: "
                "there is no level to refer to"
            ),
        ),
        (
            MINIMAL + "population: {products: [axi, tisa]}\nstratify_by: product\nreference: tis\n",
            (
                "study.yml, line 5, key `reference`: `tis` is no product of the population; "
                "did you mean `tisa`?"
            ),
        ),
        (
            MINIMAL + "stratify_by: product\nreference: kymriah\n",
            (
                "study.yml, line 4, key `reference`: `kymriah` is no id of a product; "
                "did you mean `tisagenlecleucel`?"
            ),
        ),
        (
            MINIMAL + "population:\n  products: [yescarta, axicabtagene_ciloleucell]\n",
            (
                "study.yml, line 4, key `population.products`: `yescarta` is no id of a product; "
                "did you mean `axicabtagene_ciloleucel`? (and 1 more)"
            ),
        ),
        (
            MINIMAL + "population: {indications: [C83.3, folicular_lymphoma]}\n",
            (
                "study.yml, line 3, key `population.indications`: `C83.3` is no id of an "
                "indication; did you mean `dlbcl`? (and 1 more)"
            ),
        ),
        (
            "id: My Study\ntitle: A study\n",
            "study.yml, line 1, key `id`: only lower-case letters, digits and _ are allowed",
        ),
        ("title: A study\n", "study.yml, line 1, key `id`: this key is required"),
        (MINIMAL + "id: b\n", "study.yml, line 3: key `id` is given twice"),
        (
            MINIMAL + "data_cutoff: 2026-02-31\n",
            "study.yml, line 3: `2026-02-31` is no date; write YYYY-MM-DD",
        ),
        (
            MINIMAL + "data_cutoff: 31/12/2025\n",
            "study.yml, line 3, key `data_cutoff`: not a date; write it as YYYY-MM-DD",
        ),
        (
            MINIMAL + "data_cutoff: 20251231\n",
            "study.yml, line 3, key `data_cutoff`: not a date; write it as YYYY-MM-DD",
        ),
        ("id: [a\n", "study.yml, line 2: not valid YAML"),
        ("- a\n", "study.yml: a study file is a list of `key: value` lines, at least `id`"),
        ("", "study.yml: a study file is a list of `key: value` lines, at least `id`"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_remedy(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert complaint(tmp_path, text) == expected


@pytest.mark.parametrize(
    "product",
    [
        "tisagenlecleucel",
        "house_product",
        "equecabtagene_autoleucel",  # a product that the code list does not have
        "tisagenlecleucel_out_of_specification",
    ],
)
def test_a_product_of_a_sources_own_is_no_mistake(tmp_path: Path, product: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(MINIMAL + f"population: {{products: [{product}]}}\n", encoding="utf-8")
    assert load_study(path).population.products == (product,)


@pytest.mark.parametrize(
    "indication", ["sma2", "haemophilia_c", "dlbcl_transformed", "amyloidosis"]
)
def test_an_indication_of_a_sources_own_is_no_mistake(tmp_path: Path, indication: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(MINIMAL + f"population: {{indications: [{indication}]}}\n")
    assert load_study(path).population.indications == (indication,)


@pytest.mark.parametrize(
    ("indication", "meant"),
    [("dlbclx", "dlbcl"), ("dlbcx", "dlbcl"), ("LLC", "cll"), ("DLBCL", "dlbcl")],
)
def test_a_slip_in_an_indication_is_refused(tmp_path: Path, indication: str, meant: str) -> None:
    path = tmp_path / "study.yml"
    path.write_text(MINIMAL + f"population: {{indications: [{indication}]}}\n")
    with pytest.raises(StudyError, match=f"did you mean `{meant}`"):
        load_study(path)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("endpoints: []\n", "endpoints"),
        ("horizons_days: [0]\n", "horizons_days"),
        ("horizons_days: []\n", "horizons_days`: Tuple should have at least 1 item"),
        ("horizons_days: [365, 365]\n", "listed twice: 365"),
        ("analysis_set: per_protocol\n", "intention_to_treat"),
        ("population: {min_line: 4, max_line: 3}\n", "no patient could enter"),
        ("quality_of_life: {instruments: [eq5d5]}\n", "eq-5d-5l"),
        ("estimand: {intercurrent_events: {death: ignored}}\n", "while_alive"),
        ("adjust_for: ['covariate:']\n", "covariate:<name>"),
    ],
)
def test_a_value_out_of_its_list_is_refused_with_the_list(
    tmp_path: Path, text: str, part: str
) -> None:
    sentence = complaint(tmp_path, MINIMAL + text)
    assert "line 3" in sentence
    assert part in sentence


def test_an_endpoint_like_no_other_is_refused_with_the_list_of_known_ones(tmp_path: Path) -> None:
    sentence = complaint(tmp_path, MINIMAL + "endpoints: [zzz]\n")
    assert "unknown endpoint `zzz`" in sentence
    assert all(endpoint in sentence for endpoint in known_endpoints())


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"none\.yml: no such study file"):
        load_study(tmp_path / "none.yml")


def test_an_id_used_twice_names_both_files(tmp_path: Path) -> None:
    first, second = written(tmp_path, MINIMAL, "one.yml"), written(tmp_path, MINIMAL, "two.yml")
    with pytest.raises(StudyError) as refused:
        load_studies([first, second])
    assert "one.yml" in str(refused.value)
    assert "two.yml" in str(refused.value)


def test_the_built_in_studies_are_valid_and_named_like_their_files() -> None:
    files = built_in_studies()
    studies = load_studies(files)
    assert [study.id for study in studies] == [file.stem for file in files]
    assert "lbcl_car_t" in {study.id for study in studies}


def test_the_endpoint_dictionary_says_who_competes() -> None:
    endpoints = known_endpoints()
    assert not endpoints["overall_survival"].has_competing
    assert endpoints["non_relapse_mortality"].has_competing


def test_the_json_schema_knows_every_key_and_endpoint() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(Study.model_fields)
    assert schema["additionalProperties"] is False
    of_dictionary = schema["properties"]["endpoints"]["items"]["anyOf"][0]
    assert of_dictionary["enum"] == list(known_endpoints())


def test_the_schema_that_editors_use_is_the_one_of_the_code() -> None:
    path = Path(__file__).resolve().parents[3] / "docs" / "study.schema.json"
    assert json.loads(path.read_text()) == json_schema(), (
        "write it again: python -m analyses.studies.schema > docs/study.schema.json"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: &a x\ntitle: *a\n", "without `&` or `*`"),
        ("id: x\ntitle: " + "[" * 50 + "]" * 50 + "\n", "nested more than"),
        ("id: x\ntitle: " + "long " * 30_000 + "\n", "no study file"),
        ("id: x\n? [a, b]\n: c\n", "not plain text"),
        ("id: x\ntitle: y\nhorizons_days: [!!int abc]\n", "not plain text"),
        (MINIMAL + "horizons_days: [yes]\n", "line 3, key `horizons_days`: true and false"),
        (MINIMAL + "horizons_days: [10000000000]\n", "line 3, key `horizons_days`: "),
        (
            MINIMAL + "quality_of_life:\n  instruments: [qlq-c30]\n  visits: {a: 0, b: true}\n",
            "line 5, key `quality_of_life.visits`: true and false",
        ),
        (
            MINIMAL
            + "quality_of_life:\n  instruments: [qlq-c30]\n  sensitivity: {deltas: [.nan]}\n",
            "line 5, key `quality_of_life.sensitivity.deltas`: ",
        ),
    ],
)
def test_traps_are_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "trap.yml"
    path.write_text(text)
    with pytest.raises(StudyError, match=re.escape(said)):
        load_study(path)
