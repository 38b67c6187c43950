"""The raw and quarantine file of one table of one delivery: where they are and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from ingestion.deliveries import Delivery
from ingestion.storage import ParquetFile
from ingestion.tables import Table

LINEAGE = pa.schema(
    [
        ("_source", pa.string()),
        ("_delivery", pa.date32()),
        ("_file", pa.string()),
        ("_row", pa.int64()),
        ("_sha256", pa.string()),
        ("_loaded_at", pa.timestamp("us", tz="UTC")),
    ]
)
_REPEATED = pa.dictionary(pa.int32(), pa.string())
QUARANTINE = ("_rule", "_column", "_reason")


class TableFiles:
    """Takes the checked rows of one table; nothing has its name in the home before `commit`."""

    def __init__(
        self,
        home: Path,
        delivery: Delivery,
        table: Table,
        extras: Sequence[str],
        loaded_at: datetime,
    ) -> None:
        self._delivery, self._loaded_at = delivery, loaded_at
        # What repeats is written from its distinct values: to find them again would take longer
        # than to read the file. In the file it is text like any other.
        texts = [
            (column.name, _REPEATED if column.role == "pseudonym" else pa.string())
            for column in table.stored
        ]
        texts += [(name, pa.string()) for name in extras]
        lineage = [(f.name, _REPEATED if pa.types.is_string(f.type) else f.type) for f in LINEAGE]
        raw = pa.schema([*texts, *lineage])
        self._quarantine_schema = pa.schema([*raw, *((name, pa.string()) for name in QUARANTINE)])
        stem = f"{delivery.date.isoformat()}.{delivery.sha8}.parquet"
        place = Path(delivery.source, table.name, stem)
        self._raw = ParquetFile(home / "raw" / place, raw)
        self._quarantine_path = home / "quarantine" / place
        self._quarantine: ParquetFile | None = None

    def load(self, rows: pa.Table, file: str, sha256: str) -> None:
        """Add rows of a delivered file to raw."""
        self._raw.write(self._with_lineage(rows, file, sha256))

    def refuse(self, rows: pa.Table, file: str, sha256: str) -> None:
        """Add rows of a delivered file to quarantine, whose file is made by the first of them."""
        if self._quarantine is None:
            self._quarantine = ParquetFile(self._quarantine_path, self._quarantine_schema)
        self._quarantine.write(self._with_lineage(rows, file, sha256))

    def written(self) -> tuple[int, int]:
        """The rows that lie in raw and in quarantine, as the files say; no row can follow."""
        for file in self._files():
            file.close()
        return self._raw.rows, self._quarantine.rows if self._quarantine else 0

    def commit(self) -> None:
        """Give the files their names, quarantine first."""
        for file in self._files():
            file.commit()

    def discard(self) -> None:
        """Forget the rows."""
        for file in self._files():
            file.discard()

    def _files(self) -> Iterator[ParquetFile]:
        if self._quarantine:
            yield self._quarantine
        yield self._raw

    def _with_lineage(self, rows: pa.Table, file: str, sha256: str) -> pa.Table:
        values = {
            "_source": self._delivery.source,
            "_delivery": self._delivery.date,
            "_file": file,
            "_sha256": sha256,
            "_loaded_at": self._loaded_at,
        }
        for field in LINEAGE:
            if field.name in values:
                rows = rows.append_column(
                    field.name, _repeated(pa.scalar(values[field.name], field.type), len(rows))
                )
        return rows


def _repeated(value: pa.Scalar, times: int) -> pa.Array:
    if not pa.types.is_string(value.type):
        return pa.repeat(value, times)
    first = pa.repeat(pa.scalar(0, pa.int32()), times)
    return pa.DictionaryArray.from_arrays(first, pa.array([value.as_py()], value.type))
