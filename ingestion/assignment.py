"""Which table each file of a delivery belongs to; files and sheets are judged by their
names alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath

from ingestion.contracts import Contract
from ingestion.deliveries import Delivery
from ingestion.readers import KINDS, kind_of
from ingestion.records import Finding, Severity
from ingestion.sheets import split_sheet


@dataclass
class Assignment:
    """File names by table, the table of each file (None: not read), and what to say about them."""

    tables: dict[str, list[str]] = field(default_factory=dict)
    table_of: dict[str, str | None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def say(
        self,
        severity: Severity,
        rule: str,
        message: str,
        file: str | None = None,
        table: str | None = None,
    ) -> None:
        """Add a finding."""
        found = Finding(severity=severity, rule=rule, message=message, file=file, table=table)
        self.findings.append(found)


def assign(delivery: Delivery, contract: Contract) -> Assignment:
    """Give each file to its table.

    A file of no table is a warning; a file of two, a file that must not be opened and a required
    table without a file reject the delivery.
    """
    result = Assignment()
    for name, why in delivery.refused:
        result.say("ERROR", "file_refused", f"{name}: {why}", name)
    for name, _, _ in delivery.files:
        table = _table_of(name, contract, result)
        result.table_of[name] = table
        if table:
            result.tables.setdefault(table, []).append(name)
    for wanted in contract.tables.values():
        if wanted.required and wanted.name not in result.tables:
            patterns = " or ".join(wanted.files)
            what = f"sheet {wanted.sheet} in a file" if wanted.sheet else "file"
            message = f"table {wanted.name}: no {what} {patterns}; have it delivered"
            result.say("ERROR", "file_missing", message, table=wanted.name)
    if not result.tables and not any(f.severity == "ERROR" for f in result.findings):
        message = "no file of the delivery belongs to a table of the contract; check their names"
        result.say("ERROR", "file_missing", message)
    return result


def _table_of(name: str, contract: Contract, result: Assignment) -> str | None:
    file, sheet = split_sheet(name)
    tables = [
        table.name
        for table in contract.tables.values()
        if table.matches(PurePath(file).name) and table.takes(sheet)
    ]
    if len(tables) > 1:
        both = " and ".join(tables)
        message = f"{name}: belongs to the tables {both}; make their file patterns exclude it"
        result.say("ERROR", "file_ambiguous", message, name)
    elif not tables:
        message = f"{name}: belongs to no table of the contract, not read{_nearest(name, contract)}"
        result.say("WARN", "file_unknown", message, name)
    elif kind_of(file) is None and not contract.tables[tables[0]].is_fixed_width:
        endings = " ".join(KINDS)
        message = f"{name}: not a format that is read ({endings}, .gz or .zip of these), not read"
        result.say("WARN", "file_unknown", message, name, tables[0])
    else:
        return tables[0]
    return None


def _nearest(name: str, contract: Contract) -> str:
    path = PurePath(name)
    stem = path.name.split(".", 1)[0].casefold()
    stems: dict[str, str] = {}
    for table in contract.tables.values():
        stems[table.name] = table.files[0]
        for pattern in table.files:
            stems.setdefault(pattern.split(".", 1)[0].strip("*_").casefold(), pattern)
    close = get_close_matches(stem, list(stems), n=1, cutoff=0.6)
    return f"; should its name be {stems[close[0]]}?" if close else ""
