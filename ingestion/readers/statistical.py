"""Files of SAS, Stata and SPSS through pyreadstat: codes as stored, never their labels."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.readers.base import CHUNK_ROWS, Chunk, Chunks, Note, text_array
from ingestion.readers.parquet import as_text
from ingestion.readers.streams import is_plain, open_bytes

_READERS = {
    ".sas7bdat": "read_sas7bdat",
    ".xpt": "read_xport",
    ".dta": "read_dta",
    ".sav": "read_sav",
    ".zsav": "read_sav",
    ".por": "read_por",
}
ENDINGS = tuple(_READERS)


class StatisticalReader:
    """A file of a statistics package. User-defined missing values are missing."""

    def __init__(self, path: Path, encoding: str | None) -> None:
        self._path = path
        open_bytes(path).close()  # what is not there or must not be read is said as such
        self._read, ending = _reader(path)
        # The portable format of SPSS has an encoding of its own.
        self._options = {} if ending == ".por" or not encoding else {"encoding": encoding}
        self._source: Path | io.BytesIO = path
        if not is_plain(path):
            with open_bytes(path) as stream:
                self._source = io.BytesIO(stream.read())
        _, about = self._part(metadataonly=True)
        self.headers = tuple(str(name) for name in about.column_names)
        self._expected: int | None = about.number_rows
        labels = "value labels are not read, the codes are"
        self.notes = (Note("sniffed", labels),) if about.variable_value_labels else ()

    def chunks(self) -> Chunks:
        """The rows, a part at a time."""
        first = 1
        while True:
            columns, _ = self._part(row_offset=first - 1, row_limit=CHUNK_ROWS)
            count = max((len(column) for column in columns.values()), default=0)
            if count:
                cells = tuple(_text(columns[name]) for name in self.headers)
                yield Chunk(cells, pa.array(range(first, first + count), pa.int64()))
            first += count
            if count < CHUNK_ROWS:
                break
        if self._expected is not None and first - 1 != self._expected:
            raise self._broken()

    def lost(self, read: int, /) -> int:
        """By the header of the file, where its format counts the rows there."""
        return 0 if self._expected is None else self._expected - read

    def _part(self, **options: Any) -> tuple[dict[str, list[Any]], Any]:
        if isinstance(self._source, io.BytesIO):
            self._source.seek(0)
        try:
            part: tuple[dict[str, list[Any]], Any] = self._read(
                self._source, output_format="dict", **self._options, **options
            )
        except (MemoryError, OSError):
            raise
        except Exception as error:
            # pyreadstat raises plain Exceptions, and OverflowError for impossible dates.
            raise self._broken() from error
        return part

    def _broken(self) -> UnreadableFileError:
        return UnreadableFileError(
            f"{self._path.name}: not a whole {self._path.suffix} file, or with a date no calendar "
            "has; it may have been copied in part: deliver it again."
        )


def _reader(path: Path) -> tuple[Callable[..., Any], str]:
    """The function that reads a file, and the ending it was chosen by."""
    import pyreadstat

    suffixes = [suffix.lower() for suffix in PurePath(path.name).suffixes]
    if suffixes[-1] == ".gz":
        suffixes.pop()
    reader: Callable[..., Any] = getattr(pyreadstat, _READERS[suffixes[-1]])
    return reader, suffixes[-1]


def _text(values: list[Any]) -> pa.Array:
    try:
        return as_text(pa.array(values))
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return text_array([None if value is None else str(value) for value in values])
