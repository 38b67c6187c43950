"""The registered instruments, and what a wrong instrument file is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from analyses.errors import AnalysisError
from analyses.quality_of_life import (
    find_instrument,
    instruments,
    registry,
    score,
    score_long,
    utility_ages,
)
from analyses.quality_of_life.registry import INSTRUMENT_FILES, load_instrument
from analyses.quality_of_life.scale import CompositeScale, ValueSetScale


def example() -> dict[str, Any]:
    """The example of the README, as a file's content."""
    text = (INSTRUMENT_FILES / "README.md").read_text(encoding="utf-8")
    content = yaml.safe_load(text.split("```yaml")[1].split("```")[0])
    assert isinstance(content, dict)
    return content


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "example-4.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_every_instrument_is_registered_under_the_name_of_its_file():
    files = {path.stem for path in INSTRUMENT_FILES.glob("*.yml")}
    assert files == set(instruments())


@pytest.mark.parametrize(
    ("name", "n_items", "n_in_scales"),
    [
        ("eq-5d-5l", 6, 6), ("eq-5d-3l", 6, 6), ("qlq-c30", 30, 30), ("pedsql-4.0", 23, 23),
        ("fact-g", 27, 27), ("fact-lym", 42, 42), ("fact-bmt", 37, 37),
        ("pedsql-4.0-toddler", 21, 21), ("rand-36", 36, 35),
    ],
)  # fmt: skip
def test_the_number_of_items_is_the_published_one(name, n_items, n_in_scales):
    instrument = instruments()[name]
    used = {
        key
        for scale in instrument.scales
        if not isinstance(scale, CompositeScale)
        for key in scale.items
    }
    assert (len(instrument.items), len(used)) == (n_items, n_in_scales)


@pytest.mark.parametrize("name", list(instruments()))
def test_best_answers_give_the_best_scores_and_worst_the_worst(name):
    """Direction: turning every answer from best to worst moves every scale its declared way."""
    instrument = instruments()[name]
    higher_is = {scale.name: scale.higher_is for scale in instrument.scales}
    worse_when_high = {
        key
        for scale in instrument.scales
        if scale.higher_is == "worse" and not isinstance(scale, CompositeScale)
        for key in scale.items
    }
    of_utility = {
        key
        for scale in instrument.scales
        if isinstance(scale, ValueSetScale)
        for key in scale.items
    }
    best, worst = {}, {}
    for key, item in instrument.items.items():
        low_is_best = item.reverse or key in worse_when_high or key in of_utility
        best[key] = item.minimum if low_is_best else item.maximum
        worst[key] = item.maximum if low_is_best else item.minimum
    scores = score(name, pd.DataFrame([best, worst]))
    for scale in instrument.scale_names:
        good, bad = scores[scale]
        assert good > bad if higher_is[scale] == "better" else good < bad, scale


@pytest.mark.parametrize(
    ("instrument", "scale", "limits"),
    [
        ("fact-g", "total", (0, 108)), ("fact-lym", "LymS", (0, 60)),
        ("fact-lym", "toi", (0, 116)), ("fact-lym", "total", (0, 168)),
        ("fact-bmt", "BMTS", (0, 40)), ("fact-bmt", "toi", (0, 96)),
        ("fact-bmt", "total", (0, 148)),
        ("qlq-c30", "summary", (0, 100)), ("qlq-c30", "QL", (0, 100)),
        ("pedsql-4.0", "total", (0, 100)), ("rand-36", "GH", (0, 100)),
    ],
)  # fmt: skip
def test_scales_reach_their_published_ends_and_no_further(instrument, scale, limits):
    found = instruments()[instrument]
    flipped = {"q8", *(f"q{i}" for i in range(9, 20)), "q28"} if instrument == "qlq-c30" else set()
    ends = []
    for at_best in (False, True):
        form = {
            key: item.minimum if (item.reverse or key in flipped) == at_best else item.maximum
            for key, item in found.items.items()
        }
        ends.append(score(instrument, pd.DataFrame([form]))[scale].iloc[0])
    assert ends == pytest.approx(list(limits))


@pytest.mark.parametrize("name", ["EQ-5D-5L", "eq5d5l", "EQ_5D_5L", "EuroQol 5D 5L"])
def test_an_instrument_is_found_under_any_of_its_names(name):
    assert find_instrument(name).id == "eq-5d-5l"


