"""Versions of deliveries: what is current, what a past run was built from, and the views of it."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

import ingestion
from ingestion import DeliveryError, Selection
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date"
COUNT = "SELECT count(*) FROM raw.registry__patients"


def patients(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def people(count: int, status: str = "alive") -> str:
    return patients(*(f"{i},F,1950,{status},2025-01-01" for i in range(count)))


def test_a_loaded_delivery_is_not_loaded_twice(site: Site) -> None:
    site.deliver({"patients.csv": people(3)})
    first = site.load()
    files = {p: p.stat().st_mtime_ns for p in site.home.rglob("*.parquet")}
    assert site.load() == first
    assert {p: p.stat().st_mtime_ns for p in site.home.rglob("*.parquet")} == files


def test_a_raw_file_that_is_gone_is_made_again(site: Site) -> None:
    site.deliver({"patients.csv": people(3)})
    site.load()
    next(site.home.rglob("*.parquet")).unlink()
    site.load()
    assert site.query(COUNT) == [(3,)]


def test_the_latest_snapshot_is_current_and_as_of_goes_back(site: Site) -> None:
    site.deliver({"patients.csv": people(3)}, day="2025-06-30")
    site.deliver({"patients.csv": people(5)}, day="2026-01-31")
    site.load()
    assert site.query(COUNT) == [(5,)]
    back = site.select(as_of=date(2025, 12, 31))
    assert site.query(COUNT, back) == [(3,)]
    registry = "SELECT delivery_date::VARCHAR FROM raw.source_registry"
    assert site.query(registry, back) == [("2025-06-30",)]
    assert site.select(as_of=date(2025, 1, 1)).missing == ("registry",)


def test_a_corrected_delivery_is_a_new_version_and_both_stay(site: Site) -> None:
    site.deliver({"patients.csv": people(3)})
    site.load()
    before = site.select().keys
    site.deliver({"patients.csv": people(4)})
    site.load()
    assert len(ingestion.read_records(site.home)) == 2
    assert site.query(COUNT) == [(4,)]
    assert site.query(COUNT, site.select(like=before)) == [(3,)]


def test_the_version_in_landing_wins_over_a_later_loaded_one(site: Site) -> None:
    for count in (3, 4):
        site.deliver({"patients.csv": people(count)})
        site.load()
    site.deliver({"patients.csv": people(3)})
    site.load()
    assert site.query(COUNT) == [(3,)]


def test_a_changed_contract_makes_a_new_version(site: Site) -> None:
    site.deliver({"patients.csv": people(3)})
    site.load()
    site.contract("source: registry\nformat: common_extract\nidentity: national\n")
    (record,) = site.load()
    assert record.sha8 == site.select().records[0].sha8
    assert len(ingestion.read_records(site.home)) == 2


def test_a_rejected_delivery_leaves_the_previous_one_current(site: Site) -> None:
    site.deliver({"patients.csv": people(3)}, day="2025-06-30")
    site.load()
    site.deliver({"patients.csv": "patient_id\n1\n"}, day="2026-01-31")
    site.load()
    selection = site.select()
    assert site.query(COUNT) == [(3,)]
    assert [r.delivery for r in selection.rejected] == [date(2026, 1, 31)]
    assert selection.missing == ()


def test_a_type_that_changed_rejects_its_delivery_and_the_other_sources_go_on(site: Site) -> None:
    site.contract(source="other")
    for source in ("registry", "other"):
        site.deliver({"patients.csv": people(3)}, day="2025-06-30", source=source)
        site.deliver({"patients.csv": people(4)}, day="2026-01-31", source=source)
    words = people(4).replace(",1950,", ",nineteen fifty,")
    site.deliver({"patients.csv": words}, day="2026-01-31")
    for source in ("registry", "other"):
        site.load(source)
    selection = site.select()
    assert [(r.source, r.delivery.year) for r in selection.records] == [
        ("other", 2026), ("registry", 2025)
    ]  # fmt: skip
    (rejected,) = selection.rejected
    assert (rejected.loaded, rejected.quarantined, rejected.refused) == (0, 0, 4)
    said = {finding.rule: finding.message for finding in rejected.findings}
    assert said["type"].startswith("4 rows refused: birth_year")
    assert "reject_above" in said
    assert site.query(COUNT) == [(3,)]
    assert site.query(COUNT.replace("registry", "other")) == [(4,)]


def test_a_rejected_delivery_that_was_repaired_is_forgotten(site: Site) -> None:
    site.deliver({"patients.csv": "patient_id\n1\n"})
    site.load()
    assert site.select().missing == ("registry",)
    site.deliver({"patients.csv": people(2)})
    site.load()
    assert site.select().rejected == ()
    assert site.query(COUNT) == [(2,)]


def test_like_names_a_delivery_that_is_gone(site: Site) -> None:
    site.deliver({"patients.csv": people(3)})
    site.load()
    with pytest.raises(DeliveryError, match="registry/2026-01-31 in version 00000000"):
        site.select(like=[("registry", "2026-01-31", "00000000")])


def test_a_loaded_source_without_contract_is_an_error(site: Site) -> None:
    site.deliver({"patients.csv": people(3)})
    site.load()
    with pytest.raises(DeliveryError, match=r"contracts/registry\.yml"):
        ingestion.select(ingestion.read_records(site.home), {}, landing_deliveries=[])


def test_increments_add_up_and_the_latest_version_of_a_key_wins(site: Site) -> None:
    site.contract("source: registry\nformat: common_extract\ndelivery: increment\n")
    first = patients("1,F,1950,alive,2025-01-01", "2,F,1950,alive,2025-01-01")
    later = patients("2,F,1950,dead,2025-06-01", "3,M,1950,alive,2025-06-01")
    site.deliver({"patients.csv": first}, day="2025-06-30")
    site.deliver({"patients.csv": later + later.split("\n")[2] + "\n"}, day="2026-01-31")
    site.load()
    status = "SELECT sex, vital_status, _delivery::VARCHAR FROM raw.registry__patients ORDER BY ALL"
    assert site.query(status) == [
        ("F", "alive", "2025-06-30"),
        ("F", "dead", "2026-01-31"),
        ("M", "alive", "2026-01-31"),
        ("M", "alive", "2026-01-31"),  # a repeat within one delivery is for dbt to see
    ]
    assert site.query(COUNT, site.select(as_of=date(2025, 12, 31))) == [(2,)]


def test_every_table_has_a_typed_view_when_nothing_was_delivered(site: Site) -> None:
    types = """SELECT column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'raw' AND table_name = ? ORDER BY ordinal_position"""
    with duckdb.connect() as con:
        ingestion.register(con, site.contracts, Selection({}), site.home)
        empty = con.execute(types, ["common_extract__treatments"]).fetchall()
        assert con.execute("SELECT count(*) FROM raw.source_registry").fetchall() == [(0,)]
    assert dict(empty) == {
        "treatment_id": "VARCHAR", "patient_id": "VARCHAR", "product_code": "VARCHAR",
        "indication_code": "VARCHAR", "line": "INTEGER", "centre_id": "VARCHAR",
        "decision_date": "DATE", "order_date": "DATE", "apheresis_date": "DATE",
        "release_date": "DATE", "infusion_date": "DATE", "not_infused_reason": "VARCHAR",
        "batch_id": "VARCHAR", "batch_outcome": "VARCHAR", "bridging": "INTEGER",
        "_source": "VARCHAR", "_delivery": "DATE", "_file": "VARCHAR", "_row": "BIGINT",
    }  # fmt: skip
    site.deliver({"treatments.csv": "treatment_id,patient_id,product_code,indication_code\n"})
    site.load()
    with duckdb.connect() as con:
        ingestion.register(con, site.contracts, site.select(), site.home)
        assert con.execute(types, ["common_extract__treatments"]).fetchall() == empty


def test_the_union_of_extracts_holds_every_source(site: Site) -> None:
    for source, count in (("a", 2), ("b", 3)):
        site.contract(source=source)
        site.deliver({"patients.csv": people(count)}, source=source)
        site.load(source)
    union = "SELECT _source, count(*) FROM raw.common_extract__patients GROUP BY ALL ORDER BY ALL"
    assert site.query(union) == [("a", 2), ("b", 3)]


def test_the_registry_of_sources_and_the_code_map(site: Site) -> None:
    site.contract(
        "source: registry\ntitle: A registry\nformat: common_extract\nregisters_from: decision\n"
        "identity: national\ncode_maps: {product_code: {AXI: axicabtagene_ciloleucel}}\n"
    )
    site.deliver({"patients.csv": people(1), "_synthetic.json": "{}"})
    site.load()
    assert site.query("SELECT * FROM raw.source_registry") == [
        ("registry", "A registry", "decision", "national", "snapshot", date(2026, 1, 31), True,
         "common_extract")
    ]  # fmt: skip
    assert site.query("SELECT * FROM raw.code_map") == [
        ("registry", "product_code", "AXI", "axicabtagene_ciloleucel")
    ]


def test_a_home_with_signs_in_its_path_can_be_registered(site: Site) -> None:
    odd = Site(site.root / "it's [a] *home*?")
    odd.contract()
    odd.deliver({"patients.csv": people(2)})
    odd.load()
    assert odd.query(COUNT) == [(2,)]


def test_a_column_new_in_the_contract_is_null_in_older_raw_files(site: Site) -> None:
    clinic = "source: registry\nformat: delimited\ndelivery: increment\ntables:\n  visits:\n"
    clinic += '    files: "visits*.csv"\n    columns:\n      visit: {header: V}\n'
    site.contract(clinic)
    site.deliver({"visits.csv": "V,W\na,1\n"}, day="2025-06-30")
    site.load()
    old = ingestion.read_records(site.home)
    (site.landing / "registry" / "2025-06-30").rename(site.root / "archived")
    site.contract(clinic + "      weight: {header: W, type: number}\n")
    site.deliver({"visits.csv": "V,W\nb,2\n"}, day="2026-01-31")
    site.load()
    query = "SELECT visit, weight FROM raw.registry__visits ORDER BY ALL"
    assert site.query(query) == [("a", None), ("b", 2.0)]
    assert old[0].sha8 in {r.sha8 for r in site.select().records}
