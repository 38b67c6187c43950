"""Which sources this home has: a contract, and something delivered.

Definitions are built from this, so it reads folder names and contracts only, never data, and an
empty home is no error here (a run says so, the Dagster UI still opens).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ingestion
from orchestration.settings import Settings


@dataclass(frozen=True)
class Sources:
    """All known contracts, and the names of those that have delivered."""

    contracts: dict[str, ingestion.Contract]
    active: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings, landing: Path | None = None) -> Sources:
        """landing: another inbox than the home's."""
        contracts = ingestion.load_contracts(
            [folder for folder in settings.contract_folders if folder.is_dir()]
        )
        folders = (landing or settings.landing, settings.home / "raw")
        delivered = {
            path.name for folder in folders if folder.is_dir() for path in folder.iterdir()
        }
        return cls(contracts, tuple(sorted(delivered.intersection(contracts))))

    def tables(self, source: str) -> tuple[str, ...]:
        return tuple(self.contracts[source].tables)
