"""Reference rates of a study: known by content, kept beside the study, told apart from a past
release's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from analyses.studies import Study
from analyses.studies.extrapolation import Extrapolation
from analyses.studies.part import Part
from analyses.studies.reference_file import ReferenceFile as FileOfAStudy
from analyses.studies.safety import StandardisedIncidence
from orchestration import reference_files, study_files
from orchestration.reference_files import ReferenceFileError
from orchestration.settings import Settings
from orchestration.study_files import StudyFile
from tests.lib.reference_rates import life_table

STUDY = """\
id: {id}
title: A study
endpoints: [overall_survival]
extrapolation: {{families: [weibull], horizon_years: 30, life_table: rates/life.csv}}
"""


def home_of(folder: Path, study: str = "a") -> Settings:
    (folder / "studies" / "rates").mkdir(parents=True)
    (folder / "studies" / f"{study}.yml").write_text(STUDY.format(id=study))
    life_table(folder / "studies" / "rates" / "life.csv")
    return Settings.from_environment({}, home=folder)


def manifest_of(*files: StudyFile, **without: str) -> dict[str, Any]:
    studies = [
        {
            "id": file.study.id,
            "sha256": file.sha256,
            "reference_files": [one.described() for one in file.references],
        }
        for file in files
    ]
    return {"release_id": "OLD", "studies": studies}


def test_a_study_tells_every_file_of_rates_that_its_keys_may_name() -> None:
    """A key of another part of the study would not be found: it must be added to both."""
    may_name = {
        (part.__name__, name)
        for part in _parts(Study)
        for name, field in part.model_fields.items()
        if any(
            validator in getattr(field, "metadata", ()) or validator in _metadata(field.annotation)
            for validator in get_args(FileOfAStudy)[1:]
        )
    }
    assert may_name == {
        (Extrapolation.__name__, "life_table"),
        (StandardisedIncidence.__name__, "rates"),
    }


def test_what_a_manifest_says_of_a_life_table(tmp_path: Path) -> None:
    (file,) = study_files.load(home_of(tmp_path))
    (told,) = file.references
    assert told.described() == {
        "key": "extrapolation.life_table",
        "file": "rates/life.csv",
        "sha256": told.sha256,
        "rows": 2 * 106 * 16,
    }
    kept = tmp_path / "kept"
    kept.mkdir()
    reference_files.keep(told, kept)
    assert (kept / "rates" / "life.csv").read_bytes() == told.path.read_bytes()
    assert file.digests == {"sha256": file.sha256, "rates/life.csv": told.sha256}


def test_a_life_table_that_changes_while_a_run_reads_it_is_not_kept(tmp_path: Path) -> None:
    (file,) = study_files.load(home_of(tmp_path))
    (told,) = file.references
    told.path.write_text(told.path.read_text() + "\n")
    with pytest.raises(ReferenceFileError, match=r"life\.csv changed while the run read it"):
        reference_files.keep(told, tmp_path)


def test_two_files_of_one_name_are_refused_unless_they_are_the_same(tmp_path: Path) -> None:
    one, other = home_of(tmp_path / "one"), home_of(tmp_path / "other", "b")
    both = Settings.from_environment(
        {}, home=tmp_path, studies=(*one.study_files(), *other.study_files())
    )
    assert len(study_files.load(both)) == 2
    table = tmp_path / "other" / "studies" / "rates" / "life.csv"
    table.write_text(table.read_text() + "\n")
    with pytest.raises(ReferenceFileError, match=r"b\.yml and a\.yml name two different files"):
        study_files.load(both)


def test_like_a_release_says_which_file_is_another_now(tmp_path: Path) -> None:
    settings = home_of(tmp_path)
    before = study_files.load(settings)
    past = manifest_of(*before)
    assert study_files.differing(before, past) == []
    table = tmp_path / "studies" / "rates" / "life.csv"
    table.write_text(table.read_text() + "\n")
    (said,) = study_files.differing(study_files.load(settings), past)
    assert said.startswith("a: rates/life.csv (extrapolation.life_table) is not the file of OLD;")
    study = tmp_path / "studies" / "a.yml"
    study.write_text(study.read_text() + "horizons_days: [100]\n")
    assert len(study_files.differing(study_files.load(settings), past)) == 2
    # A release of before files of rates were kept.
    for told in past["studies"]:
        del told["reference_files"]
    assert "whether rates/life.csv is as it was cannot be told" in " ".join(
        study_files.differing(before, past)
    )
    (said,) = study_files.differing(before, {**past, "studies": []})
    assert said == "a: release OLD did not evaluate it"


def _parts(part: type[Part]) -> set[type[Part]]:
    found = {part}
    for field in part.model_fields.values():
        for kind in _kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, Part):
                found |= _parts(kind)
    return found


def _kinds(annotation: Any) -> list[Any]:
    return [annotation, *(kind for inner in get_args(annotation) for kind in _kinds(inner))]


def _metadata(annotation: Any) -> list[Any]:
    return [one for kind in _kinds(annotation) for one in getattr(kind, "__metadata__", ())]
