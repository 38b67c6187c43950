"""The key `weights`: which covariate, and what its numbers are."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyses.studies import StudyError, load_study


def written(folder: Path, text: str) -> Path:
    path = folder / "study.yml"
    path.write_text(f"id: a\ntitle: A study\n{text}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["sampling", "covariate:sampling"])
def test_a_covariate_is_named_as_it_is_delivered_or_as_elsewhere_in_the_file(
    tmp_path: Path, name: str
) -> None:
    study = load_study(written(tmp_path, f"weights: {{covariate: '{name}', kind: case}}"))
    assert study.weights is not None
    assert (study.weights.covariate, study.weights.kind) == ("sampling", "case")
    assert study.weights.variable == "covariate:sampling"


def test_without_the_key_there_are_no_weights(tmp_path: Path) -> None:
    assert load_study(written(tmp_path, "horizons_days: [100]")).weights is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weight: {covariate: a, kind: case}", "unknown key; did you mean `weights`"),
        ("weights: {covariates: a, kind: case}", "unknown key; did you mean `covariate`"),
        ("weights: {covariate: a}", "key `weights.kind`: this key is required"),
        ("weights: {kind: case}", "key `weights.covariate`: this key is required"),
        ("weights: {covariate: a, kind: sampling}", "key `weights.kind`"),
        ("weights: {covariate: 'a b', kind: case}", "unknown variable `covariate:a b`"),
        ("weights: {covariate: response, kind: case}", "only after the start of the clock"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        load_study(written(tmp_path, text))
    assert "line 3" in str(caught.value)
    assert said in str(caught.value)
