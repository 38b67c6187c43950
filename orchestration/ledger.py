"""What each stage of a run leaves behind for the release: small JSON files in ``results/<run>/``.

Steps may run in different processes, so they hand over through files, never through memory.
Only counts, names and settings are written here; never a row of data.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.settings import Settings


@dataclass(frozen=True)
class CheckRow:
    """The outcome of one check, as the manifest and the report show it.

    category: by Kahn et al., of a dbt test; those of expectations are in their catalogue.
    """

    layer: str
    table: str
    check: str
    severity: str
    status: str
    n_rows: int | None
    n_unexpected: int | None
    share_unexpected: float | None
    reason: str
    category: str | None = None


class Ledger:
    """The folder of one run."""

    def __init__(self, settings: Settings, run_id: str) -> None:
        self.folder = settings.results / run_id

    def write(self, name: str, payload: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / f"{name}.json", json.dumps(payload, indent=1, default=str))

    def read(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text())

    def left_out(self) -> dict[str, str]:
        """Why a study is not evaluated on this run's deliveries, by study."""
        return {study["id"]: study["reason"] for study in self.read("inputs")["left_out"]}

    def write_checks(self, stage: str, rows: list[CheckRow]) -> None:
        self.write(f"checks-{stage}", [asdict(row) for row in rows])

    def read_checks(self) -> list[CheckRow]:
        return [
            CheckRow(**row)
            for path in sorted(self.folder.glob("checks-*.json"))
            for row in json.loads(path.read_text())
        ]


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)
