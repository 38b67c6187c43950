"""Rules every model keeps, read from dbt's own manifest."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import analyses
from expectations.dbt_tests import dbt_tests
from tests.lib.dbt_project import PROJECT, run_dbt, target_folder

LAYERS = {"staging", "intermediate", "marts"}
KAHN = {"conformance", "completeness", "plausibility"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    database = tmp_path_factory.mktemp("conventions") / "build.duckdb"
    run_dbt(database, "parse")
    read: dict[str, Any] = json.loads((target_folder(database) / "manifest.json").read_text())
    return read


def nodes(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def marts(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in nodes(manifest, "model") if node["schema"] == "marts"]


def test_every_mart_has_an_enforced_contract_and_is_public(manifest: dict[str, Any]):
    written = {path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")}
    assert {mart["name"] for mart in marts(manifest)} == written
    for mart in marts(manifest):
        assert mart["contract"]["enforced"], mart["name"]
        assert mart["access"] == "public", mart["name"]


def test_every_mart_has_a_key_that_is_tested(manifest: dict[str, Any]):
    keyed = {
        test["attached_node"]
        for test in nodes(manifest, "test")
        if test.get("test_metadata", {}).get("name") == "primary_key"
        and test["config"]["severity"].lower() == "error"
    }
    assert {mart["unique_id"] for mart in marts(manifest)} <= keyed


def test_every_model_has_a_group_with_an_owner(manifest: dict[str, Any]):
    owners = {group["name"]: group["owner"]["email"] for group in manifest["groups"].values()}
    for node in nodes(manifest, "model"):
        assert owners[node["group"]], node["name"]


def test_every_description_ends_in_the_grain(manifest: dict[str, Any]):
    for node in nodes(manifest, "model") + nodes(manifest, "seed"):
        last = re.split(r"(?<=\.)\s+", node["description"].strip())[-1]
        assert last.startswith("One row per ") and last.endswith("."), node["name"]


def test_every_study_of_the_project_is_an_exposure_with_its_title(manifest: dict[str, Any]):
    studies = Path(analyses.__file__).parent / "studies"
    titles = {
        study["id"]: study["title"]
        for study in map(yaml.safe_load, map(Path.read_text, studies.glob("*.yml")))
    }
    exposed = {
        exposure["name"]: exposure["label"]
        for exposure in manifest["exposures"].values()
        if exposure["type"] == "analysis"
    }
    assert exposed == titles, "dbt_project/models/exposures.yml lists the studies of the project"
    for exposure in manifest["exposures"].values():
        assert exposure["depends_on"]["nodes"], exposure["name"]


def marts_named(folder: Path, marts: set[str], *, without: str = "") -> set[str]:
    """The marts whose rows a package of Python asks for: `marts.<name>` in what it executes, and
    where it fills the name in, the names it has."""
    named: set[str] = set()
    for path in folder.rglob("*.py"):
        if without and without in path.relative_to(folder).parts:
            continue
        tree = ast.parse(path.read_text())
        documented = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in documented
        ]
        named.update(*(re.findall(r"\bmarts\.([a-z_]+)", text) for text in texts))
        if any("marts.{" in text or text.endswith("marts.") for text in texts):
            named.update(marts & set(texts))
    return named


def test_an_exposure_depends_on_every_mart_that_its_code_reads(manifest: dict[str, Any]):
    names = {mart["name"] for mart in marts(manifest)}
    package = Path(analyses.__file__).parent
    read = {
        "analysis": marts_named(package, names, without="interoperability"),
        "application": marts_named(package / "interoperability", names),
    }
    assert read["analysis"] and read["application"]
    for exposure in manifest["exposures"].values():
        if exposure["type"] in read:
            told = {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]}
            assert told == read[exposure["type"]], exposure["name"]


def test_every_column_of_an_intermediate_table_is_described(manifest: dict[str, Any]):
    for node in nodes(manifest, "model"):
        if node["schema"] == "intermediate":
            assert node["columns"], node["name"]
            for column in node["columns"].values():
                assert column["description"].strip(), f"{node['name']}.{column['name']}"


def test_no_description_of_a_mart_is_written_twice(manifest: dict[str, Any]):
    """A definition that repeats is a docs block: two texts would part one day."""
    written: dict[str, set[str]] = {}
    for path in sorted((PROJECT / "models" / "marts").rglob("_*.yml")):
        for model in yaml.safe_load(path.read_text())["models"]:
            for column in model["columns"]:
                if "{{ doc(" not in column["description"]:
                    written.setdefault(column["description"], set()).add(model["name"])
    assert {text: where for text, where in written.items() if len(where) > 1} == {}


def test_no_description_of_a_column_is_written_three_times():
    """Nor elsewhere: models/docs.md and the docs.md of a folder hold what several tables share."""
    written: Counter[str] = Counter()
    for path in [*(PROJECT / "models").rglob("_*.yml"), *(PROJECT / "seeds").rglob("_*.yml")]:
        content = yaml.safe_load(path.read_text())
        for table in [*content.get("models", ()), *content.get("seeds", ())]:
            texts = (column["description"].strip() for column in table.get("columns", ()))
            written.update(text for text in texts if "{{ doc(" not in text)
    assert [text for text, times in written.items() if times > 2] == []


def test_every_column_of_marts_and_seeds_is_described(manifest: dict[str, Any]):
    for node in marts(manifest) + nodes(manifest, "seed"):
        assert node["columns"], node["name"]
        for column in node["columns"].values():
            assert column["description"].strip(), f"{node['name']}.{column['name']}"


def test_every_data_test_has_a_severity_and_a_category(manifest: dict[str, Any]):
    for test in nodes(manifest, "test"):
        assert test["config"]["severity"].lower() in {"warn", "error"}, test["name"]
        assert test["config"]["meta"].get("kahn") in KAHN, test["name"]


def test_the_catalogue_lists_every_data_test(manifest: dict[str, Any]):
    """docs/data-quality.md is made from the project's files; dbt reads as many tests in them."""
    listed = Counter((one.name, one.severity, one.category) for one in dbt_tests())
    read = Counter(
        (
            test.get("test_metadata", {}).get("name") or test["name"],
            test["config"]["severity"].upper(),
            test["config"]["meta"]["kahn"],
        )
        for test in nodes(manifest, "test")
    )
    assert listed == read


