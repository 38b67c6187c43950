"""What each layer of the models may do, read from their SQL: staging reads one delivered row at a
time, and one source is known by its own models and by the union of all sources, by nothing else."""

from __future__ import annotations

import re

import pytest
from sqlglot import exp, parse_one

from tests.lib.dbt_project import PROJECT
from tests.lib.rendered_models import rendered_models

MODELS = rendered_models()
FOLDERS = {path.stem: path.parent for path in (PROJECT / "models").rglob("*.sql")}
STAGING = sorted(name for name, folder in FOLDERS.items() if folder.parent.name == "staging")
#: A model of one source, by its name; `deliveries` is what the run tells of all of them.
OF_SOURCE = re.compile(r"(stg|int)_(?!deliveries__)(\w+?)__\w+")
#: Where the sources meet.
UNION = {"reported", "union"}

SUBQUERY = "asks other rows (subquery)"
#: Parts of a query whose answer follows from other rows than the one that is read.
OTHER_ROWS = {
    exp.Join: "joins",
    exp.Lateral: "joins (lateral)",
    exp.Unnest: "joins (unnest)",
    exp.Window: "has a window (over)",
    exp.Qualify: "has a window (qualify)",
    exp.Group: "groups",
    exp.AggFunc: "aggregates",
    exp.Distinct: "removes duplicates (distinct)",
    exp.Limit: "limits",
    exp.Exists: "asks other rows (exists)",
    exp.Subquery: SUBQUERY,
}


def beyond_a_row(sql: str) -> list[str]:
    """What a query does that one delivered row does not answer; nothing in staging may."""
    query = parse_one(sql, dialect="spark")
    for join in list(query.find_all(exp.Join)):
        if _lists_places(join):
            join.pop()
    named = {cte.alias for cte in query.find_all(exp.CTE)}
    found = [what for part, what in OTHER_ROWS.items() if query.find(part)]
    for operation in query.find_all(exp.SetOperation):
        if not isinstance(operation, exp.Union) or operation.args["distinct"]:
            found.append(f"removes duplicates ({operation.key} without all)")
    for table in query.find_all(exp.Table):
        if table.db != "raw" and table.name not in named:
            found.append(f"reads {table.name}")
    return found


def _lists_places(join: exp.Join) -> bool:
    """Whether it unpivots: a cross join with a list of constants asks no other row."""
    told = isinstance(join.this, exp.Subquery) and not join.this.find(exp.Table, exp.Column)
    return told and join.kind == "CROSS" and not join.args.get("on")


def tables_of(name: str) -> set[str]:
    """The tables a model reads, and the queries it names."""
    return {table.name for table in parse_one(MODELS[name], dialect="spark").find_all(exp.Table)}


@pytest.mark.parametrize("name", STAGING)
def test_a_staging_model_reads_one_delivered_row_at_a_time(name: str):
    """It renames, casts and unpivots. What takes other rows or a code list - a join, a window, a
    group, a seed, another model - is int_<source>__<table>."""
    assert beyond_a_row(MODELS[name]) == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select cast(a as int) as b from raw.t union all select c from raw.u", []),
        ("with x as (select * from raw.t) select trim(a) as b from x where a is not null", []),
        ("select a from raw.t as t inner join raw.u as u on t.a = u.a", ["joins"]),
        ("select t.a from raw.t as t, raw.u as u", ["joins"]),
        ("select row_number() over (order by a) as n from raw.t", ["has a window (over)"]),
        ("select a from raw.t cross join (select 'x' as p union all select 'y' as p) as q", []),
        ("select a from raw.t cross join (select b from raw.u) as q", ["joins", SUBQUERY]),
        ("select a from raw.t group by a", ["groups"]),
        ("select max(a) as a from raw.t", ["aggregates"]),
        ("select distinct a from raw.t", ["removes duplicates (distinct)"]),
        (
            "select a from raw.t union select a from raw.u",
            ["removes duplicates (union without all)"],
        ),
        ("select code from product", ["reads product"]),
        ("select a from raw.t where a in (select b from raw.u)", [SUBQUERY]),
        ("select (select b from raw.u) as a from raw.t", [SUBQUERY]),
        ("select a from raw.t where exists (select b from raw.u)", ["asks other rows (exists)"]),
    ],
)
def test_the_rule_finds_what_it_forbids(sql: str, found: list[str]):
    assert beyond_a_row(sql) == found


def test_a_model_of_one_source_is_in_the_folder_of_its_layer_and_source():
    layers = {"stg": "staging", "int": "intermediate"}
    sources = {folder.name for folder in FOLDERS.values() if folder.parent.name == "staging"}
    for name, folder in FOLDERS.items():
        told = OF_SOURCE.fullmatch(name)
        if told:
            assert (folder.parent.name, folder.name) == (layers[told[1]], told[2]), name
        else:
            assert folder.name not in sources - {"deliveries"}, name


def test_a_source_is_read_by_its_own_models_and_by_the_union_alone():
    for name, folder in FOLDERS.items():
        read = {told[2] for told in map(OF_SOURCE.fullmatch, tables_of(name)) if told}
        own = OF_SOURCE.fullmatch(name)
        if own:
            assert read <= {own[2]}, name
        elif folder.name not in UNION:
            assert read == set(), name


def test_every_source_reaches_the_union_by_models_that_exist():
    """`delivered_tables` names each of them; what it does not name reaches no result."""
    read = {
        table
        for name, folder in FOLDERS.items()
        if folder.name in UNION
        for table in tables_of(name)
    }
    shaped = {told[2] for told in map(OF_SOURCE.fullmatch, read & FOLDERS.keys()) if told}
    folders = {path.name for path in (PROJECT / "models" / "staging").iterdir()}
    assert shaped == folders - {"deliveries"}
