"""Lines of a text file counted apart from the splitting of its rows, and within them."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.readers.streams import BLOCK

_FEED, _RETURN = 10, 13


def filled_lines(text: io.BufferedReader) -> int:
    """How many lines from here on hold anything; a carriage return ends a line as well."""
    count, fresh = 0, True
    while block := text.read(BLOCK):
        codes = np.frombuffer(block, np.uint8)
        ends = (codes == _FEED) | (codes == _RETURN)
        begins = ~ends
        begins[1:] &= ends[:-1]
        begins[0] &= fresh
        count += int(np.count_nonzero(begins))
        fresh = bool(ends[-1])
    return count


def swallowed_lines(columns: list[pa.Array], delimiter: str) -> dict[int, int]:
    """Rows whose cells hold whole lines of the file: index -> number of lines.

    A quote that is never closed, or closed by the stray quote of a later row, makes a cell of all
    that lies between. k line ends swallowed that way bring k times the delimiters of a full row
    with them; a remark of several lines does not.
    """
    breaks: dict[int, int] = {}
    marks: dict[int, int] = {}
    for column in columns:
        many = pc.match_substring(column, "\n")
        if not pc.any(many).as_py():
            continue
        for index in np.flatnonzero(np.asarray(many.fill_null(False))).tolist():
            cell = column[index].as_py().rstrip("\r\n")
            breaks[index] = breaks.get(index, 0) + cell.count("\n")
            marks[index] = marks.get(index, 0) + cell.count(delimiter)
    full = max(1, len(columns) - 1)
    return {i: 1 + k for i, k in breaks.items() if k and marks[i] >= k * full}
