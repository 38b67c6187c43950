"""The verb `export` on the demo's release: OHDSI's analyses run, and ADTTE gives the results."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from duckcdm.achilles import run_achilles
from duckcdm.omop import create_parquet_views

from analyses.survival import kaplan_meier
from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(demo: Ran, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("exported")
    for model in ("omop", "cdisc"):
        done = atmp_rwe(demo.home, "export", model, "--to", str(to / model))
        assert done.returncode == 0, done.stderr
    return to


def test_every_analysis_of_achilles_runs_on_the_demo(demo: Ran, folder: Path):
    con = duckdb.connect()
    create_parquet_views(con, str(folder / "omop"), "cdm", versions=("5.4",), log=None)
    _, failed = run_achilles(con, cdm_schema="cdm", cdm_version="5.4", log=None)
    assert failed == []
    with duckdb.connect(str(demo.database), read_only=True) as release:
        patients = release.execute(
            "SELECT count(DISTINCT patient_id) FROM marts.patient WHERE birth_year IS NOT NULL"
        ).fetchall()
    assert con.execute("SELECT count(*) FROM cdm.person").fetchall() == patients


def test_no_key_of_the_model_is_missing_or_dangling(folder: Path):
    con = duckdb.connect()
    create_parquet_views(con, str(folder / "omop"), "cdm", versions=("5.4",), log=None)
    done = json.loads((folder / "omop" / "export.json").read_text())
    for table in ("drug_exposure", "condition_occurrence", "measurement", "observation", "episode"):
        assert done["tables"][table] > 0
        lost = f"SELECT count(*) FROM cdm.{table} ANTI JOIN cdm.person USING (person_id)"
        assert con.execute(lost).fetchall() == [(0,)], table
        keys = f"SELECT count(*) - count(DISTINCT {table}_id) FROM cdm.{table}"
        assert con.execute(keys).fetchall() == [(0,)], table


def test_adtte_gives_the_curves_of_the_results(demo: Ran, folder: Path):
    adtte = pq.read_table(folder / "cdisc" / "lbcl_car_t" / "adtte.parquet").to_pandas()
    survival = adtte[adtte["PARAMCD"] == "OS"].assign(event=lambda rows: 1 - rows["CNSR"])
    ours = kaplan_meier(survival, time="AVAL", event="event", entry="ENTRYDY", by="STRAT1")
    with duckdb.connect(str(demo.database), read_only=True) as con:
        released = con.execute(
            "SELECT stratum, time_days, n_event, survival FROM results.survival_curve "
            "WHERE study_id = 'lbcl_car_t' AND endpoint = 'overall_survival' "
            "AND adjustment = 'none' AND stratum <> 'overall' ORDER BY 1, 2"
        ).fetchall()
    assert len(released) > 100
    columns = ["STRAT1", "time", "n_event"]
    assert [tuple(row) for row in ours[columns].itertuples(index=False)] == [
        (stratum, days, n_event) for stratum, days, n_event, _ in released
    ]
    assert ours["survival"].tolist() == pytest.approx([row[-1] for row in released])


def test_an_older_release_is_named_and_an_unknown_one_refused(demo: Ran, tmp_path: Path):
    release = (demo.home / "release" / "current").resolve().name
    named = ("export", "cdisc", "--release", release, "--study", "sma_gene_therapy")
    assert atmp_rwe(demo.home, *named, "--to", str(tmp_path / "one")).returncode == 0
    assert [path.name for path in (tmp_path / "one").iterdir() if path.is_dir()] == [
        "sma_gene_therapy"
    ]
    wrong = atmp_rwe(demo.home, "export", "omop", "--release", "none", "--to", str(tmp_path / "x"))
    assert wrong.returncode == 1
    assert "There is no release none" in wrong.stderr
