"""Undeclared columns that look like what tells who a person is, by their cells taken together:
names of persons, birth dates, addresses, remarks in words, patient numbers written once more.

What one cell gives away by itself (an e-mail address, a national number) is in
`identifying_values`. No list of names is used: names are words in capitals or with capital
letters of which nearly every person has another. A column is judged once, by its first
`LOOKED_AT` filled cells; docs/guides/deliveries.md says what is missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

LOOKED_AT = 2_000
FEWEST = 3  # different texts below which nothing is said of a column
_NEARLY_ALL, _MOST, _HALF = 0.9, 0.8, 0.5
_ADULT_YEARS = 18

_WORD = r"\p{Lu}[\p{L}'’.-]*"
_PARTICLE = r"(?:d['’]|(?:de|du|des|la|le|van|von|der|den|di|da|dos|el|al|ben|bin|ter|zu) )"
_NAME = rf"^{_WORD}(?:,? {_PARTICLE}*{_WORD}){{1,3}}$"
_STREET = (
    r"(?i)\b[0-9]{1,4} ?(?:bis|ter|[a-d])?,? (?:[\p{L}'’.-]+ ){0,3}"
    r"(?:rue|avenue|av|boulevard|bd|place|chemin|allée|allee|impasse|route|quai|cours|square|"
    r"street|st|road|rd|lane|drive)\b"
)
_REMARK = r"^[^\[{].*\p{L}.*(?: +[^ ]+){4}"  # five words; lists and objects of JSON are none
# The year, of four or two digits, of a full date in the ways that dates are written.
_DATES = (
    r"^(?P<year>[0-9]{4})[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T].*)?$",
    r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?P<year>[0-9]{4}|[0-9]{2})(?: .*)?$",
    r"^(?P<year>(?:19|20)[0-9]{2})(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$",
)


@dataclass
class ColumnWatch:
    """The first filled cells of one undeclared column, with the persons they are told of.

    year: of the delivery; birth dates of adults are long before it.
    """

    year: int
    _cells: list[pa.Array] = field(default_factory=list)
    _persons: list[pa.Array] = field(default_factory=list)
    _births: list[pa.Array] = field(default_factory=list)
    _filled: int = 0
    _judged: bool = False

    def look(
        self, cells: pa.Array, persons: pa.Array | None, births: pa.Array | None
    ) -> str | None:
        """Take the cells of some rows, with the patient number and the year of birth of each where
        the file has them. The kind of identifier, once enough was seen to tell."""
        if self._judged:
            return None
        trimmed = pc.utf8_trim_whitespace(cells)
        filled = pc.fill_null(pc.greater(pc.binary_length(trimmed), 0), False)
        taken = pc.indices_nonzero(filled)[: LOOKED_AT - self._filled]
        self._filled += len(taken)
        self._cells.append(trimmed.take(taken))
        for kept, array in ((self._persons, persons), (self._births, births)):
            if array is not None:
                kept.append(array.take(taken))
        return self.verdict() if self._filled >= LOOKED_AT else None

    def verdict(self) -> str | None:
        """The kind of identifier that the column holds, None when it looks like none."""
        if self._judged:
            return None
        self._judged = True
        cells = pa.concat_arrays(self._cells or [pa.array([], pa.string())])
        persons = pa.concat_arrays(self._persons) if self._persons else None
        births = pa.concat_arrays(self._births) if self._births else None
        self._cells, self._persons, self._births = [], [], []
        return what_looks_identifying(cells, persons, births, self.year)


def what_looks_identifying(
    cells: pa.Array, persons: pa.Array | None, births: pa.Array | None, year: int
) -> str | None:
    """The kind of identifier that filled cells of one column look like.

    persons, births: the patient number and the birth (its year, month or date) of each row; year:
    of the delivery.
    """
    different = pc.count_distinct(cells).as_py()
    if different < FEWEST:
        return None
    if persons is not None and _share(pc.equal(cells, pc.utf8_trim_whitespace(persons))) >= _MOST:
        return "numbers of patients"
    of = len(cells) if persons is None else pc.count_distinct(persons).as_py()
    if different >= _MOST * of and _share_like(cells, _NAME) >= _MOST:
        return "names of persons"
    if _are_births(cells, births, year):
        return "birth dates"
    if _share_like(cells, _STREET) >= _HALF:
        return "postal addresses"
    if different >= _HALF * len(cells) and _share_like(cells, _REMARK) >= _HALF:
        return "remarks in words"
    return None


def _are_births(cells: pa.Array, births: pa.Array | None, year: int) -> bool:
    years = _years(cells, year)
    if len(years.drop_null()) < _NEARLY_ALL * len(cells):
        return False
    if births is not None:
        # Whoever knows the year of birth can tell a birth date, of a child as well.
        told = pc.struct_field(pc.extract_regex(births, r"(?P<year>(?:18|19|20)[0-9]{2})"), "year")
        same = pc.equal(years, told.cast(pa.int64()))
        if len(same.drop_null()) >= FEWEST:
            return _share(same.drop_null()) >= _MOST
    return _share(pc.less_equal(years, year - _ADULT_YEARS)) >= _HALF


def _years(cells: pa.Array, year: int) -> pa.Array:
    """The year of each cell that is a full date; of two digits, the last such one by `year`."""
    found = pa.nulls(len(cells), pa.string())
    for pattern in _DATES:
        found = pc.coalesce(found, pc.struct_field(pc.extract_regex(cells, pattern), "year"))
    number = found.cast(pa.int64())
    century = pc.if_else(pc.greater(number, year % 100), year // 100 - 1, year // 100)
    whole = pc.add(number, pc.multiply(century, 100))
    return pc.if_else(pc.less(number, 100), whole, number)


def _share_like(cells: pa.Array, pattern: str) -> float:
    return _share(pc.match_substring_regex(cells, pattern))


def _share(flags: pa.Array) -> float:
    """How many of the flags are true; of none, none."""
    return (pc.sum(flags).as_py() or 0) / len(flags) if len(flags) else 0.0
