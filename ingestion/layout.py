"""How the headers of one delivered file map to the columns of its table; cells are not looked
at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from ingestion.contract_parts import Revision
from ingestion.contracts import Contract
from ingestion.identifiers import looks_direct
from ingestion.identifying_values import identifies
from ingestion.raw_files import LINEAGE
from ingestion.records import Finding, Severity
from ingestion.sheets import split_sheet
from ingestion.tables import Column, Table, fold


@dataclass
class Layout:
    """Position of each canonical column in the file, the extra columns kept, and what to say
    about it."""

    positions: dict[str, int] = field(default_factory=dict)
    extras: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    identifying: bool = False  # the file delivers direct identifiers

    def drop(self, extra: str, kind: str, file: str, table: str) -> None:
        """Keep an undeclared column no longer, for what its cells hold."""
        del self.extras[extra]
        self.identifying = True
        message = f"undeclared column {extra} holds what looks like {kind}: not kept"
        self.findings = [f for f in self.findings if f.column != extra]
        found = Finding(
            severity="WARN", rule="column_dropped", message=message, table=table, column=extra,
            file=file,
        )  # fmt: skip
        self.findings.append(found)

    @property
    def usable(self) -> bool:
        """Whether the rows can be read with it."""
        return not any(finding.severity == "ERROR" for finding in self.findings)


def known_headers(table: Table, contract: Contract) -> set[str]:
    """All folded headers a file of the table may have, in any revision."""
    known = {fold(column.header) for column in table.columns}
    for revision in contract.revisions:
        if revision.table == table.name:
            known |= {fold(header) for pair in revision.renamed.items() for header in pair}
    return known


def lay_out(
    headers: Sequence[str], table: Table, contract: Contract, delivery: date, file: str
) -> Layout:
    """Match the headers of a file to its table, as the contract says for the date of the
    delivery."""
    return _Matcher(headers, table, contract, delivery, file).layout


class _Matcher:
    def __init__(
        self, headers: Sequence[str], table: Table, contract: Contract, delivery: date, file: str
    ) -> None:
        self.layout = Layout()
        self._headers, self._table, self._contract = headers, table, contract
        self._delivery, self._file = delivery, file
        self._sheet = split_sheet(file)[1]
        self._revisions = [r for r in contract.revisions if r.table == table.name]
        self._absent: list[str] = []
        self._free: dict[str, list[int]] = {}
        for index, header in enumerate(headers):
            self._free.setdefault(fold(header), []).append(index)
        named = {
            column.name: header_at(column.header, self._revisions, delivery, self._sheet)
            for column in table.columns
        }
        # Where questions were renumbered, the old name of one column is the present one of another.
        self._claimed = {fold(wanted) for wanted, _ in named.values()}
        for column in table.columns:
            self._match(column, *named[column.name])
        if self._absent:
            names = ", ".join(self._absent)
            self._say("INFO", "column_missing", f"optional columns not delivered: {names}")
        if not self.layout.positions and headers:
            # Without a header row the first patient stands in its place: do not repeat any of it.
            self.layout.findings = []
            self._say(
                "ERROR",
                "header_missing",
                "no column of the contract is in the first row; is the header row missing, or is "
                "it another delimiter or sheet?",
            )
        if self.layout.usable:
            self._keep_extras()

    def _say(self, severity: Severity, rule: str, message: str, column: str | None = None) -> None:
        self.layout.findings.append(
            Finding(
                severity=severity,
                rule=rule,
                message=message,
                table=self._table.name,
                column=column,
                file=self._file,
            )
        )

    def _match(self, column: Column, wanted: str, others: list[str]) -> None:
        free = [name for name in others if fold(name) not in self._claimed]
        here = [name for name in (wanted, *free) if fold(name) in self._free]
        if not here:
            if self._expected(column):
                self._missing(column, wanted)
            return
        found = here[0]
        indexes = self._free.pop(fold(found))
        if len(indexes) > 1:
            message = f"column {found} is delivered {len(indexes)} times; keep the right one"
            self._say("ERROR", "column_twice", message, column.name)
            return
        if fold(found) != fold(wanted):
            message = f"column {found} should be called {wanted} at this date; it was taken"
            self._say("WARN", "header_changed", message, column.name)
        self.layout.positions[column.name] = indexes[0]
        self.layout.identifying |= column.role in ("drop", "birth_month")

    def _expected(self, column: Column) -> bool:
        """Whether a column belongs to deliveries of this date, or to this sheet: not before it was
        added or once dropped."""
        for revision in self._revisions:
            later = revision.holds(self._delivery, self._sheet)
            if fold(column.header) in map(fold, revision.added) and not later:
                return False
            if fold(column.header) in map(fold, revision.dropped) and later:
                return False
        return True

    def _missing(self, column: Column, header: str) -> None:
        if column.required:
            close = get_close_matches(fold(header), list(self._free), n=1, cutoff=0.75)
            hint = f" (is it {self._headers[self._free[close[0]][0]].strip()}?)" if close else ""
            self._say(
                "ERROR",
                "column_missing",
                f"required column {header} is missing{hint}; have the file completed, or declare "
                "the new header in the contract",
                column.name,
            )
        elif self._table.quiet_optional:
            self._absent.append(column.name)
        else:
            message = f"optional column {header} is missing"
            self._say("WARN", "column_missing", message, column.name)

    def _keep_extras(self) -> None:
        declared = {fold(name) for name in self._contract.direct_identifiers}
        taken = {column.name for column in self._table.columns} | set(LINEAGE.names)
        for name, indexes in self._free.items():
            header = self._headers[indexes[0]].strip()
            if not name:
                message = f"columns without a header: {len(indexes)}, not kept"
                self._say("WARN", "column_unnamed", message)
            elif name in declared:
                self.layout.identifying = True
            elif identifies(header):
                self.layout.identifying = True
                message = (
                    f"column {indexes[0] + 1}: its header looks like an identifier of a person: "
                    "not kept"
                )
                self._say("WARN", "column_dropped", message)
            elif looks_direct(header):
                self.layout.identifying = True
                message = f"undeclared column {header} looks like a direct identifier: not kept"
                self._say("WARN", "column_dropped", message, header)
            elif len(indexes) > 1:
                message = f"undeclared column {header} is delivered {len(indexes)} times: not kept"
                self._say("WARN", "column_twice", message, header)
            else:
                self.layout.extras[_free_name(header, taken)] = indexes[0]
                message = f"undeclared column {header}: kept in raw as text"
                self._say("WARN", "column_unknown", message, header)


def header_at(
    header: str, revisions: Sequence[Revision], day: date, sheet: str | None = None
) -> tuple[str, list[str]]:
    """The name a column has in a delivery of `day` (or in a sheet that was revised), and the names
    it has at other times.

    `header` may be the name of any time: renamings are followed back to the first, then forward.
    A name that one revision takes from a column and gives to another is the one it had before.
    """
    for revision in revisions:
        if revision.sheet is not None and revision.holds(day, sheet):
            return _renamed(header, revision.renamed) or header, []
    dated = [(r.from_, r) for r in revisions if r.from_ is not None]
    ordered = [revision for _, revision in sorted(dated, key=lambda pair: pair[0])]
    first = header
    for revision in reversed(ordered):
        if _renamed(first, revision.renamed) is None:
            first = _renamed(first, {new: old for old, new in revision.renamed.items()}) or first
    current, last, names = first, first, [first]
    for revision in ordered:
        new = _renamed(last, revision.renamed)
        if new is not None:
            last = new
            names.append(new)
            current = new if revision.holds(day, sheet) else current
    return current, [name for name in names if fold(name) != fold(current)]


def _renamed(header: str, renamed: Mapping[str, str]) -> str | None:
    return next((new for old, new in renamed.items() if fold(old) == fold(header)), None)


def _free_name(header: str, taken: set[str]) -> str:
    """The name of an extra column in raw: its header, marked where a column has that name. A NUL,
    which a header of JSON can hold, would end the name in Arrow, and is replaced."""
    name = header.replace("\0", "\N{REPLACEMENT CHARACTER}")
    while fold(name) in taken or name.startswith("_"):
        name = f"delivered_{name.lstrip('_')}"
        if fold(name) not in taken:
            break
        name = f"{name}_"
    taken.add(fold(name))
    return name
