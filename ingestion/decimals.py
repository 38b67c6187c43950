"""Which decimal mark a text file writes, told by numbers that can be read in one way only.

`1,5` and `1.234,5` have a decimal comma and `0.123` a decimal point; `1.234` is a number with
decimals or a thousand. What is unsure is refused where the file has the other mark for decimals.
Files of typed numbers have no mark, and are not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ingestion import sql
from ingestion.records import Finding
from ingestion.tables import Column

_NAMES = {",": "comma", ".": "point"}
_OTHER = {",": ".", ".": ","}
_SPACE = "[ \t\r\n\u00a0\u202f]"
_UNSURE = {mark: f"^[+-]?[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}$" for mark in _NAMES}
_SURE = {
    mark: f"^[+-]?([0-9]+[{mark}][0-9]*|[{mark}][0-9]+|"
    f"[0-9]{{1,3}}([{other}][0-9]{{3}})+[{mark}][0-9]*|"
    f"[1-9][0-9]{{0,2}}([{other}][0-9]{{3}}){{2,}})([eE][+-]?[0-9]+)?$"
    for mark, other in _OTHER.items()
}


class DecimalMarkFoundError(Exception):
    """A mark came to light after numbers were read that mean something else with it: start again
    (`again`)."""


class DecimalMarks:
    """The marks of one file: those that are known, and how many cells are unsure."""

    def __init__(self, declared: str | None, known: Collection[str] = ()) -> None:
        self._declared = declared
        self.known = frozenset(declared or known)
        self._met: frozenset[str] = frozenset()
        self._unsure: dict[str, Counter[str]] = {mark: Counter() for mark in _NAMES}

    def again(self) -> DecimalMarks:
        """The same marks for the file read from its start."""
        return DecimalMarks(self._declared, self.known)

    @property
    def refused(self) -> list[str]:
        """Patterns of numbers that are not read, since another mark is the decimal one."""
        return [_UNSURE[mark] for mark, other in _OTHER.items() if other in self.known]

    def look(self, cells: Mapping[str, pa.ChunkedArray]) -> None:
        """Take the next cells of the columns of numbers. DecimalMarkFoundError: see there."""
        found, here = set(self.known), {}
        for mark, other in _OTHER.items():
            if mark in self.known and other not in self.known:
                continue  # nothing new can be said of it
            here[mark] = {name: _with(mark, column) for name, column in cells.items()}
            if not self._declared and any(_count(c, mark, _SURE) for c in here[mark].values()):
                found.add(mark)
        new = found - self.known
        self.known = frozenset(found)
        if any(_OTHER[mark] in self._met for mark in new):
            raise DecimalMarkFoundError
        for mark, columns in here.items():
            for name, texts in columns.items():
                self._unsure[mark][name] += _count(texts, mark, _UNSURE)
            if any(map(len, columns.values())):
                self._met |= {mark}

    @property
    def sniffed(self) -> str | None:
        """What to say of it, None where it was declared or no number tells."""
        if self._declared or not self.known:
            return None
        return "decimal " + " and ".join(_NAMES[mark] for mark in sorted(self.known))

    def findings(self, table: str, file: str) -> Iterator[Finding]:
        """How many cells could be read in two ways."""
        for mark, other in _OTHER.items():
            if mark in self.known and other not in self.known:
                continue
            for name, count in sorted(self._unsure[mark].items()):
                if count:
                    cells = "1 number" if count == 1 else f"{count} numbers"
                    done = "refused" if other in self.known else "read as decimals"
                    message = (
                        f"{name}: {cells} such as 9{mark}999 could have decimals or be thousands: "
                        f"{done}; declare `csv: {{decimal: ...}}`, or have them written otherwise"
                    )
                    yield Finding(
                        severity="WARN", rule="decimal_unsure", table=table, column=name,
                        file=file, count=count, message=message,
                    )  # fmt: skip


def is_number(column: Column) -> bool:
    """Whether the cells of a column may have decimals, or marks of thousands."""
    return column.role == "keep" and column.data_type in ("number", "integer")


def unsure(expression: str, patterns: Collection[str]) -> str:
    """An expression: a cell is a number of one of these patterns."""
    digits = f"regexp_replace({expression}, {sql.literal(_SPACE)}, '', 'g')"
    tests = [f"regexp_matches({digits}, {sql.literal(pattern)})" for pattern in patterns]
    return " OR ".join(tests) or "FALSE"


def _with(mark: str, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells that hold a mark, without space."""
    places = pc.find_substring(cells, mark)
    last = pc.max(places).as_py()
    if last is None or last < 0:
        return cells.slice(0, 0)
    return pc.replace_substring_regex(cells.filter(pc.greater(places, -1)), _SPACE, "")


def _count(texts: pa.ChunkedArray, mark: str, patterns: Mapping[str, str]) -> int:
    like = pc.match_substring_regex(texts, patterns[mark])
    if patterns is _SURE:
        like = pc.and_not(like, pc.match_substring_regex(texts, _UNSURE[mark]))
    return int(pc.sum(like).as_py() or 0)
