"""What a table of a source looks like once its contract is understood, whatever the format.

Contracts, the common extract format and FHIR all end here; reading and checking know only this
shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ingestion.sql import DataType

COMPRESSED = (".gz",)


@dataclass(frozen=True)
class Column:
    """A canonical column: where it comes from, its type, and what happens to its content at the
    door.

    role: keep | pseudonym (replaced by an HMAC of `kind`) | drop (never stored) | birth_month (a
    full date cut to the first of its month) | birth_part (a number; a full date put there is cut
    to it).
    """

    name: str
    header: str
    data_type: DataType
    required: bool = False
    role: str = "keep"
    kind: str | None = None
    unit: str | None = None
    codes: tuple[str, ...] = ()  # what a cell may hold; empty: anything


@dataclass(frozen=True)
class FixedWidth:
    """Where the columns of a fixed-width file stand: header -> (first character from 1, length).

    line_length: of every line, None when only its shortest is known; header_lines: lines above the
    rows.
    """

    places: Mapping[str, tuple[int, int]]
    line_length: int | None = None
    header_lines: int = 0


@dataclass(frozen=True)
class Table:
    """A delivered table. `key` must be filled; `version_key` tells rows apart between
    increments."""

    name: str
    files: tuple[str, ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    version_key: tuple[str, ...]
    required: bool
    quiet_optional: bool = False  # absent optional columns are usual: INFO instead of WARN
    sheet: str | None = None  # of a workbook: the sheets that hold the table, as a pattern
    is_fixed_width: bool = False  # its text files have no delimiters

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that reach raw: all but the dropped ones."""
        return tuple(column for column in self.columns if column.role != "drop")

    def matches(self, file_name: str) -> bool:
        """Whether a delivered file belongs to this table; letter case and compression do not
        count."""
        name = file_name.casefold()
        for ending in COMPRESSED:
            plain = name.removesuffix(ending)
            if any(matches(n, p) for n in (name, plain) for p in self.files):
                return True
        return False

    def takes(self, sheet: str | None) -> bool:
        """Whether it is read from this sheet; None: from a file that is taken as a whole."""
        if sheet is None or self.sheet is None:
            return sheet is None and self.sheet is None
        return matches(sheet, self.sheet)


def matches(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern with `*` and `?`, whatever the letter case."""
    return fnmatchcase(name.strip().casefold(), pattern.strip().casefold())


def fold(header: str) -> str:
    """A header as it is compared: without outer space, BOM and letter case."""
    return header.replace("\u00a0", " ").strip("\ufeff \t\r\n").casefold()
