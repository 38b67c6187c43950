"""What changed between deliveries: columns by name, rows and cells by key."""

from __future__ import annotations

from datetime import date
from typing import Any

import dagster as dg
import pytest

import ingestion
from orchestration.assets.landing import WITHDRAWN, check_results
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date\n"
DAYS = ("2025-06-30", "2025-12-31", "2026-01-31")
INCREMENT = "source: registry\nformat: common_extract\ndelivery: increment\n"
CLINIC = """\
source: registry
format: delimited
tables:
  visits:
    files: "visits*.csv"
    key: [number]
    columns:
      number: {header: N, required: true}
      weight: {header: WEIGHT, type: number}
      height: {header: HEIGHT, type: number}
revisions:
  - {from: 2025-12-01, table: visits, renamed: {WEIGHT: MASS}}
"""


def people(**status: str) -> str:
    return HEADER + "".join(f"{n[1:]},F,1950,{s},2025-01-01\n" for n, s in status.items())


def changes(site: Site) -> list[list[tuple[Any, ...]]]:
    """Per comparison: table, change, column, rows."""
    return [
        [(c.table_name, c.change, c.column_name, c.n_rows) for c in drift.changes]
        for drift in ingestion.read_drift(site.home)
    ]


def deliver(site: Site, *contents: str) -> None:
    for day, content in zip(DAYS, contents, strict=False):
        site.deliver({"patients.csv": content}, day=day)


def test_rows_of_a_snapshot_come_go_and_change(site: Site) -> None:
    first = people(_1="alive", _2="alive", _3="alive", _4="dead")
    second = people(_2="dead", _3="alive", _4="dead", _5="alive", _6="alive")
    deliver(site, first, second.replace("4,F", "4,M"), second.replace("4,F", "4,M"))
    site.load()
    assert changes(site) == [
        [
            ("patients", "rows_added", None, 2),
            ("patients", "rows_changed", None, 2),
            ("patients", "rows_removed", None, 1),
            ("patients", "cells_changed", "sex", 1),
            ("patients", "cells_changed", "vital_status", 1),
        ],
        [],
    ]


def test_the_order_of_rows_and_of_columns_is_no_change(site: Site) -> None:
    first = people(_1="alive", _2="dead")
    header, one, two = first.splitlines()
    turned = [",".join(reversed(line.split(","))) for line in (header, two, one)]
    deliver(site, first, "\n".join(turned) + "\n")
    site.load()
    assert changes(site) == [[]]


def test_an_increment_is_compared_with_all_before_and_removes_nothing(site: Site) -> None:
    site.contract(INCREMENT)
    one, two = people(_1="alive", _2="alive"), people(_3="alive")
    deliver(site, one, two, people(_1="dead", _3="alive", _4="alive"))
    site.load()
    assert changes(site) == [
        [("patients", "rows_added", None, 1)],
        [
            ("patients", "rows_added", None, 1),
            ("patients", "rows_changed", None, 1),
            ("patients", "cells_changed", "vital_status", 1),
        ],
    ]


def test_a_correction_is_compared_with_what_it_corrects(site: Site) -> None:
    deliver(site, people(_1="alive"))
    site.load()
    deliver(site, people(_1="dead"))
    site.load()
    (drift,) = ingestion.read_drift(site.home)
    assert (drift.delivery, drift.previous_delivery) == (date(2025, 6, 30), date(2025, 6, 30))
    assert drift.version != drift.previous_version
    assert ("patients", "rows_changed", None, 1) in changes(site)[0]


def test_a_late_delivery_changes_what_the_next_is_compared_with(site: Site) -> None:
    site.deliver({"patients.csv": people(_1="alive")}, day=DAYS[0])
    site.deliver({"patients.csv": people(_1="alive", _2="alive", _3="alive")}, day=DAYS[2])
    site.load()
    assert changes(site) == [[("patients", "rows_added", None, 2)]]
    site.deliver({"patients.csv": people(_1="alive", _2="alive")}, day=DAYS[1])
    site.load()
    assert changes(site) == [[("patients", "rows_added", None, 1)]] * 2


def test_columns_come_go_and_are_renamed(site: Site) -> None:
    site.contract(CLINIC)
    site.deliver({"visits.csv": "N,WEIGHT,HEIGHT\n1,70,180\n"}, day=DAYS[0])
    site.deliver({"visits.csv": "N,MASS,ward\n1,70,a\n"}, day=DAYS[1])
    site.load()
    (drift,) = ingestion.read_drift(site.home)
    assert [(c.change, c.column_name, c.header_before, c.header) for c in drift.changes] == [
        ("column_added", "ward", None, "ward"),
        ("column_missing", "height", None, None),
        ("column_renamed", "weight", "WEIGHT", "MASS"),
        ("rows_changed", None, None, None),
        ("cells_changed", "height", None, None),
    ]


