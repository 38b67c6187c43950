"""How fast the survival estimators are, beside lifelines, scikit-survival and R.

    python -m benchmarks.survival [--jobs km,cox] [--scale 0.1] [--repeats 3] [--patience 60]

Every run is a process of its own, on data made before the clock starts and after a warm-up on few
rows; contenders take turns within a repeat, so that a busy machine is busy for all. Printed: the
median of the repeats, its ratio to ours, the same of processor time (all threads; it hardly depends
on what else the machine does), and the peak memory of the process (data and libraries included). A
contender that took longer than `--patience` seconds is not run again, and one that is not installed
is left out and named. `--scale` shrinks every size. Here belongs the measuring; what is measured is
in `survival_jobs` and `survival.R`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.survival_jobs import JOBS, installed, run_once, save_columns

MOST_SECONDS = 1800
R_SCRIPT = Path(__file__).with_name("survival.R")


@dataclass
class Runs:
    """What a contender took, run by run; `note` says why it has no more of them."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    note: str = ""


def main() -> None:
    options = _options()
    if options.child:
        job, contender = options.child.split(":")
        print(json.dumps(run_once(job, contender, options.rows)))
        return
    contenders, absent = _contenders()
    if absent:
        print(f"not installed, left out: {', '.join(absent)}")
    columns = f"{'median s':>10}{'ratio':>9}{'processor s':>13}{'ratio':>9}{'peak MB':>9}"
    print(f"{'job':<16}{'rows':>10}  {'contender':<18}{columns}")
    for name in options.jobs.split(",") if options.jobs else list(JOBS):
        job = JOBS[name]
        rows = max(int(job.rows * options.scale), 1000)
        taking_part = [one for one in contenders if one in job.contenders]
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder)
            if any(one.startswith("R ") for one in taking_part):
                save_columns(name, rows, table)
            runs = _alternate(name, rows, taking_part, table, options)
        _report(name, rows, runs)


def _alternate(
    job: str, rows: int, contenders: list[str], table: Path, options: argparse.Namespace
) -> dict[str, Runs]:
    runs = {contender: Runs() for contender in contenders}
    for _ in range(options.repeats):
        for contender, taken in runs.items():
            if taken.note:
                continue
            found = _measure(job, rows, contender, table)
            if found is None:
                taken.note = f"no result in {MOST_SECONDS} s"
                continue
            taken.seconds.append(found["seconds"])
            taken.processor.append(found["processor"])
            taken.megabytes.append(found["megabytes"])
            if found["seconds"] > options.patience:
                taken.note = "run once"
    return runs


def _measure(job: str, rows: int, contender: str, table: Path) -> dict[str, float] | None:
    if contender.startswith("R "):
        command = ["Rscript", str(R_SCRIPT), job, contender.removeprefix("R "), str(table)]
    else:
        child = ["--child", f"{job}:{contender}", "--rows", str(rows)]
        command = [sys.executable, "-m", "benchmarks.survival", *child]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        raise SystemExit(f"{job}, {contender} failed:\n{done.stderr}")
    measured: dict[str, float] = json.loads(done.stdout.strip().split("\n")[-1])
    return measured


def _report(job: str, rows: int, runs: dict[str, Runs]) -> None:
    ours = statistics.median(runs["ours"].seconds)
    our_work = statistics.median(runs["ours"].processor)
    for contender, taken in runs.items():
        if not taken.seconds:
            print(f"{job:<16}{rows:>10}  {contender:<18}{'-':>10}  {taken.note}")
            continue
        median, peak = statistics.median(taken.seconds), max(taken.megabytes)
        work = statistics.median(taken.processor)
        line = (
            f"{job:<16}{rows:>10}  {contender:<18}{median:>10.3f}{median / ours:>9.2f}"
            f"{work:>13.3f}{work / our_work:>9.2f}{peak:>9.0f}"
        )
        print(f"{line}  {taken.note}".rstrip(), flush=True)


def _contenders() -> tuple[list[str], list[str]]:
    everybody = list(dict.fromkeys(one for job in JOBS.values() for one in job.contenders))
    has_r = shutil.which("Rscript") is not None
    present = [one for one in everybody if (has_r if one.startswith("R ") else installed(one))]
    return present, [one for one in everybody if one not in present]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", default="", help=f"some of {', '.join(JOBS)}; default all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
