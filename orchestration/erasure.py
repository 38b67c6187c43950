"""A person taken out of what was built: build databases, and the marts of every release.

Raw and quarantine, and the deny list, are `ingestion`'s. Aggregated results of past releases stay:
they are no longer about a person.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration import released_tables, rotations
from orchestration.ledger import write_atomically
from orchestration.publication import DATABASE, discard_unfinished
from orchestration.released_tables import STORAGE_VERSION, text
from orchestration.rotations import Added, Rotations
from orchestration.settings import Settings
from orchestration.warehouse import OFFLINE


def remove_builds(settings: Settings) -> int:
    """Delete every build database, finished or not; the next run makes one anew."""
    builds = list(settings.warehouse.glob("*.duckdb*"))
    for build in builds:
        build.unlink()
    return len(builds)


def clean_releases(
    settings: Settings,
    pseudonym: str,
    linked: Collection[str],
    at: datetime,
    known_rotations: Rotations,
) -> dict[str, int]:
    """Take the person's rows out of every release. Returns rows removed by release, where any.

    linked: SHA-256 of pseudonyms (treatments and the like) that are of this person alone. All are
    those of today; in a release of before a rotation the person is found under the former ones.
    """
    discard_unfinished(settings.release)
    removed = {}
    for database in sorted(settings.release.glob(f"*Z-*/{DATABASE}")):
        added = known_rotations.since(database.parent)
        rows = _clean(database, pseudonym, linked, added)
        if rows:
            removed[database.parent.name] = rows
            _note(database.with_name("manifest.json"), rows, at)
    return removed


def _clean(database: Path, pseudonym: str, linked: Collection[str], added: Added) -> int:
    """Write a released file anew without the person; a deleted row would stay in its bytes."""
    partial = database.with_name(f".{database.name}.partial")
    partial.unlink(missing_ok=True)
    con = duckdb.connect(config=OFFLINE)
    try:
        con.execute(f"attach {text(database)} as old (read_only)")
        persons = {pseudonym}
        if added:
            persons, linked = _former(con, pseudonym, linked, added)
        conditions = _conditions(con, persons, linked)
        rows = sum(
            _number(con, f"select count(*) from old.{table} where {condition}")
            for table, condition in conditions.items()
        )
        if not rows:
            return 0
        con.execute(f"attach {text(partial)} as release (storage_version '{STORAGE_VERSION}')")
        released_tables.copy_without(con, "old", conditions)
        con.execute("checkpoint release")
        con.execute("detach release")
    finally:
        con.close()
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(database)
    return rows


def _former(
    con: duckdb.DuckDBPyConnection, pseudonym: str, linked: Collection[str], added: Added
) -> tuple[set[str], set[str]]:
    """What a release of before a rotation calls the person, and the SHA-256 of what it calls that
    which is linked to them."""
    from ingestion.exclusions import digest

    person = digest(pseudonym)
    names = rotations.former_names(con, "old", added, {person, *linked})
    persons = names.pop(person, set())
    return persons, {digest(name) for found in names.values() for name in found}


def _conditions(
    con: duckdb.DuckDBPyConnection, persons: Collection[str], linked: Collection[str]
) -> dict[str, str]:
    """Per table of the marts, which rows are the person's.

    A pseudonym counts wherever it stands, also inside a text or a list; what is linked to the
    person counts in tables that name no patient.
    """
    columns = con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'old' and schema_name = 'marts' order by ALL"
    ).fetchall()
    naming = {(schema, table) for schema, table, column, _ in columns if column == "patient_id"}
    listed = ", ".join(text(digest) for digest in sorted(linked))
    tests: dict[str, list[str]] = {}
    for schema, table, column, kind in columns:
        nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "JSON", "UNION"))
        if kind != "VARCHAR" and not nested:
            continue
        found = tests.setdefault(f'"{schema}"."{table}"', [])
        found.extend(
            f'coalesce(contains(cast("{column}" as varchar), {text(person)}), false)'
            for person in sorted(persons)
        )
        if listed and kind == "VARCHAR" and (schema, table) not in naming:
            found.append(f"coalesce(sha256(\"{column}\"), '') in ({listed})")
    return {table: f"({' or '.join(found)})" for table, found in tests.items() if found}


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _note(manifest: Path, rows: int, at: datetime) -> None:
    """Say in the release's manifest that its file is no longer the one that was published."""
    if manifest.is_file():
        content = json.loads(manifest.read_text())
        erased = {"at": at.isoformat(timespec="seconds"), "rows": rows}
        content["erasures"] = [*content.get("erasures", []), erased]
        write_atomically(manifest, json.dumps(content, indent=1))
