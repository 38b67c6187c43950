"""What no contract declares: identifiers in the cells of undeclared columns, in headers and in
file names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ingestion
from ingestion import quick_look
from ingestion.identifiers import looks_direct
from ingestion.identifying_values import identifies, shown_names, what_identifies
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date"
ROW = "1,F,1950,alive,2025-01-01"
# Made up: numbers of nobody.
NIR = "2580675123456"
FULL_NIR = "2 58 06 75 123 456 04"
MAIL = "zwqx@example.org"
PHONE = "06 12 34 56 78"
IBAN = "FR76 3000 6000 0112 3456 7890 189"


def people(extra: str, cells: list[str]) -> str:
    rows = [f"{ROW.replace('1', str(i + 2), 1)},{cell}" for i, cell in enumerate(cells)]
    return "\n".join([f"{HEADER},{extra}", *rows]) + "\n"


def kept(site: Site) -> str:
    parts = []
    for path in (site.home / "raw").rglob("*"):
        if path.suffix == ".parquet":
            parts.append(str(pq.read_table(path).to_pylist()))
        elif path.is_file():
            parts.append(path.read_text())
    return "\n".join(parts)


@pytest.mark.parametrize("planted", [NIR, FULL_NIR, MAIL, PHONE, IBAN, f"see {MAIL}."])
def test_an_undeclared_column_that_holds_identifiers_is_not_kept(site: Site, planted: str) -> None:
    site.deliver({"patients.csv": people("info", ["", "ok", planted, "ok"])})
    (record,) = site.load()
    assert record.status == "accepted"
    assert (record.read, record.loaded) == (4, 4)
    (found,) = [f for f in record.findings if f.column == "info"]
    assert (found.severity, found.rule) == ("WARN", "column_dropped")
    assert "info" not in record.files[0].columns
    assert "info" not in site.rows("raw", "patients")[0]
    assert planted not in kept(site)


def test_one_far_down_takes_back_what_was_written(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.readers.delimited.BLOCK", 1 << 14)
    monkeypatch.setattr(quick_look, "FEW", 10)
    cells = ["ok"] * 5_000 + [MAIL]
    site.deliver({"patients_1.csv": people("info", cells), "patients_2.csv": people("info", ["x"])})
    (record,) = site.load()
    assert (record.read, record.loaded) == (5_002, 5_002)
    assert len(site.rows("raw", "patients")) == 5_002
    assert "info" not in site.rows("raw", "patients")[0]
    assert len([f for f in record.findings if f.rule == "column_dropped"]) == 2


def test_every_format_is_looked_at(site: Site) -> None:
    names = [*HEADER.split(","), "info"]
    item = dict(zip(names, [*ROW.split(","), MAIL], strict=True))
    item_list = {**item, "info": [{"write to": MAIL}]}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({name: [value] for name, value in item.items()}), sink)
    for name, content in {
        "patients.ndjson": json.dumps(item),
        "patients.json": json.dumps([item_list]),
        "patients.parquet": sink.getvalue().to_pybytes(),
    }.items():
        folder = site.deliver({name: content})
        record = site.check()
        assert [f.column for f in record.findings if f.rule == "column_dropped"] == ["info"], name
        (folder / name).unlink()


def test_a_declared_column_is_the_contract_s_to_decide(site: Site) -> None:
    site.contract(
        "source: registry\nformat: delimited\ntables:\n  people:\n    files: people.csv\n"
        "    columns:\n      number: {}\n      contact: {}\n"
    )
    site.deliver({"people.csv": f"number,contact\n1,{MAIL}\n"})
    assert not [f for f in site.check().findings if f.rule == "column_dropped"]


@pytest.mark.parametrize(
    "text",
    ["2025-01-01 10:00:00", "1e-10", "0.0612345678", "3600522", "20250131120000", "a1b2" * 8,
     "NAT-00000012", "27Z03", "12,5", "1234567890", "6d4a1f00-0612-3456-7890-123456789012",
     "01.02.2024 10:00:00", "01/02/2024 10:00", "C83.3", "10*9/L", "85012345678901234567",
     "258067512345633",  # the key of this number would be 04
     "FR77 3000 6000 0112 3456 7890 189", "AB12 CDEF 3456 GHIJ"],
)  # fmt: skip
def test_what_is_no_identifier_is_kept(text: str) -> None:
    assert what_identifies(pa.array([text, None, ""])) is None


@pytest.mark.parametrize(
    "text",
    ["258067512345604", "2580675123456 04", "1 85 12 2A 004 123 71", "NIR 2580675123456 (dossier)"],
)
def test_a_national_number_is_known_by_its_key(text: str) -> None:
    assert what_identifies(pa.array([text])) == "national numbers"


@pytest.mark.parametrize(
    "text",
    ["06\u00a012\u00a034\u00a056\u00a078", "06\u202f12\u202f34\u202f56\u202f78", "06/12/34/56/78",
     "(06) 12 34 56 78", "tel.06 12 34 56 78", "tel.0612345678", "+33 (0)6 12 34 56 78",
     "06-12345678"],
)  # fmt: skip
def test_a_telephone_number_is_known_however_it_is_typed(text: str) -> None:
    assert what_identifies(pa.array([text])) == "telephone numbers"


def test_milliseconds_are_no_national_numbers() -> None:
    moments = pa.array([str(1_580_675_123_456 + 86_400_000 * day) for day in range(400)])
    shaped = [text for text in moments.to_pylist() if identifies(text)]
    assert 50 < len(shaped) < 200, "some have the shape"
    assert what_identifies(moments) is None


def test_a_header_that_looks_like_an_identifier_is_neither_kept_nor_told(site: Site) -> None:
    site.deliver({"patients.csv": f"{HEADER},{MAIL},{NIR}\n{ROW},x,y\n"})
    (record,) = site.load()
    places = [f.message for f in record.findings if f.rule == "column_dropped"]
    assert [message.split(":")[0] for message in places] == ["column 6", "column 7"]
    assert MAIL not in kept(site)
    assert NIR not in kept(site)


@pytest.mark.parametrize(
    "header",
    ["Medecin", "médecin traitant", "commentaire", "Comments", "MATRICULE", "nom", "Prénoms",
     "free_text", "texte libre", "Remarques"],
)  # fmt: skip
def test_words_of_persons_and_remarks(header: str) -> None:
    assert looks_direct(header)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"patients_{NIR}.csv", "patients_hidden.csv"),
        (f"patients_{MAIL}.csv", "hidden.csv"),  # `_` may be part of the address
        ("patients_0612345678.csv.gz", "patients_hidden.csv.gz"),
        ("patients_20250131.csv", "patients_20250131.csv"),
        ("patients_20250131120000.csv", "patients_20250131120000.csv"),
    ],
)
def test_identifiers_in_file_names_are_hidden(site: Site, name: str, shown: str) -> None:
    assert shown_names([name]) == {name: shown}
    assert not identifies(shown)


def test_a_file_whose_name_identifies_is_read_under_another(site: Site) -> None:
    other = NIR.replace("58", "59")
    files = {f"patients_{NIR}.csv": people("x", ["a", "b"]), f"patients_{other}.csv": HEADER + "\n"}
    site.deliver(files)
    (record,) = site.load()
    assert [file.name for file in record.files] == ["patients_hidden.csv", "patients_hidden-2.csv"]
    assert {f.file for f in record.findings if f.rule == "file_name_hidden"} == {
        file.name for file in record.files
    }
    assert {row["_file"] for row in site.rows("raw", "patients")} == {"patients_hidden.csv"}
    assert not {NIR, other} & set(kept(site).replace("_", " ").replace(".", " ").split())
    site.deliver(files, day="2026-02-28")
    repeated = [f for f in site.load()[1].findings if f.rule == "file_repeated"]
    assert repeated[0].message.startswith("patients_hidden.csv: the same bytes as registry/2026-01")
    assert NIR not in kept(site)


def test_a_refused_file_is_not_named_by_its_identifier(site: Site) -> None:
    site.deliver({f"patients_{NIR}.csv": "", f"unknown_{NIR}.xyz": "", f"{NIR}.zip": b"no"})
    (record,) = site.load()
    assert record.status == "rejected"
    assert NIR not in record.model_dump_json()


# ---------------------------------------------------------------- names and links


def test_a_dated_folder_that_is_a_link_is_refused(site: Site) -> None:
    folder = site.deliver({"patients.csv": f"{HEADER}\n{ROW}\n"})
    (folder.parent / "2026-02-28").symlink_to(folder, target_is_directory=True)
    records = site.load()
    assert [record.status for record in records] == ["accepted", "rejected"]
    assert "the delivery is a link" in str(records[1].findings[0].message)
    assert len(site.rows("raw", "patients")) == 1


def test_a_link_beside_its_file_is_not_loaded_twice(site: Site) -> None:
    folder = site.deliver({"patients.csv": f"{HEADER}\n{ROW}\n"})
    (folder / "patients_2.csv").symlink_to(folder / "patients.csv")
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 1)


def test_a_link_to_itself_is_a_reason(site: Site) -> None:
    folder = site.deliver({"patients.csv": f"{HEADER}\n{ROW}\n"})
    (folder / "patients_2.csv").symlink_to(folder / "patients_2.csv")
    (record,) = site.load()
    assert record.status == "rejected"
    assert "leads nowhere or to itself" in record.findings[0].message
    loop = folder.parent / "2026-02-28"
    loop.symlink_to(loop)
    (found,) = ingestion.misplaced(site.landing, site.contracts)
    assert "not a folder" in found.message


def test_a_file_name_that_is_no_text_is_a_reason(site: Site) -> None:
    folder = site.deliver({"patients.csv": f"{HEADER}\n{ROW}\n"})
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/patients_\xe9.csv")).write_text(HEADER)
    except OSError:
        pytest.fail("this file system has only UTF-8 names: the test needs one that has others")
    (record,) = site.load()
    assert record.status == "rejected"
    assert record.findings[0].message.startswith("patients_?.csv: a file name that is no UTF-8")


def test_very_many_undeclared_columns_cost_time_in_proportion(site: Site) -> None:
    extras = [f"c{i}" for i in range(1_200)]
    lines = [f"{ROW.replace('1', str(i), 1)},{','.join(['7'] * 1_200)}" for i in range(50)]
    site.deliver({"patients.csv": "\n".join([",".join([HEADER, *extras]), *lines]) + "\n"})
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 50)
    assert len(site.rows("raw", "patients")[0]) >= 1_200
    assert len([f for f in record.findings if f.rule == "column_unknown"]) == 1_200
