"""The manifest of a release as the verbs read it: the current one, and whether it is whole.

Belongs here: reading. Does not belong here: what a manifest says (provenance.py). Verbs that find
nothing to do read it, so this imports nothing heavy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: What the verbs read of a manifest.
NEEDED = frozenset(
    {"release_id", "run_id", "created_at", "deliveries", "rejected", "checks", "studies"}
)


class ManifestError(Exception):
    """A manifest cannot be read."""


def current(release: Path) -> dict[str, Any] | None:
    """The manifest of the current release, or None when there is none."""
    folder = current_folder(release)
    path = folder / "manifest.json" if folder else None
    if path is None or not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text())
        if not found.keys() >= NEEDED:
            raise ValueError("keys are missing")
    except (ValueError, AttributeError):
        raise ManifestError(
            f"{path} is not a manifest: somebody changed it. Remove {release / 'current'} and "
            f"{release / 'current.json'}, then run again; the other releases stay."
        ) from None
    return found


def is_whole(release: Path) -> bool:
    """Whether the current release still has what its readers open."""
    folder = current_folder(release)
    parts = ("atmp_rwe.duckdb", "report/index.html", "manifest.json")
    return folder is not None and all((folder / part).is_file() for part in parts)


def current_folder(release: Path) -> Path | None:
    """The current release, through its link or, where links do not exist, through current.json."""
    link = release / "current"
    if link.exists():
        return link
    pointer = release / "current.json"
    if pointer.is_file():
        return release / str(json.loads(pointer.read_text())["release_id"])
    return None
