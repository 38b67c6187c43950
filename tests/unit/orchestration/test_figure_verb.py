"""`atmp-rwe figure` writes a figure of the current release; people only where it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration import manifest
from orchestration.cli import FIGURES, main
from tests.lib.studies import evaluated, two_arms

STUDY = """\
id: s
title: A study
stratify_by: product
endpoints: [overall_survival, relapse]
extrapolation: {families: [weibull], horizon_years: 10}
safety: {events: [infection]}
"""
START = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one internal release, of a study of two groups."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "release" / "r1"
    folder.mkdir(parents=True)
    marts = two_arms()
    for number in range(0, 120, 3):
        marts.event(f"p{number:03d}", "infection", 20 + number)
    people = pd.DataFrame(marts.rows["clinical_event"])
    assert len(people) == 40
    asked = {
        "stratify_by": "product",
        "endpoints": ("overall_survival", "relapse"),
        "extrapolation": {"families": ("weibull",), "horizon_years": 10},
        "safety": {"events": ("infection",)},
    }
    tables = evaluated(marts, **asked).tables
    states = pd.DataFrame(
        [("s", "infused", "none", "a", day, state, share) for day, state, share in (
            (0.0, "infused", 1.0), (0.0, "death", 0.0), (90.0, "infused", 0.7), (90.0, "death", 0.3)
        )],
        columns=[
            "study_id", "analysis_set", "adjustment", "stratum", "time_days", "state",
            "probability",
        ],
    )  # fmt: skip
    path = folder / "atmp_rwe.duckdb"
    marts.connect(path).close()
    with duckdb.connect(str(path)) as con:
        con.execute("UPDATE marts.clinical_event SET category = 'toxicity'")
        con.execute("CREATE SCHEMA results")
        for name, frame in {**tables, "state_probability": states}.items():
            con.register("f", frame)
            con.execute(f'CREATE TABLE results."{name}" AS FROM f')
    (home / "studies").mkdir()
    (home / "studies" / "s.yml").write_text(STUDY)
    write_manifest(home, "internal")
    (home / "release" / "current").symlink_to("r1")
    return home


def write_manifest(home: Path, profile: str) -> None:
    about = {key: [] for key in manifest.NEEDED} | {"profile": profile}
    (home / "release" / "r1" / "manifest.json").write_text(json.dumps(about))


def figure(home: Path, *words: str) -> int:
    return main(["--home", str(home), "figure", "s", *words])


@pytest.mark.parametrize("kind", [kind for kind in FIGURES if kind != "swimmer"])
def test_every_kind_is_drawn_from_the_release(home: Path, tmp_path: Path, kind: str) -> None:
    assert figure(home, kind, "--to", str(tmp_path / "f.svg")) == 0
    text = (tmp_path / "f.svg").read_text()
    assert text.count("<path") > 2
    assert "since infusion" in text


@pytest.mark.parametrize("ending", START)
def test_a_figure_is_saved_as_its_name_says_and_always_the_same(
    home: Path, tmp_path: Path, ending: str
) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    for file in (first, second):
        assert figure(home, "survival", "--to", str(file)) == 0
    assert first.read_bytes().startswith(START[ending])
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("survival", "--to", "f.docx"), "end the name in one of .svg, .png, .pdf"),
        (("survival", "--endpoint", "relapse", "--to", "f.svg"), "no endpoint relapse of it"),
        (("swimmer", "--to", "f.svg"), "Add --patient-level"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert figure(home, *words) == 1
    assert said in capsys.readouterr().err


def test_an_unknown_study_names_those_there_are(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--home", str(home), "figure", "t", "survival", "--to", str(tmp_path / "f.svg")]
    assert main(words) == 1
    assert "studies of this release: s" in capsys.readouterr().err


def test_people_are_drawn_on_request_from_an_internal_release_only(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.svg"
    asked = ("swimmer", "--patient-level", "--to", str(file))
    assert figure(home, *asked) == 0
    text = file.read_text()
    assert "120 of 120 people" in text
    assert "Infection" in text
    # The pseudonyms of the people are not in the picture.
    assert not any(f"p{number:03d}" in text for number in range(120))
    file.unlink()
    write_manifest(home, "public")
    try:
        assert figure(home, *asked) == 1
    finally:
        write_manifest(home, "internal")
    assert "This release is public" in capsys.readouterr().err
    assert not file.exists()