def test_the_example_of_the_readme_is_an_instrument(tmp_path):
    instrument = load_instrument(written(tmp_path, example()))
    assert instrument.scale_names == ("function", "symptom", "total")
    assert instrument.key_names()["item01"] == "a1"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"colour": "red"}, r"colour: Extra inputs"),
        ({"recall_days": "a week"}, r"recall_days: Input should be a valid integer"),
        ({"key_aliases": {"item1": "a2"}}, r"'item1' stands for both a2 and a1"),
        ({"key_aliases": {"other": "a9"}}, r"aliases of items that do not exist: a9"),
        (
            {"item_groups": [{"keys": ["a1", "a1", "a2", "a3", "a4"], "minimum": 0, "maximum": 4}]},
            r"item keys listed twice: a1",
        ),
        (
            {"item_groups": [{"keys": ["a1", "a2", "a3"], "minimum": 0, "maximum": 4}]},
            r"aliases of items that do not exist: a4|uses unknown items: a4",
        ),
        (
            {"minimal_important_difference": [
                {"scales": ["mood"], "improvement": 1, "deterioration": 1, "source": "x",
                 "verified": False}
            ]},
            r"a threshold is given for unknown scales: mood",
        ),
    ],
    ids=["field", "type", "two-items", "alias", "twice", "missing-item", "threshold"],
)  # fmt: skip
def test_a_wrong_instrument_file_is_told_what_is_wrong(tmp_path, change, problem):
    path = written(tmp_path, example() | change)
    with pytest.raises(AnalysisError, match=rf"example-4\.yml, .*({problem}).*correct"):
        load_instrument(path)


def test_a_scale_of_scales_that_come_later_is_refused(tmp_path):
    content = example()
    content["scales"].reverse()
    with pytest.raises(AnalysisError, match="total uses scales not listed before it"):
        load_instrument(written(tmp_path, content))


def test_a_value_set_without_a_level_is_refused(tmp_path):
    path = INSTRUMENT_FILES / "eq-5d-5l.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["value_sets"]["france"]["decrements"]["pd"].pop()
    with pytest.raises(AnalysisError, match="a value set lacks a level of items: pd"):
        load_instrument(written(tmp_path, content))


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    path = tmp_path / "broken.yml"
    path.write_text("id: [", encoding="utf-8")
    with pytest.raises(AnalysisError, match=r"broken\.yml is not readable as YAML"):
        load_instrument(path)


def test_two_instruments_may_not_share_a_name(tmp_path, monkeypatch):
    for number, name in enumerate(("first", "second")):
        path = tmp_path / f"{name}.yml"
        content = example() | {"id": name, "aliases": ["Shared Name" if number else "shared-name"]}
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    loaded = {path.stem: load_instrument(path) for path in sorted(tmp_path.glob("*.yml"))}
    monkeypatch.setattr(registry, "instruments", lambda: loaded)
    with pytest.raises(AnalysisError, match="second and first are both named 'Shared Name'"):
        registry.instrument_names.__wrapped__()


def test_every_file_says_what_a_reviewer_asks_of_an_instrument():
    """Keys, range, direction, missing rule, recall, threshold per direction with its source,
    licence; thresholds and value sets that were not checked say so."""
    for name, one in instruments().items():
        assert one.recall_days > 0, name
        assert one.licence, name
        assert one.sources, name
        assert all(item.minimum < item.maximum for item in one.items.values()), name
        for scale in one.scales:
            assert scale.higher_is in ("better", "worse"), name
        for difference in one.minimal_important_difference:
            assert difference.improvement > 0, name
            assert difference.deterioration > 0, name
            assert difference.source, name
        for value_set in one.value_sets.values():
            assert value_set.source, name
            assert value_set.ages.minimum >= one.ages.minimum, name


@pytest.mark.parametrize("name", ["EQ-5D-Y", "EQ-5D-Y-3L", "eq5d y", "EQ-5D-Y-5L"])
def test_the_instrument_for_children_is_not_taken_for_the_one_for_adults(name):
    with pytest.raises(AnalysisError, match=r"is not registered"):
        find_instrument(name)
    answers = pd.DataFrame({"item": ["mo", "sc", "ua", "pd", "ad"], "answer": 1})
    answers = answers.assign(questionnaire_id="f", instrument=name)
    assert score_long(answers).empty


def test_the_ages_of_a_utility_are_those_of_its_instrument_and_value_set_together():
    ages = utility_ages().set_index(["instrument", "scale"])
    of_adults = ages.loc[["eq-5d-3l", "eq-5d-5l"]]
    assert set(of_adults["minimum_age"]) == {18}
    assert of_adults["maximum_age"].isna().all()
    assert set(ages.index) >= {
        ("eq-5d-3l", "utility"), ("eq-5d-5l", "utility"), ("eq-5d-5l", "utility_crosswalk"),
    }  # fmt: skip


def test_a_scale_that_was_not_checked_says_what_of_it():
    unchecked = {
        (one.id, scale.name): scale.note
        for one in instruments().values()
        for scale in one.scales
        if not scale.verified
    }
    assert all(unchecked.values()), unchecked
    # The rule of the summary, and the split of the items into scales, are from memory.
    assert {name for instrument, name in unchecked if instrument == "qlq-c30"} == {"summary"}
    own = set(find_instrument("pedsql").scale_names)
    assert {name for instrument, name in unchecked if instrument == "pedsql-4.0"} == own
