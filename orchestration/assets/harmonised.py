"""dbt models as Dagster assets, and the expectations on the marts they end in."""

import errno
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

import expectations
from orchestration import build_start, checks, lock, warehouse
from orchestration.column_lineage import BuiltTables
from orchestration.failures import StepError, sanitised, tells_of_full_disk
from orchestration.ledger import CheckRow, Ledger
from orchestration.resources import Home, prepare_environment
from orchestration.settings import DBT_PROJECT

LAYER: Final = "marts"
OWNER = "team:harmonisation"


class Translator(DagsterDbtTranslator):
    """dbt folders are the taxonomy: the first one is the layer, in keys and in groups."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_code_references=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return _layer(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return [OWNER]


def _layer(dbt_resource_props: Mapping[str, Any]) -> str:
    if dbt_resource_props["resource_type"] == "seed":
        return "seeds"
    return str(dbt_resource_props["fqn"][1])


def harmonised_assets(manifest: Path) -> list[Any]:
    """The dbt project as one step, and the expectations on its marts as another."""
    project = DbtProject(DBT_PROJECT, profiles_dir=DBT_PROJECT, target_path=manifest.parent)

    @dbt_assets(
        manifest=manifest,
        project=project,
        name="dbt_models",
        dagster_dbt_translator=Translator(),
    )
    def dbt_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home
    ) -> Iterator[Any]:
        with sanitised("building the dbt models"):
            settings = home.settings
            lock.hold(settings.home)
            prepare_environment(settings)
            built_for = build_start.mode(settings)
            with build_start.told_to_dbt(built_for):
                invocation = dbt.cli(
                    ["build", "--exclude-resource-type", "unit_test"],
                    context=context,
                    target_path=settings.dbt_target,
                    raise_on_error=False,
                )
                events = list(invocation.stream())  # dbt has ended: the database can be opened
            build_start.name_whole_tables(settings.dbt_target / "manifest.json")
            yield from _with_metadata(events, settings.building, settings.dbt_target)
            Ledger(settings, context.run_id).write_checks("dbt", _dbt_rows(settings.dbt_target))
            if not invocation.is_successful():
                if built_for == build_start.CHANGED:
                    build_start.give_up_base(settings)
                if any(
                    tells_of_full_disk(str(r["message"])) for r in _run_results(settings.dbt_target)
                ):
                    raise OSError(errno.ENOSPC, "dbt could not write")
                raise StepError(_dbt_failure(settings.dbt_target))
            warehouse.keep_build(settings, context.run_id)

    return [dbt_models, _marts_expectations()]


def _marts_expectations() -> dg.AssetChecksDefinition:
    specs = checks.specs(LAYER, {spec.table for spec in expectations.catalogue(LAYER)})

    @dg.multi_asset_check(name="marts_expectations", specs=specs)
    def marts_expectations(
        context: dg.AssetCheckExecutionContext, home: Home
    ) -> Iterator[dg.AssetCheckResult]:
        with sanitised("checking the marts"):
            settings = home.settings
            build = warehouse.last_build(settings)
            con = warehouse.read(build)
            try:
                outcomes = expectations.validate(LAYER, con)
            finally:
                con.close()
            ledger = Ledger(settings, warehouse.run_id_of(build))
            ledger.write(f"outcomes-{LAYER}", checks.to_json(outcomes))
            ledger.write_checks(LAYER, checks.rows(LAYER, outcomes))
            yield from checks.results(LAYER, outcomes)

    return marts_expectations


def _with_metadata(events: list[Any], database: Path, target: Path) -> Iterator[Any]:
    """Row counts, column schema and column lineage on what dbt built."""
    manifest = json.loads((target / "manifest.json").read_text())
    tables = BuiltTables(database, manifest, Translator().get_asset_key)
    for event in events:
        if isinstance(event, dg.Output | dg.AssetMaterialization):
            unique_id = str(event.metadata["unique_id"].value)
            yield event.with_metadata({**event.metadata, **tables.metadata(unique_id)})
        else:
            yield event


def _run_results(target: Path) -> list[dict[str, Any]]:
    path = target / "run_results.json"
    return list(json.loads(path.read_text())["results"]) if path.exists() else []


def _dbt_failure(target: Path) -> str:
    """Names of what failed: dbt's own messages may quote data."""
    bad = [r["unique_id"] for r in _run_results(target) if r["status"] in ("error", "fail")]
    listed = ", ".join(bad[:5]) or "no node was named"
    return (
        f"dbt could not build {len(bad)} of its nodes ({listed}); details in "
        f"{target / 'dbt.log'}. The current release is unchanged."
    )


def _dbt_rows(target: Path) -> list[CheckRow]:
    """dbt's data tests as check rows: one per test, with the number of failing rows."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    status = {"pass": "passed", "warn": "warned"}
    rows = []
    for result in _run_results(target):
        node = nodes.get(result["unique_id"])
        if node is None or node["resource_type"] != "test":
            continue
        attached = node.get("attached_node") or ""
        rows.append(
            CheckRow(
                layer="dbt",
                table=attached.split(".")[-1] or "several",
                check=node["name"],
                severity=node["config"]["severity"].upper(),
                status=status.get(result["status"], "failed"),
                n_rows=None,
                n_unexpected=result.get("failures"),
                share_unexpected=None,
                reason=node.get("description") or node["name"],
                category=node["config"]["meta"]["kahn"],
            )
        )
    return rows


def marts_keys(manifest: Path) -> list[dg.AssetKey]:
    """Keys of every mart in the manifest."""
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return sorted(
        dg.AssetKey([LAYER, node["name"]])
        for node in nodes
        if node["resource_type"] == "model" and node["fqn"][1] == LAYER
    )
