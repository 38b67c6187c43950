"""Files without delimiters: columns by their places in the line, as the contract gives them."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingestion
from tests.lib.fuzzing import beside
from tests.lib.ingestion_site import Site

STAYS = """\
source: registry
format: delimited
csv: {{encoding: cp1252, date_format: "%d%m%Y"}}
reject_above: 1
tables:
  stays:
    files: "rss_*"
    key: [patient_id, admission_date]
{more}
    columns:
      patient_id: {{start: 1, length: 8, required: true, identifier: pseudonym, kind: patient}}
      admission_date: {{header: ENTREE, start: 9, length: 8, type: date}}
      ghm: {{header: GHM, start: 17, length: 6}}
      icu_days: {{start: 23, length: 3, type: integer, unit: days}}
      cost_eur: {{start: 26, length: 8, type: number, unit: EUR}}
      label: {{start: 34, length: 6}}
"""
LINES = [
    "NAT-00010302202527Z03   415000.50née   ",
    "NAT-00022802202517M15         900abcdef",
]
ROWS = [("2025-02-03", "27Z03", 4, 15000.5, "née"), ("2025-02-28", "17M15", None, 900.0, "abcdef")]
VIEW = """SELECT admission_date::VARCHAR, ghm, icu_days, cost_eur, label
    FROM raw.registry__stays ORDER BY _row"""


def site_with(site: Site, more: str = "") -> Site:
    site.contract(STAYS.format(more=f"    {more}" if more else ""))
    return site


def zipped(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rss_2025.txt", content)
    return sink.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["rss_2025.txt", "rss_2025", "rss_2025.grp", "rss_2025.txt.gz"])
def test_columns_are_read_from_their_places(site: Site, name: str, end: str) -> None:
    content = end.join([*LINES, ""]).encode("cp1252")
    site_with(site).deliver({name: gzip.compress(content) if name.endswith("gz") else content})
    (record,) = site.load()
    assert record.status == "accepted", record.findings
    assert site.query(VIEW) == ROWS
    assert b"NAT-0001" not in b"".join(p.read_bytes() for p in site.home.glob("raw/**/*.parquet"))


def test_columns_are_read_from_a_zip(site: Site) -> None:
    site_with(site).deliver({"delivery.zip": zipped("\n".join(LINES).encode("cp1252"))})
    assert site.load()[0].loaded == 2
    assert site.query(VIEW) == ROWS


def test_short_lines_and_damage_are_quarantined_and_types_are_checked(site: Site) -> None:
    bad_type = LINES[0].replace("  4", " IV")
    no_key = LINES[0].replace("NAT-0001", " " * 8)
    lines = [LINES[0], LINES[1][:-1], "", bad_type, no_key, LINES[1].replace("a", "\0"), LINES[1]]
    site_with(site).deliver({"rss_1.txt": "\n".join(lines).encode("cp1252")})
    (record,) = site.load()
    assert (record.read, record.loaded, record.quarantined) == (6, 2, 4)
    refused = {row["_row"]: (row["_rule"], row["_column"]) for row in site.rows(
        "quarantine", "stays"
    )}  # fmt: skip
    assert refused == {
        2: ("ragged", None), 3: ("type", "icu_days"), 4: ("key_missing", "patient_id"),
        5: ("decode", None),
    }  # fmt: skip
    ragged = next(r for r in site.rows("quarantine", "stays") if r["_rule"] == "ragged")
    assert ragged["_reason"] == "38 characters where the last column ends at 39"
    assert [r["_row"] for r in site.rows("raw", "stays")] == [1, 6]


def test_longer_lines_are_read_unless_their_length_is_declared(site: Site) -> None:
    content = f"{LINES[0]}tail\n{LINES[1]}\n".encode("cp1252")
    site_with(site).deliver({"rss_1.txt": content})
    assert site.check().loaded == 2
    site_with(site, "line_length: 39")
    record = site.check()
    assert (record.loaded, record.quarantined) == (1, 1)


def test_lines_above_the_rows_are_left_out(site: Site) -> None:
    site_with(site, "header_lines: 2").deliver(
        {"rss_1.txt": "\n".join(["a title", "", *LINES]).encode("cp1252")}
    )
    site.load()
    assert site.query(VIEW) == ROWS


def test_places_count_characters_not_bytes(site: Site) -> None:
    text = STAYS.format(more="").replace("cp1252", "utf-8")
    site.contract(text)
    site.deliver({"rss_1.txt": b"\xef\xbb\xbf" + "\n".join(LINES).encode()})
    site.load()
    assert site.query(VIEW) == ROWS


def test_many_blocks_give_every_row_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.readers.fixed_width.BLOCK", 64)
    site_with(site).deliver({"rss_1.txt": "\n".join(LINES * 50).encode("cp1252")})
    site.load()
    assert [row["_row"] for row in site.rows("raw", "stays")] == list(range(1, 101))
    assert site.query(VIEW) == ROWS * 50


def test_a_unit_is_a_comment_of_the_view(site: Site) -> None:
    site_with(site).deliver({"rss_1.txt": LINES[0].encode("cp1252")})
    site.load()
    comments = site.query(
        "SELECT column_name, comment FROM duckdb_columns() "
        "WHERE table_name = 'registry__stays' AND comment IS NOT NULL ORDER BY 1"
    )
    assert comments == [("cost_eur", "unit: EUR"), ("icu_days", "unit: days")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", length: 6}", "}", "needs `start` and `length`"),
        ("{header: GHM, start: 17, length: 6}", "{header: GHM}", "without `start` and `length`"),
        ("start: 17", "start: 0", "greater than or equal to 1"),
        ("key:", "line_length: 30\n    key:", "beyond `line_length`"),
    ],
)
def test_places_that_cannot_be_are_told(site: Site, old: str, new: str, said: str) -> None:
    site.contract(STAYS.format(more="").replace(old, new, 1))
    with pytest.raises(ingestion.ContractError, match=r"line \d+: .*tables") as error:
        site.contracts  # noqa: B018
    assert said in str(error.value)


def test_a_draft_finds_the_columns_of_a_fixed_width_file(tmp_path: Path) -> None:
    path = tmp_path / "clinic" / "2026-01-31" / "rss_2025.txt"
    path.parent.mkdir(parents=True)
    lines = [f"P{i:05d} {i % 7:3d} 2025-01-{1 + i % 28:02d} C{i % 3}\n" for i in range(40)]
    path.write_text("".join(lines))
    text = ingestion.draft_contract([path])
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "clinic.yml").write_text(text)
    table = ingestion.load_contracts([contracts])["clinic"].tables["rss"]
    fixed = ingestion.load_contracts([contracts])["clinic"].places("rss", date(2026, 1, 31))
    assert fixed is not None
    assert list(fixed.places.values()) == [(1, 6), (10, 1), (12, 10), (23, 2)]
    assert [column.data_type for column in table.columns] == ["text", "integer", "date", "text"]


REVISED = """\
revisions:
  - {from: 2025-01-01, table: stays, line_length: 41, header_lines: 1, added: [label],
     moved: {GHM: {start: 19, length: 6}, icu_days: {start: 25, length: 3},
             COST_EUR: {start: 28, length: 8}, label: {start: 36, length: 6},
             ENTREE: {start: 11, length: 8}, patient_id: {start: 1, length: 10}}}
  - {from: 2026-01-01, table: stays, line_length: 35, header_lines: 0, dropped: [label]}
