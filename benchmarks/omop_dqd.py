"""OHDSI's own data-quality checks on an OMOP export: `python -m benchmarks.omop_dqd CHECKOUT DIR`.

CHECKOUT is a checkout of OHDSI/DataQualityDashboard, of which the check descriptions, thresholds
and SQL are read; DIR is a folder of Parquet that `atmp-rwe export omop` wrote. The SQL is OHDSI's,
rendered for DuckDB by `duckcdm.sqlrender` (byte-identical with SqlRender by its own account); R and
Java are not needed. Prints, for each check type, how many checks ran, failed their threshold, do
not apply, or could not run, and which failed. Not here: what the results mean
(docs/guides/interoperability.md).
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import duckdb
from duckcdm.omop import create_parquet_views
from duckcdm.sqlrender import render, split_sql, translate

#: evaluationFilter of a check description, `isRequired=='Yes' & x!=''`, as conditions.
CONDITION = re.compile(r"(\w+)\s*(==|!=)\s*'([^']*)'")
ABSENT = {"", "NA"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    create_parquet_views(con, str(options.folder), "cdm", versions=("5.4",), log=None)
    con.execute("USE memory.main")
    written = {path.stem for path in options.folder.glob("*.parquet")}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for description, check in _checks(options.checkout):
        name, table = description["checkName"], check["cdmTableName"].lower()
        verdict, detail = _run(con, options.checkout, description, check, written)
        counts[name][verdict] += 1
        if verdict in ("failed", "error"):
            print(f"{verdict:7} {name}: {table}.{check.get('cdmFieldName', '').lower()} {detail}")
    print(f"\n{'check type':36} {'passed':>7} {'failed':>7} {'n/a':>7} {'error':>7}")
    for name, seen in counts.items():
        numbers = (seen[key] for key in ("passed", "failed", "n/a", "error"))
        print(f"{name:36} " + " ".join(f"{number:7}" for number in numbers))
    total = sum(counts.values(), Counter[str]())
    print(f"{'all':36} " + " ".join(f"{total[k]:7}" for k in ("passed", "failed", "n/a", "error")))


def _checks(checkout: Path) -> list[tuple[dict[str, str], dict[str, str]]]:
    """(description, check) of every check that the descriptions ask for of CDM 5.4."""
    folder = checkout / "inst" / "csv"
    found = []
    for description in _read(folder / "OMOP_CDMv5.4_Check_Descriptions.csv"):
        level = description["checkLevel"].title()
        conditions = CONDITION.findall(description["evaluationFilter"])
        for check in _read(folder / f"OMOP_CDMv5.4_{level}_Level.csv"):
            values = [(check.get(column, ""), op, wanted) for column, op, wanted in conditions]
            if all(
                (value == wanted) == (op == "==") and (value not in ABSENT or wanted == value)
                for value, op, wanted in values
            ):
                found.append((description, check))
    return found


def _run(
    con: duckdb.DuckDBPyConnection,
    checkout: Path,
    description: dict[str, str],
    check: dict[str, str],
    written: set[str],
) -> tuple[str, str]:
    """passed, failed, n/a (the table is not written or empty) or error; and what was seen."""
    table = check["cdmTableName"].lower()
    # As the dashboard does: what concerns an absent or empty table does not apply.
    if description["checkName"] not in ("cdmTable", "cdmField", "cdmDatatype"):
        if table not in written or not con.execute(f"SELECT 1 FROM cdm.{table} LIMIT 1").fetchall():
            return "n/a", ""
    elif table not in written:
        return "n/a", ""
    sql = (checkout / "inst" / "sql" / "sql_server" / description["sqlFile"]).read_text()
    parameters = {key: value for key, value in check.items() if value != "NA"} | {
        "schema": "cdm",
        "cdmDatabaseSchema": "cdm",
        "vocabDatabaseSchema": "cdm",
        "cohort": False,
    }
    try:
        for statement in split_sql(translate(render(sql, **parameters), "duckdb")):
            rows = con.execute(statement).fetchall()
        violated, share, of = rows[0]
    except Exception as error:  # whatever the SQL of others raises is a finding here
        return "error", str(error).splitlines()[0][:120]
    if not of:
        return "n/a", ""
    told = check.get(f"{description['checkName']}Threshold", "")
    threshold = 0.0 if told in ABSENT else float(told)
    seen = f"{violated} of {of} (threshold {threshold:g} %)"
    return ("failed" if 100 * float(share) > threshold else "passed"), seen


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


if __name__ == "__main__":
    main()
