"""Delimited text as registries write it: delimiters, encodings, quotes, damage."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.lib.ingestion_site import Site

CLINIC = """\
source: registry
format: delimited
{csv}
reject_above: 1
tables:
  visits:
    files: "visits*.csv"
    key: [visit]
    columns:
      visit: {{header: VISITE, required: true}}
      seen: {{header: DATE, type: date}}
      weight: {{header: POIDS, type: number}}
      grade: {{header: GRADE, type: integer}}
      remark: {{header: REMARQUE}}
"""
HEADER = "VISITE;DATE;POIDS;GRADE;REMARQUE\n"
VIEW = "SELECT visit, seen::VARCHAR, weight, grade, remark FROM raw.registry__visits ORDER BY _row"


def read(site: Site, content: bytes | str, csv: str = "", name: str = "visits.csv") -> list[Any]:
    site.contract(CLINIC.format(csv=f"csv: {csv}" if csv else ""))
    site.deliver({name: content})
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    assert record.read == record.loaded + record.quarantined
    return site.query(VIEW)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_delimiter_and_encoding_are_sniffed_and_reported(
    site: Site, delimiter: str, encoding: str
) -> None:
    text = HEADER.replace(";", delimiter) + delimiter.join(["a", "2025-02-01", "1.5", "2", "née"])
    assert read(site, text.encode(encoding)) == [("a", "2025-02-01", 1.5, 2, "née")]
    (record,) = site.load()
    (finding,) = [f for f in record.findings if f.rule == "sniffed"]
    assert finding.severity == "INFO"
    assert encoding.removesuffix("-sig") in finding.message


def test_a_declared_format_is_followed_and_nothing_is_sniffed(site: Site) -> None:
    csv = '{delimiter: "|", encoding: iso-8859-15, decimal: ",", date_format: "%d/%m/%Y"}'
    text = HEADER.replace(";", "|") + "a|03/02/2025|1.234,5|2|50 €\n"
    rows = read(site, text.encode("iso-8859-15"), csv)
    assert rows == [("a", "2025-02-03", 1234.5, 2, "50 €")]
    assert not [f for f in site.load()[0].findings if f.rule == "sniffed"]


def test_a_late_accent_decides_the_encoding(site: Site) -> None:
    plain = "".join(f"v{i};2025-01-01;1;1;x\n" for i in range(250_000))
    text = (HEADER + plain + "z;2025-01-01;1;1;née\n").encode("cp1252")
    assert read(site, text)[-1][4] == "née"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-02-03", "2025-02-03"),
        ("2025-02-03T10:11:12+01:00", "2025-02-03"),
        ("2025-02-03 00:00:00", "2025-02-03"),
        (" 03/02/2025 ", "2025-02-03"),
        ("03.02.2025", "2025-02-03"),
        ("", None),
    ],
)
def test_dates_that_are_read(site: Site, cell: str, expected: str | None) -> None:
    assert read(site, f"{HEADER}a;{cell};;;\n") == [("a", expected, None, None, None)]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("03/02/25", "2025-02-03"), ("31/12/68", "2068-12-31"), ("01/01/69", "1969-01-01")],
)
def test_years_of_two_digits_are_read_where_they_are_declared(
    site: Site, cell: str, expected: str
) -> None:
    """Of this century up to 68, as the strptime of POSIX does."""
    csv = '{delimiter: ";", date_format: "%d/%m/%y"}'
    assert read(site, f"{HEADER}a;{cell};;;\n", csv) == [("a", expected, None, None, None)]


@pytest.mark.parametrize("cell", ["31/02/2025", "02/31/2025", "03/02/25", "soon", "infinity"])
def test_dates_that_are_not(site: Site, cell: str) -> None:
    assert read(site, f"{HEADER}a;{cell};;;\nb;2025-01-01;;;\n") == [
        ("b", "2025-01-01", None, None, None)
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("1,5", 1.5), ("1.5", 1.5), ("-2", -2.0), ("1 234,5", 1234.5), ("1e3", 1000.0), (".5", 0.5)],
)
def test_numbers_that_are_read(site: Site, cell: str, expected: float) -> None:
    assert read(site, f"{HEADER}a;;{cell};;\n")[0][2] == expected


@pytest.mark.parametrize("cell", ["nan", "inf", "1_000", "0x10", "1,2,3", "<5", "1e999", "--1"])
def test_numbers_that_are_not(site: Site, cell: str) -> None:
    assert read(site, f"{HEADER}a;;{cell};;\n") == []


@pytest.mark.parametrize(("cell", "expected"), [("3", 3), ("3.0", 3), ("3,00", 3), ("-1", -1)])
def test_integers_that_are_read(site: Site, cell: str, expected: int) -> None:
    assert read(site, f"{HEADER}a;;;{cell};\n")[0][3] == expected


@pytest.mark.parametrize("cell", ["3.5", "99999999999", "III", "1 2"])
def test_integers_that_are_not(site: Site, cell: str) -> None:
    assert read(site, f"{HEADER}a;;;{cell};\n") == []


def test_quotes_hold_delimiters_and_line_ends(site: Site) -> None:
    rows = read(site, HEADER + 'a;;;;"one; two"\nb;;;;"line 1\nline ""2"""\nc;;;;mid"dle\n')
    assert [row[4] for row in rows] == ["one; two", 'line 1\nline "2"', 'mid"dle']


