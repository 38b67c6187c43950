"""Whatever is wrong: one sentence that names it, the right exit code, and nothing changed."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe, command, environment
from tests.lib.common_extract import PATIENTS, write_home, write_treatments


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def released(small: Ran, tmp_path: Path) -> Path:
    """A copy of a home that has a release."""
    home = tmp_path / "home"
    shutil.copytree(small.home, home, symlinks=True)
    shutil.copytree(small.home.parent / "home-user", tmp_path / "home-user")
    return home


def _state(home: Path) -> dict[str, bytes]:
    """Every byte of the current release and of the deliveries."""
    current = (home / "release" / "current").resolve()
    folders = [current, home / "landing"] if current.exists() else [home / "landing"]
    return {
        str(path.relative_to(home)): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _refused(process: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
    assert process.returncode == code, process.stdout + process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    last = process.stderr.strip().splitlines()[-1]
    for part in parts:
        assert part in last, last


def test_an_empty_landing_folder(tmp_path: Path) -> None:
    (tmp_path / "home" / "landing").mkdir(parents=True)
    _refused(atmp_rwe(tmp_path / "home", "run"), 1, "landing", "no delivery here")


def test_no_landing_folder(tmp_path: Path) -> None:
    _refused(atmp_rwe(tmp_path / "home", "run"), 1, "landing")


@pytest.mark.slow
def test_what_is_no_delivery_is_named_and_the_sources_go_on(released: Path) -> None:
    (released / "landing" / "unheard_of" / "2026-01-31").mkdir(parents=True)
    misdated = released / "landing" / "small" / "20260301"
    misdated.mkdir()
    (misdated / "patients.csv").write_text("patient_id\n1\n")
    checked = atmp_rwe(released, "validate")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    process = atmp_rwe(released, "run")
    assert process.returncode == 3, process.stdout + process.stderr
    for told in (checked.stdout, process.stdout):
        assert "unheard_of" in told and "contract" in told
        assert "20260301" in told and "YYYY-MM-DD" in told
    manifest = json.loads((released / "release" / "current" / "manifest.json").read_text())
    assert [one["source"] for one in manifest["misplaced"]] == ["small", "unheard_of"]


def test_a_typo_in_a_study_names_the_right_key(home: Path) -> None:
    study = home / "studies" / "small_registry.yml"
    study.write_text(study.read_text().replace("stratify_by", "stratifyby"))
    _refused(atmp_rwe(home, "run"), 1, "small_registry.yml", "stratifyby", "stratify_by")


def test_an_unknown_endpoint_names_the_nearest(home: Path) -> None:
    study = home / "studies" / "small_registry.yml"
    study.write_text(study.read_text().replace("overall_survival", "overal_survival"))
    _refused(atmp_rwe(home, "run"), 1, "overal_survival", "overall_survival")


def test_a_study_of_a_source_that_registers_too_late(home: Path) -> None:
    study = home / "studies" / "small_registry.yml"
    late = "analysis_set: intention_to_treat\npopulation: {sources: [small]}"
    study.write_text(study.read_text().replace("analysis_set: infused", late))
    _refused(atmp_rwe(home, "run"), 1, "intention_to_treat", "'small'", "registers_from: infusion")


def test_a_study_of_a_source_that_delivered_nothing(home: Path) -> None:
    study = home / "studies" / "small_registry.yml"
    study.write_text(study.read_text() + "population: {sources: [smal]}\n")
    _refused(atmp_rwe(home, "run"), 1, "'smal'", "sources with deliveries: small")


def test_a_tampered_manifest_is_named(home: Path) -> None:
    folder = home / "release" / "20260101T000000Z-deadbeef"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (home / "release" / "current").symlink_to(folder.name)
    _refused(atmp_rwe(home, "run"), 1, "manifest.json is not a manifest", "run again")


def test_a_link_in_place_of_the_lock_is_not_followed(home: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (home / ".lock").symlink_to(victim)
    _refused(atmp_rwe(home, "run"), 1, ".lock", "remove it if it is a link")
    assert victim.read_text() == "precious"


def test_a_study_that_is_not_there(home: Path) -> None:
    _refused(atmp_rwe(home, "run", "--study", "nowhere.yml"), 2, "nowhere.yml")


def test_a_contract_with_a_typo(home: Path) -> None:
    contract = home / "contracts" / "small.yml"
    contract.write_text(contract.read_text() + "registersfrom: infusion\n")
    _refused(atmp_rwe(home, "run"), 1, "small.yml", "registersfrom", "registers_from")


def test_an_unknown_release_to_rebuild(home: Path) -> None:
    _refused(atmp_rwe(home, "run", "--like", "20200101T000000Z-deadbeef"), 1, "20200101T000000Z")


def test_a_wrong_date_is_usage(home: Path) -> None:
    _refused(atmp_rwe(home, "run", "--as-of", "31/01/2026"), 2, "31/01/2026")


def test_query_without_a_release(home: Path) -> None:
    _refused(atmp_rwe(home, "query", "select 1"), 1, "no release yet")


@pytest.mark.slow
def test_a_failing_error_check_stops_the_run_before_the_evaluations(home: Path) -> None:
    write_treatments(next((home / "landing" / "small").iterdir()), number=0)
    process = atmp_rwe(home, "run")
    _refused(process, 1, "marts.treatment: has_rows", "the current release is unchanged")
    assert "evaluations/" not in process.stdout
    assert not (home / "release").exists()


@pytest.mark.slow
def test_a_delivery_that_breaks_its_contract_with_nothing_to_fall_back_on(home: Path) -> None:
    patients = next((home / "landing").rglob("patients.csv"))
    patients.write_text(patients.read_text().replace("vital_status", "alive_or_not"))
    before = _state(home)
    _refused(atmp_rwe(home, "run"), 1, "small", "vital_status")
    assert _state(home) == before
    _refused_by_validate = atmp_rwe(home, "validate")
    assert _refused_by_validate.returncode == 1
    assert "vital_status" in _refused_by_validate.stdout


@pytest.mark.slow
def test_a_rejected_delivery_leaves_its_source_on_the_previous_one(released: Path) -> None:
    good = released / "landing" / "small" / "2026-01-31"
    later = released / "landing" / "small" / "2026-02-28"
    shutil.copytree(good, later)
    patients = later / "patients.csv"
    patients.write_text(patients.read_text().replace("vital_status", "alive_or_not"))
    process = atmp_rwe(released, "run")
    assert process.returncode == 3, process.stdout + process.stderr
    assert "REJECTED    small 2026-02-28" in process.stdout
    again = atmp_rwe(released, "run")
    assert again.returncode == 3 and "Nothing changed" in again.stdout


@pytest.mark.slow
def test_a_source_without_a_good_delivery_fails_the_run_and_a_rejected_one_does_not(
    released: Path,
) -> None:
    """Of two sources: first the second one has no good delivery at all; then it has, and of the
    first one the new delivery is rejected."""
    before = _state(released)
    write_home(released, source="young", delivery="2026-03-31")
    young = released / "landing" / "young" / "2026-03-31" / "patients.csv"
    good = young.read_text()
    young.write_text(good.replace("vital_status", "alive_or_not"))
    _refused(atmp_rwe(released, "run"), 1, "young", "vital_status")
    kept = {path: data for path, data in _state(released).items() if "landing/young" not in path}
    assert kept == before

    young.write_text(good)
    later = released / "landing" / "small" / "2026-02-28"
    shutil.copytree(released / "landing" / "small" / "2026-01-31", later)
    patients = later / "patients.csv"
    patients.write_text(patients.read_text().replace("vital_status", "alive_or_not"))
    process = atmp_rwe(released, "run")
    assert process.returncode == 3, process.stdout + process.stderr
    assert "REJECTED    small 2026-02-28" in process.stdout
    manifest = json.loads((released / "release" / "current" / "manifest.json").read_text())
    used = {one["source"]: one["delivery"] for one in manifest["deliveries"]}
    assert used == {"small": "2026-01-31", "young": "2026-03-31"}
    query = "select source, count(*) from marts.patient group by source order by all"
    counted = atmp_rwe(released, "query", query, "--format", "csv").stdout.split()
    assert counted[1:] == [f"small,{PATIENTS}", f"young,{PATIENTS}"]


@pytest.mark.slow
def test_a_full_disk_leaves_the_release_as_it_was(released: Path) -> None:
    study = released / "studies" / "small_registry.yml"
    study.write_text(study.read_text() + "# changed\n")
    before = _state(released)

    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = subprocess.run(
        command(released, "run"),
        env=environment(released),
        preexec_fn=small_files_only,
        capture_output=True,
        text=True,
        check=False,
    )
    _refused(process, 1, "The disk is full", "Free some space")
    assert _state(released) == before
    assert not list((released / "release").glob(".*partial"))


@pytest.mark.slow
def test_ctrl_c_in_mid_run_and_a_second_run_meanwhile(released: Path) -> None:
    study = released / "studies" / "small_registry.yml"
    study.write_text(study.read_text() + "# changed\n")
    before = _state(released)
    with subprocess.Popen(
        command(released, "run"),
        env=environment(released),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as first:
        assert first.stdout is not None and first.stderr is not None
        for line in first.stdout:
            if "loaded/" in line:
                break
        _refused(atmp_rwe(released, "run"), 1, "in use", f"process {first.pid}", "run again")
        time.sleep(3)
        first.send_signal(signal.SIGINT)
        errors = first.stderr.read()
        assert first.wait(timeout=60) == 1
    assert "stopped" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert _state(released) == before
    assert atmp_rwe(released, "run").returncode == 0


def test_the_command_shows_its_usage() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "rum"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
