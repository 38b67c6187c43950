"""Simulated deliveries of every source through ingestion and dbt, with their truth beside them.

Here: making such a home and reading its truth. Not here: what a test expects of it.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

import ingestion
from simulation import simulate
from tests.lib.dbt_project import run_dbt
from tests.lib.raw_database import CONTRACTS, NO_DOWNLOADS


@dataclass(frozen=True)
class Harmonised:
    """A build, and what is true of the deliveries it was made from.

    con: read-only, schemas raw to marts. dirt: planted rows by source and kind, of the last
    delivery. records: those of the last delivery, by source.
    """

    home: Path
    con: duckdb.DuckDBPyConnection
    key: ingestion.PseudonymKey
    dirt: dict[str, dict[str, int]]
    records: dict[str, ingestion.DeliveryRecord]

    def number(self, sql: str) -> Any:
        """The one value of a query, None without a row."""
        row = self.con.execute(sql).fetchone()
        return row and row[0]

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
    counts = json.loads((home / "truth" / "dirt.json").read_text())["counts"]
    return Harmonised(
        home=home,
        con=duckdb.connect(str(database), read_only=True, config=dict(NO_DOWNLOADS)),
        key=key,
        dirt=counts[max(counts)],
        records={source: used[-1] for source, used in selection.current.items()},
    )
