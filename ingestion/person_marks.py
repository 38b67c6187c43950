"""Which persons the chosen deliveries tell otherwise than the build before.

A mark is a hash of all that a source's raw rows say of a person, in their order; a person whose
marks are the same in two builds has the same rows in both, wherever they stand in the files. What
a row is worth depends on one thing besides: the delivery date of its source, after which nothing
counts. So a person with a date on or after the earlier of two delivery dates counts as changed,
whichever source and whichever of the person's linked numbers tell it: a contact told by one source
ends a clock of another.
Deliveries of one source whose rows name no person (sites of a warehouse, batches) concern all of
its persons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from ingestion import registration, sql
from ingestion.contracts import Contract
from ingestion.exclusions import of_persons, pseudonym_columns, read_exclusions
from ingestion.records import DeliveryRecord
from ingestion.selection import Selection
from ingestion.tables import Column, Table

_MARK = "raw.person_mark"
_MOMENTS = ("date", "timestamp")


def write_marks(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    selection: Selection,
    home: Path,
) -> None:
    """Create `raw.person_mark`: source, patient_id (NULL: rows that name nobody), mark, last_date
    (the latest date of any column). One row per source and person."""
    hidden = read_exclusions(home).hidden
    tables = [
        query
        for source, records in sorted(selection.current.items())
        for table in contracts[source].tables.values()
        for query in _of_table(contracts[source], table, records, hidden, home)
    ]
    union = " UNION ALL ".join(tables) or (
        "SELECT '' AS source, '' AS patient_id, 0::UBIGINT AS mark, NULL::DATE AS last_date "
        "WHERE FALSE"
    )
    con.execute(
        f"""CREATE OR REPLACE TABLE {_MARK} AS
        SELECT source, patient_id, bit_xor(mark) AS mark, max(last_date) AS last_date
        FROM ({union}) GROUP BY source, patient_id"""
    )


def changed_persons() -> str:
    """A query of the pseudonyms that changed since the build whose marks are in
    `raw.former_person_mark`, whose sources are in `raw.former_source_registry` and whose links
    between numbers of one person are in `raw.former_person_link`."""
    return f"""
        WITH compared AS (
            SELECT source, patient_id, now.mark IS DISTINCT FROM former.mark AS is_changed,
                greatest(now.last_date, former.last_date) AS last_date
            FROM {_MARK} AS now FULL JOIN raw.former_person_mark AS former
                USING (source, patient_id)
            WHERE patient_id IS NOT NULL
        ),
        -- NULL joins nothing above: rows that name nobody, by source.
        nobody AS (
            SELECT source FROM (SELECT * FROM {_MARK} WHERE patient_id IS NULL) AS now
            FULL JOIN (SELECT * FROM raw.former_person_mark WHERE patient_id IS NULL) AS former
                USING (source)
            WHERE now.mark IS DISTINCT FROM former.mark
        ),
        retold AS (
            SELECT source FROM raw.source_registry AS now
            FULL JOIN raw.former_source_registry AS former USING (source)
            WHERE hash(now.registers_from, now.identity, now.delivery_mode, now.format)
                <> hash(former.registers_from, former.identity, former.delivery_mode, former.format)
            UNION SELECT source FROM nobody
        ),
        -- A person's rows count up to the delivery of each source that knows the person.
        moved AS (
            SELECT source, least(now.delivery_date, former.delivery_date) AS first_date
            FROM raw.source_registry AS now JOIN raw.former_source_registry AS former USING (source)
            WHERE now.delivery_date <> former.delivery_date
        ),
        linked AS (
            SELECT patient_id, coalesce(person_id, patient_id) AS person_id, last_date
            FROM compared LEFT JOIN raw.former_person_link USING (patient_id)
        ),
        latest AS (
            SELECT patient_id, max(last_date) OVER (PARTITION BY person_id) AS last_date
            FROM linked
        )
        SELECT patient_id FROM compared WHERE is_changed OR source IN (SELECT source FROM retold)
        UNION
        SELECT patient_id FROM compared JOIN moved USING (source) JOIN latest USING (patient_id)
        WHERE latest.last_date >= moved.first_date"""


def _of_table(
    contract: Contract,
    table: Table,
    records: Sequence[DeliveryRecord],
    hidden: frozenset[str],
    home: Path,
) -> Iterator[str]:
    """The marks of one table, a query a column that names a patient."""
    files = registration.raw_files(records, table, home)
    if not files:
        return
    names = [column.name for column in table.stored]
    patients, others = pseudonym_columns(table, names)
    excluded = of_persons(patients, others, hidden)
    where = f" WHERE NOT {excluded}" if excluded else ""
    # The order of rows decides between copies; that of one file is its row number alone.
    place = "_row" if len(files) == 1 else "{'d': _delivery, 'f': _file, 'r': _row}"
    # A later delivery of an increment replaces an earlier one: the date is part of what is told.
    told = ["_delivery"] if contract.delivery == "increment" else []
    cells = ", ".join([*told, *(sql.identifier(name) for name in names)]) or "NULL"
    dates = [column for column in table.stored if column.data_type in _MOMENTS]
    moments = [_day(column, contract, f"_filled{i}") for i, column in enumerate(dates)]
    filled = [f"{sql.filled(sql.identifier(c.name))} AS _filled{i}" for i, c in enumerate(dates)]
    latest = f"max(greatest({', '.join([*moments, 'CAST(NULL AS VARCHAR)'])}))"
    columns: list[str | None] = [*patients] or [None]
    for patient in columns:
        person = registration.pseudonym(patient) if patient else "CAST(NULL AS VARCHAR)"
        yield f"""
            SELECT {sql.literal(contract.source)} AS source, {person} AS patient_id,
                hash({sql.literal(f"{table.name} {patient}")}, list_transform(
                    list_sort(list({{'place': {place}, 'cells': hash({cells})}})),
                    LAMBDA told: told.cells)) AS mark,
                TRY_CAST({latest} AS DATE) AS last_date
            FROM (SELECT {", ".join(["*", *filled])}
                FROM ({registration.text_query(table, contract, files)})){where}
            GROUP BY ALL"""


def _day(column: Column, contract: Contract, filled: str) -> str:
    """A date as the text of its day, so that the latest text is the latest day. ISO dates, by far
    the most, are it already: reading them as dates would cost more than all the rest.

    filled: the name of the column's `filled` text."""
    text = sql.identifier(column.name)
    read = registration.read(column, contract.text_format, filled)
    return (
        f"CASE WHEN {text} LIKE '____-__-__%' THEN left({text}, 10) "
        f"ELSE CAST(CAST({read} AS DATE) AS VARCHAR) END"
    )
