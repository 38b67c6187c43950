"""The study files of a run, validated, each with the digest that its release records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from analyses.studies import Study, load_studies
from orchestration.settings import Settings


@dataclass(frozen=True)
class StudyFile:
    """A study and where it came from."""

    path: Path
    study: Study
    sha256: str


def load(settings: Settings) -> tuple[StudyFile, ...]:
    """Every study of this run; a wrong file is one sentence naming file and key."""
    paths = settings.study_files()
    return tuple(
        StudyFile(path, study, hashlib.sha256(path.read_bytes()).hexdigest())
        for path, study in zip(paths, load_studies(paths), strict=True)
    )
