"""Files sent again, and deliveries that are not whole yet."""

from __future__ import annotations

import os
import time
from datetime import date

import pytest

import ingestion
from ingestion import DeliveryError, DeliveryRecord, settling
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date\n"
ALIVE = HEADER + "1,F,1950,alive,2025-01-01\n"
DEAD = HEADER + "1,F,1950,dead,2025-06-01\n"
INCREMENT = "source: registry\nformat: common_extract\ndelivery: increment\n"
STATUS = "SELECT vital_status FROM raw.registry__patients"


def repeated(record: DeliveryRecord) -> list[str]:
    return [f.message for f in record.findings if f.rule == "file_repeated"]


def test_an_increment_sent_again_by_mistake_undoes_nothing(site: Site) -> None:
    site.contract(INCREMENT)
    days = ("2025-06-30", "2025-12-31", "2026-01-31")
    for day, content in zip(days, (ALIVE, DEAD, ALIVE), strict=True):
        site.deliver({"patients.csv": content}, day=day)
    *_, last = site.load()
    assert repeated(last) == [
        "patients.csv: the same bytes as registry/2025-06-30/patients.csv: not loaded again"
    ]
    assert (last.status, last.read, last.tables) == ("accepted", 0, ())
    assert [f.rule for f in last.findings] == ["file_repeated"]
    assert site.query(STATUS) == [("dead",)]


def test_a_third_copy_names_the_first(site: Site) -> None:
    site.contract(INCREMENT)
    for day in ("2025-06-30", "2025-12-31", "2026-01-31"):
        site.deliver({"patients.csv": ALIVE}, day=day)
    assert "2025-06-30" in repeated(site.load()[-1])[0]


def test_a_repeated_snapshot_is_loaded_and_said(site: Site) -> None:
    site.deliver({"patients.csv": ALIVE}, day="2025-06-30")
    site.deliver({"patients.csv": ALIVE}, day="2026-01-31")
    _, last = site.load()
    assert "2025-06-30/patients.csv; a snapshot stands for itself" in repeated(last)[0]
    assert last.loaded == 1
    assert site.query("SELECT delivery_date FROM raw.source_registry") == [(date(2026, 1, 31),)]


def test_a_copy_beside_the_file_is_not_loaded_twice(site: Site) -> None:
    site.deliver({"patients.csv": ALIVE, "patients_copy.csv": ALIVE, "patients_2.csv": DEAD})
    (record,) = site.load()
    assert repeated(record) == [
        "patients_copy.csv: the same bytes as patients.csv beside it: not loaded twice"
    ]
    assert {f.name: f.read for f in record.files} == {
        "patients.csv": 1, "patients_2.csv": 1, "patients_copy.csv": 0
    }  # fmt: skip


def test_the_same_bytes_under_another_contract_are_loaded(site: Site) -> None:
    site.contract(INCREMENT)
    folder = site.deliver({"patients.csv": ALIVE}, day="2025-06-30")
    site.load()
    folder.rename(site.root / "archived")
    site.contract(INCREMENT + "direct_identifiers: [surname]\n")
    site.deliver({"patients.csv": ALIVE}, day="2026-01-31")
    assert [r.loaded for r in site.load()] == [1]


def test_a_delivery_that_is_being_copied_is_left_alone(site: Site) -> None:
    site.deliver({"patients.csv": ALIVE}, day="2025-06-30")
    folder = site.deliver({"patients.csv": DEAD, "_INCOMPLETE": ""}, day="2026-01-31")
    site.load()
    assert site.query(STATUS) == [("alive",)]
    ((source, day, why),) = ingestion.under_way(site.landing, site.contracts)
    assert (source, day) == ("registry", date(2026, 1, 31))
    assert "_INCOMPLETE" in why
    (folder / "_INCOMPLETE").unlink()
    site.load()
    assert site.query(STATUS) == [("dead",)]
    assert ingestion.under_way(site.landing, site.contracts) == []


@pytest.mark.parametrize("name", ["patients.csv.part", "stays.csv.FILEPART", "x.crdownload"])
def test_a_file_under_a_name_of_copying_programs_is_waited_for(site: Site, name: str) -> None:
    site.deliver({"patients.csv": ALIVE}, day="2025-06-30")
    site.deliver({"patients.csv": DEAD, name: ""}, day="2026-01-31")
    assert [d.date.isoformat() for d in site.discover()] == ["2025-06-30"]


def test_a_contract_may_ask_for_a_success_marker(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\ncomplete_when: success_marker\n")
    folder = site.deliver({"patients.csv": ALIVE})
    with pytest.raises(DeliveryError, match="every delivery here is still being copied"):
        site.discover()
    assert "_SUCCESS" in ingestion.under_way(site.landing, site.contracts)[0][2]
    (folder / "_SUCCESS").touch()
    assert len(site.discover()) == 1
    (folder / "_INCOMPLETE").touch()  # the careful one of two markers counts
    with pytest.raises(DeliveryError):
        site.discover()


def test_a_contract_may_ask_for_a_rest(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.contract("source: registry\nformat: common_extract\ncomplete_when: settled\n")
    folder = site.deliver({"patients.csv": ALIVE})
    with pytest.raises(DeliveryError, match="still being copied"):
        site.discover()
    assert "within 10 minutes" in ingestion.under_way(site.landing, site.contracts)[0][2]
    later = time.time() + settling.SETTLED_AFTER_SECONDS + 1
    monkeypatch.setattr(settling.time, "time", lambda: later)
    assert len(site.discover()) == 1
    # A copying program may set the time of modification back, not that of the change.
    monkeypatch.undo()
    (folder / "patients.csv").write_text(DEAD)
    os.utime(folder / "patients.csv", (0, 0))
    with pytest.raises(DeliveryError, match="still being copied"):
        site.discover()


def test_a_file_that_grows_while_it_is_read_is_not_loaded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = site.deliver({"patients.csv": ALIVE})
    found = site.discover()
    with (folder / "patients.csv").open("a") as file:
        file.write("2,M,1951,alive,2025-01-01\n")
    monkeypatch.setattr(Site, "discover", lambda _: found)
    (record,) = site.load()
    assert record.status == "rejected"
    (error,) = [f.message for f in record.findings if f.severity == "ERROR"]
    assert error == (
        "patients.csv: its size changed while it was read; it is still being copied: run again "
        "when it is whole."
    )
    assert not list(site.home.rglob("*.parquet"))
    monkeypatch.undo()
    *_, record = site.load()
    assert (record.status, record.loaded) == ("accepted", 2)


def test_asking_for_the_marker_makes_no_new_version(site: Site) -> None:
    site.deliver({"patients.csv": ALIVE, "_SUCCESS": ""})
    (before,) = site.discover()
    site.contract("source: registry\nformat: common_extract\ncomplete_when: success_marker\n")
    (after,) = site.discover()
    assert before == after
