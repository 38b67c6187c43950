"""No direct identifier of a delivery is anywhere in the home but in the deliveries themselves."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import write_home

pytestmark = pytest.mark.slow


def _identifiers(home: Path) -> set[bytes]:
    """Names, numbers, full birth dates and addresses as the sources delivered them."""
    found: set[str] = set()
    for path in (home / "landing" / "cart_registry").rglob("patients.csv"):
        with path.open(encoding="cp1252", newline="") as handle:
            for row in csv.DictReader(handle, delimiter=";"):
                found |= {row["NO_PATIENT"], row["NOM_NAISSANCE"]}
                found.add(row["DATE_NAISSANCE"])
    for path in (home / "landing" / "omop").rglob("person.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            found |= {row["person_source_value"] for row in csv.DictReader(handle)}
    for path in (home / "truth" / "historical_control").glob("*.parquet"):
        found |= set(pq.read_table(path)["number"].to_pylist())
    for path in (home / "landing" / "trials").rglob("*.json"):
        entries = json.loads(path.read_text(encoding="utf-8"))
        found |= {entry["contactEmail"] for entry in entries if isinstance(entry, dict)}
    return {text.encode() for text in found if len(text) >= 6}


def test_no_direct_identifier_leaves_the_landing_folder(demo: Ran) -> None:
    identifiers = _identifiers(demo.home)
    assert len(identifiers) > 200
    kept = ("landing", "truth")
    scanned = 0
    for path in demo.home.rglob("*"):
        if not path.is_file() or path.relative_to(demo.home).parts[0] in kept:
            continue
        content = path.read_bytes()
        scanned += 1
        leaked = [i for i in identifiers if i in content]
        assert not leaked, f"{path}: {len(leaked)} identifiers"
    assert scanned > 50
    printed = (demo.process.stdout + demo.process.stderr).encode()
    assert not [i for i in identifiers if i in printed]


def test_no_pseudonym_is_in_reports_logs_or_dagster_storage(demo: Ran) -> None:
    import duckdb

    with duckdb.connect(str(demo.database), read_only=True) as con:
        rows = con.execute("select distinct patient_id from marts.patient").fetchall()
    pseudonyms = {str(row[0]).encode() for row in rows}
    assert len(pseudonyms) > 200
    release = demo.home / "release" / "current"
    folders = [
        release / "report",
        release / "tables",
        release / "data_docs",
        demo.home / "dagster",
        demo.home / "results",
        demo.home / "warehouse" / "dbt",
    ]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not any(p in content for p in pseudonyms), path
    manifest = (release / "manifest.json").read_bytes()
    assert not any(p in manifest for p in pseudonyms)
    assert json.loads(manifest)["profile"] == "internal"


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
