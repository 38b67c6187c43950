"""A build that starts from an earlier one and computes changed persons only gives, row by row, what
a build of everybody gives: forwards to a later delivery and back to an earlier one.

The deliveries are simulated ones of every source. The later delivery of each is made of the earlier
one's raw rows: some persons left out, some told of somebody else's rows (numbers of events and
forms move with them), some rows lost, some told twice.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import ingestion
from ingestion.exclusions import pseudonym_columns
from orchestration import build_start, warehouse
from orchestration.settings import Settings
from simulation import simulate
from tests.lib.dbt_project import run_dbt, target_folder

#: Computed for the persons of this build only; everything else is of everybody.
NUMBERS = ("form_number",)


class Site:
    """A home with two deliveries of every source, and its builds."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home, home / "landing", home.parent / "pseudonym.key")
        self.contracts = ingestion.load_contracts(list(self.settings.contract_folders))
        key = ingestion.key_of_home(home, self.settings.key_file)
        deliveries = ingestion.discover(self.settings.landing, self.contracts)
        for source in sorted({delivery.source for delivery in deliveries}):
            ingestion.load_source(
                source,
                contract=self.contracts[source],
                deliveries=[d for d in deliveries if d.source == source],
                home=home,
                key=key,
                loaded_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )
        self.first_day = min(record.delivery for record in ingestion.read_records(home))

    def selection(self, as_of: dt.date | None) -> ingestion.Selection:
        return ingestion.select(
            ingestion.read_records(self.settings.home),
            self.contracts,
            landing_deliveries=ingestion.discover(self.settings.landing, self.contracts),
            as_of=as_of,
        )

    def build(self, name: str, as_of: dt.date | None = None, *, anew: bool = False) -> Path:
        """Build the marts; the finished database, and how many rows each test counted beside it."""
        if anew:
            self.settings.warehouse.mkdir(exist_ok=True)
            build_start.give_up_base(self.settings)
        build_start.begin(self.settings, self.contracts, self.selection(as_of)).close()
        mode = build_start.mode(self.settings)
        assert mode == (build_start.EVERYBODY if anew else build_start.CHANGED)
        with build_start.told_to_dbt(mode):
            run_dbt(self.settings.building, "build", "--exclude-resource-type", "unit_test")
        built = warehouse.keep_build(self.settings, name)
        shutil.copyfile(
            target_folder(self.settings.building) / "run_results.json", built.with_suffix(".json")
        )
        return built

    def tell_again(self) -> None:
        """Make the raw files of the last delivery from those of the one before."""
        for source, (last,) in self.selection(None).current.items():
            before = [
                record
                for record in ingestion.read_records(self.settings.home)
                if record.source == source and record.delivery < last.delivery
            ][-1]
            for table in self.contracts[source].tables.values():
                folder = self.settings.home / "raw" / source / table.name
                if table.name in last.tables and table.name in before.tables:
                    patients, _ = pseudonym_columns(table, [c.name for c in table.stored])
                    _tell_again(
                        folder / f"{before.stem}.parquet",
                        folder / f"{last.stem}.parquet",
                        last.delivery,
                        patients[0] if patients else None,
                    )


def _tell_again(earlier: Path, later: Path, day: dt.date, patient: str | None) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table told as from read_parquet('{earlier}')")
        con.execute("update told set _delivery = ?", [day])
        if patient:
            # A person is known by the first digits of the pseudonym, alike in every table.
            con.execute("create macro one_in(p, n, k) as ('0x' || left(p, 6))::bigint % n = k")
            person = f'"{patient}"'
            con.execute(f"delete from told where one_in({person}, 60, 1)")
            con.execute(f"delete from told where one_in({person}, 60, 2) and _row % 3 = 0")
            con.execute(
                f"""insert into told select * replace (_row + 1000000 as _row) from told
                where one_in({person}, 60, 3)"""
            )
            con.execute(
                f"""update told set {person} = (select {person} from told order by 1 limit 1)
                where one_in({person}, 90, 4)"""
            )
        con.execute(f"copy (from told order by _file, _row) to '{later}' (format parquet)")


def test_changed_persons_alone_give_what_everybody_gives(site: Site) -> None:
    everybody_then = site.build("then", site.first_day, anew=True)
    changed_now = site.build("changed-now")
    everybody_now = site.build("now", anew=True)
    assert_same(changed_now, everybody_now)
    changed_back = site.build("changed-back", site.first_day)
    assert_same(changed_back, everybody_then)
    with warehouse.read(changed_back) as con:  # what dbt was handed in passing is gone
        assert not con.execute(
            "select * from duckdb_tables() where schema_name = 'changed'"
        ).fetchall()
    # A person taken out concerns whatever was built with them: no build to start from.
    site.settings.exclusions.write_text("\n")
    build_start.begin(site.settings, site.contracts, site.selection(None)).close()
    assert build_start.mode(site.settings) == build_start.EVERYBODY


@pytest.fixture
def site(tmp_path: Path) -> Site:
    home = tmp_path / "home"
    simulate(home, patients=300, seed=5, deliveries=2)
    made = Site(home)
    made.tell_again()
    return made


def assert_same(found: Path, true: Path) -> None:
    """The same rows in every table that is of everybody, and the same counts by every test."""
    with duckdb.connect() as con:
        con.execute(f"attach '{found}' as found (read_only)")
        con.execute(f"attach '{true}' as true_ (read_only)")
        tables = con.execute(
            """select schema_name || '.' || table_name from duckdb_tables()
            where database_name = 'true_' and schema_name in ('marts', 'seeds') order by 1"""
        ).fetchall()
        assert len(tables) > 30
        differing = {}
        for (table,) in tables:
            excess = [
                con.execute(
                    f"select count(*) from (from {a}.{table} except all from {b}.{table})"
                ).fetchall()[0][0]
                for a, b in (("found", "true_"), ("true_", "found"))
            ]
            if any(excess):
                differing[table] = excess
        assert differing == {}
        assert con.execute("select count(*) from true_.marts.time_to_event").fetchall()[0][0] > 5000
    assert counted(found) == counted(true)


def counted(built: Path) -> dict[str, Any]:
    """Failing rows by test: a warning counts everybody, whoever was computed."""
    results = json.loads(built.with_suffix(".json").read_text())["results"]
    return {
        result["unique_id"]: (result["status"], result["failures"])
        for result in results
        if result["unique_id"].startswith("test.")
    }