"""


def at_three_dates(site: Site) -> None:
    """The stays in the lines of before 2025 (without a label), of 2025, and of 2026."""
    site.contract(STAYS.format(more="    line_length: 33") + REVISED)
    old = [line[:33] for line in LINES]
    new = [f"{line[:8]}  {line[8:]}" for line in LINES]
    last = [line[:35] for line in new]
    for day, lines in {
        "2024-12-31": old, "2025-01-01": ["a title", *new], "2026-06-30": last
    }.items():  # fmt: skip
        site.deliver({"rss_1.txt": "\n".join(lines).encode("cp1252")}, day=day)


def test_a_revision_moves_columns_from_its_date_on(site: Site) -> None:
    at_three_dates(site)
    records = site.load()
    assert [record.status for record in records] == ["accepted"] * 3
    assert [record.loaded for record in records] == [2] * 3
    said = [finding.message.split(": ", 1)[1] for record in records for finding in record.findings]
    assert said == ["not declared, sniffed: decimal point"] * 3
    views = [site.query(VIEW, site.select(as_of=record.delivery)) for record in records]
    bare = [(*row[:4], None) for row in ROWS]
    assert views == [bare, ROWS, bare]
    people = {row["patient_id"] for row in site.rows("raw", "stays")}
    assert len(people) == 2, "a number padded otherwise is the same number"


def test_a_line_of_another_time_is_quarantined(site: Site) -> None:
    site.contract(STAYS.format(more="    line_length: 33") + REVISED)
    site.deliver({"rss_1.txt": "\n".join(LINES).encode("cp1252")}, day="2025-01-31")
    record = site.check()
    assert (record.loaded, record.quarantined) == (0, 1), "the first line is above the rows"
    said = [finding.message for finding in record.findings if finding.rule == "ragged"]
    assert said == ["1 row quarantined: wrong number of fields (first: row 1)"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("line_length: 41", "line_length: 40", "revisions.0`: from 2025-01-01 on a column ends"),
        ("GHM: {start: 19", "GHN: {start: 19", "line 19: key `revisions.0.moved.GHN`: a revision"),
        ("added: [label]", "renamed: {GHM: G}", "no header to rename: use `moved`"),
        ("dropped: [label]", "dropped: [labels]", "key `revisions.1.dropped`: a revision names"),
        ("GHM: {start: 19, length: 6}", "GHM: {start: 19}", "revisions.0.moved.GHM.length"),
        ("from: 2026-01-01", 'sheet: "x"', "places of characters"),
    ],
)
def test_a_move_that_cannot_be_is_told(site: Site, old: str, new: str, said: str) -> None:
    site.contract((STAYS.format(more="") + REVISED).replace(old, new, 1))
    with pytest.raises(ingestion.ContractError) as error:
        site.contracts  # noqa: B018
    assert said in str(error.value)


def test_places_are_of_fixed_width_files_alone(site: Site) -> None:
    site.contract(
        "source: registry\nformat: delimited\ntables: {people: {files: p.csv, columns: {a: {}}}}\n"
        "revisions:\n  - {from: 2026-01-01, table: people, moved: {a: {start: 1, length: 2}}}\n"
    )
    with pytest.raises(ingestion.ContractError, match="fixed-width files, whose columns have"):
        site.contracts  # noqa: B018


cell = st.text(st.characters(codec="cp1252", exclude_characters="\r\n"), max_size=45)
content = st.one_of(st.binary(max_size=120), st.lists(cell, max_size=8).map("\n".join))


@beside(8)
@given(content=content)
def test_any_bytes_are_accounted_for(content: bytes | str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        site = site_with(Site(Path(folder)))
        site.deliver({"rss_1.txt": content if isinstance(content, bytes) else content.encode()})
        (record,) = site.load()
        assert record.read == record.loaded + record.quarantined
        if record.status == "accepted":
            assert len(site.rows("raw", "stays")) == record.loaded
            assert len(site.rows("quarantine", "stays")) == record.quarantined
