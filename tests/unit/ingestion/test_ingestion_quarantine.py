"""What happens to rows, columns and files that break the contract: counted, said, never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

import ingestion
from ingestion import IngestionError, findings_table, storage
from tests.lib.ingestion_site import Site

PATIENTS = "patient_id,sex,birth_year,vital_status,last_contact_date"
EVENTS = "event_id,patient_id,event_type,event_date,grade"
LAX = "source: registry\nformat: common_extract\nreject_above: 1\n"


def patients(*rows: str, header: str = PATIENTS) -> str:
    return "\n".join([header, *rows]) + "\n"


def good(count: int) -> list[str]:
    return [f"{i},F,1950,alive,2025-01-01" for i in range(count)]


def test_read_is_loaded_plus_quarantined_in_record_and_files(site: Site) -> None:
    site.contract(LAX)
    site.deliver(
        {
            "patients.csv": patients(*good(5), ",F,1950,alive,2025-01-01", "9,F,x,alive,", "7,F"),
            "events.csv": f"{EVENTS}\n1,1,crs,2025-01-01,two\n2,1,crs,2025-01-01,2\n",
        }
    )
    (record,) = site.load()
    counts = {f.name: (f.read, f.loaded, f.quarantined) for f in record.files}
    assert counts == {"patients.csv": (8, 5, 3), "events.csv": (2, 1, 1)}
    assert (record.read, record.loaded, record.quarantined) == (10, 6, 4)
    assert len(site.rows("raw", "patients")) == 5
    assert len(site.rows("quarantine", "patients")) == 3
    assert {(r["_row"], r["_rule"], r["_column"]) for r in site.rows("quarantine", "patients")} == {
        (6, "key_missing", "patient_id"),
        (7, "type", "birth_year"),
        (8, "ragged", None),
    }
    (found,) = [f for f in record.findings if f.table == "events" and f.rule == "type"]
    assert (found.column, found.row, found.count) == ("grade", 1, 1)
    assert found.message == "1 row quarantined: grade cannot be read as integer (first: row 1)"


def test_raw_holds_the_text_as_delivered_with_its_lineage(site: Site) -> None:
    site.deliver({"patients.csv": patients(" 7 , F ,1950.0,alive,2025-01-01T10:00")})
    (record,) = site.load()
    (row,) = site.rows("raw", "patients")
    assert (row["sex"], row["birth_year"], row["last_contact_date"]) == (
        " F ", "1950", "2025-01-01T10:00",
    )  # fmt: skip
    assert (row["_source"], str(row["_delivery"]), row["_file"], row["_row"]) == (
        "registry", "2026-01-31", "patients.csv", 1,
    )  # fmt: skip
    assert row["_sha256"] == record.files[0].sha256
    assert row["_loaded_at"] == record.loaded_at
    assert site.query("SELECT sex, birth_year FROM raw.registry__patients") == [("F", 1950)]


def test_unknown_codes_and_duplicates_are_no_reason_to_refuse_a_row(site: Site) -> None:
    site.deliver(
        {"patients.csv": patients("1,X9,1950,lost,2025-01-01", "1,X9,1950,lost,2025-01-01")}
    )
    assert site.load()[0].loaded == 2


@pytest.mark.parametrize(("bad", "status"), [(2, "accepted"), (3, "rejected")])
def test_the_threshold_rejects_above_not_at(site: Site, bad: int, status: str) -> None:
    rows = good(10 - bad) + [",F,1950,alive,2025-01-01"] * bad
    site.deliver({"patients.csv": patients(*rows)})
    (record,) = site.load()
    assert record.status == status
    if status == "rejected":
        counts = (record.read, record.loaded, record.quarantined, record.refused)
        assert counts == (10, 0, 0, 10)
        assert [f.message for f in record.findings if f.rule == "key_missing"] == [
            "3 rows refused: patient_id is empty (first: row 8)"
        ]
        assert "3 of 10 rows" in next(f.message for f in record.findings if f.severity == "ERROR")
        assert not list(site.home.rglob("*.parquet"))


def test_a_missing_required_column_rejects_and_suggests(site: Site) -> None:
    header = PATIENTS.replace("vital_status", "vital_satus")
    site.deliver({"patients.csv": patients(*good(2), header=header)})
    (record,) = site.load()
    assert record.status == "rejected"
    (error,) = [f for f in record.findings if f.severity == "ERROR"]
    assert error.column == "vital_status"
    assert "required column vital_status is missing (is it vital_satus?)" in error.message


def test_all_errors_of_a_delivery_are_told_at_once(site: Site) -> None:
    site.deliver({"patients.csv": "patient_id,sex\n1,F\n", "stays.csv": "", "events.parquet": "x"})
    rules = [f.rule for f in site.check().findings if f.severity == "ERROR"]
    assert rules.count("column_missing") == 3
    assert rules.count("file_unreadable") == 2


def test_headers_match_whatever_their_case_and_space(site: Site) -> None:
    header = " Patient_ID ,SEX,Birth_Year,VITAL_STATUS,last_contact_date\u00a0"
    site.deliver({"patients.csv": patients(*good(1), header=header)})
    assert site.load()[0].loaded == 1


def test_a_column_delivered_twice_is_an_error(site: Site) -> None:
    site.deliver(
        {"patients.csv": patients("1,F,1950,alive,2025-01-01,M", header=f"{PATIENTS},SEX")}
    )
    assert [f.rule for f in site.check().findings if f.severity == "ERROR"] == ["column_twice"]


def test_a_new_column_is_kept_as_text_and_reported(site: Site) -> None:
    header = f"{PATIENTS},colour,_row,Extra"
    site.deliver({"patients.csv": patients("1,F,1950,alive,2025-01-01,blue,4,=1+1", header=header)})
    (record,) = site.load()
    (row,) = site.rows("raw", "patients")
    assert (row["colour"], row["delivered_row"], row["Extra"], row["_row"]) == (
        "blue",
        "4",
        "=1+1",
        1,
    )
    warned = {f.column for f in record.findings if f.rule == "column_unknown"}
    assert warned == {"colour", "_row", "Extra"}
    assert {f.severity for f in record.findings if f.rule == "column_unknown"} == {"WARN"}


CLINIC = """\
source: registry
format: delimited
tables:
  visits:
    files: "visits*.csv"
    columns:
      visit: {header: VISITE, required: true}
      seen: {header: VU, type: date}
