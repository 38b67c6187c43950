"""Direct identifiers stop at the door: planted in every place they may arrive in, then searched
for."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from ingestion.identifiers import looks_direct
from tests.lib.ingestion_site import Site

NATIONAL = "2580675123456"
SURNAME = "ZWQXDUPONT"
BIRTH = "17/03/1958"
PLANTED = (NATIONAL, SURNAME, BIRTH, "1958-03-17", "zwqx@example.org")

CLINIC = """\
source: registry
format: delimited
csv: {delimiter: ";", date_format: "%d/%m/%Y"}
reject_above: 1
tables:
  patients:
    files: "patients*.csv"
    key: [patient_id]
    columns:
      patient_id: {header: NO, required: true, identifier: pseudonym, kind: patient}
      surname: {header: NOM, identifier: drop}
      birth_month: {header: NAISSANCE, type: date, identifier: birth_month}
      sex: {header: SEXE}
      registered: {header: INCLUSION, type: date}
"""


def everything_kept(site: Site) -> bytes:
    """All bytes of raw and quarantine, and all cells in case compression hides them."""
    parts = []
    for folder in ("raw", "quarantine"):
        for path in (site.home / folder).rglob("*"):
            if path.is_file():
                parts.append(path.read_bytes())
            if path.suffix == ".parquet":
                parts.append(str(pq.read_table(path).to_pylist()).encode())
    return b"\n".join(parts)


def assert_none_kept(site: Site) -> None:
    kept = everything_kept(site)
    assert len(kept) > 100
    for planted in PLANTED:
        assert planted.encode() not in kept


@pytest.mark.parametrize(
    "row",
    [
        f"{NATIONAL};{SURNAME};{BIRTH};F;01/02/2025",
        f"{NATIONAL};{SURNAME};{BIRTH};F;31/02/2025",  # a date that cannot be read
        f";{SURNAME};{BIRTH};F;01/02/2025",  # no key
        f"{NATIONAL};{SURNAME};F;01/02/2025",  # too short
        f"{NATIONAL};{SURNAME};JEANNE;{BIRTH};F;01/02/2025",  # too long
        f"A;B;{SURNAME};{BIRTH};F",  # shifted, with the right number of fields
        f"A;{NATIONAL};{SURNAME};{BIRTH};{NATIONAL}",
        f"A;x;{BIRTH} {SURNAME};F;01/02/2025",  # a birth date that cannot be read
        f'A;x;{BIRTH};"F;01/02/2025\nB;{SURNAME};{BIRTH};F;"01/02/2025',
    ],
)
def test_no_identifier_is_kept_wherever_it_stands(site: Site, row: str) -> None:
    site.contract(CLINIC)
    good = "8;ZWQX;01/01/1950;M;01/02/2025"
    site.deliver({"patients.csv": f"NO;NOM;NAISSANCE;SEXE;INCLUSION\n{good}\n{row}\n"})
    (record,) = site.load()
    assert record.status == "accepted"
    assert record.read == record.loaded + record.quarantined >= 2
    assert_none_kept(site)


def test_birth_dates_are_cut_to_their_month(site: Site) -> None:
    site.contract(CLINIC)
    site.deliver({"patients.csv": f"NO;NOM;NAISSANCE;SEXE;INCLUSION\n1;x;{BIRTH};F;\n"})
    site.load()
    (row,) = site.rows("raw", "patients")
    assert row["birth_month"] == "1958-03-01"
    assert "surname" not in row
    ((day,),) = site.query("SELECT birth_month::VARCHAR FROM raw.registry__patients")
    assert day == "1958-03-01"


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [
        ("1958", "3", (1958, 3)),
        ("1958-03-17", "1958-03-17", (1958, 3)),
        ("17/03/1958", "03/1958", (1958, 3)),
        ("19580317", "1958-03", (1958, 3)),
    ],
)
def test_a_birth_date_in_the_common_extract_is_cut_down(
    site: Site, year: str, month: str, expected: tuple[int, int]
) -> None:
    header = "patient_id,sex,birth_year,birth_month,vital_status,last_contact_date"
    site.deliver({"patients.csv": f"{header}\n1,F,{year},{month},alive,2025-01-01\n"})
    site.load()
    assert site.query("SELECT birth_year, birth_month FROM raw.registry__patients") == [expected]
    assert b"1958-03-17" not in everything_kept(site)
    assert b"19580317" not in everything_kept(site)


def test_undeclared_columns_that_look_direct_are_dropped_and_reported(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\ndirect_identifiers: [Matricule]\n")
    header = "patient_id,sex,birth_year,vital_status,last_contact_date,Nom patient,e-mail,matricule"
    row = f"{NATIONAL},F,1958,alive,2025-01-01,{SURNAME},zwqx@example.org,{NATIONAL}"
    site.deliver({"patients.csv": f"{header}\n{row}\n,F,1958,alive,2025-01-01,{SURNAME},x,y\n"})
    site.contract(
        "source: registry\nformat: common_extract\nreject_above: 1\n"
        "direct_identifiers: [Matricule]\n"
    )
    (record,) = site.load()
    dropped = {f.column for f in record.findings if f.rule == "column_dropped"}
    assert dropped == {"Nom patient", "e-mail"}
    assert_none_kept(site)
    for layer in ("raw", "quarantine"):
        assert not {"Nom patient", "e-mail", "matricule"} & set(site.rows(layer, "patients")[0])


def test_a_file_without_header_row_leaves_no_name_in_the_record(site: Site) -> None:
    site.deliver({"patients.csv": f"{NATIONAL},{SURNAME},{BIRTH},F,alive\n"})
    (record,) = site.load()
    assert record.status == "rejected"
    text = record.model_dump_json()
    assert not any(planted in text for planted in PLANTED)


def test_a_row_refused_beside_no_identifier_keeps_what_is_readable(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\nreject_above: 1\n")
    header = "event_id,patient_id,event_type,event_date,grade"
    site.deliver({"events.csv": f"{header}\n1,2,crs,31/13/2025,2\n"})
    site.load()
    (row,) = site.rows("quarantine", "events")
    assert (row["event_type"], row["event_date"], row["grade"]) == ("crs", "99/99/9999", "2")
    assert len(row["patient_id"]) == 32


def test_views_and_registry_hold_pseudonyms_alone(site: Site) -> None:
    site.contract(CLINIC)
    site.deliver(
        {"patients.csv": f"NO;NOM;NAISSANCE;SEXE;INCLUSION\n{NATIONAL};{SURNAME};{BIRTH};F;\n"}
    )
    site.load()
    ((pseudonym,),) = site.query("SELECT patient_id FROM raw.registry__patients")
    assert len(pseudonym) == 32
    assert set(pseudonym) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "header",
    ["Nom", "PRENOM", "Prénom", "patient name", "lastName", "e-mail", "IPP", "NIR", "N° Tel",
     "Adresse", "date_naissance", "DateOfBirth", "birthDate", "code postal", "SSN", "initiales"],
)  # fmt: skip
def test_names_that_look_direct(header: str) -> None:
    assert looks_direct(header)


@pytest.mark.parametrize(
    "header", ["sex", "birth_year", "tumour_volume", "nombre_cycles", "centre", "ldh_unit", "grade"]
)
def test_names_that_do_not(header: str) -> None:
    assert not looks_direct(header)
