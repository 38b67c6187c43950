"""Which columns a model's columns come from, and what Dagster shows of a table that dbt built.

dagster-dbt can fetch both, and takes half a minute for this project: it asks the adapter once per
node and analyses a model's SQL anew for each of its columns. Here one read-only connection
answers for all nodes and each model's SQL is analysed once (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

DIALECT = "duckdb"
Relation = tuple[str, str]
#: relation -> column -> (type, comment)
Columns = dict[Relation, dict[str, tuple[str, str | None]]]
KeyOf = Callable[[Mapping[str, Any]], dg.AssetKey]


class BuiltTables:
    """The relations of a build database as Dagster metadata."""

    def __init__(self, database: Path, manifest: Mapping[str, Any], key_of: KeyOf) -> None:
        self._nodes = {**manifest["nodes"], **manifest["sources"]}
        self._key_of = key_of
        self._relations = {
            (node["schema"], node.get("identifier") or node.get("alias") or node["name"]): node
            for node in self._nodes.values()
            if node["resource_type"] in ("model", "seed", "source")
        }
        with duckdb.connect(str(database), read_only=True) as con:
            self._columns = _columns(con)
            self._counts = _row_counts(con)
        tables: dict[str, Any] = {}
        for (schema, table), columns in self._columns.items():
            types = {name: kind for name, (kind, _) in columns.items()}
            tables.setdefault(schema, {})[table] = types
        # Made once: sqlglot reads a plain dict anew for every column it traces.
        self._schema = MappingSchema(tables, dialect=DIALECT)

    def metadata(self, unique_id: str) -> dict[str, Any]:
        """Row count (tables only), column schema with comments, and column lineage."""
        node = self._nodes[unique_id]
        relation = (node["schema"], node["alias"])
        columns = self._columns.get(relation, {})
        found: dict[str, Any] = {
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(name, kind, description=comment)
                    for name, (kind, comment) in columns.items()
                ]
            )
        }
        if relation in self._counts:
            found["dagster/row_count"] = self._counts[relation]
        if node.get("language") == "sql" and node.get("compiled_code"):
            found["dagster/column_lineage"] = self._lineage(node["compiled_code"], list(columns))
        return found

    def _lineage(self, sql: str, columns: list[str]) -> dg.TableColumnLineage:
        try:
            query = qualify(
                _without_catalog(parse_one(sql, dialect=DIALECT)),
                schema=self._schema,
                dialect=DIALECT,
                validate_qualify_columns=False,
                identify=False,
            )
        except SqlglotError:
            return dg.TableColumnLineage({})
        scope = build_scope(query)
        return dg.TableColumnLineage(
            {column: self._sources(column, query, scope) for column in columns}
        )

    def _sources(self, column: str, query: exp.Expr, scope: Any) -> list[dg.TableColumnDep]:
        try:
            root = lineage(
                column, query, self._schema, scope=scope, dialect=DIALECT, trim_selects=False
            )
        except (SqlglotError, ValueError):
            return []
        found = set()
        for node in root.walk():
            table = None if node.downstream else node.expression.find(exp.Table)
            parent = self._relations.get((table.db, table.name)) if table else None
            if parent is not None:
                found.add((self._key_of(parent), exp.to_column(node.name).name))
        return [dg.TableColumnDep(key, name) for key, name in sorted(found)]


def _without_catalog(query: exp.Expr) -> exp.Expr:
    for table in query.find_all(exp.Table):
        table.set("catalog", None)
    return query


def _columns(con: duckdb.DuckDBPyConnection) -> Columns:
    found: Columns = {}
    for schema, table, column, kind, comment in con.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where not internal order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, table), {})[column] = (kind, comment)
    return found


def _row_counts(con: duckdb.DuckDBPyConnection) -> dict[Relation, int]:
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where not internal"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        row = con.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
        counts[schema, table] = int(row[0]) if row else 0
    return counts
