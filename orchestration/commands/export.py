"""``atmp-rwe export omop|cdisc``: a release in the data models of others.

Only which release, which studies and what is printed belong here; the formats are
``analyses.interoperability``.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration import manifest as manifests
from orchestration.settings import Settings
from orchestration.tabular import table


class ExportVerbError(Exception):
    """There is nothing to export."""


def run(settings: Settings, options: argparse.Namespace) -> int:
    folder = release_folder(settings, options.release)
    manifest = read_manifest(folder)
    done = (_omop if options.model == "omop" else _cdisc)(settings, folder, manifest, options)
    rows = [{"table": name, "rows": f"{number:,}"} for name, number in done["tables"].items()]
    print(table(rows))
    print(f"\n{done['format']} of release {manifest['release_id']}: {options.to}")
    for remark in done["remarks"]:
        print(remark)
    return 0


def release_folder(settings: Settings, release_id: str | None) -> Path:
    """The folder of a release, the current one unless another is named."""
    if release_id is None:
        current = manifests.current_folder(settings.release)
        if current is None:
            raise ExportVerbError(f"{settings.home} has no release yet: run `atmp-rwe run` first.")
        return current.resolve()
    folder = settings.release / release_id
    if not (folder / "manifest.json").is_file():
        raise ExportVerbError(f"There is no release {release_id} in {settings.release}.")
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release that may leave as patient-level data."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    if manifest["profile"] != "internal":
        raise ExportVerbError(
            f"Release {manifest['release_id']} is {manifest['profile']}: it holds no patient-level "
            "tables, and these formats are of patients. Export an internal release."
        )
    return manifest


def _omop(
    settings: Settings, folder: Path, manifest: dict[str, Any], options: argparse.Namespace
) -> dict[str, Any]:
    from analyses.interoperability import export_omop
    from orchestration import warehouse

    con = warehouse.read(folder / "atmp_rwe.duckdb")
    try:
        done = export_omop(
            con,
            options.to,
            release_id=manifest["release_id"],
            released_on=datetime.fromisoformat(manifest["created_at"]).date(),
            vocabulary=options.vocabulary,
            file_format=options.format,
        )
    finally:
        con.close()
    left_out, unmapped = done["persons_left_out"], sum(done["unmapped"].values())
    remarks = [f"Vocabulary: {done['vocabulary_version']}; {unmapped:,} facts with concept 0."]
    if options.vocabulary is not None and done["unverified_codes"]:
        remarks.append(f"Not verified (docs/code-lists.md): {', '.join(done['unverified_codes'])}.")
    if left_out:
        remarks.append(f"{left_out:,} persons without a year of birth have no place in the model.")
    if done["marts_missing"]:
        remarks.append(f"This release is older than {', '.join(done['marts_missing'])}.")
    return {**done, "remarks": remarks}


def _cdisc(
    settings: Settings, folder: Path, manifest: dict[str, Any], options: argparse.Namespace
) -> dict[str, Any]:
    from analyses.interoperability import export_cdisc
    from orchestration import warehouse

    studies = _studies(settings, folder, manifest, options.study)
    con = warehouse.read(folder / "atmp_rwe.duckdb")
    try:
        done = export_cdisc(con, options.to, release_id=manifest["release_id"], studies=studies)
    finally:
        con.close()
    return {**done, "remarks": []}


def _studies(
    settings: Settings, folder: Path, manifest: dict[str, Any], wanted: str | None
) -> list[Any]:
    """The studies as the release evaluated them: their files are kept in it."""
    from analyses.studies import load_studies

    ids = [study["id"] for study in manifest["studies"]]
    if wanted is not None and wanted not in ids:
        raise ExportVerbError(
            f"Release {manifest['release_id']} has no study {wanted}; it has: {', '.join(ids)}."
        )
    paths = [folder / "studies" / f"{study}.yml" for study in ids if wanted in (None, study)]
    for path in paths:
        if not path.is_file():
            raise ExportVerbError(
                f"Release {manifest['release_id']} is of before study files were kept in a "
                f"release: make it again with `run --like {manifest['release_id']}`."
            )
    return list(load_studies(paths))
