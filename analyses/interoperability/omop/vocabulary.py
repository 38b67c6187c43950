"""The vocabulary tables, and what source values map to.

Belongs here: a folder of Athena files, the few concepts that conventions fix when there is none,
and the temporary table `mapping`. Does not belong here: facts of patients.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from analyses.interoperability.errors import ExportError
from analyses.interoperability.omop.specification import (
    REQUIRED_VOCABULARY,
    VOCABULARY_TABLES,
    as_specified,
    constant_rows,
    fields,
)
from analyses.interoperability.source_codes import indication_codes, product_codes

#: The vocabulary under which SOURCE_TO_CONCEPT_MAP may hold a site's own mapping of source values.
OWN_VOCABULARY = "atmp_rwe"

_COLUMNS = "(domain_id, value, valid_from, valid_to, source_concept_id, concept_id)"
# A code of a terminology leads to its own concept, and from it by `Maps to` to the standard ones
# of the table's domain; a standard concept is its own. Without one the row keeps concept 0.
_MAP_CODES = """
INSERT INTO mapping
WITH found AS (
    SELECT
        source_code.domain_id, source_code.value, source_code.valid_from, source_code.valid_to,
        concept.concept_id AS source_concept_id
    FROM source_code
    INNER JOIN concept
        ON source_code.vocabulary_id = concept.vocabulary_id
        AND source_code.code = concept.concept_code
    QUALIFY row_number() OVER (
        PARTITION BY source_code.domain_id, source_code.value, source_code.valid_from
        ORDER BY concept.invalid_reason NULLS FIRST, concept.concept_id
    ) = 1
),
targets AS (
    SELECT source.concept_id AS source_concept_id, standard.concept_id, standard.domain_id
    FROM concept AS source
    INNER JOIN concept_relationship AS link
        ON source.concept_id = link.concept_id_1
        AND link.relationship_id = 'Maps to' AND link.invalid_reason IS NULL
    INNER JOIN concept AS standard
        ON link.concept_id_2 = standard.concept_id
        AND standard.standard_concept = 'S' AND standard.invalid_reason IS NULL
    UNION
    SELECT concept_id, concept_id, domain_id FROM concept
    WHERE standard_concept = 'S' AND invalid_reason IS NULL
)
SELECT
    found.domain_id, found.value, found.valid_from, found.valid_to, found.source_concept_id,
    coalesce(targets.concept_id, 0)
FROM found
LEFT JOIN targets
    ON found.source_concept_id = targets.source_concept_id AND found.domain_id = targets.domain_id
"""
_MAP_OWN = """
CREATE OR REPLACE TEMP TABLE own_mapping AS
SELECT
    standard.domain_id, own.source_code AS value, own.valid_start_date AS valid_from,
    own.valid_end_date AS valid_to, own.source_concept_id, standard.concept_id
FROM source_to_concept_map AS own
INNER JOIN concept AS standard
    ON own.target_concept_id = standard.concept_id AND standard.standard_concept = 'S'