revisions:
  - {from: 2026-01-01, table: visits, renamed: {VU: DATE_VU}}
"""


@pytest.mark.parametrize(
    ("day", "header", "rules"),
    [
        ("2025-12-31", "VU", set()),
        ("2026-01-01", "DATE_VU", set()),
        ("2026-01-01", "VU", {"header_changed"}),
        ("2025-12-31", "DATE_VU", {"header_changed"}),
        ("2026-01-01", "AUTRE", {"column_missing", "column_unknown"}),
    ],
)
def test_revisions_say_which_header_to_expect(
    site: Site, day: str, header: str, rules: set[str]
) -> None:
    site.contract(CLINIC)
    site.deliver({"visits_2025.csv": f"VISITE;{header}\na;2025-02-01\n"}, day=day)
    (record,) = site.load()
    assert {f.rule for f in record.findings if f.severity == "WARN"} == rules
    ((seen,),) = site.query("SELECT seen FROM raw.registry__visits")
    assert (seen is None) == ("column_missing" in rules)


def test_a_missing_file_of_a_required_table_rejects(site: Site) -> None:
    site.contract(CLINIC)
    site.deliver({"visites.csv": "VISITE;VU\na;2025-02-01\n"})
    (error, *_) = [f for f in site.check().findings if f.severity == "ERROR"]
    assert (error.rule, error.table) == ("file_missing", "visits")


def test_several_files_of_one_table_with_different_columns(site: Site) -> None:
    site.deliver(
        {
            "patients_1.csv": patients(*good(2)),
            "patients_2.csv": patients("8,F,1950,alive,2025-01-01,x", header=f"{PATIENTS},more"),
        }
    )
    (record,) = site.load()
    assert record.loaded == 3
    assert sorted(str(r["more"]) for r in site.rows("raw", "patients")) == ["None", "None", "x"]


def test_an_empty_delivery_is_accepted_with_a_warning(site: Site) -> None:
    site.deliver({"patients.csv": PATIENTS + "\n"})
    record = site.check()
    assert record.status == "accepted"
    assert "empty" in [f.rule for f in record.findings]


def test_checking_writes_nothing(site: Site) -> None:
    site.deliver({"patients.csv": patients(*good(3))})
    before = sorted(site.home.rglob("*"))
    record = site.check()
    assert (record.loaded, record.key_fingerprint, record.tables) == (3, "", ())
    assert sorted(site.home.rglob("*")) == before


def test_the_table_of_findings_has_every_file_and_the_worst_first(site: Site) -> None:
    site.deliver({"patients.csv": "patient_id,sex\n1,F\n", "tretments.csv": "a\n"})
    rows = findings_table([site.check()])
    assert [row["severity"] for row in rows] == sorted(
        (row["severity"] for row in rows), key=["ERROR", "WARN", "INFO"].index
    )
    assert {row["file"] for row in rows} == {"patients.csv", "tretments.csv"}
    assert set(rows[0]) == {
        "source", "delivery", "status", "file", "table", "column", "row", "read", "loaded",
        "quarantined", "severity", "rule", "message",
    }  # fmt: skip


def test_a_crash_before_the_record_leaves_nothing_loaded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.deliver({"patients.csv": patients(*good(3))})
    with monkeypatch.context() as patched:
        patched.setattr(storage, "write_text", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            site.load()
    assert ingestion.read_records(site.home) == []
    assert site.load()[0].loaded == 3
    assert len(site.rows("raw", "patients")) == 3


def _interrupt(path: Path, text: str) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_load_leaves_no_temporary_file(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.deliver({"patients.csv": patients(*good(3))})
    monkeypatch.setattr(storage.ParquetFile, "commit", lambda self: _interrupt(self.path, ""))
    with pytest.raises(KeyboardInterrupt):
        site.load()
    assert not [p for p in site.home.rglob("*") if p.is_file() and "raw" in p.parts]


def test_a_full_disk_is_a_sentence_and_leaves_the_home_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.deliver({"patients.csv": patients(*good(3))})
    site.load()
    before = {p: p.read_bytes() for p in site.home.rglob("*") if p.is_file()}
    folder = site.deliver({"patients.csv": patients(*good(4))}, day="2026-02-28")
    monkeypatch.setattr(storage, "_publish", _disk_full)
    with pytest.raises(IngestionError, match="No space left on device"):
        site.load()
    after = {p: p.read_bytes() for p in site.home.rglob("*") if p.is_file()}
    assert {p: b for p, b in after.items() if folder not in p.parents} == before


def _disk_full(temporary: Path, path: Path) -> None:
    raise OSError(28, "No space left on device")


def test_an_optional_column_is_missed_when_the_delivery_before_had_it(site: Site) -> None:
    with_cause = patients(
        "1,F,1950,alive,2025-01-01,",
        "2,M,1951,dead,2025-01-01,crs",
        header=f"{PATIENTS},death_cause",
    )
    site.deliver({"patients.csv": with_cause}, day="2026-01-31")
    site.deliver({"patients.csv": patients(*good(2))}, day="2026-02-28")
    site.deliver({"patients.csv": patients(*good(3))}, day="2026-03-31")
    records = site.load()
    warned = [
        [f.column for f in r.findings if (f.rule, f.severity) == ("column_missing", "WARN")]
        for r in records
    ]
    assert warned == [[], ["death_cause"], []]
    # Those never delivered are told once, in one line.
    assert [sum(f.rule == "column_missing" and f.severity == "INFO" for f in r.findings)
            for r in records] == [1, 1, 1]  # fmt: skip
    again = ingestion.check_delivery(site.discover()[1], site.contracts["registry"], records)
    assert [f.column for f in again.findings if f.severity == "WARN"] == ["death_cause"]


REVISED = """\
source: registry
format: delimited
tables:
  visits:
    files: "visits*.csv"
    columns:
      visit: {header: VISITE, required: true}
      early: {header: AVANT, required: true}
      late: {header: APRES, required: true}
