"""What is said of a delivery as a whole, once all its files are read: is it to be loaded?

Sums up what was counted of the files; opens none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from ingestion import file_findings
from ingestion.checking import Tally
from ingestion.contracts import Contract
from ingestion.records import FileRecord, Finding
from ingestion.type_changes import type_changes


def verdict(
    day: date,
    contract: Contract,
    files: Mapping[str, FileRecord],
    tallies: Mapping[str, Tally],
) -> Iterator[Finding]:
    """Findings on the delivery of `day`: it is of a day to come, a column has another type, too
    many of its rows were refused."""
    yield from file_findings.of_a_day_to_come(day)
    yield from type_changes(contract.tables, files, tallies)
    read = sum(file.read for file in files.values())
    refused = sum(file.quarantined for file in files.values())
    limit = contract.reject_above
    if read and refused / read > limit:
        dates: Counter[str] = Counter()
        for tally in tallies.values():
            dates.update(tally.dates)
        refused_dates = sum(tally.refused_dates for tally in tallies.values())
        remedy = file_findings.remedy(dates, refused_dates, contract.csv.date_format)
        message = (
            f"{refused} of {read} rows break the contract, more than the share of {limit:g} that "
            f"it allows; {remedy}"
        )
        yield Finding(severity="ERROR", rule="reject_above", message=message, count=refused)


def empty() -> Finding:
    """A finding on a delivery without any row."""
    message = "no file of the delivery holds a row"
    return Finding(severity="WARN", rule="empty", message=message)
