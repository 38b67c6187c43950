"""The contracts describe what the simulation delivers: files, headers, codes, identifiers."""

import datetime as dt
import fnmatch
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tests.lib.simulated_files import delivered, follow_up

CONTRACTS = Path(__file__).resolve().parents[3] / "expectations" / "contracts"
TABLES = {
    "patients": "patients.csv",
    "treatments": "traitements.csv",
    "follow_up": None,
    "surveillance": "surveillance.csv",
    "events": "evenements.csv",
}


def contract(source: str) -> dict[str, Any]:
    return dict(yaml.safe_load((CONTRACTS / f"{source}.yml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("day", ["2025-06-30", "2026-06-30"])
def test_headers_are_those_of_the_contract_and_its_revision(home: Path, day: str) -> None:
    declared = contract("cart_registry")
    folder = home / "landing/cart_registry" / day
    renamed: dict[str, str] = {}
    for revision in declared["revisions"]:
        if revision["from"] <= dt.date.fromisoformat(day):
            renamed |= revision["renamed"]
    for table, name in TABLES.items():
        rows = delivered(folder / name) if name else follow_up(folder)
        headers = [column["header"] for column in declared["tables"][table]["columns"].values()]
        assert list(rows[0]) == [renamed.get(header, header) for header in headers]


def test_every_file_is_of_one_table(home: Path) -> None:
    patterns = [table["files"] for table in contract("cart_registry")["tables"].values()]
    for path in (home / "landing/cart_registry").glob("*/*.csv"):
        assert sum(fnmatch.fnmatch(path.name, pattern) for pattern in patterns) == 1


def test_codes_are_mapped_but_for_the_planted_unknown_ones(home: Path) -> None:
    declared = contract("cart_registry")
    folder = home / "landing/cart_registry/2026-06-30"
    treatments, reports = delivered(folder / "traitements.csv"), follow_up(folder)
    maps = {**declared["code_maps"], "death_cause": declared["death_cause_map"]}
    codes = {
        "product_code": {row["PRODUIT"] for row in treatments} - {"CARTX-09"},
        "indication_code": {row["INDICATION"] for row in treatments},
        "not_infused_reason": {row["MOTIF_NON_PERFUSION"] for row in treatments},
        "batch_outcome": {row["CONFORMITE_LOT"] for row in treatments},
        "response": {row["REPONSE"] for row in reports} - {"ZZ"},
        "death_cause": {row["CAUSE_DECES"] for row in reports} - {"Z99"},
        "vital_status": {row["STATUT_VITAL"] for row in reports},
        "event_type": {row["EVENEMENT"] for row in delivered(folder / "evenements.csv")},
    }
    for code_list, found in codes.items():
        assert found - {""} <= set(maps[code_list]), code_list


def test_direct_identifiers_are_declared_and_obviously_invented(home: Path) -> None:
    columns = contract("cart_registry")["tables"]["patients"]["columns"]
    dropped = {c["header"] for c in columns.values() if c.get("identifier") == "drop"}
    assert dropped == {"NOM_NAISSANCE", "PRENOM"}
    assert columns["birth_month"]["identifier"] == "birth_month"
    rows = delivered(home / "landing/cart_registry/2026-06-30/patients.csv")
    assert all(row["NO_PATIENT"].startswith("SYN") for row in rows)
    assert any(not row["NOM_NAISSANCE"].isascii() for row in rows)


def test_the_gene_therapy_registry_delivers_the_common_extract_format(home: Path) -> None:
    starred = {
        "patients": "patient_id sex birth_year vital_status last_contact_date",
        "treatments": "treatment_id patient_id product_code indication_code",
        "events": "event_id patient_id event_type event_date",
        "covariates": "patient_id name value",
        "observations": "patient_id observed_at code value",
        "questionnaires": "questionnaire_id patient_id completed_date instrument item",
        "stays": "patient_id admission_date",
    }
    folder = home / "landing/gene_therapy_registry/2026-06-30"
    assert {path.stem for path in folder.glob("*.parquet")} == set(starred)
    for table, columns in starred.items():
        assert set(columns.split()) <= set(pq.read_schema(folder / f"{table}.parquet").names)


def test_children_have_no_adult_utility_and_infants_no_questionnaire(home: Path) -> None:
    folder = home / "landing/gene_therapy_registry/2026-06-30"
    born = {
        row["patient_id"]: dt.date(int(row["birth_year"]), int(row["birth_month"]), 1)
        for row in pq.read_table(folder / "patients.parquet").to_pylist()
    }
    youngest = {"eq-5d-5l": 18.0, "pedsql-4.0": 2.0}
    seen = set()
    for row in pq.read_table(folder / "questionnaires.parquet").to_pylist():
        completed = dt.date.fromisoformat(row["completed_date"])
        age = (completed - born[row["patient_id"]]).days / 365.25
        assert age >= youngest[row["instrument"]]
        if row["respondent"] == "self":
            assert age >= 5
        seen.add((row["instrument"], row["respondent"]))
    assert seen == {("eq-5d-5l", "self"), ("pedsql-4.0", "self"), ("pedsql-4.0", "parent")}


def test_covariates_of_infants_are_whole_numbers(home: Path) -> None:
    rows = pq.read_table(
        home / "landing/gene_therapy_registry/2026-06-30/covariates.parquet"
    ).to_pylist()
    assert {row["value"] for row in rows if row["name"] == "smn2_copies"} == {"2", "3"}
    assert {row["value"] for row in rows if row["name"] == "presymptomatic"} == {"0", "1"}
