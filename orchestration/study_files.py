"""The study files of a run, validated, each with the digest that its release records."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analyses.studies import Study, StudyError, load_studies
from orchestration import reference_files
from orchestration.reference_files import ReferenceFile
from orchestration.settings import Settings
from orchestration.sources import Sources


@dataclass(frozen=True)
class StudyFile:
    """A study, where it came from, and the reference rates it names."""

    path: Path
    study: Study
    sha256: str
    references: tuple[ReferenceFile, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of all that the study's results depend on besides data and code."""
        return {"sha256": self.sha256, **{file.name: file.sha256 for file in self.references}}


#: The analysis sets that a source can feed, by where it begins to register.
FED_BY = {
    "decision": {"decision", "intention_to_treat", "infused"},
    "apheresis": {"intention_to_treat", "infused"},
    "infusion": {"infused"},
}


class UnfitSourceError(Exception):
    """A study names a source that it cannot use."""


@dataclass(frozen=True)
class LeftOut:
    """A study that the deliveries of a run cannot feed, and the sentence that says so."""

    id: str
    file: str
    reason: str


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


def left_out(
    files: tuple[StudyFile, ...], used: Collection[str], *, as_of: str | None, like: str | None
) -> list[dict[str, str]]:
    """The studies of which a named source is not among the sources that a run uses (`used`).

    A run of the past leaves them out, in the manifest's words (see ``LeftOut``), and evaluates the
    others. ``UnfitSourceError``: none would be left, or the run is of no past, where a source
    without a delivery is a fault to mend.
    """
    if not (as_of or like):
        said = "in this home yet"
    else:
        said = f"dated up to {as_of}" if as_of else f"in release {like}"
    found = []
    for file in files:
        absent = [name for name in file.study.population.sources or () if name not in used]
        if absent:
            names = " and ".join(repr(name) for name in absent)
            reason = f"population.sources names {names}, of which no good delivery is {said}"
            found.append(LeftOut(file.study.id, file.path.name, reason))
    if found and (len(found) == len(files) or not (as_of or like)):
        sentences = "; ".join(f"{study.file}: {study.reason}" for study in found)
        raise UnfitSourceError(
            f"{'No study can be evaluated. ' if len(found) == len(files) else ''}{sentences}. "
            f"Sources with deliveries: {', '.join(sorted(used)) or 'none'}."
        )
    return [asdict(study) for study in found]


def findings(settings: Settings, sources: Sources) -> list[dict[str, object]]:
    """What is wrong with each study of this run, as rows of ``ingestion.findings_table``; a study
    without a fault has a row that says so."""
    rows: list[dict[str, object]] = []
    good: list[Path] = []
    for path in settings.study_files():
        fault = None
        try:
            # With the good ones before it: an id may be given once.
            study = load_studies([*good, path])[-1]
            refuse_unfit_sources((StudyFile(path, study, ""),), sources)
            good.append(path)
        except (StudyError, UnfitSourceError) as problem:
            fault = str(problem)
        rows.append(_finding(path, fault))
    return rows


def _finding(path: Path, fault: str | None) -> dict[str, object]:
    counts = dict.fromkeys(("table", "column", "row", "read", "loaded", "quarantined"))
    return {
        "source": "(study)",
        "delivery": None,
        "status": "accepted" if fault is None else "rejected",
        "file": path.name,
        **counts,
        "severity": "INFO" if fault is None else "ERROR",
        "rule": "ok" if fault is None else "study_invalid",
        "message": fault or "no finding",
    }


def load(settings: Settings) -> tuple[StudyFile, ...]:
    """Every study of this run; a wrong file is one sentence naming file and key."""
    paths = settings.study_files()
    files = tuple(
        StudyFile(
            path,
            study,
            hashlib.sha256(path.read_bytes()).hexdigest(),
            reference_files.of_study(study, path.parent),
        )
        for path, study in zip(paths, load_studies(paths), strict=True)
    )
    reference_files.refuse_two_of_one_name(
        (file.path.name, reference) for file in files for reference in file.references
    )
    return files


def differing(files: Iterable[StudyFile], manifest: Mapping[str, Any]) -> list[str]:
    """A sentence for each file of a study that is not what a past release (its manifest) used."""
    release = manifest["release_id"]
    past = {study["id"]: study for study in manifest["studies"]}
    mend = f"the copy in release/{release}/studies gives that release's results again (`--study`)"
    found = []
    for file in files:
        before = past.get(file.study.id)
        if before is None:
            found.append(f"{file.study.id}: release {release} did not evaluate it")
            continue
        if before["sha256"] != file.sha256:
            found.append(f"{file.study.id}: {file.path.name} is not the file of {release}; {mend}")
        told = before.get("reference_files")
        if told is None and file.references:
            names = ", ".join(reference.name for reference in file.references)
            found.append(
                f"{file.study.id}: {release} was made before releases kept reference rates; "
                f"whether {names} is as it was cannot be told"
            )
            continue
        known = {(one["key"], one["sha256"]) for one in told or ()}
        found += [
            f"{file.study.id}: {reference.name} ({reference.key}) is not the file of {release}; "
            f"{mend}"
            for reference in file.references
            if (reference.key, reference.sha256) not in known
        ]
    return found
