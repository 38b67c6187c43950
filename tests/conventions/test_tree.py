"""What may stand in the tree: short files that open with their boundary, and nothing generated."""

import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST = 300
#: A table of cases may be longer: it is read row by row.
LONGEST_TEST = 650
#: Addresses of package indexes: a site installs from its own mirror.
INDEX = re.compile("pypi" + r"\.org|python" + r"hosted\.org|registry\.npm" + r"js|deb\.deb" + "ian")
PACKAGES = ("analyses", "expectations", "ingestion", "orchestration", "simulation")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [CHECKOUT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_opens_with_its_boundary(package: str) -> None:
    for path in (CHECKOUT / package).rglob("*.py"):
        assert path.read_text().startswith('"""'), (
            f"{path}: say what belongs here and what does not"
        )


def test_no_file_is_longer_than_a_reader_s_patience() -> None:
    for path in _tracked("*.py", "*.sql"):
        if path.exists():
            lines = path.read_text().count("\n")
            limit = LONGEST_TEST if path.is_relative_to(CHECKOUT / "tests") else LONGEST
            assert lines <= limit, f"{path.relative_to(CHECKOUT)}: {lines} lines; cut it by noun"


def test_no_address_of_a_package_index_is_recorded() -> None:
    for path in _tracked():
        if path.is_file() and path.suffix != ".png":
            assert not INDEX.search(path.read_text(errors="replace")), f"{path} names an index"


def test_nothing_generated_is_tracked() -> None:
    generated = re.compile(r"(^|/)(target|logs|__pycache__|\.venv|data)/|\.duckdb$|\.egg-info/")
    tracked = [str(path.relative_to(CHECKOUT)) for path in _tracked()]
    allowed = [name for name in tracked if generated.search(name) and not name.startswith("tests/")]
    assert allowed == []


def test_test_modules_have_names_of_their_own() -> None:
    """pytest imports a module by its name alone: of two alike it collects neither."""
    names = [path.name for path in (CHECKOUT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
