"""Seconds and memory of harmonising a registry of a million persons, and of its next delivery.

Run by hand: `.venv/bin/python -m benchmarks.harmonise [--patients 1000000] [--increment]`. An
invented registry in the common extract format (benchmarks/harmonise_data.py, about 20 rows a
person) is delivered and loaded, then built as a run builds it: raw views, dbt with its data tests.
Then one person in a hundred is told otherwise, by a new snapshot or (`--increment`) by a delivery
of those persons alone, and the build starts from the first. `--verify` builds the second delivery
for everybody, too, and compares every mart row by row. Each build is a process of its own; its peak
memory is the larger of its own and dbt's. The bare scan reads every cell of the raw files once.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

import ingestion
from benchmarks.harmonise_data import FIRST, SECOND, SOURCE, deliver
from orchestration import build_start, dbt_manifest, warehouse
from orchestration.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--increment", action="store_true")
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--part", nargs=2, metavar=("HOME", "DAY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(_build(_settings(Path(options.part[0])), options.part[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        _compare(_settings(Path(folder, "home")), options)


def _compare(settings: Settings, options: argparse.Namespace) -> None:
    rows = [_deliver(settings, options, second) for second in (False, True)]
    scan, scan_cpu = _scan(settings)
    print(f"{options.patients:,} persons, {rows[0]:,} rows, then {rows[1]:,}")
    print(f"bare scan of the first delivery: {scan:.1f} s ({scan_cpu:.1f} s of CPU)\n")
    print("| build | s | s of CPU | peak MiB | to everybody | to the scan |")
    print("|---|---:|---:|---:|---:|---:|")
    everybody = _part(settings, FIRST)
    for name, part in (("everybody", everybody), ("changed persons", _part(settings, SECOND))):
        print(
            f"| {name} | {part['seconds']:.0f} | {part['cpu']:.0f} | {part['peak']:,.0f} "
            f"| {part['seconds'] / everybody['seconds']:.2f} | {part['seconds'] / scan:.0f} |"
        )
        assert part["mode"] == name.split()[0], "a build was of other persons than it should be"
    if options.verify:
        changed = warehouse.last_build(settings)
        build_start.give_up_base(settings)
        _part(settings, SECOND)
        print(f"\n{_differing(changed, warehouse.last_build(settings))} marts differ")


def _settings(home: Path) -> Settings:
    return Settings(home, home / "landing", home.parent / "pseudonym.key")


def _contracts(settings: Settings) -> dict[str, ingestion.Contract]:
    return ingestion.load_contracts(list(settings.contract_folders))


def _deliver(settings: Settings, options: argparse.Namespace, second: bool) -> int:
    """Write and load one delivery; the number of its rows."""
    mode = "increment" if options.increment else "snapshot"
    contract = settings.home / "contracts" / f"{SOURCE}.yml"
    contract.parent.mkdir(parents=True, exist_ok=True)
    contract.write_text(f"source: {SOURCE}\nformat: common_extract\ndelivery: {mode}\n")
    rows = deliver(
        settings.landing,
        options.patients,
        second=second,
        changed_only=second and options.increment,
    )
    contracts = _contracts(settings)
    for record in ingestion.load_source(
        SOURCE,
        contract=contracts[SOURCE],
        deliveries=ingestion.discover(settings.landing, contracts),
        home=settings.home,
        key=ingestion.key_of_home(settings.home, settings.key_file),
        loaded_at=datetime.now(UTC),
    ):
        assert record.status == "accepted" and record.quarantined == 0
    return rows


def _scan(settings: Settings) -> tuple[float, float]:
    """Every cell of the first delivery, read once."""
    files = sorted((settings.home / "raw" / SOURCE).glob(f"*/{FIRST.isoformat()}.*.parquet"))
    with duckdb.connect() as con:
        start, cpu = time.perf_counter(), time.process_time()
        for path in files:
            cells = ", ".join(f'"{name}"' for name in pq.read_schema(path).names)
            con.execute(f"SELECT sum(hash({cells})) FROM read_parquet('{path}')").fetchall()
        return time.perf_counter() - start, time.process_time() - cpu


def _part(settings: Settings, day: date) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.harmonise", "--part", str(settings.home), str(day)],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _build(settings: Settings, day: str) -> dict[str, float | str]:
    """As the run does it: raw views, dbt with its data tests, the finished database kept."""
    start = time.perf_counter()
    contracts = _contracts(settings)
    chosen = ingestion.select(
        ingestion.read_records(settings.home),
        contracts,
        landing_deliveries=ingestion.discover(settings.landing, contracts),
        as_of=date.fromisoformat(day),
    )
    build_start.begin(settings, contracts, chosen).close()
    mode = build_start.mode(settings)
    with build_start.told_to_dbt(mode):
        dbt_manifest.run_dbt(settings, "build", "--exclude-resource-type", "unit_test")
    warehouse.keep_build(settings, f"{mode}-{day}-{time.time_ns()}")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "mode": mode,
        "seconds": time.perf_counter() - start,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "peak": max(one.ru_maxrss for one in used) / 1024,
    }


def _differing(found: Path, true: Path) -> int:
    """How many marts have a row in one build that the other has not."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{found}' AS a (READ_ONLY)")
        con.execute(f"ATTACH '{true}' AS b (READ_ONLY)")
        tables = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'b' "
            "AND schema_name = 'marts'"
        ).fetchall()
        return sum(
            bool(
                con.execute(
                    f"""SELECT count(*) FROM (
                        (FROM a.marts.{name} EXCEPT ALL FROM b.marts.{name})
                        UNION ALL (FROM b.marts.{name} EXCEPT ALL FROM a.marts.{name}))"""
                ).fetchall()[0][0]
            )
            for (name,) in tables
        )


if __name__ == "__main__":
    main()
