"""What `simulate` leaves in a home, what it replaces, and what it refuses."""

import hashlib
import json
from pathlib import Path

import pytest

from simulation import SimulationError, simulate
from simulation.delivery import SOURCES


def contents(home: Path) -> dict[str, str]:
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


@pytest.mark.filterwarnings("error::FutureWarning")
def test_a_seed_gives_the_same_bytes_and_replaces_what_was_there(tmp_path: Path) -> None:
    simulate(tmp_path / "first", patients=40, seed=3)
    simulate(tmp_path / "second", patients=60, seed=4, deliveries=3)
    other = contents(tmp_path / "second")
    simulate(tmp_path / "second", patients=40, seed=3)
    assert contents(tmp_path / "second") == contents(tmp_path / "first")
    assert contents(tmp_path / "second") != other
    assert not [path for path in (tmp_path / "second").iterdir() if path.name.startswith(".")]


def test_every_delivery_is_marked_synthetic(home: Path) -> None:
    folders = sorted((home / "landing").glob("*/*"))
    assert [folder.relative_to(home / "landing").as_posix() for folder in folders] == [
        f"{source}/{day}" for source in sorted(SOURCES) for day in ("2025-06-30", "2026-06-30")
    ]
    for folder in folders:
        marker = json.loads((folder / "_synthetic.json").read_text())
        assert marker["synthetic"] is True
        assert marker["source"] == folder.parent.name


def test_earlier_patients_stay_in_later_deliveries(home: Path) -> None:
    first, last = (
        {
            line.split(";")[0]
            for line in (home / f"landing/cart_registry/{day}/patients.csv")
            .read_bytes()
            .decode("cp1252")
            .splitlines()[1:]
        }
        for day in ("2025-06-30", "2026-06-30")
    )
    assert first < last
    assert len(last) == 500


@pytest.mark.parametrize("name", ["landing/cart_registry/2024-06-30/patients.csv", "landing/x.csv"])
def test_a_home_with_real_deliveries_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    simulate(tmp_path, patients=20, seed=1)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("real")
    before = contents(tmp_path)
    with pytest.raises(SimulationError, match="not marked synthetic") as refusal:
        simulate(tmp_path, patients=20, seed=2)
    assert "\n" not in str(refusal.value)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"patients": 9, "seed": 1}, "patients"),
        ({"patients": 20, "seed": -1}, "seed"),
        ({"patients": 20, "seed": 1, "deliveries": 0}, "deliveries"),
        ({"patients": 20, "seed": 1, "deliveries": 7}, "deliveries"),
    ],
)
def test_senseless_arguments_are_refused_by_name(
    tmp_path: Path, arguments: dict[str, int], word: str
) -> None:
    with pytest.raises(SimulationError, match=word):
        simulate(tmp_path / "home", **arguments)
    assert not (tmp_path / "home").exists()


def test_a_failed_write_leaves_the_earlier_deliveries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(tmp_path, patients=20, seed=1)
    before = contents(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("simulation.delivery.write_truth", full)
    with pytest.raises(OSError, match="no space"):
        simulate(tmp_path, patients=20, seed=2)
    assert contents(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["landing", "truth"]
