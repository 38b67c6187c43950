"""dbt's documentation of a build as one page that loads nothing: what `dbt docs generate --static`
gives.

Belongs here: the manifest without what is this machine's, and the catalog. Does not belong here:
the page, which is the one dbt brings. dbt itself is not run: it would compile every model again
(9 s) to learn what the manifest and the build database already say.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from orchestration import warehouse
from orchestration.settings import DBT_PROJECT

#: Where dbt's page expects the two documents (dbt.task.docs.generate does the same).
MANIFEST_PLACE, CATALOG_PLACE = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'
#: What the page would ask for when it is opened: an icon, and pictures under names that its own
#: script has not filled in yet. The policy holds whatever else a later page would ask for.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
CHARSET = '<meta charset="utf-8">'
QUIET = (
    ("${require('./assets/favicons/favicon.ico')}", "data:,"),
    ('xlink:href="{{ getIcon', 'ng-attr-xlink:href="{{ getIcon'),
)
#: Keys that hold paths of the machine, or what differs between two runs on the same code.
OF_THE_MACHINE = frozenset({"build_path", "compiled_path", "root_path", "created_at"})
OF_THE_RUN = frozenset(
    {"generated_at", "invocation_id", "invocation_started_at", "run_started_at", "user_id"}
)
PROJECT = "atmp_rwe"


class DbtDocsError(Exception):
    """The page cannot be made."""


def write(manifest: Path, build: Path, folder: Path) -> None:
    """Write <folder>/index.html from a run's manifest and its build database."""
    page = resources.files("dbt.task.docs").joinpath("index.html").read_text(encoding="utf-8")
    if MANIFEST_PLACE not in page or CATALOG_PLACE not in page:
        raise DbtDocsError("dbt's documentation page has changed: pin dbt-core as the lock does.")
    for loud, quiet in QUIET:
        page = page.replace(loud, quiet)
    policy = f'{CHARSET}<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    page = page.replace(CHARSET, policy, 1)
    told = _shown(json.loads(manifest.read_text(encoding="utf-8")))
    page = page.replace(MANIFEST_PLACE, _inline(told))
    page = page.replace(CATALOG_PLACE, _inline(_catalog(told, build)))
    folder.mkdir()
    (folder / "index.html").write_text(page, encoding="utf-8")


def _inline(document: dict[str, Any]) -> str:
    """JSON that may stand in a script: a text that ends the script cannot end it."""
    return json.dumps(document, separators=(",", ":")).replace("</", "<\\/")


def _shown(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without macros of dbt itself, paths of this machine and marks of the run."""
    manifest["macros"] = {
        name: macro
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == PROJECT
    }
    manifest["metadata"] = {
        key: None if key in OF_THE_RUN else value for key, value in manifest["metadata"].items()
    }
    # Otherwise the page would report to dbt's makers that it was opened.
    manifest["metadata"]["send_anonymous_usage_stats"] = False
    return dict(_without_paths(manifest))


def _without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_paths(v) for k, v in value.items() if k not in OF_THE_MACHINE}
    if isinstance(value, list):
        return [_without_paths(one) for one in value]
    if isinstance(value, str) and str(DBT_PROJECT.parent) in value:
        return value.replace(f"{DBT_PROJECT.parent}/", "").replace(str(DBT_PROJECT.parent), ".")
    return value


def _catalog(manifest: dict[str, Any], build: Path) -> dict[str, Any]:
    """dbt's catalog: the columns and types of every table and view that the build holds."""
    con = warehouse.read(build)
    try:
        rows = con.execute(
            "SELECT schema_name, table_name, column_name, data_type, column_index "
            "FROM duckdb_columns() WHERE NOT internal ORDER BY 1, 2, 5"
        ).fetchall()
        views = set(con.execute("SELECT schema_name, view_name FROM duckdb_views()").fetchall())
    finally:
        con.close()
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    for schema, table, column, kind, index in rows:
        one = {"type": kind, "index": index, "name": column, "comment": None}
        columns.setdefault((schema, table), {})[column] = one
    parts = {}
    for part in ("nodes", "sources"):
        found = {
            unique_id: (node["schema"], node.get("alias") or node["identifier"])
            for unique_id, node in manifest[part].items()
            if node["resource_type"] in ("model", "seed", "source")
        }
        parts[part] = {
            unique_id: _entry(unique_id, place, columns[place], place in views)
            for unique_id, place in found.items()
            if place in columns
        }
    return {"metadata": {}, **parts, "errors": None}


def _entry(
    unique_id: str, place: tuple[str, str], columns: dict[str, Any], is_view: bool
) -> dict[str, Any]:
    schema, name = place
    about = {"type": "VIEW" if is_view else "BASE TABLE", "schema": schema, "name": name}
    silent = {"id": "has_stats", "label": "Has Stats?", "value": False, "include": False}
    return {
        "metadata": {**about, "database": None, "comment": None, "owner": None},
        "columns": columns,
        "stats": {"has_stats": {**silent, "description": "No statistics are shown."}},
        "unique_id": unique_id,
    }
