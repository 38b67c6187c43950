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
    assert manifest["suppression"]["rounding"] == THRESHOLD


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


def test_every_count_is_a_multiple_of_the_base(public: Path) -> None:
    counted = 0
    with duckdb.connect(str(public / "atmp_rwe.duckdb"), read_only=True) as con:
        columns = con.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'results' "
            "and (column_name = 'n' or column_name like 'n\\_%' escape '\\')"
        ).fetchall()
        for table, column in columns:
            values = con.execute(f'select "{column}" from results."{table}"').fetchall()
            counted += len(values)
            assert all(n is None or n % THRESHOLD == 0 for (n,) in values), (table, column)
    assert counted > 20


def test_what_a_run_writes_is_its_owners(public: Path) -> None:
    home = public.parent.parent
    written = ("raw", "quarantine", "warehouse", "results", "release", "dagster")
    paths = [
        path
        for folder in written
        for path in (home / folder, *(home / folder).rglob("*"))
        if path.exists() and not path.is_symlink()
    ]
    assert len(paths) > 50
    assert [str(path) for path in paths if path.stat().st_mode & 0o077] == []


def test_it_tells_no_rows_and_no_file_of_its_deliveries(public: Path, small: Ran) -> None:
    exact = json.loads((small.home / "release" / "current" / "manifest.json").read_text())
    names = {file["name"] for one in exact["deliveries"] for file in one["files"]}
    manifest = json.loads((public / "manifest.json").read_text())
    assert exact.keys() == manifest.keys()
    assert [one["sha8"] for one in manifest["deliveries"]] == [
        one["sha8"] for one in exact["deliveries"]
    ]
    for one in manifest["deliveries"]:
        for record in (one, *one["files"]):
            assert {record[n] for n in ("read", "loaded", "quarantined", "erased")} == {None}
    page = (public / "report" / "index.html").read_text()
    for name in names:
        assert name not in json.dumps(manifest)
        assert name not in page


def test_its_report_says_what_it_is(public: Path) -> None:
    page = (public / "report" / "index.html").read_text()
    assert "public" in page
    assert "A small invented registry" in page


def test_an_unknown_profile_is_refused(small: Ran) -> None:
    process = atmp_rwe(small.home, "status", ATMP_RWE_PROFILE="secret")
    assert process.returncode == 1
    assert "internal or public" in process.stderr
