"""A release: written beside the others, complete, then made current in one rename.

Nothing here computes a result. What a reader may open is never written in place, so a full disk
or a killed run leaves the current release as it was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from analyses.disclosure import DEFAULT_THRESHOLD, SuppressionPolicy, suppress_results
from orchestration import checks, dbt_docs, provenance, reference_files, released_tables, scorecard
from orchestration.ledger import CheckRow, Ledger, write_atomically
from orchestration.settings import Settings
from orchestration.study_files import StudyFile
from orchestration.warehouse import read, run_id_of

DATABASE = "atmp_rwe.duckdb"
#: Rounded too: exact totals of two studies of the same people, or of two releases, would tell a
#: withheld group by their difference.
PUBLIC = SuppressionPolicy(rounding=DEFAULT_THRESHOLD)


class PublicationError(Exception):
    """The release could not be made; the current one is unchanged."""


def publish(
    settings: Settings, build: Path, ledger: Ledger, studies: tuple[StudyFile, ...]
) -> Path:
    """Write the release of this build and make it current.

    Returns the folder of the release. Raises ``PublicationError`` when a study has not been
    evaluated on this build.
    """
    _refuse_stale(ledger, studies)
    absent = ledger.left_out()
    studies = tuple(file for file in studies if file.study.id not in absent)
    created = datetime.now(UTC)
    release_id = f"{created:%Y%m%dT%H%M%SZ}-{run_id_of(build)[:8]}"
    target = settings.release / release_id
    with _partial(target) as folder:
        results = released_tables.gather([ledger.folder / file.study.id for file in studies])
        policy = PUBLIC if settings.profile == "public" else None
        if policy is not None:
            conf_types = {file.study.id: file.study.conf_type for file in studies}
            results = suppress_results(
                results, policy, conf_types=conf_types, unlisted=_unlisted(build)
            )
        marts = build if policy is None else None
        history = None if marts is None else scorecard.history(settings, _as_of(ledger))
        released_tables.write_database(folder / DATABASE, marts, results, history)
        released_tables.write_csv(folder / "tables", results)
        manifest = provenance.compose(release_id, created, ledger, studies, policy)
        _keep_studies(folder / "studies", studies)
        told = provenance.shown_checks(ledger, policy)
        _write_report(folder, studies, results, manifest, told)
        dbt_docs.write(settings.dbt_target / "manifest.json", build, folder / "docs")
        if policy is None:
            _write_data_docs(folder, ledger)
        write_atomically(folder / "manifest.json", json.dumps(manifest, indent=1))
    make_current(settings.release, release_id)
    return target


def make_current(releases: Path, release_id: str) -> None:
    """Point ``current`` at a release; a reader sees the old one or the new one."""
    link = releases / "current"
    fresh = releases / f".current-{release_id}"
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(release_id)
        fresh.replace(link)
    except OSError:  # a file system without links: current.json alone says which
        fresh.unlink(missing_ok=True)
    write_atomically(releases / "current.json", json.dumps({"release_id": release_id}))


def discard_unfinished(releases: Path) -> None:
    """Remove what killed runs left of releases; for the holder of the home's lock."""
    for partial in releases.glob(".*.partial"):
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """A folder that becomes the target when all went well, and vanishes when not."""
    discard_unfinished(target.parent)
    partial = target.with_name(f".{target.name}.partial")
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_stale(ledger: Ledger, studies: tuple[StudyFile, ...]) -> None:
    for file in studies:
        path = ledger.folder / f"evaluated-{file.study.id}.json"
        recorded = json.loads(path.read_text())["digests"] if path.is_file() else None
        if recorded != file.digests:
            raise PublicationError(
                f"Study {file.study.id} ({file.path.name}) has not been evaluated on the last "
                "build as its files are now: run the job evaluate_everything."
            )


def _as_of(ledger: Ledger) -> date | None:
    told = ledger.read("inputs")["as_of"]
    return date.fromisoformat(told) if told else None


def _unlisted(build: Path) -> set[str]:
    """Codes of the data that neither a contract nor a code list knows."""
    con = read(build)
    try:
        codes = con.execute("select distinct code from marts.unmapped_code").fetchall()
    finally:
        con.close()
    return {code for (code,) in codes if code is not None}


def _keep_studies(folder: Path, studies: tuple[StudyFile, ...]) -> None:
    """The study files as they were evaluated, and the reference rates they name where they name
    them: what a later reader makes the release again from."""
    folder.mkdir()
    for file in studies:
        shutil.copyfile(file.path, folder / f"{file.study.id}.yml")
        for reference in file.references:
            reference_files.keep(reference, folder)


def _write_report(
    folder: Path,
    studies: tuple[StudyFile, ...],
    results: dict[str, pd.DataFrame],
    manifest: dict[str, object],
    told: list[CheckRow],
) -> None:
    from analyses.report import render

    outcomes = pd.DataFrame([asdict(row) for row in told])
    (folder / "report").mkdir()
    page = render([file.study for file in studies], results, manifest, outcomes)
    (folder / "report" / "index.html").write_text(page, encoding="utf-8")


def _write_data_docs(folder: Path, ledger: Ledger) -> None:
    import expectations

    layers: tuple[checks.Layer, ...] = ("raw", "marts")
    outcomes = [
        outcome
        for layer in layers
        for outcome in checks.from_json(layer, ledger.read(f"outcomes-{layer}"))
    ]
    expectations.write_data_docs(outcomes, folder / "data_docs")
