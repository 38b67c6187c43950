"""The dbt project on Apache Spark, beside DuckDB: `python -m benchmarks.spark_build BUILD`.

BUILD is a finished build (`data/demo/warehouse/build-*.duckdb`) whose raw deliveries are still
there. Its raw tables are handed to Spark as Parquet, dbt-spark builds seeds and models from them in
local mode, and every mart is compared row by row with the one DuckDB built. Prints a line a mart
and dbt's own counts; exit 1 when anything differs. Runs in an environment of its own
(docs/guides/spark.md says how to make it). Not here: how to run Spark for real.
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from dbt.cli.main import dbtRunner
from pyspark.sql import DataFrame, SparkSession

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
PROFILE = """
atmp_rwe:
  target: spark
  outputs:
    spark: {type: spark, method: session, schema: main, host: none, threads: 1}
"""
#: Spark's names of the types that a Python model declares in its COLUMNS.
TYPES = {"int64": "bigint", "Int64": "bigint", "string": "string", "float64": "double"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    build = parser.parse_args().build
    if not build.is_file():
        parser.error(f"{build} is no file: give a build of `atmp-rwe run`")
    with tempfile.TemporaryDirectory(prefix="spark_build_") as folder:
        work = Path(folder)
        # Spark keeps its catalog and dbt its logs where they are started.
        os.chdir(work)
        with duckdb.connect(str(build), read_only=True) as con:
            spark = _session(work)
            _hand_over(con, spark, work)
            started = time.perf_counter()
            if not _build(spark, work):
                return 1
            print(f"built in {time.perf_counter() - started:.0f} s by Spark {spark.version}")
            differing = list(_compare(con, spark, work))
    return 1 if differing else 0


def _session(work: Path) -> SparkSession:
    settings = {
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        # A timestamp is what the source wrote, in no time zone, as in DuckDB.
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.legacy.createHiveTableByDefault": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.sources.default": "parquet",
        "spark.ui.enabled": "false",
        "spark.driver.memory": "4g",
    }
    builder = SparkSession.builder.master("local[2]").appName("atmp_rwe")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _hand_over(con: duckdb.DuckDBPyConnection, spark: SparkSession, work: Path) -> None:
    """Every raw table as DuckDB reads it, as a table of the database `raw` of Spark."""
    spark.sql("create database raw")
    for name in _tables(con, "raw"):
        path = work / f"raw_{name}.parquet"
        con.execute(f"copy (from raw.{name}) to '{path}' (format parquet)")
        spark.read.parquet(str(path)).write.saveAsTable(f"raw.{name}")


def _tables(con: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    rows = con.execute(
        "select table_name from information_schema.tables where table_schema = ? order by 1",
        [schema],
    ).fetchall()
    return [name for (name,) in rows]


def _build(spark: SparkSession, work: Path) -> bool:
    """Seeds, models and data tests. dbt-spark sends a Python model to a cluster; here they are run
    between two runs of dbt, each by its own file."""
    (work / "profiles.yml").write_text(PROFILE)
    paths = sorted((PROJECT / "models").rglob("*.py"))
    names = [path.stem for path in paths]
    after = [f"{name}+" for name in names]
    if not (_dbt(work, "seed") and _dbt(work, "run", "--exclude", *after)):
        return False
    for path in paths:
        _run_model(spark, path)
    return _dbt(work, "run", "--select", *after, "--exclude", *names) and _dbt(
        work, "test", "--exclude", "resource_type:unit_test"
    )


def _dbt(work: Path, *arguments: str) -> bool:
    done = dbtRunner().invoke(
        [
            *arguments,
            "--quiet",
            *("--project-dir", str(PROJECT)),
            *("--profiles-dir", str(work)),
            *("--target-path", str(work / "target")),
            *("--log-path", str(work / "logs")),
        ]
    )
    if done.exception is not None:
        raise done.exception
    counts: dict[str, int] = {}
    results: Any = done.result
    for one in results:
        counts[str(one.status)] = counts.get(str(one.status), 0) + 1
    print(f"dbt {' '.join(arguments)}: {', '.join(f'{n} {s}' for s, n in sorted(counts.items()))}")
    return bool(done.success)


class _Table:
    """A table of Spark with the two methods of a DuckDB relation that the Python models call."""

    def __init__(self, table: DataFrame) -> None:
        self._table = table

    def select(self, *columns: str) -> _Table:
        return _Table(self._table.select(*columns))

    def df(self) -> pd.DataFrame:
        read: pd.DataFrame = self._table.toPandas()
        return read


class _Project:
    """What dbt hands to a Python model."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def config(self, **settings: Any) -> None:
        """Read by dbt when it parses the model."""

    def ref(self, name: str) -> _Table:
        return _Table(self._spark.table(f"intermediate.{name}"))


def _run_model(spark: SparkSession, path: Path) -> None:
    sys.path.insert(0, str(PROJECT.parent))
    module = runpy.run_path(str(path))
    made = module["model"](_Project(spark), spark).astype(object)
    rows = made.where(made.notna(), None).itertuples(index=False, name=None)
    schema = ", ".join(f"{name} {TYPES[kind]}" for name, kind in module["COLUMNS"].items())
    spark.createDataFrame(list(rows), schema).write.saveAsTable(f"intermediate.{path.stem}")


def _compare(con: duckdb.DuckDBPyConnection, spark: SparkSession, work: Path) -> Iterator[str]:
    """Prints each mart with its rows; gives the names of those that differ."""
    print(f"\n{'mart':24} {'rows':>8} {'DuckDB only':>12} {'Spark only':>11}")
    for name in _tables(con, "marts"):
        told: DataFrame = spark.table(f"marts.{name}")
        path = work / f"mart_{name}"
        told.write.parquet(str(path))
        columns = _columns(con, name)
        mine = f"select {columns} from marts.{name}"
        other = f"select {columns} from read_parquet('{path}/*.parquet')"
        counts = [
            con.execute(f"select count(*) from ({sql})").fetchone()
            for sql in (mine, f"{mine} except all {other}", f"{other} except all {mine}")
        ]
        rows, here, there = (row[0] for row in counts if row)
        print(f"{name:24} {rows:8} {here:12} {there:11}")
        if here or there:
            yield name


def _columns(con: duckdb.DuckDBPyConnection, mart: str) -> str:
    """All columns by name; a number to 12 figures, since a sum has no order on Spark."""
    rows = con.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'marts' and table_name = ? order by ordinal_position",
        [mart],
    ).fetchall()
    return ", ".join(
        f"round({name}, 12) as {name}" if kind == "DOUBLE" else f"{name}" for name, kind in rows
    )


if __name__ == "__main__":
    sys.exit(main())
