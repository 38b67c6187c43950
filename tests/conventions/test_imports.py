"""Imports flow one way: orchestration knows the others, and they know neither it nor each other."""

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("analyses", "expectations", "ingestion", "simulation")
ORCHESTRATORS = {"dagster", "dagster_dbt", "dbt", "orchestration"}


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_no_orchestrator_and_no_sibling(package: str) -> None:
    # The simulated truth may be compared with estimates, never the other way round.
    forbidden = (ORCHESTRATORS | set(PACKAGES)) - {package}
    for path in (CHECKOUT / package).rglob("*.py"):
        found = _imported(path) & forbidden
        assert not found, f"{path.relative_to(CHECKOUT)} imports {sorted(found)}: move the code up"
