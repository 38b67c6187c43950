"""Files of the home written so that a crash leaves either the old or the new one, never half of
one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import IngestionError


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in one sentence that a file of the home cannot be written."""
    try:
        yield
    except OSError as error:
        raise IngestionError(
            f"{path}: cannot be written ({error.strerror or 'input/output error'}); make room "
            "or check "
            "the rights, then run again: nothing was changed."
        ) from error


class ParquetFile:
    """A Parquet file under way: rows go to a temporary file beside it until `commit`.

    Rows are compressed and written in a thread while those that follow are made ready; what goes
    wrong there is raised by the next call.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._behind = ThreadPoolExecutor(1, "write-behind")
        self._pending: Future[None] | None = None
        self.path, self._schema = path, schema
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        numbers = [field.name for field in schema if pa.types.is_integer(field.type)]
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(
                self._temporary,
                schema,
                compression="zstd",
                store_schema=False,
                use_dictionary=[field.name for field in schema if field.name not in numbers],
                column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
            )

    def note(self, key: str, value: str) -> None:
        """Keep a word on the file in it: `noted`."""
        self._settle()
        self._writer.add_key_value_metadata({key: value})

    def write(self, table: pa.Table) -> None:
        """Add rows; columns are brought to the schema's order, absent ones are NULL."""
        places = {name: place for place, name in enumerate(table.column_names)}
        arrays = [
            table.column(places[field.name]).cast(field.type)
            if field.name in places
            else pa.nulls(len(table), field.type)
            for field in self._schema
        ]
        rows = pa.Table.from_arrays(arrays, schema=self._schema)
        self._settle()
        self._pending = self._behind.submit(self._write, rows)

    def _write(self, rows: pa.Table) -> None:
        with writing(self.path):
            self._writer.write_table(rows)

    def _settle(self) -> None:
        """Wait for what is being written, and raise what went wrong."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def close(self) -> None:
        """Write the end of the file; no row can follow."""
        self._settle()
        self._behind.shutdown()
        with writing(self.path):
            self._writer.close()

    @property
    def rows(self) -> int:
        """The rows that a closed file holds, as its own footer says."""
        return int(pq.read_metadata(self._temporary).num_rows)

    def commit(self) -> None:
        """Close the file, bring it to disk and give it its name."""
        try:
            self.close()
            with writing(self.path):
                _publish(self._temporary, self.path)
        finally:
            self._temporary.unlink(missing_ok=True)

    def discard(self) -> None:
        """Forget what was written."""
        self._behind.shutdown()
        with contextlib.suppress(OSError):
            self._writer.close()
        self._temporary.unlink(missing_ok=True)


def noted(path: Path, key: str) -> str | None:
    """What `ParquetFile.note` left in a file."""
    value = (pq.read_metadata(path).metadata or {}).get(key.encode())
    return value.decode() if value else None


def write_text(path: Path, text: str) -> None:
    """Write a small file atomically."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, encoding="utf-8")
            _publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def clear_temporary(folder: Path) -> None:
    """Remove what a run that was killed left behind; the home's lock keeps other runs away."""
    for path in folder.rglob(".*.tmp"):
        path.unlink(missing_ok=True)


def _publish(temporary: Path, path: Path) -> None:
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
