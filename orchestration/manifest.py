"""The manifest of a release: what it was made from, and by what."""

from __future__ import annotations

import json
import platform
import subprocess
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.ledger import Ledger
from orchestration.settings import CHECKOUT

if TYPE_CHECKING:
    from analyses.disclosure import SuppressionPolicy
    from orchestration.study_files import StudyFile

#: What the verbs read of a manifest.
NEEDED = frozenset(
    {"release_id", "run_id", "created_at", "deliveries", "rejected", "checks", "studies"}
)
PACKAGES = (
    "atmp-rwe",
    "dagster",
    "dagster-dbt",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "lifelines",
    "numpy",
    "pandas",
)


class ManifestError(Exception):
    """A manifest cannot be read."""


def compose(
    release_id: str,
    created: datetime,
    ledger: Ledger,
    studies: tuple[StudyFile, ...],
    policy: SuppressionPolicy | None,
) -> dict[str, Any]:
    """Everything needed to say how a number came about, and to make it again."""
    inputs = ledger.read("inputs")
    rows = ledger.read_checks()
    checks = Counter(row.status for row in rows)
    return {
        "release_id": release_id,
        "profile": "internal" if policy is None else "public",
        "synthetic": inputs["synthetic"],
        "created_at": created.isoformat(timespec="seconds"),
        "run_id": ledger.folder.name,
        "fingerprint": inputs["fingerprint"],
        "git_revision": git_revision(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "as_of": inputs["as_of"],
        "like": inputs["like"],
        "deliveries": inputs["deliveries"],
        "rejected": inputs["rejected"],
        "studies": [
            {
                "id": file.study.id,
                "title": file.study.title,
                "file": file.path.name,
                "sha256": file.sha256,
            }
            for file in studies
        ],
        "checks": {status: checks[status] for status in ("passed", "warned", "failed")},
        "failed_checks": [f"{r.table}: {r.check}" for r in rows if r.status == "failed"],
        "suppression": {"policy": "none: exact results"} if policy is None else asdict(policy),
    }


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


def git_revision() -> str | None:
    """Commit of the checkout, marked when files differ from it; None outside a clone."""
    revision = _git("rev-parse", "HEAD")
    if revision is None:
        return None
    return f"{revision}-modified" if _git("status", "--porcelain") else revision


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
