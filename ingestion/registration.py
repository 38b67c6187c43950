"""The chosen raw files as typed views of a database, where dbt finds them.

Every table of every contract has a view, empty when nothing was delivered, so what is built on
them never depends on what happened to arrive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from ingestion import common_extract, sql
from ingestion.contracts import Contract
from ingestion.drift import COLUMNS, read_drift
from ingestion.exclusions import of_persons, pseudonym_columns, read_exclusions
from ingestion.records import DeliveryRecord
from ingestion.selection import Selection
from ingestion.sql import ISO, TextFormat
from ingestion.tables import Column, Table

#: What a build that starts from an earlier one is told of it; whoever begins such a build fills it.
FORMER = {
    "changed_person": "patient_id VARCHAR",
    "former_person_link": "patient_id VARCHAR, person_id VARCHAR",
    "former_told": "source VARCHAR, event_type VARCHAR",
}
_LINEAGE = {"_source": "VARCHAR", "_delivery": "DATE", "_file": "VARCHAR", "_row": "BIGINT"}


def register(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    selection: Selection,
    home: Path,
) -> None:
    """Create schema `raw`: views `<source>__<table>` and `common_extract__<table>`, and the tables
    `source_registry` (one row per source selected), `code_map` (one row per source, list and code),
    `delivery_change` (the drift history) and, empty, those of `FORMER`. No view shows a person of
    the home's deny list.
    """
    _views(con, contracts, selection, home, "raw", None)
    for table, columns in FORMER.items():
        con.execute(f"CREATE OR REPLACE TABLE raw.{table} ({columns})")
    _source_registry(con, contracts, selection)
    _code_map(con, contracts)
    _delivery_change(con, selection, home)


def register_persons(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    selection: Selection,
    home: Path,
    *,
    schema: str,
    persons: str,
) -> None:
    """Create the views of `raw` once more in another schema, with the rows of some persons only:
    those whose pseudonym is in column patient_id of the relation `persons`. Rows that name nobody
    are all there."""
    _views(con, contracts, selection, home, schema, persons)


def _views(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    selection: Selection,
    home: Path,
    schema: str,
    persons: str | None,
) -> None:
    hidden = read_exclusions(home).hidden
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    extracts: dict[str, list[str]] = {name: [] for name in common_extract.TABLES}
    for source in sorted(contracts):
        contract = contracts[source]
        for table in contract.tables.values():
            view = f"{schema}.{sql.identifier(f'{source}__{table.name}')}"
            files = raw_files(selection.current.get(source, ()), table, home)
            query = _typed_query(table, contract, files, hidden, persons)
            con.execute(f"CREATE OR REPLACE VIEW {view} AS {query}")
            for column in table.stored:
                if column.unit:
                    place = f"{view}.{sql.identifier(column.name)}"
                    unit = sql.literal(f"unit: {column.unit}")
                    con.execute(f"COMMENT ON COLUMN {place} IS {unit}")
            if contract.format == "common_extract":
                extracts[table.name].append(view)
    for name, views in extracts.items():
        union = " UNION ALL BY NAME ".join(f"SELECT * FROM {view}" for view in views)
        query = union or _empty_query(common_extract.TABLES[name])
        view = f"{schema}.{sql.identifier(f'common_extract__{name}')}"
        con.execute(f"CREATE OR REPLACE VIEW {view} AS {query}")


def raw_files(records: Sequence[DeliveryRecord], table: Table, home: Path) -> list[Path]:
    """The raw files of a table in these deliveries, in their order."""
    return [
        home / "raw" / r.source / table.name / f"{r.stem}.parquet"
        for r in records
        if table.name in r.tables
    ]


def _typed_query(
    table: Table,
    contract: Contract,
    files: list[Path],
    hidden: frozenset[str],
    persons: str | None,
) -> str:
    if not files:
        return _empty_query(table)
    text = text_query(table, contract, files, persons)
    filled = [f"{_filled(column)} AS {sql.identifier(column.name)}" for column in table.stored]
    names = [column.name for column in table.stored]
    person = of_persons(*pseudonym_columns(table, names), hidden)
    where = f" WHERE NOT {person}" if person else ""
    cells = f"SELECT {', '.join([*filled, *_LINEAGE])} FROM ({text}){where}"
    parts = [f"{_read(c, contract.text_format)} AS {sql.identifier(c.name)}" for c in table.stored]
    return f"SELECT {', '.join([*parts, *_LINEAGE])} FROM ({cells})"


def text_query(
    table: Table, contract: Contract, files: list[Path], persons: str | None = None
) -> str:
    """The rows that count, as delivered text: of an increment, those that no later one replaced.

    persons: a relation whose patient_id are the only ones to be read; None: everybody's."""
    text = " UNION ALL ".join(
        _text_of(table, columns, paths) for columns, paths in _by_columns(files).items()
    )
    if contract.delivery == "increment" and table.version_key and len(files) > 1:
        # The rows of a key's latest delivery: repeats within one delivery are left for dbt to see.
        key = ", ".join(sql.filled(sql.identifier(name)) for name in table.version_key)
        latest = f"_delivery = max(_delivery) OVER (PARTITION BY {key})"
        if set(table.version_key).isdisjoint(_patients(table)):
            return _of(f"SELECT * FROM ({text}) QUALIFY {latest}", table, persons)
        return f"SELECT * FROM ({_of(text, table, persons)}) QUALIFY {latest}"
    return _of(text, table, persons)


