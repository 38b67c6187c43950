"""What becomes of the columns of sample files in a drafted contract: kept, replaced, cut, dropped.

Judged by header and by content together, over all columns of a file and all files given. Where
neither is sure, the choice is the one that keeps least, and a comment asks whoever reads the draft
to decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion import sql
from ingestion.identifiers import looks_direct
from ingestion.identifying_columns import FEWEST, ColumnWatch
from ingestion.identifying_values import what_identifies
from ingestion.sql import DataType, TextFormat

_BIRTH = re.compile(
    r"(birth|naissance)_?dat|dat[a-z]*_?((of|de)_)?(birth|naiss)|(^|_)(dob|ddn|d_?nais[a-z]*)(_|$)"
)
#: Words of dates that are told of patients and are no births.
_CLINICAL = re.compile(
    r"diag|debut|onset|start|begin|end|fin|incl|regist|enrol|admis|entree|sortie|discharge|perf|inf"
    r"|trait|treat|deci|ord|aph|leuk|greff|trans|cons|visit|rech|relap|prog|deces|death|contact"
    r"|nouv|news|eval|mesur|measur|prelev|sampl|event|evt|resp|remis|sejour|questionn|complet|liv"
)
_MARK = r"(^|_)(n|no|num|numero|nr|number|id)(_|$)"
_PERSON = r"(pat|patient|sujet|subj|subject|malade|particip|participant|dossier|dos|anon)"
_KINDS = (
    (
        "patient",
        re.compile(
            r"(^|_)(ipp|nip|mrn|nir|ssn|patient|subject|participant|usubjid)(_|$)"
            rf"|(^|_)(id|n|no|nr|num|numero|code)_?{_PERSON}(_|$)"
            rf"|(^|_){_PERSON}_?(id|no|nr|num|numero)(_|$)"
        ),
    ),
    ("treatment", re.compile(rf"(?=.*{_MARK}).*(treatment|traitement)")),
    ("batch", re.compile(rf"(?=.*{_MARK}).*(^|_)(batch|lot)")),
)
_CODE = r"^[\p{L}\p{N}]+(?:[-_/.][\p{L}\p{N}]+)*$"
_SHAPED = r"^\p{L}+[-_/.]?[0-9]{2,}$"  # letters, then a number: P0010
_FEWEST_NUMBERS = 5
_FEWEST_REMARKS = 10
_NEARLY_ALL, _MOST, _SOME = 0.95, 0.8, 0.1
_DAYS = 365.25
_ADULT, _OLDEST, _DOUBTFUL = 15 * _DAYS, 110 * _DAYS, 0.5 * _DAYS


@dataclass(frozen=True)
class Sampled:
    """A column of a sample file: header, canonical name, first cells and the type they fit."""

    header: str
    name: str
    cells: pa.Array
    data_type: DataType


@dataclass(frozen=True)
class Role:
    """The keys of a column in the contract, and what to say beside them."""

    keys: str
    comment: str = ""
    kind: str | None = None

    @property
    def is_required(self) -> bool:
        return "required: true" in self.keys


def roles(con: duckdb.DuckDBPyConnection, tables: Sequence[Sequence[Sampled]]) -> list[list[Role]]:
    """The role of every column of every table, in order."""
    judged = []
    for columns in tables:
        days = {c.name: _days(con, c) for c in columns if c.data_type in ("date", "timestamp")}
        judged.append([_alone(column) or _dated(column, days) for column in columns])
    numbers = _patient_numbers(tables, judged)
    done = []
    for columns, found in zip(tables, judged, strict=True):
        known = any(role is not None and role.kind == "patient" for role in found)
        chosen = []
        for column, role in zip(columns, found, strict=True):
            if role is None:
                role = _numbered(column, numbers, known=known) or _worded(column)
                known = known or (role is not None and role.kind == "patient")
            chosen.append(role or Role(f"type: {column.data_type}"))
        done.append(chosen)
    return done


def _alone(column: Sampled) -> Role | None:
    """What header or cells of one column say by themselves; dates are compared with others."""
    if _BIRTH.search(column.name) and column.data_type in ("date", "timestamp"):
        return None
    if not re.search(r"nom|name|mail", column.name):
        for kind, pattern in _KINDS:
            if pattern.search(column.name):
                return _pseudonym(kind)
    if _BIRTH.search(column.name) and not len(_filled(column.cells)):
        return Role("type: date, identifier: birth_month", "cut to the first of its month")
    if looks_direct(column.header):
        return Role("type: text, identifier: drop", "looks like a direct identifier")
    looks = what_identifies(column.cells)
    if not looks and column.data_type not in ("date", "timestamp"):
        watch = ColumnWatch(date.today().year)
        looks = watch.look(column.cells, None, None) or watch.verdict()
    return Role("type: text, identifier: drop", f"looks like {looks}") if looks else None


def _pseudonym(kind: str, comment: str = "", *, required: bool = True) -> Role:
    told = ", required: true" if required else ""
    return Role(f"type: text{told}, identifier: pseudonym, kind: {kind}", comment, kind)


def _dated(column: Sampled, days: dict[str, np.ndarray]) -> Role | None:
    """A birth date lies before every other date of its row, by many years; None: no date."""
    if column.name not in days:
        return None
    named = bool(_BIRTH.search(column.name))
    kept = Role(f"type: {column.data_type}")
    cut = "type: date, identifier: birth_month"
    own = days[column.name]
    others = [other for name, other in days.items() if name != column.name]
    gaps = np.full(len(own), np.nan)
    if others:
        earliest = np.fmin.reduce(others)
        gaps = earliest - own
    gaps = gaps[~np.isnan(gaps)]
    if len(gaps) < FEWEST:
        if named:
            return Role(cut, "cut to the first of its month")
        watch = ColumnWatch(date.today().year)
        texts = column.cells
        looks = watch.look(texts, None, None) or watch.verdict()
        return Role(cut, f"looks like {looks}: cut to the first of its month") if looks else kept
    before = float(np.mean((gaps >= 0) & (gaps <= _OLDEST)))
    years = float(np.median(gaps))
    if before >= _MOST and years >= _ADULT:
        return Role(
            cut, "years before the other dates, as births are: cut to the first of its month"
        )
    if named and before < 0.5:
        return Role(
            kept.keys,
            "DECIDE: named like a birth date, yet not before the other dates; if it is one: "
            "identifier: birth_month",
        )
    if named:
        return Role(cut, "cut to the first of its month")
    if before >= _NEARLY_ALL and years >= _DOUBTFUL and not _CLINICAL.search(column.name):
        return Role(cut, "DECIDE: before all other dates; if it is no birth date: type: date")
    return kept


def _days(con: duckdb.DuckDBPyConnection, column: Sampled) -> np.ndarray:
    """The dates of a column in days; NaN where there is none."""
    con.register("sample", pa.table({"cell": column.cells}))
    read = f"CAST({sql.typed('cell', column.data_type, TextFormat())} AS DATE) - DATE '1970-01-01'"
    rows = con.execute(f"SELECT CAST({read} AS DOUBLE) FROM sample").fetchnumpy()
    con.unregister("sample")
    (values,) = rows.values()
    return np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)


def _patient_numbers(
    tables: Sequence[Sequence[Sampled]], judged: Sequence[Sequence[Role | None]]
) -> dict[str, pa.Array]:
    """The numbers of patients that columns known as such have, by name of the column."""
    found: dict[str, pa.Array] = {}
    for columns, roles_ in zip(tables, judged, strict=True):
        for column, role in zip(columns, roles_, strict=True):
            alone = role is None and _is_number_of_rows(column)
            first = alone and not any(r is not None and r.kind == "patient" for r in roles_)
            if (role is not None and role.kind == "patient") or first:
                numbers = pc.unique(_filled(column.cells))
                earlier = found.get(column.name)
                found[column.name] = (
                    numbers if earlier is None else pa.concat_arrays([earlier, numbers])
                )
    return found


def _numbered(column: Sampled, numbers: dict[str, pa.Array], *, known: bool) -> Role | None:
    """A pseudonym, where cells are numbers that tell rows or persons apart."""
    if column.data_type not in ("text", "integer"):
        return None
    cells = _filled(column.cells)
    full = len(cells) == len(column.cells)
    different = pc.unique(cells)
    for name, known_numbers in numbers.items():
        same_name = name == column.name
        if len(different) < (1 if same_name else _FEWEST_NUMBERS):
            continue
        if column.data_type == "integer" and not same_name:
            continue  # small numbers are found among any others
        told = pc.mean(pc.is_in(different, known_numbers).cast(pa.int8())).as_py()
        if told >= _MOST and not (_is_number_of_rows(column) and same_name and not known):
            return _pseudonym("patient", f"the numbers of {name}", required=full)
    if _is_number_of_rows(column):
        if not known:
            return _pseudonym(
                "patient",
                "DECIDE: nearly every row has another, as numbers of patients do; or another kind",
                required=full,
            )
        return _pseudonym(
            "event", "DECIDE: nearly every row has another; which kind?", required=full
        )
    shaped = len(cells) and _share(cells, _SHAPED) >= _NEARLY_ALL
    if shaped and len(different) >= max(20, 0.02 * len(cells)):
        return _pseudonym(
            "event" if known else "patient",
            "DECIDE: numbers of patients or of something else? a code list: type: text",
            required=full,
        )
    return None


def _is_number_of_rows(column: Sampled) -> bool:
    """Whether nearly every row has a code of its own with digits in it, and no measured value."""
    cells = _filled(column.cells)
    if column.data_type not in ("text", "integer") or len(cells) < _FEWEST_NUMBERS:
        return False
    different = pc.unique(cells)
    if len(different) < _NEARLY_ALL * len(cells) or len(cells) < _MOST * len(column.cells):
        return False
    if column.data_type == "text":
        return min(_share(cells, _CODE), _share(cells, "[0-9]")) >= _NEARLY_ALL
    values = np.array([float(text) for text in different.to_pylist()])
    lengths = {len(text) for text in different.to_pylist()}
    running = float(values.max() - values.min()) + 1 <= 1.5 * len(values)
    return running or (len(lengths) == 1 and lengths.pop() >= 6)


def _worded(column: Sampled) -> Role | None:
    """Free text that is not all remarks: five words in some cells, and many different ones."""
    cells = _filled(column.cells)
    if column.data_type != "text" or pc.count_distinct(cells).as_py() < _FEWEST_REMARKS:
        return None
    if _share(cells, r"(?:\S+\s+){4}\S") < _SOME:
        return None
    return Role(
        "type: text, identifier: drop",
        "DECIDE: remarks in words? a list of labels: type: text without identifier",
    )


def _filled(cells: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(cells)
    return trimmed.filter(pc.fill_null(pc.greater(pc.binary_length(trimmed), 0), False))


def _share(cells: pa.Array, pattern: str) -> float:
    found = pc.mean(pc.match_substring_regex(cells, pattern).cast(pa.int8())).as_py()
    return float(found or 0.0)
