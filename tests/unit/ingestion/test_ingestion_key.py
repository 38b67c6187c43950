"""The pseudonym key and the pseudonyms: modes, refusals, the lost key, namespaces."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from ingestion import KeyFileError, load_key
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date\n17,F,1950,alive,2025-01-01\n"


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
    site.key_path.unlink()
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


def test_two_projects_cannot_be_joined(tmp_path: Path) -> None:
    """The same people, the same namespace, two keys: no pseudonym of the one is in the other."""
    people = set()
    for project in ("one", "two"):
        site = Site(tmp_path / project)
        site.contract("source: a\nformat: common_extract\nidentity: national\n", source="a")
        people.add(patient_of(site, "a"))
    assert len(people) == 2


def test_treatments_are_numbered_by_each_source_alone(site: Site) -> None:
    header = "treatment_id,patient_id,product_code,indication_code\n1,17,x,dlbcl\n"
    made = set()
    for source in ("a", "b"):
        site.contract(f"source: {source}\nformat: common_extract\nidentity: n\n", source=source)
        site.deliver({"treatments.csv": header}, source=source)
        site.load(source)
    made = set(site.query("SELECT treatment_id, patient_id FROM raw.common_extract__treatments"))
    assert len({t for t, _ in made}) == 2
    assert len({p for _, p in made}) == 1
