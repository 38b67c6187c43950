"""A release of a few people and an Athena folder of a few concepts, for exports.

Belongs here: rows of marts and of vocabulary files as a reader would tell them. The concept ids of
the folder are of no real vocabulary (2,000,000,000 and above are a site's own in OMOP). Not here:
expectations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analyses.interoperability.marts import COLUMNS
from tests.lib.marts import OFFLINE

A, B, C = "a" * 32, "b" * 32, "c" * 32

ROWS: dict[str, list[dict[str, Any]]] = {
    "source": [
        {"source": "r", "title": "Registry", "delivery_date": "2026-06-30"},
        {"source": "s", "title": "Claims", "delivery_date": "2026-05-31"},
    ],
    "patient": [
        {"source": "r", "patient_id": A, "sex": "U", "birth_year": 1960, "birth_month": 3,
         "residence_department": "75", "death_date": "2022-06-01", "death_cause": "infection",
         "registration_date": "2021-12-01", "last_contact_date": "2022-06-01"},
        {"source": "s", "patient_id": A, "sex": "F", "birth_year": 1961, "birth_month": 4,
         "residence_department": "13", "death_date": "2022-06-01",
         "last_contact_date": "2022-06-01"},
        {"source": "r", "patient_id": B, "sex": "M", "birth_year": 2019, "birth_month": 9,
         "registration_date": "2020-01-10", "last_contact_date": "2026-01-10"},
        {"source": "r", "patient_id": C, "sex": "M", "birth_year": None,
         "last_contact_date": "2024-01-01"},
    ],
    "treatment": [
        {"source": "r", "patient_id": A, "treatment_id": "t1", "treatment_number": 1,
         "product": "axicabtagene_ciloleucel", "indication": "dlbcl", "centre_id": "C1",
         "decision_date": "2021-11-15", "apheresis_date": "2021-12-05",
         "infusion_date": "2022-01-10", "batch_id": "f" * 32},
        {"source": "s", "patient_id": A, "treatment_id": "x1", "treatment_number": 1,
         "product": "axicabtagene_ciloleucel", "indication": "dlbcl",
         "infusion_date": "2022-01-10"},
        {"source": "r", "patient_id": B, "treatment_id": "t2", "treatment_number": 1,
         "product": "onasemnogene_abeparvovec", "indication": "sma", "centre_id": "C2",
         "decision_date": "2020-01-05", "not_infused_reason": "patient_choice"},
        {"source": "r", "patient_id": C, "treatment_id": "t3", "treatment_number": 1,
         "product": "tisagenlecleucel", "indication": "dlbcl", "infusion_date": "2020-06-01"},
    ],
    "covariate": [
        {"source": "r", "patient_id": A, "treatment_id": "t1", "name": "ldh",
         "value_text": "410", "value_number": 410.0, "measured_date": "2022-01-02"},
        {"source": "r", "patient_id": A, "treatment_id": "t1", "name": "severity",
         "value_text": "severe"},
    ],
    "observation": [
        {"source": "r", "patient_id": A, "observation_code": "temperature", "unit": "Cel",
         "observed_at": "2022-01-12 08:30:00", "value_text": "39.1", "value_number": 39.1},
        {"source": "r", "patient_id": A, "observation_code": "seizure",
         "observed_at": "2022-01-13 00:00:00", "value_text": "absent"},
    ],
    "assessment": [
        {"source": "r", "patient_id": A, "assessment_date": "2022-04-10", "criteria": "lugano",
         "response": "complete_response"},
    ],
    "clinical_event": [
        {"source": "r", "patient_id": A, "event_id": "e1", "event_type": "crs",
         "category": "toxicity", "event_date": "2022-01-12", "grade": 2,
         "grade_scale": "astct_2019"},
        {"source": "s", "patient_id": A, "event_id": "e9", "event_type": "crs",
         "category": "toxicity", "event_date": "2022-01-12", "grade": 2,
         "grade_scale": "astct_2019"},
        {"source": "r", "patient_id": A, "event_id": "e2", "event_type": "transfusion",
         "category": "treatment", "event_date": "2022-01-20"},
        {"source": "r", "patient_id": A, "event_id": "e3", "event_type": "relapse",
         "category": "disease", "event_date": "2022-05-01"},
        {"source": "r", "patient_id": A, "event_id": "e4", "event_type": "death",
         "category": "vital", "event_date": "2022-06-01"},
    ],
    "questionnaire_score": [
        {"source": "r", "patient_id": A, "instrument": "eq-5d-5l", "scale": "utility",
         "respondent": "self", "completed_date": "2022-04-10", "value": 0.85},
    ],
    "resource_use": [
        {"source": "s", "patient_id": A, "admission_date": "2022-01-08",
         "discharge_date": "2022-01-25", "ghm": "27Z03"},
    ],
}  # fmt: skip


def connect(**instead: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """A database with schema marts: the rows above, tables of `instead` exchanged."""
    con = duckdb.connect(config=OFFLINE)
    con.execute("CREATE SCHEMA marts")
    for name, columns in COLUMNS.items():
        shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        con.execute(f"CREATE TABLE marts.{name} ({shape})")
        rows = instead.get(name, ROWS[name])
        if rows:
            values = [[row.get(column) for column in columns] for row in rows]
            frame = pd.DataFrame(values, columns=list(columns), dtype="object")
            con.register("rows", frame)
            con.execute(f"INSERT INTO marts.{name} SELECT * FROM rows")
            con.unregister("rows")
    return con


_CONCEPT = (
    "concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept "
    "concept_code valid_start_date valid_end_date invalid_reason"
)
ATC_NEW, ATC_OLD, RXNORM, ICD, SNOMED, DEGREE, TEMPERATURE = range(2_000_000_001, 2_000_000_008)
CONCEPTS = [
    (0, "No matching concept", "Metadata", "None", "Undefined", "", "No matching concept"),
    (ATC_NEW, "axicabtagene ciloleucel", "Drug", "ATC", "ATC 5th", "C", "L01XL03"),
    (ATC_OLD, "axicabtagene ciloleucel", "Drug", "ATC", "ATC 5th", "C", "L01XX70"),
    (RXNORM, "axicabtagene ciloleucel", "Drug", "RxNorm", "Ingredient", "S", "1"),
    (ICD, "Diffuse large B-cell lymphoma", "Condition", "ICD10", "ICD10 code", "", "C83.3"),
    (SNOMED, "Diffuse large B-cell lymphoma", "Condition", "SNOMED", "Disorder", "S", "2"),
    (DEGREE, "degree Celsius", "Unit", "UCUM", "Unit", "S", "Cel"),
    (TEMPERATURE, "Body temperature", "Measurement", "LOINC", "Clinical Observation", "S", "3"),
]


def write_athena(folder: Path) -> Path:
    """An Athena folder: one ATC code before and one after 2022, one ICD-10 code, a unit, and the
    site's own mapping of `temperature`."""
    folder.mkdir()
    dates = ("19700101", "20991231", "")
    _write(folder / "CONCEPT.csv", _CONCEPT, [(*row, *dates) for row in CONCEPTS])
    links = [(ATC_NEW, RXNORM), (ATC_OLD, RXNORM), (ICD, SNOMED)]
    _write(
        folder / "CONCEPT_RELATIONSHIP.csv",
        "concept_id_1 concept_id_2 relationship_id valid_start_date valid_end_date invalid_reason",
        [(one, two, "Maps to", *dates) for one, two in links],
    )
    _write(
        folder / "VOCABULARY.csv",
        "vocabulary_id vocabulary_name vocabulary_reference vocabulary_version "
        "vocabulary_concept_id",
        [("None", "OMOP Standardized Vocabularies", "", "v5.0 TEST", 0)],
    )
    _write(
        folder / "SOURCE_TO_CONCEPT_MAP.csv",
        "source_code source_concept_id source_vocabulary_id source_code_description "
        "target_concept_id target_vocabulary_id valid_start_date valid_end_date invalid_reason",
        [("temperature", 0, "atmp_rwe", "", TEMPERATURE, "LOINC", *dates)],
    )
    return folder


def _write(path: Path, header: str, rows: list[tuple[Any, ...]]) -> None:
    lines = ["\t".join(header.split()), *("\t".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
