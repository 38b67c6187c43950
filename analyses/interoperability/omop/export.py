"""A release as OMOP CDM 5.4: Parquet files, one a table, or one DuckDB file.

Belongs here: the order of the tables, cdm_source and the files. Does not belong here: what a table
holds (tables/*.sql) and what a code maps to (vocabulary.py).
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Literal

import duckdb

from analyses.interoperability.folder import complete
from analyses.interoperability.marts import read_marts
from analyses.interoperability.omop.specification import (
    HERE,
    TABLES,
    VOCABULARY_TABLES,
    as_specified,
    constants,
    fields,
    query,
)
from analyses.interoperability.omop.vocabulary import load_vocabulary
from analyses.interoperability.source_codes import indication_codes, product_codes

#: Read by every DuckDB since 1.2, as a release is.
STORAGE_VERSION = "v1.2.0"
DATABASE = "omop_cdm.duckdb"
_LEFT_OUT = """
SELECT count(DISTINCT p.patient_id) FROM mart_patient AS p
WHERE NOT EXISTS (SELECT 1 FROM known_patient AS k WHERE k.patient_id = p.patient_id)
"""


def export_omop(
    con: duckdb.DuckDBPyConnection,
    to: Path,
    *,
    release_id: str,
    released_on: dt.date,
    vocabulary: Path | None = None,
    file_format: Literal["parquet", "duckdb"] = "parquet",
) -> dict[str, Any]:
    """Write the tables of OMOP CDM 5.4 from the marts that `con` has open; returns what was done.

    con: a connection, read-only if wished, on a release; it is given temporary tables.
    to: the folder to write, which must not hold anything yet. <table>.parquet each, or
        omop_cdm.duckdb; and export.json with what is returned:
        format, release_id, vocabulary_version, tables (rows of each), persons_left_out (without a
        year of birth, which the model demands), unmapped (rows with concept 0, by table),
        unverified_codes (codes of what is in the data that nobody has checked in their source),
        marts_missing (of older releases).
    vocabulary: a folder of Athena files; None leaves codes at concept 0 with their source value.

    The same release and vocabulary give the same bytes. ExportError when it cannot be made.
    """
    with complete(to) as folder:
        missing = read_marts(con)
        version = load_vocabulary(con, vocabulary)
        _make_tables(con, release_id, released_on, version)
        names = [*TABLES, "cdm_source", *VOCABULARY_TABLES]
        if file_format == "parquet":
            _write_parquet(con, folder, names)
        else:
            _write_database(con, folder / DATABASE, names)
        done = {
            "format": "OMOP CDM 5.4",
            "release_id": release_id,
            "vocabulary_version": version,
            "tables": {name: _number(con, f"SELECT count(*) FROM cdm_{name}") for name in names},
            "persons_left_out": _number(con, _LEFT_OUT),
            "unmapped": _unmapped(con),
            "unverified_codes": _unverified(con),
            "marts_missing": list(missing),
        }
        (folder / "export.json").write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    return done


def _make_tables(
    con: duckdb.DuckDBPyConnection, release_id: str, released_on: dt.date, version: str
) -> None:
    """Temporary tables <name>, as the SQL makes them, and views cdm_<name>, as the model has it."""
    prepare = (HERE / "prepare.sql").read_text(encoding="utf-8")
    for name, concept_id in constants().items():
        prepare = prepare.replace(f"{{{name}}}", str(concept_id))
    con.execute(prepare)
    for table in TABLES:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query(table)}")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE cdm_source AS SELECT "
        "'atmp-rwe release ' || $release_id AS cdm_source_name, "
        "'atmp-rwe' AS cdm_source_abbreviation, 'not stated' AS cdm_holder, "
        "string_agg(title, '; ' ORDER BY source) AS source_description, "
        "'docs/guides/interoperability.md' AS cdm_etl_reference, "
        "coalesce(max(delivery_date), $released_on) AS source_release_date, "
        "$released_on AS cdm_release_date, 'v5.4' AS cdm_version, "
        f"{constants()['cdm_version']} AS cdm_version_concept_id, "
        "$version AS vocabulary_version FROM mart_source",
        {"release_id": release_id, "released_on": released_on, "version": version},
    )
    for table in (*TABLES, "cdm_source", *VOCABULARY_TABLES):
        there = {row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()}
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW cdm_{table} AS {as_specified(table, there, table)}"
        )


def _write_parquet(con: duckdb.DuckDBPyConnection, folder: Path, names: list[str]) -> None:
    for name in names:
        target = str(folder / f"{name}.parquet").replace("'", "''")
        con.execute(f"COPY cdm_{name} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def _write_database(con: duckdb.DuckDBPyConnection, path: Path, names: list[str]) -> None:
    target = str(path).replace("'", "''")
    con.execute(f"ATTACH '{target}' AS cdm (STORAGE_VERSION '{STORAGE_VERSION}')")
    for name in names:
        columns = ", ".join(
            f'"{field.name}" {field.type}{" NOT NULL" if field.required else ""}'
            for field in fields()[name]
        )
        con.execute(f"CREATE TABLE cdm.{name} ({columns})")
        con.execute(f"INSERT INTO cdm.{name} SELECT * FROM cdm_{name}")
    con.execute("CHECKPOINT cdm")
    con.execute("DETACH cdm")


def _unmapped(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    columns = {
        "drug_exposure": "drug_concept_id",
        "condition_occurrence": "condition_concept_id",
        "procedure_occurrence": "procedure_concept_id",
        "measurement": "measurement_concept_id",
        "observation": "observation_concept_id",
    }
    return {
        table: _number(con, f"SELECT count(*) FROM {table} WHERE {column} = 0")
        for table, column in columns.items()
    }


def _unverified(con: duckdb.DuckDBPyConnection) -> list[str]:
    told = con.execute(
        "SELECT drug_source_value FROM drug_exposure UNION "
        "SELECT condition_source_value FROM condition_occurrence"
    ).fetchall()
    used = {value for (value,) in told}
    codes = (*product_codes(), *indication_codes())
    return sorted(
        f"{code.vocabulary} {code.code}"
        for code in codes
        if code.value in used and not code.verified
    )


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])