def test_ragged_rows_are_quarantined_with_their_number_and_without_content(site: Site) -> None:
    read(site, HEADER + "a;;;;\n\nDUPONT;1\nb;;;;\nMARTIN;;;;;;\n")
    rows = site.rows("quarantine", "visits")
    assert [(r["_row"], r["_rule"]) for r in rows] == [(2, "ragged"), (4, "ragged")]
    assert rows[0]["_reason"] == "2 fields where the header has 5"
    assert all(r[c] is None for r in rows for c in ("visit", "seen", "weight", "remark"))
    assert [r["_row"] for r in site.rows("raw", "visits")] == [1, 3]


def test_a_quote_never_closed_refuses_every_line_it_swallows(site: Site) -> None:
    lines = "".join(f"v{i};2025-01-01;1;1;DUPONT\n" for i in range(20))
    assert read(site, HEADER + 'a;;;;"open\n' + lines) == []
    assert len(site.rows("quarantine", "visits")) == 21
    assert b"DUPONT" not in b"".join(p.read_bytes() for p in (site.home / "raw").rglob("*.parquet"))


def test_a_stray_quote_up_to_the_next_refuses_the_lines_between(site: Site) -> None:
    rows = read(site, HEADER + 'a;;;;"x\nb;;;;y\nc;;;;"z\nd;;;;w\n')
    assert [row[0] for row in rows] == ["d"]
    assert len(site.rows("quarantine", "visits")) == 3


def test_undecodable_and_nul_bytes_are_quarantined(site: Site) -> None:
    good = "a;;;;née é\n" * 30
    text = (HEADER + good).encode() + b"b;;;;n\xe9e\nc;;;;\x00\nd;;;;ok\n"
    rows = read(site, text, "{encoding: utf-8, delimiter: ';'}")
    assert len(rows) == 31
    refused = site.rows("quarantine", "visits")
    assert [(r["_row"], r["_rule"]) for r in refused] == [(31, "decode"), (32, "decode")]


def test_a_few_bad_bytes_do_not_garble_a_utf_8_file(site: Site) -> None:
    text = (HEADER + "a;;;;née é\n" * 30).encode() + b"b;;;;n\xe9e\n"
    assert [row[4] for row in read(site, text)] == ["née é"] * 30


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(site: Site, end: str) -> None:
    text = (HEADER + "a;;;1;x\nb;;;2;y\n").replace("\n", end)
    assert [(row[0], row[3], row[4]) for row in read(site, text)] == [("a", 1, "x"), ("b", 2, "y")]


