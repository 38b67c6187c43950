"""A person taken out of a home: hidden from every view, or gone from every byte."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import pytest

import ingestion
from ingestion import Forgotten, IngestionError, UnknownPersonError
from ingestion.exclusions import digest, read_exclusions
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date\n"
TREATMENTS = "treatment_id,patient_id,product_code,indication_code,line,batch_id\n"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
COUNT = "SELECT count(*) FROM raw.registry__patients"
CLINIC = """\
source: registry
format: delimited
delivery: snapshot
reject_above: 1
tables:
  treatments:
    files: "treatments*.csv"
    key: [treatment_id]
    columns:
      patient_id: {identifier: pseudonym, kind: patient}
      treatment_id: {identifier: pseudonym, kind: treatment}
      batch_id: {identifier: pseudonym, kind: batch}
      line: {type: integer}
  batches:
    files: "batches*.csv"
    key: [batch_id]
    columns:
      batch_id: {identifier: pseudonym, kind: batch}
      outcome: {}
"""


def forget(site: Site, pseudonym: str, mode: Literal["exclude", "erase"]) -> Forgotten:
    return ingestion.forget(site.home, site.contracts, pseudonym, mode, NOW)


def pseudonym(site: Site, number: str, *, scope: str = "registry", kind: str = "patient") -> str:
    return site.key.pseudonym(scope, kind, number)


def deliver(site: Site, *numbers: str, day: str = "2026-01-31", source: str = "registry") -> None:
    people = "".join(f"{n},F,1950,alive,2025-01-01\n" for n in numbers)
    wrong = "".join(f"t{n},{n},axi,dlbcl,third,b\n" for n in numbers[:2])
    rows = "".join(f"t{n},{n},axi,dlbcl,3,b\n" for n in numbers)
    files = {"patients.csv": PATIENTS + people, "treatments.csv": TREATMENTS + wrong + rows}
    site.deliver(files, day=day, source=source)


def bytes_of(site: Site) -> bytes:
    kept = [p for p in site.home.rglob("*") if p.is_file() and site.landing not in p.parents]
    return b"\n".join(path.read_bytes() for path in kept)


def anywhere(site: Site, value: str) -> int:
    """In how many stored rows a value stands; Parquet may hold it compressed."""
    tables = ("patients", "treatments")
    rows = [row for layer in ("raw", "quarantine") for t in tables for row in site.rows(layer, t)]
    return sum(value in map(str, row.values()) for row in rows)


@pytest.fixture
def two(site: Site) -> Site:
    """Two persons of which three rows each are stored, one of them quarantined."""
    site.contract("source: registry\nformat: common_extract\nreject_above: 0.9\n")
    deliver(site, "1", "2")
    site.load()
    return site


def test_an_excluded_person_is_in_no_view_and_stays_in_raw(two: Site) -> None:
    person = pseudonym(two, "1")
    assert forget(two, person, "exclude").rows == 3
    for table in ("patients", "treatments"):
        view = f"SELECT patient_id FROM raw.registry__{table}"
        assert two.query(view) == [(pseudonym(two, "2"),)]
        assert two.query(view.replace("registry", "common_extract")) == two.query(view)
    assert anywhere(two, person) == 3


def test_a_later_snapshot_does_not_bring_an_excluded_person_back(two: Site) -> None:
    forget(two, pseudonym(two, "1"), "exclude")
    deliver(two, "1", "2", "3", day="2026-06-30")
    two.load()
    assert two.query(COUNT) == [(2,)]


def test_rows_without_a_patient_stay_visible(site: Site) -> None:
    site.contract(CLINIC)
    site.deliver({"treatments.csv": "patient_id,treatment_id,batch_id,line\n,t0,,1\n9,t9,b9,2\n"})
    site.load()
    forget(site, pseudonym(site, "9"), "exclude")
    assert site.query("SELECT line FROM raw.registry__treatments") == [(1,)]


def test_an_erased_person_is_in_no_byte_of_raw_and_quarantine(two: Site) -> None:
    person = pseudonym(two, "1")
    assert forget(two, person, "erase").rows == 3
    assert anywhere(two, person) == 0
    assert person.encode() not in bytes_of(two)
    assert anywhere(two, pseudonym(two, "2")) == 3
    (record,) = ingestion.read_records(two.home)
    counts = (record.read, record.loaded, record.quarantined, record.erased)
    assert counts == (6, 2, 1, 3)
    assert all(f.read == f.loaded + f.quarantined + f.erased for f in record.files)
    assert ingestion.rows_off(record, two.home) == 0
    assert [row["_row"] for row in two.rows("raw", "treatments")] == [4]


def test_rows_of_an_erased_person_are_not_loaded_again(two: Site) -> None:
    person = pseudonym(two, "1")
    forget(two, person, "erase")
    two.load()  # the delivery in landing is loaded already, and stays as it is
    deliver(two, "1", "3", day="2026-06-30")
    _, record = two.load()
    counts = (record.read, record.loaded, record.quarantined, record.erased)
    assert counts == (6, 2, 1, 3)
    assert [f.message for f in record.findings if f.count == 2] == []
    assert anywhere(two, person) == 0
    for path in two.home.rglob("*.parquet"):
        path.unlink()
    assert [r.erased for r in two.load()] == [3, 3]
    assert anywhere(two, person) == 0


def test_a_person_with_a_shared_identity_goes_from_every_source(site: Site) -> None:
    for source in ("registry", "other"):
        site.contract(
            f"source: {source}\nformat: common_extract\nidentity: national\nreject_above: 0.9\n",
            source=source,
        )
        deliver(site, "1", "2", source=source)
        site.load(source)
    person = pseudonym(site, "1", scope="national")
    assert forget(site, person, "exclude").rows == 6
    assert site.query("SELECT count(*) FROM raw.common_extract__patients") == [(2,)]
    assert forget(site, person, "erase").rows == 6
    assert person.encode() not in bytes_of(site)


def test_what_belongs_to_the_person_alone_goes_with_them(site: Site) -> None:
    site.contract(CLINIC)
    treatments = "patient_id,treatment_id,batch_id,line\n1,t1,own,1\n1,t2,shared,2\n2,t3,shared,1\n"
    batches = "batch_id,outcome\nown,released\nshared,released\n"
    site.deliver({"treatments.csv": treatments + ",t1,,x\n", "batches.csv": batches})
    site.load()
    person = pseudonym(site, "1")
    forget(site, person, "exclude")
    view = "SELECT batch_id FROM raw.registry__batches"
    assert site.query(view) == [(pseudonym(site, "shared", kind="batch"),)]
    # The quarantined row names no patient, but a treatment of this person.
    assert forget(site, person, "erase").rows == 4
    assert site.rows("quarantine", "treatments") == []
    assert len(site.rows("raw", "batches")) == 1
    assert pseudonym(site, "own", kind="batch").encode() not in bytes_of(site)


def test_a_treatment_moved_to_another_patient_is_that_patient_s(site: Site) -> None:
    site.contract(CLINIC)
    header = "patient_id,treatment_id,batch_id,line\n"
    site.deliver({"treatments.csv": header + "1,t1,,1\n"})
    site.load()
    forget(site, pseudonym(site, "1"), "exclude")
    site.deliver({"treatments.csv": header + "2,t1,,1\n"}, day="2026-06-30")
    site.load()
    assert site.query("SELECT count(*) FROM raw.registry__treatments") == [(1,)]


def test_what_was_interrupted_is_completed_by_asking_again(two: Site) -> None:
    person = pseudonym(two, "1")
    raw = next((two.home / "raw").rglob("treatments/*.parquet"))
    before = raw.read_bytes()
    forget(two, person, "erase")
    raw.write_bytes(before)  # as if the run had ended before this file
    assert forget(two, person, "erase").rows == 1
    (record,) = ingestion.read_records(two.home)
    assert (record.loaded, record.erased) == (2, 3)


def test_an_excluded_person_can_be_erased_and_not_the_other_way_round(two: Site) -> None:
    person = pseudonym(two, "1")
    forget(two, person, "exclude")
    forget(two, person, "erase")
    forget(two, person, "exclude")
    (entry,) = read_exclusions(two.home).entries
    assert (entry.mode, entry.pseudonym, entry.digest) == ("erase", None, digest(person))


def test_nothing_changes_for_a_pseudonym_that_is_not_here(two: Site) -> None:
    before = bytes_of(two)
    for mode in ("exclude", "erase"):
        with pytest.raises(UnknownPersonError, match="nothing was changed"):
            forget(two, "0" * 32, mode)
    assert bytes_of(two) == before


@pytest.mark.parametrize("line", ["{", '{"at": "2026-01-01T00:00:00Z", "mode": "erase"}'])
def test_a_damaged_deny_list_stops_everything(two: Site, line: str) -> None:
    (two.home / "exclusions.jsonl").write_text(line + "\n")
    steps: list[Any] = [two.load, lambda: two.query(COUNT)]
    for step in steps:
        with pytest.raises(IngestionError, match=r"exclusions\.jsonl: line 1 .* put the file back"):
            step()
