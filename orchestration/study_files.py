"""The study files of a run, validated, each with the digest that its release records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from analyses.studies import Study, load_studies
from orchestration.settings import Settings
from orchestration.sources import Sources


@dataclass(frozen=True)
class StudyFile:
    """A study and where it came from."""

    path: Path
    study: Study
    sha256: str


#: The analysis sets that a source can feed, by where it begins to register.
FED_BY = {
    "decision": {"decision", "intention_to_treat", "infused"},
    "apheresis": {"intention_to_treat", "infused"},
    "infusion": {"infused"},
}


class UnfitSourceError(Exception):
    """A study names a source that it cannot use."""


def refuse_unfit_sources(files: tuple[StudyFile, ...], sources: Sources) -> None:
    """Raise for a named source that has delivered nothing or registers too late.

    The evaluation would refuse it too, a minute later.
    """
    for file in files:
        for source in file.study.population.sources or ():
            if source not in sources.active:
                known = ", ".join(sources.active) or "none"
                raise UnfitSourceError(
                    f"{file.path.name}: population.sources names {source!r}, which has delivered "
                    f"nothing; sources with deliveries: {known}."
                )
            begins = sources.contracts[source].registers_from
            if file.study.analysis_set not in FED_BY[begins]:
                raise UnfitSourceError(
                    f"{file.path.name}: analysis_set {file.study.analysis_set} needs patients from "
                    f"before {source!r} registers them (registers_from: {begins}); leave the "
                    "source out or use `analysis_set: infused`."
                )


def load(settings: Settings) -> tuple[StudyFile, ...]:
    """Every study of this run; a wrong file is one sentence naming file and key."""
    paths = settings.study_files()
    return tuple(
        StudyFile(path, study, hashlib.sha256(path.read_bytes()).hexdigest())
        for path, study in zip(paths, load_studies(paths), strict=True)
    )
