"""Rows per second of a contract-validated load against DuckDB's bare read of the same file.

Run by hand: `.venv/bin/python benchmarks/ingestion.py [--rows 1000000]`. The load decodes, checks
every key and type, replaces identifiers by pseudonyms and writes Parquet; the bare read only
materialises the columns. Both read the same invented file in the same run, each in a process of
its own, so that the peak memory (resident, in MiB) is its own. `ratio` compares rows per second,
`of CPU` rows per second of processor time, which others on the machine disturb less, and `to copy`
rows per second with those of DuckDB reading the file and writing it as Parquet.

A file far larger than memory: `benchmarks/ingestion.py --part load FILE` loads one file that is
there already, in a process of its own and without the bare read, which would not fit into memory.
FILE is a table of the common extract format and lies as in a landing folder,
`FOLDER/bench/2026-01-31/observations.csv`; what the load writes goes to a temporary folder (TMPDIR)
and is removed. It prints JSON: rows, seconds, cpu (processor seconds) and peak (MiB resident).
`--part bare FILE` and `--part copy FILE` do the same for DuckDB alone.
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

FORMATS = ("csv", "parquet")
DAY = date(2026, 1, 31)
# Long, narrow and typed, as the table a registry delivers most rows of.
OBSERVATIONS = """
    SELECT 'NAT-' || lpad((i // 200)::VARCHAR, 8, '0') AS patient_id,
        'T-' || lpad((i // 200)::VARCHAR, 8, '0') AS treatment_id,
        strftime(
            TIMESTAMP '2025-01-01' + to_minutes(CAST(i % 500000 AS BIGINT)), '%Y-%m-%d %H:%M:%S'
        ) AS observed_at,
        ['temperature', 'oxygen', 'haemoglobin', 'ldh'][1 + i % 4] AS code,
        (round(36 + hash(i) % 40 / 10, 1))::VARCHAR AS value,
        ['Cel', '%', 'g/L', 'U/L'][1 + i % 4] AS unit
    FROM range({rows}) AS numbers(i)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--part", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(_part(options.part[0], Path(options.part[1]))))
    else:
        _compare(options.rows, options.repeat)


def _compare(rows: int, repeat: int) -> None:
    print(f"{rows:,} rows, DuckDB {duckdb.__version__}, best of {repeat}\n")
    print("| format | bytes | bare rows/s | load rows/s | ratio | of CPU | to copy | load MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in FORMATS:
            path = Path(folder, "landing", "bench", DAY.isoformat(), f"observations.{kind}")
            _write(path, rows)
            bare, copy, load = (_best(what, path, repeat) for what in ("bare", "copy", "load"))
            assert bare["rows"] == copy["rows"] == load["rows"] == rows, "a row was lost"
            speed, own = rows / bare["seconds"], rows / load["seconds"]
            print(
                f"| {kind} | {path.stat().st_size:,} | {speed:,.0f} | {own:,.0f} "
                f"| {own / speed:.2f} | {bare['cpu'] / load['cpu']:.2f} "
                f"| {copy['seconds'] / load['seconds']:.2f} | {load['peak']:,.0f} |"
            )
            path.unlink()


def _write(path: Path, rows: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    style = "(FORMAT csv, HEADER)" if path.suffix == ".csv" else "(FORMAT parquet)"
    with duckdb.connect() as con:
        con.execute(f"COPY ({OBSERVATIONS.format(rows=rows)}) TO '{path}' {style}")


def _best(what: str, path: Path, repeat: int) -> dict[str, float]:
    """The fastest of several runs, each a process of its own."""
    command = [sys.executable, __file__, "--part", what, str(path)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(repeat)
    ]
    return min(runs, key=lambda run: run["seconds"])


def _part(what: str, path: Path) -> dict[str, float]:
    parts = {"bare": _bare, "copy": _copy, "load": _load}
    seconds, cpu, rows = parts[what](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "rows": rows, "peak": peak, "cpu": cpu}


def _bare(path: Path) -> tuple[float, float, int]:
    """DuckDB alone: every column read and kept, types as it sniffs them."""
    reader = "read_csv" if path.suffix == ".csv" else "read_parquet"
    with duckdb.connect() as con:
        start, cpu = time.perf_counter(), time.process_time()
        con.execute(f"CREATE TABLE t AS SELECT * FROM {reader}(?)", [str(path)])
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        return seconds, cpu, int(con.execute("SELECT count(*) FROM t").fetchall()[0][0])


def _copy(path: Path) -> tuple[float, float, int]:
    """DuckDB alone: every column read and written to compressed Parquet, as a load does."""
    reader = "read_csv" if path.suffix == ".csv" else "read_parquet"
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        target = Path(folder, "copy.parquet")
        start, cpu = time.perf_counter(), time.process_time()
        con.execute(
            f"COPY (SELECT * FROM {reader}('{path}')) TO '{target}' "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        count = f"SELECT count(*) FROM read_parquet('{target}')"
        return seconds, cpu, int(con.execute(count).fetchall()[0][0])


def _load(path: Path) -> tuple[float, float, int]:
    """The load of a delivery, from its discovery (which digests the file) to its record."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import ingestion

    with tempfile.TemporaryDirectory() as folder:
        contracts = Path(folder, "contracts")
        contracts.mkdir()
        (contracts / "bench.yml").write_text("source: bench\nformat: common_extract\n")
        known = ingestion.load_contracts([contracts])
        key = ingestion.key_of_home(Path(folder, "home"), Path(folder, "key"))
        load_source, discover = ingestion.load_source, ingestion.discover  # imported here
        start, cpu = time.perf_counter(), time.process_time()
        (record,) = load_source(
            "bench",
            contract=known["bench"],
            deliveries=discover(path.parents[2], known),
            home=Path(folder, "home"),
            key=key,
            loaded_at=datetime.now(UTC),
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        assert record.status == "accepted" and record.read == record.loaded + record.quarantined
        return seconds, cpu, record.loaded


if __name__ == "__main__":
    main()