def test_a_table_without_a_key_is_compared_by_whole_rows(site: Site) -> None:
    site.contract(CLINIC.replace("    key: [number]\n", ""))
    site.deliver({"visits.csv": "N,WEIGHT,HEIGHT\n1,70,\n1,70,\n2,80,\n"}, day=DAYS[0])
    site.deliver({"visits.csv": "N,WEIGHT,HEIGHT\n1,70,\n2,81,\n3,60,\n"}, day=DAYS[1])
    site.load()
    rows = [change for change in changes(site)[0] if change[1].startswith("rows")]
    assert rows == [("visits", "rows_added", None, 2), ("visits", "rows_removed", None, 2)]


def test_a_table_that_is_not_delivered_any_more_has_lost_its_rows(site: Site) -> None:
    stays = "patient_id,admission_date\n1,2025-01-01\n2,2025-01-02\n"
    site.deliver({"patients.csv": people(_1="alive"), "stays.csv": stays}, day=DAYS[0])
    site.deliver({"patients.csv": people(_1="alive")}, day=DAYS[1])
    site.load()
    assert changes(site) == [[("stays", "rows_removed", None, 2)]]


def test_the_history_holds_counts_and_no_pseudonym(site: Site) -> None:
    deliver(site, people(_1="alive"), people(_2="alive"))
    site.load()
    person = site.key.pseudonym("registry", "patient", "2")
    for path in site.home.rglob("*.drift.json"):
        assert person not in path.read_text()
    assert not (site.home / "warehouse").exists()


def test_the_history_can_be_queried(site: Site) -> None:
    deliver(site, people(_1="alive"), people(_1="dead", _2="alive"), people(_1="dead"))
    site.load()
    query = """SELECT delivery::VARCHAR, previous_delivery::VARCHAR, change, n_rows
        FROM raw.delivery_change WHERE column_name IS NULL ORDER BY ALL"""
    first = [
        (DAYS[1], DAYS[0], "rows_added", 1),
        (DAYS[1], DAYS[0], "rows_changed", 1),
    ]
    assert site.query(query) == [*first, (DAYS[2], DAYS[1], "rows_removed", 1)]
    assert site.query(query, site.select(as_of=date(2025, 12, 31))) == first


def test_a_key_of_two_rows_that_has_one_now_changed_where_the_two_differed(site: Site) -> None:
    twice = people(_1="alive") + "1,M,1950,alive,2025-01-01\n"
    deliver(site, twice, people(_1="alive"))
    site.load()
    (found,) = changes(site)
    assert ("patients", "rows_changed", None, 1) in found
    assert [(column, n) for _, change, column, n in found if change == "cells_changed"] == [
        ("sex", 1)
    ]


def test_a_snapshot_that_lost_rows_tells_their_share(site: Site) -> None:
    everybody = {f"_{n}": "alive" for n in range(10)}
    fewer = dict.fromkeys(list(everybody)[:3], "alive")
    deliver(site, people(**everybody), people(**everybody))
    assert ingestion.withdrawn(site.load(), site.home) == {}
    deliver(site, people(**everybody), people(**everybody), people(**fewer))
    assert ingestion.withdrawn(site.load(), site.home) == {"patients": 0.7}


def test_an_increment_withdraws_nothing(site: Site) -> None:
    site.contract(INCREMENT)
    deliver(site, people(_1="alive", _2="alive"), people(_3="alive"))
    assert ingestion.withdrawn(site.load(), site.home) == {}


@pytest.mark.parametrize(("left", "passes"), [(8, True), (7, False)])
def test_a_run_warns_of_a_snapshot_without_more_than_a_fifth(
    site: Site, left: int, passes: bool
) -> None:
    everybody = {f"_{n}": "alive" for n in range(10)}
    deliver(site, people(**everybody), people(**dict(list(everybody.items())[:left])))
    results = check_results(dg.AssetKey("loaded"), site.load(), site.home)
    (found,) = (result for result in results if result.check_name == WITHDRAWN)
    assert (found.passed, found.severity) == (passes, dg.AssetCheckSeverity.WARN)
    assert found.metadata["share_of_patients"].value == (10 - left) / 10
