"""`atmp-rwe figure` writes a figure of the current release; people only where it is asked for."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from matplotlib import image

from analyses import quality_of_life
from analyses.figures.export import PRINT_DPI
from orchestration import manifest
from orchestration.cli import FIGURES, main
from orchestration.commands.quality_of_life_figure import TABLES
from tests.lib.quality_of_life_frames import cohort, forms, scores, study
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
        "bands": "hall_wellner",
        "subgroups": {"by": ("sex",)},
        "extrapolation": {"families": ("weibull",), "horizon_years": 10},
        "safety": {"events": ("infection",)},
    }
    tables = evaluated(marts, **asked).tables
    tables |= answered()
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


def answered() -> dict[str, pd.DataFrame]:
    """Tables of quality of life, of 60 people who answer QLQ-C30 and EQ-5D-5L at three visits."""
    names = [f"p{number:02d}" for number in range(60)]
    people = cohort("patient | death\n" + "\n".join(f"{n} | {200 * (n < 'p10')}" for n in names))
    people["death_date"] = people["death_date"].where(people["patient_id"] < "p10")
    told = [
        f"{name} | {day} | {instrument}"
        for instrument in ("qlq-c30", "eq-5d-5l")
        for name in names
        for day in (0, 30, 365)
        if day < 200 or name >= "p10"
    ]
    given = forms("patient | day | instrument\n" + "\n".join(told))
    rng = np.random.default_rng(20260711)
    one = given["instrument"] == "qlq-c30"
    level = rng.normal(60, 15, len(given)).clip(0, 100)
    values = pd.concat(
        [
            scores(given[one], QL=list(level[one]), FA=list(100 - level[one])),
            scores(given[~one], utility=list(level[~one] / 100), vas=list(level[~one])),
        ]
    )
    tables = quality_of_life.evaluate(study("qlq-c30", "eq-5d-5l"), people, given, values)
    del tables["diagnostic"]
    return {name: frame.assign(study_id="s") for name, frame in tables.items()}


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
    if kind in {"forest", "subgroups"}:
        assert "Higher hazard than" in text
    else:
        assert ("since infusion" in text) == (kind not in TABLES)


@pytest.mark.parametrize(
    ("kind", "wanted", "words"),
    [
        ("quality_of_life", "qlq-c30:QL", ("Global health status", "as if nobody had died")),
        ("quality_of_life", "qlq-c30:FA", ("Fatigue", "higher is worse")),
        ("quality_of_life_estimands", "qlq-c30", ("of those alive", "BL: baseline")),
        ("quality_of_life_change", "qlq-c30:FA", ("Deteriorated", "Answered both")),
        ("quality_of_life_scales", "qlq-c30", ("Fatigue", "as if nobody had died")),
        ("quality_of_life_heat_map", "qlq-c30", ("Fatigue", "Global health status")),
        ("quality_adjusted", "eq-5d-5l:utility", ("years",)),
    ],
)
def test_a_figure_of_quality_of_life_is_of_the_instrument_and_scale_asked_for(
    home: Path, tmp_path: Path, kind: str, wanted: str, words: tuple[str, ...]
) -> None:
    assert figure(home, kind, "--endpoint", wanted, "--to", str(tmp_path / "f.svg")) == 0
    text = (tmp_path / "f.svg").read_text()
    for word in words:
        assert word in text


def test_a_scale_that_is_not_there_is_refused_with_those_that_are(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = ("--to", str(tmp_path / "f.svg"))
    assert figure(home, "quality_of_life", "--endpoint", "qlq-c30:XX", *to) != 0
    assert "There is no scale XX of it; there are: QL, FA" in capsys.readouterr().err
    assert figure(home, "quality_of_life", "--endpoint", "fact-g", *to) != 0
    assert "There is no instrument fact-g" in capsys.readouterr().err


@pytest.mark.parametrize("ending", START)
def test_a_figure_is_saved_as_its_name_says_and_always_the_same(
    home: Path, tmp_path: Path, ending: str
) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    for file in (first, second):
        assert figure(home, "survival", "--to", str(file)) == 0
    assert first.read_bytes().startswith(START[ending])
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kind", [kind for kind in FIGURES if kind != "survival"])
def test_every_other_kind_is_a_png_and_a_pdf_of_the_size_of_its_svg(
    home: Path, tmp_path: Path, kind: str
) -> None:
    files = {ending: tmp_path / f"f.{ending}" for ending in START}
    for file in files.values():
        words = ("--patient-level",) if kind == "swimmer" else ()
        assert figure(home, kind, *words, "--to", str(file)) == 0
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', files["svg"].read_text())
    assert size is not None
    points = np.array([float(size[1]), float(size[2])])
    picture = image.imread(files["png"])
    assert picture.shape[1::-1] == pytest.approx(points * PRINT_DPI / 72, abs=1)
    # Drawn on white, opaque, and with something on it.
    assert (picture[0, 0] == 1).all()
    assert (picture[..., 3] == 1).all()
    assert 0.005 < (picture[..., :3].min(axis=2) < 0.9).mean() < 0.9
    document = files["pdf"].read_bytes()
    assert document.startswith(START["pdf"])
    assert document.count(b"/Type /Page ") == 1
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", document)
    assert box is not None
    assert [float(side) for side in box.groups()] == pytest.approx(points, abs=0.01)
    # Fonts are embedded and texts stay texts; no date says when it was made.
    assert b"/FontFile2" in document
    assert b"CreationDate" not in document


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


def test_a_figure_without_rows_names_the_figures_that_have_some(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(home, bare, symlinks=True)
    with duckdb.connect(str(bare / "release" / "r1" / "atmp_rwe.duckdb")) as con:
        con.execute("DELETE FROM results.parametric_curve")
    to = str(tmp_path / "x.svg")
    assert main(["--home", str(bare), "figure", "s", "extrapolation", "--to", to]) != 0
    said = capsys.readouterr().err
    assert "results.parametric_curve has no rows of the study s; figures it has rows for: " in said
    assert "survival (overall_survival); " in said
    assert "incidence (relapse); " in said
    assert "studies of this release" not in said


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


def test_bands_of_the_release_are_in_the_figure_of_survival(home: Path, tmp_path: Path) -> None:
    files = [tmp_path / "with.svg", tmp_path / "without.svg"]
    assert figure(home, "survival", "--to", str(files[0])) == 0
    with duckdb.connect(str(home / "release" / "r1" / "atmp_rwe.duckdb")) as con:
        con.execute("BEGIN")
        con.execute("CREATE TABLE results.kept AS FROM results.survival_band")
        con.execute("DELETE FROM results.survival_band")
        con.execute("COMMIT")
    try:
        assert figure(home, "survival", "--to", str(files[1])) == 0
    finally:
        with duckdb.connect(str(home / "release" / "r1" / "atmp_rwe.duckdb")) as con:
            con.execute("INSERT INTO results.survival_band FROM results.kept")
            con.execute("DROP TABLE results.kept")
    banded, plain = (file.read_text().count("<path") for file in files)
    assert banded == plain + 4


def test_people_are_drawn_by_this_verb_and_nowhere_else() -> None:
    """Neither the report nor a picture in the metadata of a run can hold a swimmer plot."""
    checkout = Path(__file__).parents[3]
    users = {
        path.relative_to(checkout).as_posix()
        for package in ("analyses", "orchestration")
        for path in (checkout / package).rglob("*.py")
        if "swimmer" in path.read_text(encoding="utf-8")
    }
    assert users == {
        "analyses/figures/__init__.py",
        "analyses/figures/swimmer.py",
        "orchestration/cli.py",
        "orchestration/commands/figure.py",
    }


def test_a_forest_plot_is_of_every_endpoint_or_of_one_and_of_no_failed_model(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "forest.svg"
    assert figure(home, "forest", "--to", str(file)) == 0
    both = file.read_text()
    assert "Overall survival" in both
    assert "Death without relapse" in both
    assert figure(home, "forest", "--endpoint", "overall_survival", "--to", str(file)) == 0
    assert "Death without relapse" not in file.read_text()
    release = str(home / "release" / "r1" / "atmp_rwe.duckdb")
    with duckdb.connect(release) as con:
        con.execute("CREATE TABLE results.kept AS FROM results.diagnostic")
        con.execute(
            "INSERT INTO results.diagnostic BY NAME SELECT 's' AS study_id, 'fail' AS status,"
            " 'none' AS adjustment,"
            " 'overall_survival' AS endpoint, 'events_per_term: cox_unadjusted' AS diagnostic"
        )
    try:
        assert figure(home, "forest", "--endpoint", "overall_survival", "--to", str(file)) == 1
        assert "none that may be shown" in capsys.readouterr().err
    finally:
        with duckdb.connect(release) as con:
            con.execute("CREATE OR REPLACE TABLE results.diagnostic AS FROM results.kept")
            con.execute("DROP TABLE results.kept")


def test_censoring_is_ticked_in_a_figure_of_an_internal_release_only(
    home: Path, tmp_path: Path
) -> None:
    drawn = {}
    for profile in ("internal", "public"):
        write_manifest(home, profile)
        try:
            assert figure(home, "survival", "--to", str(tmp_path / "f.svg")) == 0
        finally:
            write_manifest(home, "internal")
        drawn[profile] = (tmp_path / "f.svg").read_text().count("<use")
    assert drawn["internal"] > drawn["public"] + 20