def test_the_folder_is_the_layer(manifest: dict[str, Any]):
    for node in nodes(manifest, "model"):
        layer, *_ = Path(node["path"]).parts
        assert layer == node["schema"] and layer in LAYERS, node["name"]


def test_only_staging_reads_sources(manifest: dict[str, Any]):
    for node in nodes(manifest, "model"):
        reads = [p for p in node["depends_on"]["nodes"] if p.startswith("source.")]
        assert not reads or node["schema"] == "staging", node["name"]


def test_what_is_read_as_a_whole_keeps_the_rows_of_everybody(manifest: dict[str, Any]):
    """A build that starts from an earlier one computes models of grain `person` for changed persons
    only. One that something else reads - another grain, a test that counts, an exposure - is
    `by_person`; so is every mart of that grain. A by_person table names its person."""
    models = {node["unique_id"]: node for node in nodes(manifest, "model")}
    within_person = {key for key, node in models.items() if grain(node) == "person"}
    kept = {key for key in within_person if models[key]["config"]["materialized"] == "by_person"}
    readers = [*models.values(), *manifest["exposures"].values()]
    readers += [
        test
        for test in nodes(manifest, "test")
        if test["config"]["severity"].lower() == "warn" and grain(test) != "person"
    ]
    for reader in readers:
        if grain(reader) != "person":
            read = within_person & set(reader["depends_on"]["nodes"])
            assert read <= kept, (reader["name"], read - kept)
    for key in within_person:
        node = models[key]
        assert key in kept or node["schema"] != "marts", node["name"]
        assert key not in kept or "patient_id" in node["columns"], node["name"]
    by_person = {k for k, n in models.items() if n["config"]["materialized"] == "by_person"}
    assert by_person == kept


def grain(node: dict[str, Any]) -> str | None:
    return (node["config"].get("meta") or {}).get("grain")


def test_no_model_is_longer_than_150_lines():
    for path in sorted((PROJECT / "models").rglob("*")):
        if path.suffix in {".sql", ".py"}:
            assert len(path.read_text().splitlines()) <= 150, path.name


#: Derivations that three to six rows cannot show, and the tests that show them.
SHOWN_ELSEWHERE = {
    "int_code_list": "a list of lists; test_source_to_marts maps codes of each",
    "int_evidence": "test_endpoint_protocol: a history a case, from delivered rows to endpoints",
    "int_first_evidence_of_responders": "the macro of int_first_evidence, which has one",
    "int_questionnaire_item": "Python: tests/unit/quality_of_life",
    "int_questionnaire_score": "Python: tests/unit/quality_of_life",
}
#: What makes a model a derivation rather than a choice of columns.
DERIVES = re.compile(
    r"group by|\bover \(|latest_copy|latest_delivery|case\s+when|first_evidence|select distinct"
    r"|days_between|coalesce\("
)


def test_every_derivation_has_a_unit_test(manifest: dict[str, Any]):
    tested = {unit["model"] for unit in manifest["unit_tests"].values()}
    derivations = {
        node["name"]
        for node in nodes(manifest, "model")
        if node["schema"] != "staging"
        and (node["language"] == "python" or DERIVES.search(node["raw_code"]))
    }
    assert derivations - tested - SHOWN_ELSEWHERE.keys() == set()
    assert derivations >= SHOWN_ELSEWHERE.keys()
    assert not tested & SHOWN_ELSEWHERE.keys()


def test_a_unit_test_of_dbt_reads_like_the_protocol(manifest: dict[str, Any]):
    """Six rows of an input at most: who reads more does not see the rule."""
    for unit in manifest["unit_tests"].values():
        for given in unit["given"]:
            assert len(given["rows"] or ()) <= 6, (unit["name"], given["input"])


def test_singular_tests_are_named_as_sentences():
    """`assert_`, then at least four words: a failing one says in a log what is not so."""
    for path in sorted((PROJECT / "tests").glob("*.sql")):
        name = re.fullmatch(r"assert((?:_[a-z0-9]+)+)", path.stem)
        assert name, path.name
        assert len(name[1].strip("_").split("_")) >= 3 or path.stem == "assert_sources_agree"
