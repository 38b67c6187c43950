"""The documentation page of a release: complete, without this machine's paths, and quiet."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from orchestration import dbt_docs
from orchestration.settings import DBT_PROJECT

NODE = {
    "resource_type": "model",
    "schema": "marts",
    "alias": "patient",
    "build_path": "/home/somebody/run/patient.sql",
    "raw_code": "select '</script>'",
    "docs": {"root_path": str(DBT_PROJECT), "note": f"{DBT_PROJECT.parent}/dbt_project/x.sql"},
}
MANIFEST = {
    "metadata": {"project_name": "atmp_rwe", "invocation_id": "1", "generated_at": "now"},
    "nodes": {"model.atmp_rwe.patient": NODE},
    "sources": {},
    "macros": {
        "macro.atmp_rwe.ours": {"package_name": "atmp_rwe"},
        "macro.dbt.theirs": {"package_name": "dbt"},
    },
}


@pytest.fixture
def page(tmp_path: Path) -> str:
    build = tmp_path / "build-1.duckdb"
    with duckdb.connect(str(build)) as con:
        con.execute("CREATE SCHEMA marts; CREATE TABLE marts.patient (patient_id VARCHAR)")
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    dbt_docs.write(tmp_path / "manifest.json", build, tmp_path / "docs")
    return (tmp_path / "docs" / "index.html").read_text()


def test_manifest_and_catalog_are_in_the_page(page: str) -> None:
    assert "INLINE DATA" not in page
    assert '"model.atmp_rwe.patient":{"metadata":{"type":"BASE TABLE"' in page
    assert '"patient_id":{"type":"VARCHAR"' in page
    assert "macro.atmp_rwe.ours" in page
    assert "macro.dbt.theirs" not in page


def test_nothing_of_this_machine_is_told(page: str) -> None:
    assert str(DBT_PROJECT.parent) not in page
    assert "/home/somebody" not in page
    assert '"invocation_id":null' in page
    assert '"send_anonymous_usage_stats":false' in page


def test_code_cannot_end_the_script_it_stands_in(page: str) -> None:
    assert "select '<\\/script>'" in page


def test_a_policy_forbids_every_request(page: str) -> None:
    policy = re.search('Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "http" not in policy[1]
    assert "favicon.ico" not in page
