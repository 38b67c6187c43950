"""A release for the public: no patients, no small cells, and its report still reads."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe

pytestmark = pytest.mark.slow

THRESHOLD = 5


@pytest.fixture(scope="module")
def public(small: Ran, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("public") / "home"
    shutil.copytree(small.home, home, symlinks=True)
    shutil.copytree(small.home.parent / "home-user", home.parent / "home-user")
    process = atmp_rwe(home, "run", ATMP_RWE_PROFILE="public")
    assert process.returncode == 0, process.stdout + process.stderr
    return home / "release" / "current"


def test_it_holds_results_and_nothing_of_patients(public: Path) -> None:
    with duckdb.connect(str(public / "atmp_rwe.duckdb"), read_only=True) as con:
        schemas = {s for (s,) in con.execute("select schema_name from duckdb_tables()").fetchall()}
    assert schemas == {"results"}
    assert not (public / "data_docs").exists()
    manifest = json.loads((public / "manifest.json").read_text())
    assert manifest["profile"] == "public"
    assert manifest["suppression"]["threshold"] == THRESHOLD


def test_no_count_of_people_lies_below_the_threshold(public: Path, small: Ran) -> None:
    sql = (
        f"select count(*) from results.survival_curve where n_event between 1 and {THRESHOLD - 1} "
        f"or n_at_risk between 1 and {THRESHOLD - 1}"
    )
    with duckdb.connect(str(small.database), read_only=True) as con:
        exact = con.execute(sql).fetchone()
    with duckdb.connect(str(public / "atmp_rwe.duckdb"), read_only=True) as con:
        shown = con.execute(sql).fetchone()
        curves = con.execute("select count(*) from results.survival_curve").fetchone()
    assert exact is not None and exact[0] > 0
    assert shown == (0,)
    assert curves is not None and curves[0] > 0


def test_its_report_says_what_it_is(public: Path) -> None:
    page = (public / "report" / "index.html").read_text()
    assert "public" in page
    assert "A small invented registry" in page


def test_an_unknown_profile_is_refused(small: Ran) -> None:
    process = atmp_rwe(small.home, "status", ATMP_RWE_PROFILE="secret")
    assert process.returncode == 1
    assert "internal or public" in process.stderr
