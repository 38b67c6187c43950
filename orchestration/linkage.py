"""Under which numbers a person is stored: the links between sources that a build has recorded.

The rule that makes links is dbt's (`int_link_key`); here they are read, to take a person out whole.
They are read from every release and from the last build. Those of before a rotation of the key
name persons otherwise: they are asked, and answer, through `rotations`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import rotations, warehouse
from orchestration.publication import DATABASE
from orchestration.rotations import Added, Rotations
from orchestration.settings import Settings


class UnknownLinksError(Exception):
    """Which numbers are of one person was known before the key was rotated and is not now."""


@dataclass(frozen=True)
class _Links:
    """A database with links, and how its pseudonyms become those of today."""

    path: Path
    added: Added


def numbers_of(settings: Settings, pseudonym: str, known_rotations: Rotations) -> list[str]:
    """The pseudonym, then every other one that anything built holds for the same person.

    Pseudonyms of today. KeyFileError: a release names persons by a key that is not here.
    UnknownLinksError: the key was rotated and what held the links is gone.
    """
    places = _places(settings, known_rotations)
    if not places and known_rotations.rotated and _several_sources(settings):
        raise UnknownLinksError(
            "The key was rotated, and no release or build is left that says which numbers of "
            "several sources are one person: run `atmp-rwe run` first. Nothing was changed."
        )
    known = {pseudonym}
    grown = True
    while grown:
        grown = False
        for place in places:
            found = _linked(place, known)
            grown = grown or not found <= known
            known |= found
    return [pseudonym, *sorted(known - {pseudonym})]


def _places(settings: Settings, known_rotations: Rotations) -> list[_Links]:
    found = [
        _Links(database, known_rotations.since(database.parent))
        for database in sorted(settings.release.glob(f"*Z-*/{DATABASE}"))
    ]
    build = warehouse.any_build(settings)  # of a home that releases no marts, the one place
    places = [*found, *([_Links(build, [])] if build else [])]
    return [place for place in places if _has_links(place.path)]


def _several_sources(settings: Settings) -> bool:
    import ingestion

    return len({r.source for r in ingestion.read_records(settings.home) if r.tables}) > 1


def _has_links(database: Path) -> bool:
    with warehouse.read(database) as con:
        return bool(
            con.execute(
                "select count(*) from duckdb_tables() "
                "where schema_name = 'marts' and table_name = 'person_link'"
            ).fetchall()[0][0]
        )


def _linked(place: _Links, known: Collection[str]) -> set[str]:
    """Pseudonyms of today that a database holds for persons of whom some are known."""
    with warehouse.read(place.path) as con:
        if not place.added:
            return _numbers(con, known)
        from ingestion.exclusions import digest

        catalog = str(con.execute("select current_database()").fetchall()[0][0])
        digests = {digest(number) for number in known}
        former = rotations.former_names(con, catalog, place.added, digests)
        there = _numbers(con, set().union(*former.values()))
    return {today for number in there for today in rotations.carried(number, place.added)}


def _numbers(con: duckdb.DuckDBPyConnection, known: Collection[str]) -> set[str]:
    rows = con.execute(
        "with person as (select distinct patient_id from marts.person_link "
        "where list_contains($known, patient_id) or list_contains($known, delivered_patient_id)"
        ") select delivered_patient_id, patient_id from marts.person_link "
        "semi join person using (patient_id)",
        {"known": sorted(known)},
    ).fetchall()
    return {number for row in rows for number in row}
