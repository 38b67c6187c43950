"""Where the columns of fixed-width files stand in a delivery of some date: the declared places, and
what the revisions of a contract have moved, added and dropped since. No file is opened here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from ingestion.contract_parts import Revision, TableContract, fault
from ingestion.tables import FixedWidth, fold


def fixed_width(
    declared: TableContract, revisions: Iterable[Revision], day: date
) -> FixedWidth | None:
    """The places in files of `day`; None of a table that is not of fixed width.

    revisions: those of the table, each from a date on. A column that one adds stands nowhere
    before, one that it drops nowhere since.
    """
    places = {
        column.header or name: (column.start, column.length)
        for name, column in declared.columns.items()
        if column.start is not None and column.length is not None
    }
    if not places:
        return None
    line_length, header_lines = declared.line_length, declared.header_lines
    ordered = sorted(
        ((r.from_, r) for r in revisions if r.from_ is not None), key=lambda pair: pair[0]
    )
    gone: set[str] = set()
    for start, revision in ordered:
        if start > day:
            gone |= {fold(header) for header in revision.added}
            continue
        gone |= {fold(header) for header in revision.dropped}
        moved = {fold(header): place for header, place in revision.moved.items()}
        for header in places:
            if place := moved.get(fold(header)):
                places[header] = (place.start, place.length)
        line_length = revision.line_length or line_length
        if revision.header_lines is not None:
            header_lines = revision.header_lines
    here = {header: place for header, place in places.items() if fold(header) not in gone}
    return FixedWidth(here, line_length, header_lines)


def check_places(name: str, declared: TableContract, revisions: Sequence[Revision]) -> None:
    """Raise a fault of a contract when a table's places cannot be, at any time.

    revisions: all of the contract.
    """
    headers = {
        fold(column.header or column_name) for column_name, column in declared.columns.items()
    }
    fixed = any(column.start is not None for column in declared.columns.values())
    of_table = [(i, r) for i, r in enumerate(revisions) if r.table == name]
    for index, revision in of_table:
        at = ("revisions", index)
        if not fixed and (revision.moved or revision.line_length or revision.header_lines):
            raise fault(
                "`moved`, `line_length` and `header_lines` are of fixed-width files, whose columns "
                "have `start` and `length`",
                *at,
            )
        if fixed and revision.renamed:
            message = "a fixed-width file has no header to rename: use `moved`"
            raise fault(message, *at, "renamed")
        for header in revision.moved:
            if fold(header) not in headers:
                message = f"a revision moves `{header}`, which no column of the table has"
                raise fault(message, *at, "moved", header)
    if fixed:
        dated = [revision for _, revision in of_table]
        _check_length(declared, dated, date.min, "tables", name, "line_length")
        for index, revision in of_table:
            if revision.from_ is not None:
                _check_length(declared, dated, revision.from_, "revisions", index)


def _check_length(
    declared: TableContract, revisions: Sequence[Revision], day: date, *at: str | int
) -> None:
    found = fixed_width(declared, revisions, day)
    since = "" if day == date.min else f"from {day} on "
    if found is None or not found.places:
        raise fault(f"{since}no column is left", *at)
    end = max(start + length - 1 for start, length in found.places.values())
    if found.line_length is not None and end > found.line_length:
        raise fault(f"{since}a column ends at {end}, beyond `line_length`", *at)
