"""No model is DuckDB's alone: rendered for Spark, each holds only what both engines know."""

from __future__ import annotations

import re

import duckdb
import pytest
from sqlglot import exp, parse_one

from tests.lib.dbt_project import PROJECT
from tests.lib.rendered_models import rendered_models

#: Functions of both engines, by Spark's `show functions` (4.3) and DuckDB's `duckdb_functions()`
#: (2.0), that mean the same in both. A new one is looked up in both before it is added.
IN_BOTH_ENGINES = {
    "abs", "chr", "coalesce", "concat", "count", "extract", "floor", "greatest", "lag", "lead",
    "least", "length", "lower", "max", "md5", "min", "min_by", "mod", "nullif", "power",
    "replace", "round", "row_number", "substr", "sum", "translate", "trim", "upper",
}  # fmt: skip
#: What Spark's macros are rendered to; DuckDB never sees them.
OF_SPARK = {"date_add", "datediff"}
#: Words before a parenthesis that call nothing.
SYNTAX = {
    "and", "as", "by", "case", "cast", "distinct", "else", "except", "from", "in", "join", "not",
    "on", "or", "over", "select", "then", "try_cast", "union", "values", "when", "where",
}  # fmt: skip
TYPES = {"bigint", "boolean", "date", "double", "int", "text", "timestamptz"}
#: ... as sqlglot names them, and as a contract may: `varchar` wants a length on Spark.
CONTRACT_TYPES = {"bigint", "boolean", "date", "double", "integer", "string", "timestamp"}
#: Syntax that Spark 4 does not read, or reads otherwise.
FOREIGN = (exp.Qualify, exp.Array, exp.Struct, exp.Lambda, exp.TableSample, exp.Pivot, exp.Bracket)

MODELS = rendered_models()


def called(sql: str) -> set[str]:
    """Words that stand before a parenthesis, outside comments and strings."""
    bare = re.sub(r"'[^']*'", "''", re.sub(r"--[^\n]*", "", sql))
    return set(re.findall(r"\b([a-z_]\w*)\s*\(", bare.lower()))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_calls_only_what_both_engines_know(name: str):
    assert called(MODELS[name]) - SYNTAX <= IN_BOTH_ENGINES | OF_SPARK


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_is_spark_in_its_syntax_and_its_types(name: str):
    tree = parse_one(MODELS[name], read="spark")
    assert not [type(node).__name__ for node in tree.find_all(*FOREIGN)]
    types = {node.this.value.lower() for node in tree.find_all(exp.DataType)}
    assert types <= TYPES
    # `except` after a star is how Spark leaves columns out; `exclude` is DuckDB's word.
    assert "exclude" not in MODELS[name].lower().split()


def test_contracts_name_types_of_both_engines():
    named = {
        kind
        for path in (PROJECT / "models").rglob("_*.yml")
        for kind in re.findall(r"data_type: (\S+)", path.read_text())
    }
    assert named <= CONTRACT_TYPES


def test_the_list_holds_functions_that_duckdb_has():
    known = {
        name
        for (name,) in duckdb.sql(
            "select distinct function_name from duckdb_functions()"
        ).fetchall()
    }
    # Written in the grammar rather than listed.
    grammar = {"coalesce", "extract", "greatest", "least", "lag", "lead", "nullif", "row_number"}
    assert IN_BOTH_ENGINES - grammar <= known


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select arg_min(a, b) from t", "a function of DuckDB"),
        ("select list_transform(a, b) from t", "a function of DuckDB"),
        ("select strftime(a, '%Y') from t", "a function that means something else elsewhere"),
    ],
)
def test_a_function_of_duckdb_alone_is_caught(sql: str, why: str):
    assert not called(sql) - SYNTAX <= IN_BOTH_ENGINES | OF_SPARK, why


def test_the_stand_in_renders_every_file_of_the_project():
    files = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "tests").glob("*.sql")]
    assert len(MODELS) == len(files) > 100
    assert not [name for name, sql in MODELS.items() if "{{" in sql or "{%" in sql]
