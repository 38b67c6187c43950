"""No direct identifier of a delivery is anywhere in the home but in the deliveries themselves."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import Ran

pytestmark = pytest.mark.slow


def _identifiers(home: Path) -> set[bytes]:
    """Names, national numbers and full birth dates as the registry delivered them."""
    found: set[str] = set()
    for path in (home / "landing" / "cart_registry").rglob("patients.csv"):
        with path.open(encoding="cp1252", newline="") as handle:
            for row in csv.DictReader(handle, delimiter=";"):
                found |= {row["NO_PATIENT"], row["NOM_NAISSANCE"]}
                found.add(row["DATE_NAISSANCE"])
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
