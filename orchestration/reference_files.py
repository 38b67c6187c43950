"""Reference rates that study files name: their digests, their copies in a release.

A life table changes results as much as the study that names it does, so a release keeps both.
Does not belong here: finding such a file (analyses.studies) and reading it
(analyses.reference_rates).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyses.studies import Study


class ReferenceFileError(Exception):
    """A file of reference rates cannot be kept with its study."""


@dataclass(frozen=True)
class ReferenceFile:
    """A file of rates. key: what names it, such as extrapolation.life_table; name: as the study
    file gives it, relative to that file; rows: lines below the header that are not blank."""

    key: str
    name: str
    path: Path
    sha256: str
    rows: int

    def described(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {"key": self.key, "file": self.name, "sha256": self.sha256, "rows": self.rows}


def of_study(study: Study, folder: Path) -> tuple[ReferenceFile, ...]:
    """The files that a study read from `folder` names, as they are now."""
    return tuple(
        _read(key, Path(path), folder.resolve()) for key, path in study.reference_files.items()
    )


def refuse_two_of_one_name(files: Iterable[tuple[str, ReferenceFile]]) -> None:
    """Raise where studies (by their file's name) of several folders name different files alike: a
    release keeps one file under a name."""
    known: dict[str, tuple[str, str]] = {}
    for study, file in files:
        other, sha256 = known.setdefault(file.name.casefold(), (study, file.sha256))
        if sha256 != file.sha256:
            raise ReferenceFileError(
                f"{study} and {other} name two different files `{file.name}`; give one of the "
                "files another name: a release keeps both beside the studies."
            )


def keep(file: ReferenceFile, folder: Path) -> None:
    """Copy the file to its place beside the kept study; refuse one changed since it was read."""
    target = folder / file.name
    content = file.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ReferenceFileError(f"{file.name} changed while the run read it: run again.")
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)


def _read(key: str, path: Path, folder: Path) -> ReferenceFile:
    content = path.read_bytes()
    lines = sum(1 for line in content.splitlines() if line.strip())
    return ReferenceFile(
        key=key,
        name=path.relative_to(folder).as_posix(),
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=max(lines - 1, 0),
    )
