"""Has anything changed since the current release? Answered before anything heavy is imported.

Deliveries are known by name, size, inode and change time (a copied or edited file always has
another change time), everything else by content. Nothing heavy is imported here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingestion.settling import settled_folders
from orchestration.settings import CHECKOUT, Settings

CODE_FOLDERS = ("analyses", "dbt_project", "expectations", "ingestion", "orchestration")
CODE_SUFFIXES = frozenset({".py", ".sql", ".yml", ".yaml", ".csv", ".html", ".css", ".js", ".j2"})
GENERATED = frozenset({"__pycache__", "target", "logs", "dbt_packages"})


def of_run(settings: Settings, *, as_of: str | None, like: str | None) -> str:
    """Hex digest of all that a run's results depend on."""
    digest = hashlib.sha256()
    contracts = [path for folder in settings.contract_folders for path in folder.glob("*.y*ml")]
    choice: dict[str, object] = {
        "as_of": as_of,
        "like": like,
        "python": sys.version,
        "landing": str(settings.landing),
        "profile": settings.profile,
        "deliveries": list(_stat_marks(settings.landing)),
    }
    if any(b"settled" in path.read_bytes() for path in contracts):
        # A delivery may become whole by resting: nothing else of it changes then.
        choice["settled"] = settled_folders(settings.landing)
    digest.update(json.dumps(choice, sort_keys=True).encode())
    for folder in settings.contract_folders:
        _add_contents(digest, folder.glob("*.y*ml"))
    _add_contents(digest, settings.study_files())
    # Tables of reference rates that studies name lie beside them, or in a folder beside them.
    for folder in {path.parent for path in settings.study_files()}:
        _add_contents(digest, [*folder.glob("*.csv"), *folder.glob("*/*.csv")])
    _add_contents(digest, [settings.exclusions, settings.key_file, settings.project_id])
    digest.update(of_code().encode())
    return digest.hexdigest()


def of_build(settings: Settings) -> str:
    """Hex digest of all that a row of the marts depends on besides the deliveries: two builds with
    the same one differ only for persons whose delivered rows do."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in settings.contract_folders:
        _add_contents(digest, folder.glob("*.y*ml"))
    _add_contents(digest, [settings.exclusions, settings.key_file, settings.project_id])
    digest.update(of_code("analyses", "dbt_project", "ingestion").encode())
    return digest.hexdigest()


def of_code(*folders: str) -> str:
    """Hex digest of the code in these folders of the checkout (all of them when none is named)."""
    digest = hashlib.sha256()
    for folder in folders or CODE_FOLDERS:
        _add_contents(digest, _code_files(CHECKOUT / folder))
    _add_contents(digest, [CHECKOUT / "requirements.lock"])
    return digest.hexdigest()


def _code_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix in CODE_SUFFIXES and not GENERATED.intersection(path.parts):
            yield path


def _stat_marks(landing: Path) -> Iterator[tuple[str, int, int, int]]:
    for path in sorted(landing.rglob("*")):
        if path.is_file():
            stat = path.stat()
            name = str(path.relative_to(landing))
            yield (name, stat.st_size, stat.st_ino, stat.st_ctime_ns)


def _add_contents(digest: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file():
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