revisions:
  - {from: 2026-01-01, table: visits, added: [APRES], dropped: [AVANT]}
"""


@pytest.mark.parametrize(
    ("day", "header", "status", "missing"),
    [
        ("2025-12-31", "VISITE;AVANT", "accepted", set()),
        ("2025-12-31", "VISITE;APRES", "rejected", {"early"}),
        ("2026-01-01", "VISITE;APRES", "accepted", set()),
        ("2026-01-01", "VISITE;AVANT", "rejected", {"late"}),
        ("2026-01-01", "VISITE;AVANT;APRES", "accepted", set()),
    ],
)
def test_columns_are_expected_from_when_they_were_added_until_they_were_dropped(
    site: Site, day: str, header: str, status: str, missing: set[str]
) -> None:
    site.contract(REVISED)
    cells = ";".join(["a"] * len(header.split(";")))
    site.deliver({"visits.csv": f"{header}\n{cells}\n"}, day=day)
    (record,) = site.load()
    assert record.status == status
    assert {f.column for f in record.findings if f.rule == "column_missing"} == missing


def test_codes_in_no_list_are_counted_and_loaded(site: Site) -> None:
    site.contract(CLINIC.replace("VU, type: date}", "VU, codes: [A, B]}"))
    site.deliver({"visits_1.csv": "VISITE;VU\n1;A\n2; B \n3;\n4;C\n5;c\n"}, day="2025-01-31")
    (record,) = site.load()
    assert (record.loaded, record.quarantined) == (5, 0)
    (found,) = [f for f in record.findings if f.rule == "code_unlisted"]
    assert (found.severity, found.column, found.count) == ("WARN", "seen", 2)
    assert "C" not in found.message
