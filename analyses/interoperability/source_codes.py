"""Codes of terminologies for the ids of the project's code lists, with the days they are valid.

Belongs here: reading the seeds of the dbt project that hold codes. Does not belong here: what a
terminology maps them to.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "codelists"
#: OMOP's name of the terminology each list's codes are taken from.
ICD_10, ATC = "ICD10", "ATC"
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2099, 12, 31)


@dataclass(frozen=True)
class SourceCode:
    """A code that stands for an id of a code list from one day to another, both included."""

    value: str
    vocabulary: str
    code: str
    valid_from: dt.date
    valid_to: dt.date
    verified: bool


def product_codes() -> tuple[SourceCode, ...]:
    """ATC codes of products; a code that followed another is valid from the day after it."""
    return _read("product_atc.csv", "product", "atc", ATC)


def indication_codes() -> tuple[SourceCode, ...]:
    """ICD-10 codes of indications."""
    return _read("indication_code.csv", "indication", "code", ICD_10, system="ICD-10")


def _read(
    name: str, value: str, code: str, vocabulary: str, system: str | None = None
) -> tuple[SourceCode, ...]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if system in (None, row.get("system"))]
    last = LAST_DAY.isoformat()
    rows.sort(key=lambda row: (row[value], row["valid_to"] or last, row[code]))
    codes: list[SourceCode] = []
    for row in rows:
        before = codes[-1] if codes and codes[-1].value == row[value] else None
        begins = FIRST_DAY if before is None else before.valid_to + dt.timedelta(days=1)
        told = dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else begins
        ends = dt.date.fromisoformat(row["valid_to"] or last)
        if max(begins, told) <= ends:  # a second code for the same days is not needed
            verified = row["verified"] == "true"
            codes.append(
                SourceCode(row[value], vocabulary, row[code], max(begins, told), ends, verified)
            )
    return tuple(codes)
