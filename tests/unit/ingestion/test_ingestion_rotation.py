"""The pseudonym key rotated: what is stored follows, and persons taken out stay out."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ingestion
from ingestion import IngestionError, KeyFileError, rotation, type_changes
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date\n"
TREATMENTS = "treatment_id,patient_id,product_code,indication_code,line,batch_id\n"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def deliver(site: Site, *numbers: str, day: str) -> None:
    people = "".join(f"{n},F,1950,alive,2025-01-01\n" for n in numbers)
    wrong = "".join(f"t{n},{n},axi,dlbcl,third,b\n" for n in numbers)
    rows = "".join(f"t{n},{n},axi,dlbcl,3,b\n" for n in numbers)
    files = {"patients.csv": PATIENTS + people, "treatments.csv": TREATMENTS + wrong + rows}
    site.deliver(files, day=day)


@pytest.fixture
def two(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two persons, loaded; one treatment row each is in quarantine, which is no change of type."""
    monkeypatch.setattr(type_changes, "LEAST", 1_000)
    site.contract("source: registry\nformat: common_extract\nreject_above: 0.9\n")
    deliver(site, "1", "2", day="2026-01-31")
    site.load()
    return site


def rotate(site: Site) -> rotation.CarriedOver:
    key = ingestion.add_secret(site.key)
    return ingestion.carry_over(site.home, site.contracts, key)


def pseudonym(site: Site, number: str) -> str:
    return site.key.pseudonym("registry", "patient", number)


def patients(site: Site) -> set[str]:
    rows = [*site.rows("raw", "patients"), *site.rows("quarantine", "treatments")]
    return {str(row["patient_id"]) for row in rows}


def test_a_rotated_pseudonym_is_the_hmac_of_the_sha_256_of_the_one_before(two: Site) -> None:
    old = pseudonym(two, "1")
    rotate(two)
    lines = two.key_path.read_text().split()
    message = b"rotated|" + hashlib.sha256(old.encode()).hexdigest().encode()
    assert (
        pseudonym(two, "1") == hmac.new(bytes.fromhex(lines[1]), message, "sha256").hexdigest()[:32]
    )
    assert stat.S_IMODE(two.key_path.stat().st_mode) == 0o600
    assert [p.name for p in two.key_path.parent.iterdir()] == [two.key_path.name]


def test_what_is_stored_and_what_comes_later_have_the_same_new_pseudonyms(two: Site) -> None:
    before = {layer: two.rows(layer, "treatments") for layer in ("raw", "quarantine")}
    olds = patients(two)
    done = rotate(two)
    assert (done.deliveries, done.files, done.excluded) == (1, 3, 0)
    assert patients(two) == {pseudonym(two, "1"), pseudonym(two, "2")}
    assert not patients(two) & olds
    for layer, rows in before.items():
        after = two.rows(layer, "treatments")
        hidden = ("patient_id", "treatment_id", "batch_id")
        assert [{k: v for k, v in row.items() if k not in hidden} for row in after] == [
            {k: v for k, v in row.items() if k not in hidden} for row in rows
        ]
    deliver(two, "1", "2", "3", day="2026-02-28")
    two.load()
    two.load()
    ((people, treatments),) = two.query(
        "SELECT count(DISTINCT p.patient_id), count(DISTINCT t.treatment_id) "
        "FROM raw.registry__patients p JOIN raw.registry__treatments t USING (patient_id)"
    )
    assert (people, treatments) == (3, 3)


def test_a_key_rotated_twice_takes_up_a_home_left_at_the_beginning(two: Site) -> None:
    for _ in range(2):
        ingestion.add_secret(two.key)
    key = two.key
    with pytest.raises(KeyFileError, match="key rotate"):
        two.load()
    assert ingestion.lags_behind(two.home, key)
    ingestion.carry_over(two.home, two.contracts, key)
    assert not ingestion.lags_behind(two.home, key)
    assert patients(two) == {pseudonym(two, "1"), pseudonym(two, "2")}


def test_persons_taken_out_stay_out(two: Site) -> None:
    ingestion.forget(two.home, two.contracts, pseudonym(two, "1"), "exclude", NOW)
    ingestion.forget(two.home, two.contracts, pseudonym(two, "2"), "erase", NOW)
    assert rotate(two).excluded == 2
    deliver(two, "1", "2", "3", day="2026-02-28")
    (_, record) = two.load()
    assert record.erased == 3
    assert two.query("SELECT count(*) FROM raw.registry__patients") == [(1,)]
    ingestion.forget(two.home, two.contracts, pseudonym(two, "3"), "exclude", NOW)
    assert two.query("SELECT count(*) FROM raw.registry__patients") == [(0,)]


@pytest.mark.parametrize("survives", [0, 1, 2])
def test_a_rotation_that_was_interrupted_is_completed(
    two: Site, survives: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingestion.forget(two.home, two.contracts, pseudonym(two, "1"), "exclude", NOW)
    written = 0
    carry = rotation._carry_file

    def failing(path: Path, *rest: object) -> int:
        nonlocal written
        if written == survives:
            raise IngestionError("the disk is full")
        written += 1
        return carry(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_carry_file", failing)
        with pytest.raises(IngestionError, match="disk"):
            rotate(two)
    with pytest.raises(KeyFileError, match="key rotate"):
        two.load()
    key = two.key
    done = ingestion.carry_over(two.home, two.contracts, key)
    assert done.files == 3 - survives
    assert patients(two) == {pseudonym(two, "1"), pseudonym(two, "2")}
    two.load()
    assert two.query("SELECT count(*) FROM raw.registry__patients") == [(1,)]


def test_a_source_without_its_contract_is_named_and_left_as_it_is(two: Site) -> None:
    before = patients(two)
    key = ingestion.add_secret(two.key)
    with pytest.raises(IngestionError, match="no contract"):
        ingestion.carry_over(two.home, {}, key)
    assert patients(two) == before


def test_a_column_of_an_older_contract_is_carried_over_too(site: Site) -> None:
    columns = "{identifier: pseudonym, kind: patient}"
    text = "source: registry\nformat: delimited\ntables:\n  visits:\n    files: '*.csv'\n"
    extra = f"      doctor_id: {columns}\n"
    site.contract(f"{text}    columns:\n      patient_id: {columns}\n{extra}")
    site.deliver({"visits.csv": "patient_id,doctor_id\n1,9\n2,\n"})
    site.load()
    (old,) = {row["doctor_id"] for row in site.rows("raw", "visits") if row["doctor_id"]}
    site.contract(f"{text}    columns:\n      patient_id: {columns}\n")
    rotate(site)
    assert old not in {row["doctor_id"] for row in site.rows("raw", "visits")}


def test_a_deny_list_of_a_lost_key_is_not_taken_for_one_of_the_new_key(two: Site) -> None:
    ingestion.forget(two.home, two.contracts, pseudonym(two, "1"), "exclude", NOW)
    kept = (two.home / "exclusions.jsonl").read_text()
    anew = Site(two.root / "anew")
    anew.contract()
    deliver(anew, "1", day="2026-01-31")
    (anew.home / "exclusions.jsonl").write_text(kept)
    with pytest.raises(KeyFileError, match=r"deny list .* put that key back"):
        anew.load()


def test_a_lost_key_is_not_replaced_while_anything_is_stored(two: Site) -> None:
    two.key_path.unlink()
    with pytest.raises(KeyFileError, match="no pseudonym key here"):
        ingestion.key_of_home(two.home, two.key_path)
    assert not two.key_path.exists()
