"""Simulated deliveries of every source through ingestion and dbt, with their truth beside them.

Here: making such a home and reading its truth. Not here: what a test expects of it.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

import expectations
import ingestion
from simulation import simulate
from tests.lib.dbt_project import run_dbt, target_folder
from tests.lib.raw_database import CONTRACTS, NO_DOWNLOADS


@dataclass(frozen=True)
class Harmonised:
    """A build, and what is true of the deliveries it was made from.

    con: read-only, schemas raw to marts. dirt: planted rows by source and kind, of the last
    delivery. records: those of the last delivery, by source. warned: rows found by each data test
    of dbt.
    """

    home: Path
    con: duckdb.DuckDBPyConnection
    key: ingestion.PseudonymKey
    dirt: dict[str, dict[str, int]]
    records: dict[str, ingestion.DeliveryRecord]
    warned: dict[str, int]

    def number(self, sql: str) -> Any:
        """The one value of a query, None without a row."""
        row = self.con.execute(sql).fetchone()
        return row and row[0]

    @functools.cached_property
    def checked(self) -> dict[tuple[str, str], int]:
        """Rows that the checks of raw find, by table and check."""
        found = expectations.validate("raw", self.con)
        return {(one.spec.table, one.spec.name): one.n_unexpected for one in found}

    def copies(self, table: str) -> int:
        """Rows that say what another row of the table says, as the checks count them."""
        return self.checked[table, "rows_told_once"]

    def unmapped(self, source: str, code_list: str) -> int:
        """Delivered codes that no list knows, as the marts count them."""
        return int(
            self.number(
                "select coalesce(sum(n_rows), 0) from marts.unmapped_code"
                f" where source = '{source}' and code_list = '{code_list}'"
            )
        )

    def conflicts(self, field: str, other: str, *, source: str = "cart_registry") -> int:
        """Values that another source, or another row of this one, contradicts, by the marts."""
        return int(
            self.number(
                f"select count(*) from marts.source_conflict where field = '{field}'"
                f" and source = '{source}' and other_source = '{other}'"
            )
        )

    def truth(self, source: str) -> pd.DataFrame:
        """What a perfect reader finds in the last delivery of a source."""
        return pd.read_parquet(max((self.home / "truth" / source).glob("*.parquet")))

    def refused_by_column(self, source: str) -> dict[str, int]:
        """Quarantined rows of the last delivery of a source, by the column that refused them."""
        stem = self.records[source].stem
        columns: dict[str, int] = {}
        for path in (self.home / "quarantine" / source).glob(f"*/{stem}.parquet"):
            for column in pd.read_parquet(path)["_column"]:
                columns[column] = columns.get(column, 0) + 1
        return columns

    def pseudonyms(self, scope: str, kind: str, numbers: pd.Series) -> list[str]:
        """What delivered numbers become in raw."""
        return [self.key.pseudonym(scope, kind, number) for number in numbers]

    def refused(self, source: str) -> dict[str, int]:
        """Quarantined rows of the last delivery of a source, by rule."""
        rules: dict[str, int] = {}
        for path in (self.home / "quarantine" / source).glob(
            f"*/{self.records[source].stem}.parquet"
        ):
            for rule in pd.read_parquet(path)["_rule"]:
                rules[rule] = rules.get(rule, 0) + 1
        return rules


def harmonise(home: Path, *, patients: int, seed: int) -> Harmonised:
    """Simulate two deliveries of every source, load them and build the marts."""
    simulate(home, patients=patients, seed=seed, deliveries=2)
    key = ingestion.key_of_home(home, home.parent / "pseudonym.key")
    contracts = ingestion.load_contracts([CONTRACTS])
    deliveries = ingestion.discover(home / "landing", contracts)
    for source in sorted({delivery.source for delivery in deliveries}):
        ingestion.load_source(
            source,
            contract=contracts[source],
            deliveries=[delivery for delivery in deliveries if delivery.source == source],
            home=home,
            key=key,
            loaded_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        )
    records = ingestion.read_records(home)
    selection = ingestion.select(
        records, contracts, landing_deliveries=deliveries, as_of=None, like=None
    )
    database = home / "build.duckdb"
    with duckdb.connect(str(database), config=dict(NO_DOWNLOADS)) as con:
        ingestion.register(con, contracts, selection, home)
    run_dbt(database, "build", "--exclude", "resource_type:unit_test")
    results = json.loads((target_folder(database) / "run_results.json").read_text())["results"]
    counts = json.loads((home / "truth" / "dirt.json").read_text())["counts"]
    return Harmonised(
        home=home,
        con=duckdb.connect(str(database), read_only=True, config=dict(NO_DOWNLOADS)),
        key=key,
        dirt=counts[max(counts)],
        records={source: used[-1] for source, used in selection.current.items()},
        warned={
            one["unique_id"].split(".")[2]: one["failures"]
            for one in results
            if one["unique_id"].startswith("test.")
        },
    )
