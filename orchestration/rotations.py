"""Pseudonyms of releases made before the key was rotated, read as those that the home has now.

A rotation rewrites no release, so a person has another name in each one made before it. That name
cannot be computed from today's: it is found among those that the release holds, each carried over.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration import audit
from orchestration.settings import Settings

if TYPE_CHECKING:
    from ingestion import PseudonymKey

#: What a key was rotated with after a release was made; one of several when nothing says which.
Added = Sequence[tuple[bytes, ...]]
ACTION = "rotate_key"


@dataclass(frozen=True)
class Rotations:
    """The rotations of the key of a home.

    key: None where whoever asks does not hold it; fingerprint: of the key that raw is made with,
    None when nothing was loaded yet; rotated: whether the home was ever carried over.
    """

    key: PseudonymKey | None
    fingerprint: str | None
    rotated: bool

    @classmethod
    def of(cls, settings: Settings) -> Rotations:
        """Of a home, with the key where it can be read and is the home's."""
        import ingestion

        stored = {r.key_fingerprint for r in ingestion.read_records(settings.home) if r.tables}
        fingerprint = next(iter(stored), None)
        try:
            key = ingestion.key_of_home(settings.home, settings.key_file, create=False)
        except ingestion.KeyFileError:
            key = None
        if key and fingerprint not in (None, key.fingerprint):
            key = None
        return cls(key, fingerprint, audit.tells(settings, ACTION))

    def since(self, release: Path) -> Added:
        """What makes pseudonyms of a release those of today; empty when they are.

        KeyFileError: they are not, and the key that could tell is not here.
        """
        import ingestion

        told = _fingerprints(release / "manifest.json")
        if told == {self.fingerprint} or not (told or self.rotated):
            return []
        if self.key is None:
            raise ingestion.KeyFileError(
                f"{release} has pseudonyms of before the key was rotated: who is who in it cannot "
                "be told without the key. Set ATMP_RWE_KEY_FILE to the key file of this home, or "
                "delete that release. Nothing was changed."
            )
        if not told:
            return [self.key.later[start:] for start in range(len(self.key.later))]
        found = [self.key.since(fingerprint) for fingerprint in sorted(told)]
        if any(added is None for added in found):
            raise ingestion.KeyFileError(
                f"{release} was made with another key than this home, so who is who in it cannot "
                "be told: delete that release. Nothing was changed."
            )
        return [added for added in found if added]

    def of_today(self, pseudonym: str) -> list[str]:
        """What a pseudonym has become, whichever of the rotations it is of before."""
        later = self.key.later if self.key else ()
        return carried(pseudonym, [later[start:] for start in range(len(later))])


def carried(pseudonym: str, added: Added) -> list[str]:
    """What a pseudonym of a release is today: one for each way it may have to be carried over."""
    from ingestion.pseudonyms import carried_over

    return [carried_over(pseudonym, secrets) for secrets in added]


def former_names(
    con: duckdb.DuckDBPyConnection, catalog: str, added: Added, digests: Collection[str]
) -> dict[str, set[str]]:
    """The names that a release has for pseudonyms of today: by their SHA-256, where it has any.

    catalog: of the release in the connection; digests: SHA-256 of the pseudonyms of today.
    """
    from ingestion.exclusions import digest

    columns = con.execute(
        "select table_name, column_name from duckdb_columns() where database_name = ? "
        "and schema_name = 'marts' and data_type = 'VARCHAR' order by all",
        [catalog],
    ).fetchall()
    parts = [
        f'select "{column}" as name from "{catalog}".marts."{table}" '
        f"where regexp_full_match(\"{column}\", '[0-9a-f]{{32}}')"
        for table, column in columns
    ]
    found: dict[str, set[str]] = {}
    if not (parts and added):
        return found
    cursor = con.execute(f"select distinct name from ({' union all '.join(parts)})")
    while rows := cursor.fetchmany(100_000):
        for (name,) in rows:
            for today in carried(name, added):
                if (told := digest(today)) in digests:
                    found.setdefault(told, set()).add(name)
    return found


def _fingerprints(manifest: Path) -> set[str]:
    """Of the keys that the deliveries of a release were loaded with; empty when nothing says."""
    try:
        deliveries = json.loads(manifest.read_text())["deliveries"]
        return {one["key_fingerprint"] for one in deliveries if one["tables"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
