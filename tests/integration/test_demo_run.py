"""The main job on synthetic deliveries, from landing to release, with the network cut off."""

import json
import re
from collections import Counter

import duckdb
import pytest

from expectations import catalogue
from expectations.dbt_tests import dbt_tests
from orchestration.settings import CHECKOUT
from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe

pytestmark = pytest.mark.slow

STAGES = ("loaded/", "raw/", "staging/", "intermediate/", "marts/", "evaluations/", "release/")


def _manifest(demo: Ran) -> dict[str, object]:
    return dict(json.loads((demo.home / "release" / "current" / "manifest.json").read_text()))


def test_it_prints_a_line_per_asset_and_a_summary(demo: Ran) -> None:
    for stage in STAGES:
        assert re.search(rf"\d s  {stage}", demo.process.stdout), stage
    for line in ("Deliveries", "Rows", "Checks", "Studies", "Report", "Database"):
        assert re.search(rf"^{line}\s+\S", demo.process.stdout, re.MULTILINE), line


def test_every_row_read_is_loaded_or_quarantined(demo: Ran) -> None:
    deliveries = _manifest(demo)["deliveries"]
    assert isinstance(deliveries, list) and deliveries
    for delivery in deliveries:
        for file in delivery["files"]:
            assert file["read"] == file["loaded"] + file["quarantined"] + file["erased"], file[
                "name"
            ]
    assert sum(f["quarantined"] for d in deliveries for f in d["files"]) > 0


def test_synthetic_data_are_called_so_everywhere(demo: Ran) -> None:
    assert _manifest(demo)["synthetic"] is True
    page = (demo.home / "release" / "current" / "report" / "index.html").read_text()
    assert "synthetic" in page.lower()
    assert "(synthetic data)" in demo.process.stdout


def test_every_released_table_and_column_has_a_comment(demo: Ran) -> None:
    with duckdb.connect(str(demo.database), read_only=True) as con:
        bare = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where comment is null "
            "union all select schema_name || '.' || table_name || '.' || column_name "
            "from duckdb_columns() where comment is null and not internal"
        ).fetchall()
        schemas = con.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert bare == []
    assert sorted(name for (name,) in schemas) == ["marts", "results"]


def test_every_result_table_begins_with_the_study(demo: Ran) -> None:
    with duckdb.connect(str(demo.database), read_only=True) as con:
        first = con.execute(
            "select table_name, column_name from duckdb_columns() "
            "where schema_name = 'results' and column_index = 1"
        ).fetchall()
    assert len(first) >= 13
    assert {column for _, column in first} == {"study_id"}


def test_every_delivery_used_is_on_the_scorecard_of_the_release(demo: Ran) -> None:
    deliveries = _manifest(demo)["deliveries"]
    assert isinstance(deliveries, list) and deliveries
    with duckdb.connect(str(demo.database), read_only=True) as con:
        scored = con.execute(
            "select distinct source, cast(delivery_date as varchar), version"
            " from marts.delivery_scorecard where origin = 'contract' and n_rows > 0"
        ).fetchall()
    used = {(one["source"], str(one["delivery"]), one["sha8"]) for one in deliveries}
    assert used <= set(scored)


def test_every_dbt_test_and_expectation_is_on_the_scorecard_with_its_category(demo: Ran) -> None:
    """Those of the catalogue page; expectations on tables without rows have nothing to tell."""
    with duckdb.connect(str(demo.database), read_only=True) as con:
        scored = con.execute(
            "select origin, category, severity from marts.delivery_scorecard where source = 'all'"
        ).fetchall()
    told = Counter((c, s) for origin, c, s in scored if origin == "dbt_test")
    assert told == Counter((one.category, one.severity) for one in dbt_tests())
    marts = Counter((c, s) for origin, c, s in scored if origin == "expectation")
    assert marts and marts <= Counter((one.category, one.severity) for one in catalogue("marts"))


def test_the_files_of_the_release_say_the_same(demo: Ran) -> None:
    tables = demo.home / "release" / "current" / "tables"
    with duckdb.connect(str(demo.database), read_only=True) as con:
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where schema_name = 'results'"
        ).fetchall():
            counted = con.execute(f"select count(*) from results.{name}").fetchone()
            with (tables / f"{name}.csv").open() as handle:
                assert counted == (sum(1 for _ in handle) - 1,), name


def test_current_names_the_release_by_link_and_by_file(demo: Ran) -> None:
    release = demo.home / "release"
    named = json.loads((release / "current.json").read_text())["release_id"]
    assert str((release / "current").readlink()) == named == _manifest(demo)["release_id"]


def test_the_older_duckdb_format_is_written(demo: Ran) -> None:
    with duckdb.connect(str(demo.database), read_only=True) as con:
        tags = con.execute("select tags from duckdb_databases() where not internal").fetchone()
    assert "v1.2" in str(tags)


def test_nothing_new_is_nothing_done(demo: Ran) -> None:
    before = str((demo.home / "release" / "current").readlink())
    again = atmp_rwe(demo.home, "run")
    assert again.returncode == 0
    assert again.stdout.startswith(f"Nothing changed since release {before}")
    assert str((demo.home / "release" / "current").readlink()) == before


def test_nothing_new_is_found_without_heavy_imports(demo: Ran) -> None:
    again = atmp_rwe(demo.home, "run", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rsplit("|", 1)[-1].strip() for line in again.stderr.splitlines()}
    assert not imported & {"dagster", "lifelines", "pandas", "great_expectations", "duckdb"}


def test_query_answers_in_three_formats(demo: Ran) -> None:
    sql = "select distinct study_id from results.attrition order by 1"
    shown = atmp_rwe(demo.home, "query", sql)
    as_csv = atmp_rwe(demo.home, "query", sql, "--format", "csv").stdout.split()
    as_json = json.loads(atmp_rwe(demo.home, "query", sql, "--format", "json").stdout)
    assert as_csv[0] == "study_id" and "lbcl_car_t" in as_csv
    assert [row["study_id"] for row in as_json] == as_csv[1:]
    assert "lbcl_car_t" in shown.stdout


def test_query_cannot_write_nor_read_other_files(demo: Ran) -> None:
    written = atmp_rwe(demo.home, "query", "create table marts.x as select 1")
    assert written.returncode == 1 and "read-only" in written.stderr
    other = atmp_rwe(demo.home, "query", "select * from read_text('/etc/hostname')")
    assert other.returncode == 1 and "Traceback" not in other.stderr


def test_status_shows_deliveries_and_the_release(demo: Ran) -> None:
    shown = atmp_rwe(demo.home, "status").stdout
    for part in (
        "cart_registry",
        "epro",
        "gene_therapy_registry",
        str(_manifest(demo)["release_id"]),
    ):
        assert part in shown


def test_report_says_where_it_is(demo: Ran) -> None:
    assert atmp_rwe(demo.home, "report").stdout.strip().endswith("report/index.html")


def test_validate_accepts_the_synthetic_deliveries(demo: Ran) -> None:
    checked = atmp_rwe(demo.home, "validate")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 rejected" in checked.stdout


def test_the_documentation_names_no_place_of_this_machine(demo: Ran) -> None:
    page = (demo.home / "release" / "current" / "docs" / "index.html").read_text()
    assert str(demo.home) not in page
    assert str(CHECKOUT) not in page
    for mart in ("time_to_event", "patient", "clinical_event"):
        assert f"model.atmp_rwe.{mart}" in page
