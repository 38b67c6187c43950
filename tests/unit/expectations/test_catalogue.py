"""The catalogue: names, reasons, the generated page, and that none of it costs an import."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import expectations
from expectations.catalogue_page import catalogue_page
from expectations.dbt_tests import dbt_tests
from expectations.spec import Layer

REPOSITORY = Path(__file__).resolve().parents[3]
SPECS = (*expectations.catalogue("raw"), *expectations.catalogue("marts"))


def test_names_are_fit_for_asset_checks_and_unique_in_their_table():
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", spec.name) for spec in SPECS)
    keys = [(spec.layer, spec.table, spec.name) for spec in SPECS]
    assert len(keys) == len(set(keys))


def test_each_check_says_why_in_a_sentence():
    for spec in SPECS:
        assert re.fullmatch(r"[A-Z0-9a-z].{8,}\.", spec.reason), spec.name
        assert spec.rule
        assert 0 < spec.mostly <= 1


def test_only_what_makes_a_result_false_stops_the_run():
    # An ERROR is of few kinds: everything wrong at once, a broken rule of the marts, a leak.
    for spec in SPECS:
        if spec.severity == "ERROR" and spec.layer == "raw":
            bulk = spec.name.endswith(("_in_bulk", "_is_pseudonym")) or spec.mostly <= 0.95
            assert bulk, f"one dirty row of {spec.table} would stop a run: {spec.name}"


def test_a_bulk_error_is_laxer_than_the_warning_on_strays():
    by_name = {(spec.layer, spec.table, spec.name): spec for spec in SPECS}
    pairs = 0
    for (layer, table, name), spec in by_name.items():
        stray = by_name.get((layer, table, name.removesuffix("_in_bulk")))
        if name.endswith("_in_bulk") and stray is not None:
            pairs += 1
            assert (stray.severity, spec.severity) == ("WARN", "ERROR")
            assert spec.mostly < stray.mostly
            assert spec.condition == stray.condition
    assert pairs > 20


def test_the_page_is_what_the_suites_say():
    page = (REPOSITORY / "docs" / "data-quality.md").read_text(encoding="utf-8")
    remedy = "write it anew: python -m expectations.catalogue_page docs/data-quality.md"
    assert page == catalogue_page(), remedy
    for spec in SPECS:
        assert f"| `{spec.name}` | {spec.severity} | {spec.category} |" in page
    for test in dbt_tests():
        assert f"| `{test.name}` | {test.on} | {test.severity} | {test.category} |" in page


@pytest.mark.parametrize("layer", ["staging", ""])
def test_an_unknown_layer_is_named(layer: str):
    with pytest.raises(expectations.ExpectationsError, match="the layers are raw and marts"):
        expectations.catalogue(layer)  # type: ignore[arg-type]


def test_the_catalogue_needs_no_heavy_import():
    code = (
        "import sys, expectations; "
        "layers = [expectations.catalogue(x) for x in ('raw', 'marts')]; assert all(layers); "
        "heavy = {'great_expectations', 'dagster', 'dbt', 'lifelines', 'matplotlib', 'ingestion', "
        "'analyses'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)


def test_layers_are_told_apart():
    layers: tuple[Layer, ...] = ("raw", "marts")
    for layer in layers:
        assert {spec.layer for spec in expectations.catalogue(layer)} == {layer}


def test_the_guide_to_deliveries_names_checks_and_tables_that_exist():
    guide = (REPOSITORY / "docs" / "guides" / "deliveries.md").read_text(encoding="utf-8")
    table = guide.partition("## Where dirt is shown")[2].partition("\nEach check")[0]
    named = set(re.findall(r"`([a-z_.]+)`", table))
    checks = {spec.name for spec in SPECS}
    models = {path.stem for path in (REPOSITORY / "dbt_project" / "models").rglob("*.sql")}
    known = checks | {test.name for test in dbt_tests()} | models
    columns = {"_rule", "_column", "not_completed_reason", "chain_of_identity"}
    unknown = {name.removeprefix("marts.") for name in named} - known - columns
    families = {name for name in unknown if name.startswith("...")}
    assert unknown == families and len(named) > 25
    for family in families:
        assert any(family.strip(".") in name for name in checks), family