def pseudonym(name: str) -> str:
    """A pseudonym as it was written: nothing need be trimmed, and there are many."""
    return f"nullif({sql.identifier(name)}, '')"


def _patients(table: Table) -> list[str]:
    return pseudonym_columns(table, [column.name for column in table.stored])[0]


def _of(text: str, table: Table, persons: str | None) -> str:
    """The rows of these persons, told apart before anything is read as a type: reading few persons
    costs little more than finding them."""
    named = " OR ".join(
        f"{pseudonym(name)} IN (SELECT patient_id FROM {persons})" for name in _patients(table)
    )
    return f"SELECT * FROM ({text}) WHERE {named}" if persons and named else text


def read(column: Column, text_format: TextFormat, filled: str) -> str:
    """An expression that reads the filled text of a stored column of a raw file as its type."""
    part = column.role in ("birth_part", "birth_month")
    return sql.read(filled, column.data_type, ISO if part else text_format)


def _filled(column: Column) -> str:
    name = column.name
    return pseudonym(name) if column.role == "pseudonym" else sql.filled(sql.identifier(name))


def _read(column: Column, text_format: TextFormat) -> str:
    name = sql.identifier(column.name)
    return name if column.role == "pseudonym" else read(column, text_format, name)


def _by_columns(files: list[Path]) -> dict[frozenset[str], list[Path]]:
    """Files by the columns they hold: an older version of a contract may have had fewer."""
    groups: dict[frozenset[str], list[Path]] = defaultdict(list)
    for path in files:
        groups[frozenset(pq.read_schema(path).names)].append(path)
    return groups


def _text_of(table: Table, columns: frozenset[str], paths: list[Path]) -> str:
    parts = [
        sql.identifier(c.name)
        if c.name in columns
        else f"CAST(NULL AS VARCHAR) AS {sql.identifier(c.name)}"
        for c in table.stored
    ]
    listed = ", ".join(sql.literal(sql.plain_path(path)) for path in paths)
    return f"SELECT {', '.join([*parts, *_LINEAGE])} FROM read_parquet([{listed}])"


def _empty_query(table: Table) -> str:
    types = {column.name: _type(column) for column in table.stored} | _LINEAGE
    parts = [f"CAST(NULL AS {kind}) AS {sql.identifier(name)}" for name, kind in types.items()]
    return f"SELECT {', '.join(parts)} WHERE FALSE"


def _type(column: Column) -> str:
    return "VARCHAR" if column.role == "pseudonym" else sql.DUCKDB_TYPES[column.data_type]


def _source_registry(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], selection: Selection
) -> None:
    con.execute(
        """CREATE OR REPLACE TABLE raw.source_registry (
            source VARCHAR, title VARCHAR, registers_from VARCHAR, "identity" VARCHAR,
            delivery_mode VARCHAR, delivery_date DATE, synthetic BOOLEAN, format VARCHAR)"""
    )
    for source, used in sorted(selection.current.items()):
        contract = contracts[source]
        con.execute(
            "INSERT INTO raw.source_registry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                source,
                contract.title or source,
                contract.registers_from,
                contract.identity,
                contract.delivery,
                max(record.delivery for record in used),
                any(record.synthetic for record in used),
                contract.format,
            ],
        )


def _delivery_change(con: duckdb.DuckDBPyConnection, selection: Selection, home: Path) -> None:
    """The drift history up to the deliveries selected."""
    columns = ", ".join(f"{name} {kind}" for name, kind, _ in COLUMNS)
    con.execute(f"CREATE OR REPLACE TABLE raw.delivery_change ({columns})")
    con.execute(
        "COMMENT ON TABLE raw.delivery_change IS 'What changed between consecutive deliveries of "
        "each source. One row per delivery, table, column and kind of change.'"
    )
    for name, _, meaning in COLUMNS:
        con.execute(f"COMMENT ON COLUMN raw.delivery_change.{name} IS {sql.literal(meaning)}")
    latest = {source: used[-1].delivery for source, used in selection.current.items()}
    rows = [
        list(row.values())
        for drift in read_drift(home)
        if drift.source in latest and drift.delivery <= latest[drift.source]
        for row in drift.rows()
    ]
    if rows:
        marks = ", ".join("?" for _ in COLUMNS)
        con.executemany(f"INSERT INTO raw.delivery_change VALUES ({marks})", rows)


def _code_map(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> None:
    con.execute(
        """CREATE OR REPLACE TABLE raw.code_map (
            source VARCHAR, code_list VARCHAR, code VARCHAR, mapped_code VARCHAR)"""
    )
    rows = [
        [source, name, code, mapped]
        for source in sorted(contracts)
        for name, codes in sorted(contracts[source].all_code_maps.items())
        for code, mapped in codes.items()
    ]
    if rows:
        con.executemany("INSERT INTO raw.code_map VALUES (?, ?, ?, ?)", rows)
