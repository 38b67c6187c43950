"""Rows of one table and one delivery that have the same key and say different things.

Keys and rows are kept as 64-bit hashes, 16 bytes a row, of the tables of the common extract format
whose key is that of a person, a treatment or an event. In other formats a key says what must be
filled, and several rows of one key may be meant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from ingestion import sql
from ingestion.contracts import Contract
from ingestion.records import Finding
from ingestion.tables import Table

Run = Callable[[str, pa.Table], pa.Table]


class Contradictions:
    """The rows loaded of one table, taken chunk by chunk, over all its files."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._keys: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []

    def add(self, rows: pa.Table, run: Run) -> None:
        """Take loaded rows; `run` queries them as `given`."""
        key = self._table.version_key
        names = [column.name for column in self._table.stored if column.name in rows.column_names]
        others = ", ".join(sql.identifier(name) for name in names if name not in key)
        if not others or not rows.num_rows or not set(key) <= set(names):
            return
        keys = ", ".join(map(sql.identifier, key))
        hashes = run(f"SELECT hash({keys}) AS k, hash({others}) AS r FROM given", rows)
        self._keys.append(hashes.column("k").to_numpy())
        self._rows.append(hashes.column("r").to_numpy())

    @classmethod
    def of(cls, table: Table, contract: Contract) -> Contradictions | None:
        """None of a table of which several rows of one key are no contradiction."""
        told = contract.format == "common_extract" and table.key == table.version_key
        return cls(table) if told else None

    def findings(self) -> list[Finding]:
        """One finding with the number of keys, none where all rows of each key agree."""
        if not self._keys:
            return []
        pairs = np.empty(sum(map(len, self._keys)), dtype=[("k", "u8"), ("r", "u8")])
        pairs["k"], pairs["r"] = np.concatenate(self._keys), np.concatenate(self._rows)
        keys = np.unique(pairs)["k"]
        repeated = keys[1:][keys[1:] == keys[:-1]]
        count = len(np.unique(repeated))
        if not count:
            return []
        key = self._table.version_key[0]
        which = f"1 {key} has" if count == 1 else f"{count} values of {key} have"
        message = (
            f"{which} several rows that contradict each other, of which one will count; have the "
            "registry say which is right"
        )
        return [
            Finding(
                severity="WARN", rule="rows_contradict", message=message, table=self._table.name,
                column=key, count=count,
            )
        ]  # fmt: skip
