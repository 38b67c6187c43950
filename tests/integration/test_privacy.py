"""No direct identifier of a delivery is anywhere in the home but in the deliveries themselves."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

import ingestion
from orchestration.settings import CHECKOUT
from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import write_home
from tests.lib.delivered_identifiers import delivered_identifiers
from tests.lib.stored_content import Needles, contents

pytestmark = pytest.mark.slow


KINDS = ("patient", "treatment", "batch", "event", "questionnaire")
#: The parts of a home that a run writes; landing and truth are what it reads.
WRITTEN = {"raw", "quarantine", "warehouse", "results", "release", "dagster"}


def _said(needles: Needles, path: Path) -> int:
    """How many of the texts stand in a file, in whatever it packs."""
    return len(set().union(*(needles.found_in(data) for data in contents(path))))


def test_no_direct_identifier_leaves_the_landing_folder(demo: Ran) -> None:
    """Neither in the bytes of a file nor in what is compressed in it: Parquet, DuckDB, SQLite."""
    contracts = ingestion.load_contracts([CHECKOUT / "expectations" / "contracts"])
    identifiers = delivered_identifiers(demo.home / "landing", contracts, kinds=KINDS)
    assert len(identifiers) == 9
    assert min(len(texts) for texts in identifiers.values()) > 100
    needles = Needles(text for texts in identifiers.values() for text in texts)
    scanned: Counter[str] = Counter()
    for path in demo.home.rglob("*"):
        part = path.relative_to(demo.home).parts[0]
        if path.is_file() and not path.is_symlink() and part not in ("landing", "truth"):
            scanned[part] += 1
            assert _said(needles, path) == 0, path
    assert scanned.keys() >= WRITTEN
    assert {path.suffix for path in demo.home.rglob("*")} >= {".log", ".db", ".duckdb", ".parquet"}
    printed = (demo.process.stdout + demo.process.stderr).encode()
    assert needles.found_in(printed) == set()
    # The scan does see them where they are meant to be.
    landing = demo.home / "landing"
    assert sum(_said(needles, path) > 0 for path in landing.rglob("*.*") if path.is_file()) > 50


def test_no_pseudonym_is_in_reports_logs_or_dagster_storage(demo: Ran) -> None:
    import duckdb

    with duckdb.connect(str(demo.database), read_only=True) as con:
        rows = con.execute("select distinct patient_id from marts.patient").fetchall()
    pseudonyms = Needles(str(row[0]) for row in rows)
    assert len(pseudonyms) > 200
    release = demo.home / "release" / "current"
    folders = [
        release / "report",
        release / "tables",
        release / "data_docs",
        release / "docs",
        demo.home / "dagster",
        demo.home / "results",
        demo.home / "warehouse" / "dbt",
    ]
    for folder in folders:
        paths = [path for path in folder.rglob("*") if path.is_file()]
        assert paths, folder
        for path in paths:
            assert _said(pseudonyms, path) == 0, path
    manifest = (release / "manifest.json").read_bytes()
    assert pseudonyms.found_in(manifest) == set()
    assert json.loads(manifest)["profile"] == "internal"
    assert _said(pseudonyms, demo.database) == len(pseudonyms)


FREE_TEXT = (
    "Patiente Jeanne Plantenom, vue au service, dossier complet au secrétariat du centre",
    "voir plant.nom@example.org",
    "appeler 06 12 34 56 78 pour la cause",
    "<b>Plantenom</b>",
)


def test_words_in_a_coded_column_stay_out_of_what_is_shown(tmp_path: Path) -> None:
    home = tmp_path / "home"
    folder = write_home(home)
    study = home / "studies" / "small_registry.yml"
    study.write_text(study.read_text().replace("relapse]", "relapse, death_by_cause]"))
    with (folder / "patients.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    for number, row in enumerate(row for row in rows if row["vital_status"] == "dead"):
        row["death_cause"] = FREE_TEXT[number % len(FREE_TEXT)]
    with (folder / "patients.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(dict.fromkeys([*rows[0], "death_cause"])))
        writer.writeheader()
        writer.writerows(rows)
    process = atmp_rwe(home, "run")
    assert process.returncode == 0, process.stdout + process.stderr
    release = home / "release" / "current"
    shown = [*release.rglob("*.html"), *release.rglob("*.csv"), release / "manifest.json"]
    for path in shown:
        content = path.read_text()
        assert "Plantenom" not in content and "plant.nom" not in content, path
        assert "12 34 56" not in content, path
    query = "select sum(n_rows) from marts.unmapped_code where code = 'free_text'"
    counted = atmp_rwe(home, "query", query, "--format", "csv").stdout.split()
    assert counted[-1] == str(sum(1 for row in rows if row["vital_status"] == "dead"))
