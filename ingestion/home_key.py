"""The pseudonym key as one home uses it: the key file, which lies outside the home, and the id of
the project, which lies in it.

One key file serves all homes of a user unless they say otherwise. The id is mixed into it, so that
the same person has another pseudonym in each home. A home that was begun before there were ids has
none and goes on without.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from ingestion import storage
from ingestion.errors import KeyFileError
from ingestion.exclusions import read_exclusions
from ingestion.pseudonyms import PseudonymKey, load_key
from ingestion.records import read_records

FILE = "project.id"
_ID = re.compile("[0-9a-f]{32}")


def key_of_home(home: Path, path: Path, *, create: bool = True) -> PseudonymKey:
    """The key of a home. With `create` a key file and a project id are made, while nothing is
    stored that was made without them; whoever creates holds the lock of the home.

    KeyFileError: the key is lost, or others can read it (`load_key`).
    """
    records = read_records(home)
    stored = bool(records) or any(entry.key for entry in read_exclusions(home).entries)
    project = _read(home)
    key = load_key(path, create=create and not any(r.tables for r in records), project=project)
    if project is not None or stored or not create:
        return key
    project = secrets.token_hex(16)
    storage.write_text(home / FILE, f"{project}\n")
    (home / FILE).chmod(0o600)
    return key.of_project(project)


def key_lies_in_home(home: Path, path: Path) -> bool:
    """Whether whoever has a copy of the home has the key as well, also by a link."""
    path = path.expanduser()
    places = (path.parent.resolve() / path.name, path.resolve())
    return any(place.is_relative_to(home.resolve()) for place in places)


def _read(home: Path) -> str | None:
    path = home / FILE
    if not path.exists():
        return None
    try:
        told = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        told = ""
    if not _ID.fullmatch(told):
        raise KeyFileError(
            f"{path}: not the id of a project that can be read (32 hexadecimal digits); put the "
            "file back as it was: the pseudonyms of this home are made with it."
        )
    return told
