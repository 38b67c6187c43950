"""A small home to deliver into: contracts, landing, key, and the steps from files to views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

import ingestion
from ingestion import Contract, Delivery, DeliveryRecord, PseudonymKey, Selection

CEF = "source: {source}\nformat: common_extract\n"


@dataclass
class Site:
    """One home under a temporary folder."""

    root: Path
    minute: int = field(default=0)
    key_path: Path = field(default=Path())

    def __post_init__(self) -> None:
        if self.key_path == Path():
            self.key_path = self.root / "keys" / "pseudonym.key"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def key(self) -> PseudonymKey:
        return ingestion.key_of_home(self.home, self.key_path)

    def contract(self, text: str = "", *, source: str = "registry") -> None:
        folder = self.home / "contracts"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{source}.yml").write_text(text or CEF.format(source=source), encoding="utf-8")

    def deliver(
        self, files: Mapping[str, bytes | str], *, day: str = "2026-01-31", source: str = "registry"
    ) -> Path:
        folder = self.landing / source / day
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / name).write_bytes(data)
        return folder

    @property
    def contracts(self) -> dict[str, Contract]:
        return ingestion.load_contracts([self.home / "contracts"])

    def discover(self) -> list[Delivery]:
        return ingestion.discover(self.landing, self.contracts)

    def load(self, source: str = "registry") -> list[DeliveryRecord]:
        self.minute += 1
        return ingestion.load_source(
            source,
            contract=self.contracts[source],
            deliveries=self.discover(),
            home=self.home,
            key=self.key,
            loaded_at=datetime(2026, 2, 1, 12, self.minute, tzinfo=UTC),
        )

    def check(self) -> DeliveryRecord:
        (delivery,) = self.discover()
        return ingestion.check_delivery(delivery, self.contracts[delivery.source])

    def select(self, as_of: date | None = None, like: Any = None) -> Selection:
        return ingestion.select(
            ingestion.read_records(self.home),
            self.contracts,
            landing_deliveries=self.discover(),
            as_of=as_of,
            like=like,
        )

    def query(self, query: str, selection: Selection | None = None) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            ingestion.register(con, self.contracts, selection or self.select(), self.home)
            return con.execute(query).fetchall()

    def rows(self, layer: str, table: str, source: str = "registry") -> list[dict[str, Any]]:
        """The rows of raw or quarantine of one table, over all its deliveries."""
        files = sorted((self.home / layer / source / table).glob("*.parquet"))
        return [row for path in files for row in pq.read_table(path).to_pylist()]
