"""A temporary build database as the dbt project finds it: schema `raw`, typed, mostly empty.

Here: the tables of schema `raw` and how small Python rows fill them. Not here: what dbt does with
them (tests/lib/dbt_project.py), nor how deliveries become these tables (the ingestion package).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

import ingestion
from ingestion.registration import FORMER
from ingestion.sql import DUCKDB_TYPES
from ingestion.tables import Column

CONTRACTS = Path(__file__).resolve().parents[2] / "expectations" / "contracts"

NO_DOWNLOADS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}

# Text unless said otherwise; every delivered table carries the lineage columns as well.
_TYPED = {
    "birth_year": "integer",
    "line": "integer",
    "grade": "integer",
    "bridging": "integer",
    "cost_eur": "double",
    "icu_days": "double",
    "observed_at": "timestamp",
}
_LINEAGE = {"_source": "varchar", "_delivery": "varchar", "_file": "varchar", "_row": "bigint"}

_COMMON_EXTRACT: dict[str, str] = {
    "common_extract__patients": "patient_id sex birth_year birth_month:integer"
    " residence_department vital_status death_date death_cause registration_date"
    " last_contact_date",
    "common_extract__treatments": "treatment_id patient_id product_code indication_code line"
    " centre_id decision_date order_date apheresis_date release_date infusion_date"
    " not_infused_reason batch_id batch_outcome bridging",
    "common_extract__events": "event_id patient_id treatment_id event_type event_date grade"
    " grade_scale detail",
    "common_extract__assessments": "patient_id treatment_id assessment_date criteria response",
    "common_extract__covariates": "patient_id treatment_id name value measured_date",
    "common_extract__observations": "patient_id treatment_id observed_at code value unit",
    "common_extract__questionnaires": "questionnaire_id patient_id completed_date visit respondent"
    " instrument item answer not_completed_reason",
    "common_extract__stays": "patient_id admission_date discharge_date ghm cost_eur icu_days",
}
_REGISTRY = {
    "source": "varchar",
    "title": "varchar",
    "registers_from": "varchar",
    "identity": "varchar",
    "delivery_mode": "varchar",
    "delivery_date": "date",
    "synthetic": "boolean",
    "format": "varchar",
}
_CODE_MAP = {
    "source": "varchar",
    "code_list": "varchar",
    "code": "varchar",
    "mapped_code": "varchar",
}

_OTHERS = {
    "source_registry": _REGISTRY,
    "code_map": _CODE_MAP,
    **{name: dict(part.split() for part in text.split(", ")) for name, text in FORMER.items()},
}

Rows = Iterable[Mapping[str, Any]]


@cache
def _tables() -> dict[str, dict[str, str]]:
    """The delivered tables with their columns: those of the common extract as its format has them,
    those of the other built-in sources as their contracts say."""
    tables = {name: _common_extract(words) for name, words in _COMMON_EXTRACT.items()}
    for source, contract in ingestion.load_contracts([CONTRACTS]).items():
        if contract.format != "common_extract":
            for table in contract.tables.values():
                types = {column.name: _stored_type(column) for column in table.stored}
                tables[f"{source}__{table.name}"] = types | _LINEAGE
    return tables


def _common_extract(words: str) -> dict[str, str]:
    types: dict[str, str] = {}
    for word in words.split():
        name, _, given = word.partition(":")
        types[name] = given or _TYPED.get(name) or ("date" if name.endswith("_date") else "varchar")
    return types | _LINEAGE


def _stored_type(column: Column) -> str:
    return "varchar" if column.role == "pseudonym" else DUCKDB_TYPES[column.data_type].lower()


def column_types(table: str) -> dict[str, str]:
    """The columns of one raw table with their DuckDB types, lineage last."""
    return dict(_OTHERS.get(table) or _tables()[table])


def create_raw_database(path: Path, rows: Mapping[str, Rows] | None = None) -> Path:
    """Writes a DuckDB file with every raw table, filled from `rows` (table -> rows as dicts).

    A row names only the columns it fills. `_source` is required in delivered tables; the other
    lineage columns default to one delivery, one file and the row's position.
    """
    filled = {table: list(given) for table, given in (rows or {}).items()}
    unknown = set(filled) - {*_tables(), *_OTHERS}
    if unknown:
        raise ValueError(f"no raw table is called {', '.join(sorted(unknown))}")
    with duckdb.connect(str(path), config=dict(NO_DOWNLOADS)) as con:
        con.execute("create schema raw")
        for table in (*_tables(), *_OTHERS):
            types = column_types(table)
            columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
            con.execute(f"create table raw.{table} ({columns})")
            for position, row in enumerate(filled.get(table, ()), start=1):
                values = _with_lineage(row, position) if "_source" in types else dict(row)
                stray = set(values) - set(types)
                if stray:
                    raise ValueError(f"raw.{table} has no column {', '.join(sorted(stray))}")
                marks = ", ".join(f"cast(? as {types[name]})" for name in values)
                con.execute(
                    f"insert into raw.{table} ({', '.join(values)}) values ({marks})",
                    list(values.values()),
                )
    return path


def _with_lineage(row: Mapping[str, Any], position: int) -> dict[str, Any]:
    return {"_delivery": "2026-01-01", "_file": "rows.csv", "_row": position, **row}
