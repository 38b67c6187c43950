"""Whether a sample file has columns of fixed width, and where: for drafts, never for loading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ingestion.errors import UnreadableFileError
from ingestion.readers.opening import kind_of
from ingestion.readers.streams import open_bytes, sniff_encoding, unreadable
from ingestion.tables import FixedWidth

_LINES = 2_000
_DELIMITERS = ";,\t|"
_LONGEST = 100_000


def fixed_columns(path: Path) -> FixedWidth | None:
    """The columns of a text file whose lines all have one length and no delimiter; else None.

    A column ends where every line is blank. Columns that touch come out as one.
    """
    if kind_of(path.name) not in (None, "delimited"):
        return None
    try:
        with unreadable(path.name), open_bytes(path) as stream:
            encoding = sniff_encoding(path)
            some = [line.decode(encoding, "replace") for line in islice(_lines(stream), _LINES)]
    except (UnreadableFileError, OSError):
        return None
    lines = [line.rstrip("\r\n") for line in some if line.strip()]
    if len(lines) < 2 or len({len(line) for line in lines}) > 1 or len(lines[0]) < 10:
        return None
    if any(mark in lines[0] for mark in _DELIMITERS):
        return None
    filled = "".join(
        "x" if any(line[i] != " " for line in lines) else " " for i in range(len(lines[0]))
    )
    places = {
        f"column_{n}": (found.start() + 1, len(found.group()))
        for n, found in enumerate(re.finditer("x+", filled), start=1)
    }
    return FixedWidth(places)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(_LONGEST):
        yield line