def test_a_line_longer_than_a_block_is_still_a_row(site: Site) -> None:
    rows = read(site, HEADER + "a;;;;" + "x" * 3_000_000 + "\nb;;;;" + "y" * 100 + "\n")
    assert [len(row[4]) for row in rows] == [3_000_000, 100]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (HEADER.encode() + b"a;;;;" + b"x" * 36_000_000 + b"\nb;;;;\n", "longer than"),
        (b"1;2025-01-01;3;4;DUPONT\n", "header row missing"),
    ],
)
def test_what_is_no_table_rejects_the_delivery_in_a_sentence(
    site: Site, content: bytes, words: str
) -> None:
    site.contract(CLINIC.format(csv=""))
    site.deliver({"visits.csv": content})
    (record,) = site.load()
    assert record.status == "rejected"
    (error,) = [f for f in record.findings if f.severity == "ERROR"]
    assert words in error.message
    assert "DUPONT" not in record.model_dump_json()
    assert not list(site.home.rglob("*.parquet"))


def test_gzip_is_read_and_half_a_gzip_is_rejected(site: Site) -> None:
    packed = gzip.compress((HEADER + "a;;;1;x\n" * 5000).encode())
    assert len(read(site, packed, name="visits.csv.gz")) == 5000
    site.deliver({"visits.csv.gz": packed[: len(packed) // 2]})
    (record,) = site.load()
    assert record.status == "rejected"
    assert "damaged or was copied in part" in str([f.message for f in record.findings])


def test_a_gzip_bomb_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.readers.streams.MAX_FREE", 1 << 20)
    site.contract(CLINIC.format(csv=""))
    site.deliver({"visits.csv.gz": gzip.compress(HEADER.encode() + b"a;;;;\n" * 2_000_000)})
    (record,) = site.load()
    assert record.status == "rejected"
    assert "expands to more than" in str([f.message for f in record.findings])


def test_a_wrong_declared_encoding_is_a_reason(site: Site) -> None:
    site.contract(CLINIC.format(csv="csv: {encoding: utf-16}"))
    site.deliver({"visits.csv": HEADER + "a;;;;\n"})
    record = site.check()
    assert record.status == "rejected"
    assert "csv.encoding" in str([f.message for f in record.findings])


@pytest.mark.parametrize("declared", [True, False])
def test_two_encodings_in_one_file_are_told(site: Site, declared: bool) -> None:
    lines = "".join(f"v{i};;;;née\n" for i in range(20)).encode("cp1252")
    content = HEADER.encode() + lines + "z;;;;née\n".encode()
    rows = read(site, content, "{encoding: cp1252}" if declared else "")
    assert len(rows) == 21
    (found,) = [f for f in site.load()[0].findings if f.rule == "encoding_mixed"]
    assert (found.severity, found.file) == ("WARN", "visits.csv")


def test_one_encoding_is_not_taken_for_two(site: Site) -> None:
    words = "à â ç é è ê î ô û ü œ « été » 5 € l’âge ÉTÉ Ã\n"
    read(site, HEADER.encode() + f"a;;;;{words}".encode("cp1252"), "{encoding: cp1252}")
    assert not [f for f in site.load()[0].findings if f.rule == "encoding_mixed"]


@pytest.mark.parametrize("csv_keys", ["", "csv: {delimiter: ';'}"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_header_of_one_endless_field_rejects_that_delivery(
    site: Site, csv_keys: str, packed: bool
) -> None:
    site.contract(CLINIC.format(csv=csv_keys))
    content = b"x" * 140_000 + b"\n1\n"
    name = "visits.csv.gz" if packed else "visits.csv"
    site.deliver({name: gzip.compress(content) if packed else content})
    record = site.check()
    assert record.status == "rejected"
    assert {f.file for f in record.findings if f.severity == "ERROR"} == {name}
