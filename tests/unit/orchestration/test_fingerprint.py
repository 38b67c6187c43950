"""The fingerprint moves when a result could, and only then."""

from pathlib import Path

import pytest

from ingestion import settling
from orchestration import fingerprint
from orchestration.settings import Settings
from tests.lib.common_extract import write_home


def _settings(home: Path) -> Settings:
    return Settings.from_environment({}, home=home)


def _mark(home: Path, as_of: str | None = None) -> str:
    return fingerprint.of_run(_settings(home), as_of=as_of, like=None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_home(tmp_path / "home")
    return tmp_path / "home"


def test_it_stays_when_nothing_changes(home: Path) -> None:
    assert _mark(home) == _mark(home)


def test_it_moves_with_the_choice_of_deliveries(home: Path) -> None:
    assert _mark(home) != _mark(home, as_of="2026-01-31")


def test_it_moves_when_a_delivery_is_edited_to_the_same_size(home: Path) -> None:
    before = _mark(home)
    file = next((home / "landing").rglob("patients.csv"))
    file.write_text(file.read_text().replace("1950", "1951"))
    assert _mark(home) != before


def test_it_moves_when_a_delivery_arrives(home: Path) -> None:
    before = _mark(home)
    later = home / "landing" / "small" / "2026-02-28"
    later.mkdir()
    (later / "patients.csv").write_text("patient_id\n")
    assert _mark(home) != before


def test_it_moves_when_a_delivery_has_rested_where_a_contract_asks_for_that(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = home / "contracts" / "small.yml"
    written = _mark(home)
    text = contract.read_text()
    contract.write_text(f"{text}complete_when: settled\n")
    fresh = _mark(home)
    monkeypatch.setattr(settling, "SETTLED_AFTER_SECONDS", 0)
    assert _mark(home) != fresh
    contract.write_text(text)
    assert _mark(home) == written


@pytest.mark.parametrize("folder", ["contracts", "studies"])
def test_it_moves_when_a_contract_or_a_study_changes(home: Path, folder: str) -> None:
    before = _mark(home)
    file = next((home / folder).glob("*.yml"))
    file.write_text(
        file.read_text() + "# a comment is a change: nobody has to judge which matter\n"
    )
    assert _mark(home) != before


def test_it_moves_when_the_project_becomes_another(home: Path) -> None:
    before = _mark(home), fingerprint.of_build(_settings(home))
    (home / "project.id").write_text("0" * 32)
    after = _mark(home), fingerprint.of_build(_settings(home))
    assert not {*before} & {*after}


@pytest.mark.parametrize("name", ["life.csv", "rates/cancer.csv"])
def test_it_moves_when_a_table_of_rates_beside_a_study_changes(home: Path, name: str) -> None:
    file = home / "studies" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("sex,age,year,rate\n")
    before = _mark(home)
    file.write_text("sex,age,year,rate\nF,0,2024,0.1\n")
    assert _mark(home) != before


def test_generated_files_are_not_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "CHECKOUT", tmp_path)
    (tmp_path / "analyses").mkdir()
    (tmp_path / "analyses" / "one.py").write_text("x = 1\n")
    before = fingerprint.of_code("analyses")
    (tmp_path / "analyses" / "__pycache__").mkdir()
    (tmp_path / "analyses" / "__pycache__" / "two.py").write_text("y = 2\n")
    assert fingerprint.of_code("analyses") == before
    (tmp_path / "analyses" / "one.py").write_text("x = 2\n")
    assert fingerprint.of_code("analyses") != before
