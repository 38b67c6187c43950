"""A column that arrives as another type rejects the delivery, however few rows carry it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import quick_look
from ingestion.records import DeliveryRecord, Finding
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date,death_date"
LAX = "source: registry\nformat: common_extract\nreject_above: 1\n"


def patients(deaths: list[str], alive: int, *, first: int = 0) -> str:
    rows = [f"{first + i},F,1950,dead,2025-01-01,{day}" for i, day in enumerate(deaths)]
    start = first + len(deaths)
    rows += [f"{start + i},F,1950,alive,2025-01-01," for i in range(alive)]
    return "\n".join([HEADER, *rows]) + "\n"


def changed(record: DeliveryRecord) -> list[Finding]:
    return [finding for finding in record.findings if finding.rule == "type_changed"]


@pytest.mark.parametrize("look", [0, quick_look.FEW])
def test_dates_of_death_as_numbers_of_a_spreadsheet_reject_and_the_former_delivery_stays(
    site: Site, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_look, "FEW", look)
    site.deliver({"patients.csv": patients(["2025-01-01"] * 20, 120)}, day="2026-01-31")
    site.deliver({"patients.csv": patients(["45658"] * 20, 120)}, day="2026-02-28")
    before, after = site.load()
    assert (before.status, after.status) == ("accepted", "rejected")
    (finding,) = changed(after)
    assert (finding.severity, finding.file, finding.table) == ("ERROR", "patients.csv", "patients")
    assert (finding.column, finding.count) == ("death_date", 20)
    assert "20 of 20 filled cells cannot be read as date" in finding.message
    assert "45658" not in finding.message
    assert site.query("SELECT count(death_date), max(_delivery)::VARCHAR"
                      " FROM raw.registry__patients") == [(20, "2026-01-31")]  # fmt: skip


def test_a_share_of_refused_rows_that_the_contract_allows_allows_no_other_type(site: Site) -> None:
    site.contract(LAX)
    site.deliver({"patients.csv": patients(["45658"] * 20, 120)})
    assert [finding.column for finding in changed(site.check())] == ["death_date"]


@pytest.mark.parametrize(
    ("deaths", "status"),
    [
        (["31/02/2025"] * 2, "accepted"),  # fewer than 3 are slips
        (["31/02/2025"] * 3, "rejected"),
        (["31/02/2025"] * 3 + ["2025-01-01"] * 3, "rejected"),  # half
        (["31/02/2025"] * 3 + ["2025-01-01"] * 4, "accepted"),
    ],
)
def test_dirt_is_no_change_of_type(site: Site, deaths: list[str], status: str) -> None:
    site.contract(LAX)
    site.deliver({"patients.csv": patients(deaths, 50)})
    record = site.check()
    assert (record.status, bool(changed(record))) == (status, status == "rejected")
    # What is told of the rows is told as before.
    assert [f.column for f in record.findings if f.rule == "type"] == ["death_date"]


@pytest.mark.parametrize("blank", ["", " ", '" \t"', "\u00a0", '"\n"'])
def test_blank_cells_are_not_filled(site: Site, blank: str) -> None:
    site.contract(LAX)
    site.deliver({"patients.csv": patients(["2025-02-30"] * 3 + [blank] * 30, 100)})
    (finding,) = changed(site.check())
    assert "3 of 3 filled cells" in finding.message


def test_files_of_few_rows_are_taken_together(site: Site) -> None:
    files = {f"patients_{i}.csv": patients(["45658"], 9, first=10 * i) for i in range(4)}
    site.deliver(files)
    (finding,) = changed(site.check())
    assert (finding.file, finding.column, finding.count) == (None, "death_date", 4)
    assert "4 of 4 filled cells" in finding.message


def test_one_file_of_many_is_named(site: Site) -> None:
    files = {f"patients_{i}.csv": patients(["2025-01-01"] * 9, 9, first=20 * i) for i in range(4)}
    site.deliver(files | {"patients_2.csv": patients(["45658"] * 9, 9, first=40)})
    (finding,) = changed(site.check())
    assert (finding.file, finding.count) == ("patients_2.csv", 9)


def csv_of(years: list[str]) -> tuple[str, bytes]:
    return "patients.csv", patients_of(years).encode()


def parquet_of(years: list[str]) -> tuple[str, bytes]:
    rows = [line.split(",") for line in patients_of(years).splitlines()[1:]]
    columns = dict(zip(HEADER.split(","), map(list, zip(*rows, strict=True)), strict=True))
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return "patients.parquet", sink.getvalue()


def patients_of(years: list[str]) -> str:
    rows = [f"{i},F,{year},alive,2025-01-01," for i, year in enumerate(years)]
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.mark.parametrize("made", [csv_of, parquet_of])
def test_a_birth_year_that_became_words_is_told_in_any_format(
    site: Site, made: Callable[[list[str]], tuple[str, bytes]]
) -> None:
    site.contract(LAX)
    name, content = made(["fifties"] * 3000 + ["1950"] * 3000)
    site.deliver({name: content})
    (finding,) = changed(site.check())
    assert (finding.column, finding.count) == ("birth_year", 3000)
    assert "3000 of 6000 filled cells cannot be read as integer" in finding.message
