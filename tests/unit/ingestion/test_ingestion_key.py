"""The pseudonym key and the pseudonyms: modes, refusals, the lost key, namespaces."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ingestion
from ingestion import KeyFileError, home_key, key_lies_in_home, key_of_home
from ingestion.pseudonyms import load_key
from orchestration.settings import Settings
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date\n17,F,1950,alive,2025-01-01\n"
TREATMENTS = "treatment_id,patient_id,product_code,indication_code\n1,17,x,dlbcl\n"
SHARED = "source: a\nformat: common_extract\nidentity: national\n"


def test_a_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "config" / "atmp-rwe" / "pseudonym.key"
    old = os.umask(0)
    try:
        key = load_key(path, create=True)
    finally:
        os.umask(old)
    assert key.created
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    again = load_key(path, create=True)
    assert not again.created
    assert again.fingerprint == key.fingerprint
    assert [p.name for p in path.parent.iterdir()] == ["pseudonym.key"]


def test_the_home_sign_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_key(Path("~/a.key"), create=True).path == tmp_path / "a.key"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_key_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "k"
    load_key(path, create=True)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_key(path, create=False)


def test_a_missing_key_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="ATMP_RWE_KEY_FILE"):
        load_key(tmp_path / "k", create=False)
    assert not (tmp_path / "k").exists()


@pytest.mark.parametrize("content", [b"", b"abc", b"not hexadecimal at all " * 4, b"ab" * 31])
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "k"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="not a pseudonym key") as caught:
        load_key(path, create=True)
    assert not content or content.decode() not in str(caught.value)


def test_a_folder_or_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="not a file"):
        load_key(tmp_path, create=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="cannot be written"):
        load_key(tmp_path / "file" / "k", create=True)


def test_the_secret_is_in_no_representation(tmp_path: Path) -> None:
    key = load_key(tmp_path / "k", create=True)
    assert (tmp_path / "k").read_text().strip() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_pseudonyms_are_hmac_sha_256_of_scope_kind_identifier(tmp_path: Path) -> None:
    key = load_key(tmp_path / "k", create=True)
    secret = bytes.fromhex((tmp_path / "k").read_text())
    expected = hmac.new(secret, "clinic|patient|é 1".encode(), hashlib.sha256).hexdigest()[:32]
    assert key.pseudonym("clinic", "patient", " é 1\u00a0") == expected
    made = key.pseudonyms("clinic", "patient", pa.array([" é 1", None, "", "  ", "é 1", "2"]))
    assert made.to_pylist()[:5] == [expected, None, None, None, expected]
    assert made[5].as_py() == key.pseudonym("clinic", "patient", "2") != expected


def test_a_lost_key_stops_the_load_before_anything_is_written(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS})
    site.load()
    before = sorted(p.name for p in (site.home / "raw").rglob("*"))
    site.key_path.write_text("ab" * 32)
    site.deliver({"patients.csv": PATIENTS}, day="2026-02-28")
    with pytest.raises(KeyFileError, match=r"not the pseudonym key .* put that key back"):
        site.load()
    assert sorted(p.name for p in (site.home / "raw").rglob("*")) == before


def patient_of(site: Site, source: str) -> str:
    site.deliver({"patients.csv": PATIENTS}, source=source)
    site.load(source)
    ((value,),) = site.query(f"SELECT patient_id FROM raw.{source}__patients")
    return str(value)


def test_one_namespace_is_one_person_and_none_is_two(site: Site) -> None:
    for source, identity in (("a", "national"), ("b", "national"), ("c", ""), ("d", "")):
        more = f"identity: {identity}\n" if identity else ""
        site.contract(f"source: {source}\nformat: common_extract\n{more}", source=source)
    people = {source: patient_of(site, source) for source in "abcd"}
    assert people["a"] == people["b"]
    assert len(set(people.values())) == 3


def stored_pseudonyms(home: Path) -> set[str]:
    """All that raw holds of one patient and one treatment."""
    text = [str(pq.read_table(path).to_pylist()) for path in (home / "raw").rglob("*.parquet")]
    return set(re.findall(r"'([0-9a-f]{32})'", " ".join(text)))


def test_two_homes_with_default_settings_cannot_be_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They follow one key file. The same people, the same namespace, also once the key was
    rotated, and no pseudonym of the one is in the other; nor can one tell that it is one key."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    path = Settings.from_environment({}, home=tmp_path).key_file
    homes = [Site(tmp_path / name, key_path=path) for name in ("one", "two")]
    for site in homes:
        site.contract(SHARED, source="a")
        site.deliver({"patients.csv": PATIENTS, "treatments.csv": TREATMENTS}, source="a")
        site.load("a")
    for rotated in (False, True):
        if rotated:
            ingestion.add_secret(homes[0].key)
            for site in homes:
                ingestion.carry_over(site.home, site.contracts, site.key)
        one, two = (stored_pseudonyms(site.home) for site in homes)
        assert len(one) == len(two) == 2
        assert not one & two
        assert len({site.key.fingerprint for site in homes}) == 2
    assert [p for p in (tmp_path / "user").rglob("*") if p.is_file()] == [path]
    assert len(path.read_text().split()) == 2  # one file, rotated once


def test_the_pseudonyms_of_a_home_follow_from_its_key_and_its_project_alone(site: Site) -> None:
    person = patient_of(site, "registry")
    project = site.home / "project.id"
    assert stat.S_IMODE(project.stat().st_mode) == 0o600
    message = f"atmp-rwe project|{project.read_text().strip()}".encode()
    secret = hmac.new(bytes.fromhex(site.key_path.read_text()), message, "sha256").digest()
    assert person == hmac.new(secret, b"registry|patient|17", "sha256").hexdigest()[:32]
    # A home made anew with the same id has the same ones.
    again = Site(site.root / "again", key_path=site.key_path)
    again.contract()
    (again.home / "project.id").write_bytes(project.read_bytes())
    assert patient_of(again, "registry") == person


def test_a_home_of_before_there_were_projects_goes_on_without_one(site: Site) -> None:
    old = load_key(site.key_path, create=True)
    site.deliver({"patients.csv": PATIENTS})
    ingestion.load_source(
        "registry",
        contract=site.contracts["registry"],
        deliveries=site.discover(),
        home=site.home,
        key=old,
        loaded_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    site.deliver({"patients.csv": PATIENTS}, day="2026-02-28")
    assert [record.status for record in site.load()] == ["accepted", "accepted"]
    assert not (site.home / "project.id").exists()
    people = {row["patient_id"] for row in site.rows("raw", "patients")}
    assert people == {old.pseudonym("registry", "patient", "17")}


def test_a_project_that_is_lost_or_spoilt_stops_the_load(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS})
    site.load()
    project = site.home / home_key.FILE
    project.write_text("my project\n")
    with pytest.raises(KeyFileError, match=r"project\.id: not the id .* put the file back"):
        site.load()
    project.unlink()
    with pytest.raises(KeyFileError, match=r"not the pseudonym key .*project\.id, if it is gone"):
        site.load()
    assert not project.exists()


def test_asking_for_a_key_makes_neither_key_nor_project(site: Site) -> None:
    with pytest.raises(KeyFileError, match="no pseudonym key here"):
        key_of_home(site.home, site.key_path, create=False)
    load_key(site.key_path, create=True)
    key_of_home(site.home, site.key_path, create=False)
    assert not (site.home / home_key.FILE).exists()


@pytest.mark.parametrize("place", ["in the home", "deep in the home", "by a link", "as a link"])
def test_a_key_in_the_home_is_seen(tmp_path: Path, place: str) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (home / "keys").mkdir(parents=True)
    path = home / "keys" / "k" if place == "deep in the home" else home / "k"
    if place == "by a link":
        (tmp_path / "link").symlink_to(home)
        path = tmp_path / "link" / "k"
    if place == "as a link":
        load_key(elsewhere, create=True)
        path.symlink_to(elsewhere)
    assert key_lies_in_home(home, path)
    assert not key_lies_in_home(home, elsewhere)
    assert not key_lies_in_home(home, tmp_path / "home-key")


def test_treatments_are_numbered_by_each_source_alone(site: Site) -> None:
    for source in ("a", "b"):
        site.contract(f"source: {source}\nformat: common_extract\nidentity: n\n", source=source)
        site.deliver({"treatments.csv": TREATMENTS}, source=source)
        site.load(source)
    made = set(site.query("SELECT treatment_id, patient_id FROM raw.common_extract__treatments"))
    assert len({t for t, _ in made}) == 2
    assert len({p for _, p in made}) == 1
