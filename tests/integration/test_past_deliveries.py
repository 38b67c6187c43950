"""Runs of the past: `--as-of` a day and `--like` a release, beside what has come since."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import STUDY, write_home, write_patients, write_treatments

pytestmark = pytest.mark.slow
RATES = "safety.standardised_incidence.rates"


@pytest.fixture
def later(small: Ran, tmp_path: Path) -> Path:
    """A home with a release, to which came a correction of its delivery, a second delivery, and
    another source with a study of its own."""
    home = tmp_path / "home"
    shutil.copytree(small.home, home, symlinks=True)
    shutil.copytree(small.home.parent / "home-user", tmp_path / "home-user")
    first = home / "landing" / "small" / "2026-01-31"
    shutil.copytree(first, home / "landing" / "small" / "2026-06-30")
    rows = (first / "treatments.csv").read_text().splitlines(keepends=True)
    (first / "treatments.csv").write_text("".join(rows[:-5]))
    write_home(home, source="young", delivery="2026-05-31")
    other = STUDY.replace("id: small_registry", "id: young_registry")
    study = home / "studies" / "young_registry.yml"
    study.write_text(other + "population: {sources: [young]}\n")
    return home


def _results(home: Path, release: str) -> dict[str, bytes]:
    folder = home / "release" / release / "tables"
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def _manifest(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / "release" / "current" / "manifest.json").read_text()))


def test_like_a_release_gives_its_results_again(later: Path) -> None:
    """From the version that was corrected since, byte by byte; a study that it could not feed is
    named and left out, and so is a file of rates that is another one now."""
    before = _manifest(later)
    rates = later / "studies" / "rates" / "cancer.csv"
    rates.write_text(rates.read_text() + "\n")
    process = atmp_rwe(later, "run", "--like", before["release_id"])
    assert process.returncode == 0, process.stdout + process.stderr
    now = _manifest(later)
    assert now["release_id"] != before["release_id"]
    assert now["like"] == before["release_id"]
    assert [d["sha8"] for d in now["deliveries"]] == [d["sha8"] for d in before["deliveries"]]
    results = _results(later, now["release_id"])
    assert results == _results(later, before["release_id"])
    assert sum(content.count(b"\n") for content in results.values()) > 100
    (left_out,) = now["left_out"]
    assert left_out["id"] == "young_registry"
    said = f"names 'young', of which no good delivery is in release {before['release_id']}"
    assert said in left_out["reason"]
    assert f"LEFT OUT    young_registry: population.sources {said}" in process.stdout
    assert "Studies     1 evaluated" in process.stdout
    assert [study["id"] for study in now["studies"]] == ["small_registry"]
    told = f"DIFFERS     small_registry: rates/cancer.csv ({RATES}) is not the file of "
    assert told + before["release_id"] in process.stdout
    assert f"made of the deliveries of release {before['release_id']} and is now the current" in (
        process.stdout
    )


def test_as_of_a_day_gives_the_results_of_that_day(tmp_path: Path) -> None:
    """Byte by byte, after later deliveries of a source that sends snapshots and of one that sends
    increments, both of which tell of further deaths."""
    home = tmp_path / "home"
    write_home(home, source="whole")
    write_home(home, source="part")
    contract = home / "contracts" / "part.yml"
    contract.write_text(f"{contract.read_text()}delivery: increment\n")
    study = home / "studies" / "small_registry.yml"
    study.write_text(STUDY.replace("stratify_by: product", "stratify_by: source"))
    first = _released(home, "run")
    for source in ("whole", "part"):
        folder = home / "landing" / source / "2026-06-30"
        folder.mkdir()
        write_patients(folder, number=36)
        write_treatments(folder, number=36)
        patients = folder / "patients.csv"
        dead = "dead,2025-03-15,2025-03-15"
        patients.write_text(patients.read_text().replace("alive,,2025-12-01", dead, 5))
    again = _released(home, "run", "--as-of", "2026-01-31")
    assert {d["delivery"] for d in again["deliveries"]} == {"2026-01-31"}
    assert _results(home, again["release_id"]) == _results(home, first["release_id"])
    for source in ("whole", "part"):
        loaded = {path.name[:10] for path in (home / "raw" / source).glob("*/*.parquet")}
        assert loaded == {"2026-01-31", "2026-06-30"}


def _released(home: Path, *arguments: str) -> dict[str, Any]:
    process = atmp_rwe(home, *arguments)
    assert process.returncode == 0, process.stdout + process.stderr
    return _manifest(home)


def test_a_release_keeps_the_rates_of_its_studies(small: Ran, tmp_path: Path) -> None:
    """Beside the study, where it names them; with their digest in manifest and report; and the
    study can be exported."""
    release = small.home / "release" / "current"
    (study,) = json.loads((release / "manifest.json").read_text())["studies"]
    (told,) = study["reference_files"]
    kept = release / "studies" / "rates" / "cancer.csv"
    assert kept.read_bytes() == (small.home / "studies" / "rates" / "cancer.csv").read_bytes()
    assert told["sha256"] == hashlib.sha256(kept.read_bytes()).hexdigest()
    assert (told["key"], told["file"], told["rows"]) == (RATES, "rates/cancer.csv", 144)
    page = (release / "report" / "index.html").read_text()
    methods = page[page.index('id="methods"') : page.index('id="traceability"')]
    assert "rates/cancer.csv" in methods and told["sha256"] in methods
    done = atmp_rwe(small.home, "export", "cdisc", "--to", str(tmp_path / "adam"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "adam" / "small_registry" / "adtte.parquet").is_file()


def test_a_study_of_a_source_that_came_later_is_left_out_and_the_others_go_on(later: Path) -> None:
    process = atmp_rwe(later, "run", "--as-of", "2026-03-31")
    assert process.returncode == 0, process.stdout + process.stderr
    now = _manifest(later)
    assert [(d["source"], d["delivery"]) for d in now["deliveries"]] == [("small", "2026-01-31")]
    assert [study["id"] for study in now["left_out"]] == ["young_registry"]
    assert "young_registry: population.sources names 'young'" in process.stdout
    page = (later / "release" / "current" / "report" / "index.html").read_text()
    assert "The study is left out" in page
    for content in _results(later, now["release_id"]).values():
        assert b"young_registry" not in content
    again = atmp_rwe(later, "run", "--as-of", "2026-03-31")
    assert again.returncode == 0 and "Nothing changed" in again.stdout
    assert "LEFT OUT    young_registry" in again.stdout
    # Where nothing is left to evaluate, nothing is released.
    young = later / "studies" / "young_registry.yml"
    none = atmp_rwe(later, "run", "--as-of", "2026-03-31", "--study", str(young))
    assert none.returncode == 1
    assert "No study can be evaluated" in none.stderr and "'young'" in none.stderr
    assert _manifest(later) == now
