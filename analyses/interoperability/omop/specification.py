"""The part of OMOP CDM 5.4 that is written: columns, types, and the concepts fixed by convention.

Belongs here: reading fields.csv and constants.csv. Does not belong here: data. Source of both:
OHDSI CommonDataModel, OMOP_CDMv5.4_Field_Level.csv, and its documentation.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
#: Order in which the tables are made: each reads only tables before it.
TABLES = (
    "location",
    "care_site",
    "person",
    "death",
    "visit_occurrence",
    "drug_exposure",
    "condition_occurrence",
    "procedure_occurrence",
    "measurement",
    "observation",
    "episode",
    "episode_event",
    "observation_period",
)
#: Tables an Athena folder may bring, and those it must.
VOCABULARY_TABLES = (
    "concept",
    "vocabulary",
    "domain",
    "concept_class",
    "concept_relationship",
    "relationship",
    "concept_synonym",
    "concept_ancestor",
    "drug_strength",
    "source_to_concept_map",
)
REQUIRED_VOCABULARY = ("concept", "concept_relationship", "vocabulary")


@dataclass(frozen=True)
class Field:
    """One column of the model."""

    name: str
    type: str
    max_length: int | None
    required: bool


@functools.cache
def fields() -> dict[str, tuple[Field, ...]]:
    """The columns of every table that is written, in the model's order."""
    read: dict[str, list[Field]] = {}
    for row in _rows("fields.csv"):
        length = int(row["max_length"]) if row["max_length"] else None
        field = Field(row["field"], row["type"], length, row["required"] == "true")
        read.setdefault(row["table"], []).append(field)
    return {table: tuple(columns) for table, columns in read.items()}


@functools.cache
def constants() -> dict[str, int]:
    """Concept ids by the name the SQL of this package calls them."""
    return {row["name"]: int(row["concept_id"]) for row in _rows("constants.csv")}


def constant_rows() -> list[dict[str, str]]:
    """constants.csv as it is."""
    return _rows("constants.csv")


def query(table: str) -> str:
    """The SQL of one table, with the constants in place."""
    text = (HERE / "tables" / f"{table}.sql").read_text(encoding="utf-8")
    for name, concept_id in constants().items():
        text = text.replace(f"{{{name}}}", str(concept_id))
    return text


def as_specified(table: str, there: set[str], relation: str) -> str:
    """SELECT that gives a relation the model's columns and types; those not `there` are NULL."""
    chosen = ", ".join(_cast(field, field.name in there) for field in fields()[table])
    return f"SELECT {chosen} FROM {relation}"


def _cast(field: Field, there: bool) -> str:
    value = f"CAST({field.name if there else 'NULL'} AS {field.type})"
    if field.max_length is not None:
        value = f"left({value}, {field.max_length})"
    return f'{value} AS "{field.name}"'


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
