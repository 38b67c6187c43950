"""The deny list of a home: persons who were taken out, and how their rows are told.

A line of `exclusions.jsonl` is one person. Somebody excluded is named by pseudonym; of somebody
erased only the SHA-256 of the pseudonym is kept, enough to know the rows again should a later
delivery bring them, and no more. `linked` holds the same digests of what belongs to that person
alone (treatments, events, forms, batches), for tables that do not name the patient.

All pseudonyms are those of one key, whose fingerprint is `key`: under another key nobody would be
known again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ingestion import sql, storage
from ingestion.errors import IngestionError
from ingestion.tables import Table

FILE = "exclusions.jsonl"
Mode = Literal["exclude", "erase"]


class Exclusion(BaseModel):
    """One person taken out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    mode: Mode
    pseudonym: str | None = None
    digest: str | None = None
    linked: tuple[str, ...] = ()
    key: str | None = None  # fingerprint; None: nothing had been loaded with any key yet

    @model_validator(mode="after")
    def _named(self) -> Exclusion:
        if (self.pseudonym is None) == (self.digest is None):
            raise ValueError("name the person by pseudonym or by digest")
        return self

    @property
    def person(self) -> str:
        """The digest of the person's pseudonym."""
        return self.digest or digest(self.pseudonym or "")


@dataclass(frozen=True)
class Exclusions:
    """All persons taken out of a home, in the order it happened."""

    entries: tuple[Exclusion, ...] = ()

    @property
    def hidden(self) -> frozenset[str]:
        """Digests of what no view shows."""
        return _digests(self.entries)

    @property
    def erased(self) -> frozenset[str]:
        """Digests of what is not even loaded."""
        return _digests([entry for entry in self.entries if entry.mode == "erase"])

    def of(self, pseudonym: str) -> Exclusion | None:
        """The entry of one person."""
        wanted = digest(pseudonym)
        return next((entry for entry in self.entries if entry.person == wanted), None)


def _digests(entries: Sequence[Exclusion]) -> frozenset[str]:
    return frozenset(text for entry in entries for text in (entry.person, *entry.linked))


def digest(pseudonym: str) -> str:
    """SHA-256 of a pseudonym, in hexadecimal, as DuckDB's `sha256` gives it."""
    return hashlib.sha256(pseudonym.encode()).hexdigest()


def read_exclusions(home: Path) -> Exclusions:
    """The deny list; empty when there is none. IngestionError: a line that is no entry."""
    path = home / FILE
    if not path.exists():
        return Exclusions()
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                entries.append(Exclusion.model_validate_json(line))
            except ValidationError:
                raise IngestionError(
                    f"{path}: line {number} is no entry of the deny list; put the file back as it "
                    "was: without it, persons taken out would come back."
                ) from None
    return Exclusions(tuple(entries))


def write_entry(home: Path, entry: Exclusion) -> None:
    """Put a person on the deny list, in place of an earlier entry of the same person."""
    others = [e for e in read_exclusions(home).entries if e.person != entry.person]
    lines = [e.model_dump_json(exclude_none=True) for e in (*others, entry)]
    storage.write_text(home / FILE, "\n".join(lines) + "\n")


def of_persons(
    patients: Sequence[str], others: Sequence[str], digests: Collection[str]
) -> str | None:
    """An SQL condition that is true of the rows of these persons, NULL never; None: of no row.

    patients, others: pseudonym columns of patients and of other kinds. Where a patient is named,
    the patient decides: a treatment may have been moved to another one by a correction.
    """
    if not digests or not (patients or others):
        return None
    listed = ", ".join(sql.literal(text) for text in sorted(digests))

    def known(names: Sequence[str]) -> str:
        tests = [f"coalesce(sha256({sql.identifier(n)}), '') IN ({listed})" for n in names]
        return " OR ".join(tests) or "FALSE"

    named = " OR ".join(f"{sql.identifier(name)} IS NOT NULL" for name in patients) or "FALSE"
    return f"(CASE WHEN {named} THEN {known(patients)} ELSE {known(others)} END)"


def pseudonym_columns(table: Table, names: Collection[str]) -> tuple[list[str], list[str]]:
    """The pseudonym columns among `names`: of patients, and of other kinds."""
    columns = [c for c in table.stored if c.role == "pseudonym" and c.name in names]
    patients = [column.name for column in columns if column.kind == "patient"]
    return patients, [column.name for column in columns if column.kind != "patient"]
