"""What reviewers and data engineers see in Dagster: lineage, owners, checks, automation."""

import os
import re
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import environ

import expectations
from orchestration import checks
from orchestration.definitions import build_defs
from orchestration.resources import prepare_environment
from orchestration.settings import Settings
from tests.conftest import Ran

pytestmark = pytest.mark.slow

#: Check metadata that are words and not numbers: why a check does not apply, and dbt's own names.
WORDS = {"note", "invocation_id", "status", "unique_id"}
# A study's diagnostics: worst status of a kind, how often, and of which endpoints of the study.
OF_KINDS = re.compile(r"(pass|warn|fail): \d+ of \d+( \([a-z0-9_:@, -]+\))?")


@pytest.fixture(scope="module")
def settings(demo: Ran) -> Iterator[Settings]:
    with environ(dict(os.environ)):
        found = Settings.from_environment({}, home=demo.home)
        prepare_environment(found)
        yield found


@pytest.fixture(scope="module")
def defs(settings: Settings) -> dg.Definitions:
    return build_defs(settings)


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def instance(demo: Ran) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(demo.home / "dagster")) as opened:
        yield opened


def _metadata(instance: dg.DagsterInstance, *path: str) -> dict[str, Any]:
    event = instance.get_latest_materialization_event(dg.AssetKey(list(path)))
    assert event is not None and event.asset_materialization is not None
    return dict(event.asset_materialization.metadata)


def test_every_asset_says_what_it_is_and_whose(specs: dict[str, dg.AssetSpec]) -> None:
    assert len(specs) > 100
    for name, spec in specs.items():
        assert spec.description, name
        assert spec.group_name and spec.group_name != "default", name
        assert spec.owners, name
        assert spec.kinds, name


def test_every_computed_asset_has_a_code_version_and_a_link_to_its_code(
    specs: dict[str, dg.AssetSpec],
) -> None:
    for name, spec in specs.items():
        if name.startswith("landing/"):
            continue
        assert spec.code_version, name
        assert "dagster/code_references" in spec.metadata, name


def test_a_registry_is_upstream_of_its_study_s_curve_and_of_the_release(
    defs: dg.Definitions,
) -> None:
    graph = defs.resolve_asset_graph()

    def upstream(*path: str) -> set[dg.AssetKey]:
        seen: set[dg.AssetKey] = set()
        waiting = [dg.AssetKey(list(path))]
        while waiting:
            parents = graph.get(waiting.pop()).parent_keys - seen
            seen |= parents
            waiting += parents
        return seen

    curve = upstream("evaluations", "lbcl_car_t", "survival_curve")
    assert dg.AssetKey(["landing", "cart_registry"]) in curve
    assert dg.AssetKey(["marts", "time_to_event"]) in curve
    released = upstream("release", "database")
    assert dg.AssetKey(["evaluations", "lbcl_car_t", "diagnostic"]) in released
    assert dg.AssetKey(["landing", "epro"]) in released


@pytest.mark.parametrize("layer", ["raw", "marts"])
def test_error_expectations_block_and_warnings_do_not(
    defs: dg.Definitions, layer: checks.Layer
) -> None:
    graph = defs.resolve_asset_graph()
    seen = set()
    for spec in expectations.catalogue(layer):
        key = dg.AssetCheckKey(dg.AssetKey([layer, spec.table]), spec.name)
        assert graph.get(key).blocking == (spec.severity == "ERROR"), key
        seen.add(spec.severity)
    assert seen == {"ERROR", "WARN"}


def test_the_marts_carry_row_counts_schema_and_column_lineage(instance: dg.DagsterInstance) -> None:
    metadata = _metadata(instance, "marts", "time_to_event")
    assert metadata["dagster/row_count"].value > 0
    columns = [c.name for c in metadata["dagster/column_schema"].value.columns]
    assert columns[:4] == ["source", "patient_id", "treatment_id", "endpoint"]
    lineage = metadata["dagster/column_lineage"].value.deps_by_column
    assert lineage["event"], "which columns an event comes from"


def test_an_evaluation_shows_a_disclosed_curve_and_headline_numbers(
    instance: dg.DagsterInstance,
) -> None:
    picture = _metadata(instance, "evaluations", "lbcl_car_t", "survival_curve")["curve"].value
    assert "data:image/png;base64," in picture
    headlines = _metadata(instance, "evaluations", "lbcl_car_t", "survival_summary")
    assert len(headlines) >= 3


def test_check_metadata_hold_counts_and_no_text_of_rows(instance: dg.DagsterInstance) -> None:
    run = instance.get_runs(limit=1)[0]
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    assert len(events) > 50
    for entry in events:
        assert entry.dagster_event is not None
        check = entry.dagster_event.asset_check_evaluation_data
        for name, value in check.metadata.items():
            counted = isinstance(value.value, int | float) or (
                check.check_name == "diagnostics" and OF_KINDS.fullmatch(str(value.value))
            )
            assert counted or name in WORDS, (check.check_name, name)


def test_the_sensor_starts_one_run_per_change(settings: Settings, defs: dg.Definitions) -> None:
    sensor = defs.resolve_sensor_def("new_delivery")
    with dg.DagsterInstance.ephemeral() as ephemeral:
        first = dg.build_sensor_context(ephemeral)
        asked = sensor(first)
        assert isinstance(asked, dg.RunRequest)
        second = dg.build_sensor_context(ephemeral, cursor=first.cursor)
        assert isinstance(sensor(second), dg.SkipReason)
        later = settings.landing / "epro" / "2030-01-31"
        later.mkdir()
        (later / "questionnaire_responses_1.ndjson").write_text("")
        try:
            third = dg.build_sensor_context(ephemeral, cursor=first.cursor)
            again = sensor(third)
            assert isinstance(again, dg.RunRequest) and again.run_key != asked.run_key
        finally:
            (later / "questionnaire_responses_1.ndjson").unlink()
            later.rmdir()


def test_the_schedule_runs_the_whole_job(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("weekly_evaluation")
    assert schedule.job_name == "evaluate_everything"
    assert schedule.cron_schedule == "0 5 * * 1"