WHERE own.source_vocabulary_id = ? AND own.invalid_reason IS NULL
"""
# Units are told in UCUM's own spelling, or mapped by the site.
_MAP_UNITS = """
INSERT INTO mapping
SELECT 'Unit', concept_code, DATE '1900-01-01', DATE '2099-12-31', concept_id, concept_id
FROM concept
WHERE vocabulary_id = 'UCUM' AND standard_concept = 'S' AND invalid_reason IS NULL
"""


def load_vocabulary(con: duckdb.DuckDBPyConnection, folder: Path | None) -> str:
    """Make the vocabulary tables and `mapping` on the connection; returns the vocabulary's version.

    folder: an Athena download (tab-separated CONCEPT.csv, CONCEPT_RELATIONSHIP.csv, VOCABULARY.csv
    and others, SOURCE_TO_CONCEPT_MAP.csv if the site has one); None: only the concepts that the
    conventions fix, and every source value maps to concept 0. ExportError for a folder that lacks
    a file or a column.
    """
    for table in VOCABULARY_TABLES:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {as_specified(table, set(), _NONE)}")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE mapping (domain_id VARCHAR, value VARCHAR, valid_from DATE, "
        "valid_to DATE, source_concept_id INTEGER, concept_id INTEGER)"
    )
    if folder is None:
        _fill_with_constants(con)
        return "none"
    files = _files(folder)
    for table, path in files.items():
        _load(con, table, path)
    _fill_source_codes(con)
    con.execute(_MAP_CODES)
    con.execute(_MAP_UNITS)
    con.execute(_MAP_OWN, [OWN_VOCABULARY])
    con.execute(
        "DELETE FROM mapping WHERE (domain_id, value) IN (SELECT domain_id, value FROM own_mapping)"
    )
    con.execute(f"INSERT INTO mapping {_COLUMNS} SELECT * FROM own_mapping")
    version = con.execute(
        "SELECT vocabulary_version FROM vocabulary WHERE vocabulary_id = 'None'"
    ).fetchall()
    return str(version[0][0]) if version and version[0][0] else "not stated"


_NONE = "(SELECT 1) WHERE false"


def _fill_with_constants(con: duckdb.DuckDBPyConnection) -> None:
    rows = constant_rows()
    con.executemany(
        "INSERT INTO concept SELECT ?, ?, ?, ?, ?, ?, ?, "
        "DATE '1970-01-01', DATE '2099-12-31', NULL",
        [
            [
                int(row["concept_id"]),
                row["concept_name"],
                row["domain_id"],
                row["vocabulary_id"],
                row["concept_class_id"],
                row["standard_concept"] or None,
                row["concept_code"],
            ]
            for row in rows
        ],
    )
    for table, column in (
        ("vocabulary", "vocabulary_id"),
        ("domain", "domain_id"),
        ("concept_class", "concept_class_id"),
    ):
        con.execute(
            f"INSERT INTO {table} ({column}, {table}_name, {table}_concept_id) "
            f"SELECT DISTINCT {column}, {column}, 0 FROM concept ORDER BY 1"
        )


def _files(folder: Path) -> dict[str, Path]:
    """The file of each vocabulary table, whatever the case of its name."""
    if not folder.is_dir():
        raise ExportError(f"--vocabulary {folder}: there is no such folder.")
    there = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_file()}
    found = {t: there[f"{t}.csv"] for t in VOCABULARY_TABLES if f"{t}.csv" in there}
    missing = [f"{table.upper()}.csv" for table in REQUIRED_VOCABULARY if table not in found]
    if missing:
        raise ExportError(
            f"--vocabulary {folder} lacks {', '.join(missing)}: give a folder as Athena exports it."
        )
    return found


def _load(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Athena's files are tab-separated, never quoted, with dates as YYYYMMDD."""
    read = "read_csv(?, delim='\t', header=true, quote='', escape='', all_varchar=true)"
    try:
        there = {
            row[0].lower()
            for row in con.execute(f"DESCRIBE SELECT * FROM {read}", [str(path)]).fetchall()
        }
        missing = [f.name for f in fields()[table] if f.required and f.name not in there]
        if missing:
            raise ExportError(
                f"{path} lacks the column {missing[0]}: it is no {table} of OMOP 5.4."
            )
        dated = ", ".join(
            f"strptime(replace({f.name}, '-', ''), '%Y%m%d')::DATE AS {f.name}"
            for f in fields()[table]
            if f.type == "DATE"
        )
        origin = f"(SELECT * REPLACE ({dated}) FROM {read})" if dated else read
        con.execute(f"INSERT INTO {table} {as_specified(table, there, origin)}", [str(path)])
    except duckdb.Error:
        raise ExportError(
            f"{path} cannot be read as the tab-separated file Athena exports."
        ) from None


def _fill_source_codes(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE source_code (domain_id VARCHAR, value VARCHAR, "
        "vocabulary_id VARCHAR, code VARCHAR, valid_from DATE, valid_to DATE)"
    )
    con.executemany(
        "INSERT INTO source_code VALUES (?, ?, ?, ?, ?, ?)",
        [
            [domain, code.value, code.vocabulary, code.code, code.valid_from, code.valid_to]
            for domain, codes in (("Drug", product_codes()), ("Condition", indication_codes()))
            for code in codes
        ],
    )
