"""Landing folders: what is a delivery, and the sentence for what is none."""

from __future__ import annotations

import os
import shutil
from datetime import date

import pytest

import ingestion
from ingestion import DeliveryError
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date\n1,F,1950,alive,2025-01-01\n"


def test_deliveries_are_sorted_and_marks_are_no_data(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS, "_synthetic.json": "{}"}, day="2026-01-31")
    site.deliver({"patients.csv": PATIENTS, ".DS_Store": "x"}, day="2025-01-31")
    first, second = site.discover()
    assert (first.date, second.date) == (date(2025, 1, 31), date(2026, 1, 31))
    assert (first.synthetic, second.synthetic) == (False, True)
    assert [name for name, _, _ in second.files] == ["patients.csv"]
    assert second.files[0][2] == len(PATIENTS)


def test_the_version_follows_the_bytes_and_the_contract(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS})
    (one,) = site.discover()
    site.deliver({"patients.csv": PATIENTS + "\n"})
    (two,) = site.discover()
    site.deliver({"patients.csv": PATIENTS})
    (again,) = site.discover()
    site.contract("source: registry\nformat: common_extract\nidentity: shared\n")
    (other,) = site.discover()
    assert one.sha8 == again.sha8
    assert len({one.sha8, two.sha8, other.sha8}) == 3


def test_no_landing_and_an_empty_landing_say_what_to_do(site: Site) -> None:
    with pytest.raises(DeliveryError, match="no landing folder; make it"):
        site.discover()
    (site.landing / "registry").mkdir(parents=True)
    with pytest.raises(DeliveryError, match=r"no delivery here; put files in"):
        site.discover()


def test_a_folder_without_contract_names_the_remedy(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS}, source="unheard_of")
    with pytest.raises(DeliveryError, match=r"contracts/unheard_of\.yml.*contract init"):
        site.discover()


@pytest.mark.parametrize("name", ["2026-1-31", "2026-02-30", "January", "20260131"])
def test_a_folder_that_is_no_date_is_an_error(site: Site, name: str) -> None:
    site.deliver({"patients.csv": PATIENTS}, day=name)
    with pytest.raises(DeliveryError, match="named by its date, YYYY-MM-DD"):
        site.discover()


def test_a_file_beside_the_dated_folders_is_an_error(site: Site) -> None:
    folder = site.deliver({"patients.csv": PATIENTS})
    shutil.copy(folder / "patients.csv", folder.parent / "2026-02-01")
    (one,) = site.discover()
    assert one.date.isoformat() == "2026-01-31"
    (found,) = ingestion.misplaced(site.landing, site.contracts)
    assert (found.source, found.name) == ("registry", "2026-02-01")
    assert "not a folder" in found.message


def test_what_is_no_delivery_stops_nobody_and_is_named_all_at_once(site: Site) -> None:
    site.contract("source: other\nformat: common_extract\n", source="other")
    site.deliver({"patients.csv": PATIENTS}, source="other")
    for day in ("2026-02-30", "20260101"):
        site.deliver({"patients.csv": PATIENTS}, day=day)
    site.deliver({"patients.csv": PATIENTS}, source="unheard_of")
    (site.landing / "stray.csv").write_text(PATIENTS)
    (site.landing / "registry" / "a.dupont@example.org.csv").write_text(PATIENTS)
    assert [delivery.label for delivery in site.discover()] == ["other/2026-01-31"]
    found = ingestion.misplaced(site.landing, site.contracts)
    assert [(one.source, one.name) for one in found] == [
        ("registry", "2026-02-30"),
        ("registry", "20260101"),
        ("registry", "hidden.csv"),
        ("", "stray.csv"),
        ("unheard_of", "unheard_of"),
    ]
    assert not any("dupont" in one.message for one in found)
    shutil.rmtree(site.landing / "other")
    with pytest.raises(DeliveryError, match=r"2026-02-30.*20260101.*stray\.csv.*unheard_of"):
        site.discover()


def test_a_link_out_of_the_delivery_is_refused_and_never_read(site: Site) -> None:
    folder = site.deliver({"patients.csv": PATIENTS, "more.csv": PATIENTS})
    outside = site.root / "secret.csv"
    outside.write_text(PATIENTS)
    (folder / "events.csv").symlink_to(outside)
    record = site.check()
    assert record.status == "rejected"
    assert [f.file for f in record.findings if f.rule == "file_refused"] == ["events.csv"]
    assert "events.csv" not in [file.name for file in record.files]


def test_a_link_inside_the_delivery_is_read(site: Site) -> None:
    folder = site.deliver({"_store.csv": PATIENTS})
    (folder / "patients.csv").symlink_to(folder / "_store.csv")
    assert site.check().loaded == 1


def test_a_pipe_in_a_delivery_does_not_hang(site: Site) -> None:
    folder = site.deliver({"patients.csv": PATIENTS})
    os.mkfifo(folder / "events.csv")
    (folder / "stays").mkdir()
    record = site.check()
    assert {f.file for f in record.findings if f.rule == "file_refused"} == {"events.csv", "stays"}


def test_an_unknown_file_is_a_warning_with_the_nearest_name(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS, "tretments.csv": "a,b\n1,2\n", "patients.pdf": "%PDF"})
    record = site.check()
    assert record.status == "accepted"
    messages = {f.file: f.message for f in record.findings if f.rule == "file_unknown"}
    assert "treatments.*" in messages["tretments.csv"]
    assert "not a format that is read" in messages["patients.pdf"]


def test_a_delivery_of_nothing_known_is_rejected(site: Site) -> None:
    site.deliver({"readme.txt": "hello"})
    assert [f.rule for f in site.check().findings if f.severity == "ERROR"] == ["file_missing"]
