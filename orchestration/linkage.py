"""Under which numbers a person is stored: the links between sources that a release has recorded.

The rule that makes links is dbt's (`int_link_key`); here they are read, to take a person out whole.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.publication import DATABASE
from orchestration.settings import Settings
from orchestration.warehouse import OFFLINE


def numbers_of(settings: Settings, pseudonym: str) -> list[str]:
    """The pseudonym, then every other one that any release holds for the same person."""
    known = {pseudonym}
    databases = sorted(settings.release.glob(f"*Z-*/{DATABASE}"))
    grown = True
    while grown:
        grown = False
        for database in databases:
            found = _linked(database, known)
            grown = grown or not found <= known
            known |= found
    return [pseudonym, *sorted(known - {pseudonym})]


def _linked(database: Path, known: set[str]) -> set[str]:
    with duckdb.connect(str(database), read_only=True, config=OFFLINE) as con:
        has_links = con.execute(
            "select count(*) from duckdb_tables() "
            "where schema_name = 'marts' and table_name = 'person_link'"
        ).fetchall()[0][0]
        if not has_links:
            return set()
        rows = con.execute(
            "with person as (select distinct patient_id from marts.person_link "
            "where list_contains($known, patient_id) or list_contains($known, delivered_patient_id)"
            ") select delivered_patient_id, patient_id from marts.person_link "
            "semi join person using (patient_id)",
            {"known": sorted(known)},
        ).fetchall()
    return {number for row in rows for number in row}
