"""The jobs of `benchmarks.survival`: their data, and how each contender does them.

A contender is two functions: one that readies the data (not timed) and one that does the job.
"""

from __future__ import annotations

import importlib.util
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analyses import survival
from benchmarks import survival_others as others
from benchmarks.survival_data import (
    COVARIATES,
    follow_up,
    in_strata,
    in_two_arms,
    weighted,
    with_causes,
    with_covariates,
)

MODULES = {"ours": "analyses", "lifelines": "lifelines", "scikit-survival": "sksurv"}
WARM_UP_ROWS = 2000


@dataclass(frozen=True)
class Job:
    """`data` of a number of rows; contenders by name; R's are in survival.R under their names."""

    rows: int
    data: Callable[[int], pd.DataFrame]
    contenders: dict[str, tuple[Callable[[pd.DataFrame], Any], Callable[[Any], Any]] | None]


def run_once(job: str, contender: str, rows: int) -> dict[str, float]:
    """Seconds, seconds of all threads and peak megabytes of one run, after a warm-up."""
    of = JOBS[job].contenders[contender]
    assert of is not None, "R runs in R"
    ready, do = of
    do(ready(JOBS[job].data(min(rows, WARM_UP_ROWS))))
    prepared = ready(JOBS[job].data(rows))
    _forget_peak()
    start, worked = time.perf_counter(), time.process_time()
    do(prepared)
    seconds, processor = time.perf_counter() - start, time.process_time() - worked
    return {"seconds": seconds, "processor": processor, "megabytes": _peak_megabytes()}


def installed(contender: str) -> bool:
    return importlib.util.find_spec(MODULES[contender]) is not None


def save_columns(job: str, rows: int, folder: Path) -> None:
    """The data as doubles, a file a column, which R reads without parsing."""
    for name, column in JOBS[job].data(rows).items():
        column.to_numpy(dtype=np.float64).tofile(folder / f"{name}.bin")


def _forget_peak() -> None:
    """Linux counts the peak anew from here; elsewhere it is that of the whole process."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def _peak_megabytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().split("\n") if one.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_duckdb(frame: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.register("rows", frame)
    con.execute("create table follow_up as select * from rows")
    con.unregister("rows")
    return con


def as_it_is(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def km(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return survival.kaplan_meier_from_counts(survival.counts_from_duckdb(con, "follow_up"))


def km_of_strata(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    counts = survival.counts_from_duckdb(con, "follow_up", by="stratum")
    return survival.kaplan_meier_from_counts(counts)


def incidence(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    counts = survival.counts_from_duckdb(con, "follow_up", cause="cause")
    return survival.cumulative_incidence_from_counts(counts)


def log_rank(con: duckdb.DuckDBPyConnection) -> survival.TestResult:
    counts = survival.counts_from_duckdb(con, "follow_up", by="arm")
    return survival.log_rank_from_counts(counts, by="arm")


def cox(frame: pd.DataFrame) -> survival.CoxResult:
    return survival.cox(frame, covariates=COVARIATES)


def iptw(frame: pd.DataFrame) -> survival.CoxResult:
    return survival.cox(frame, covariates="arm", weight="weight")


def bootstrap(frame: pd.DataFrame) -> survival.BootstrapResult:
    return survival.bootstrap_restricted_mean_difference(
        frame, by="arm", horizon=730, replicates=others.REPLICATES
    )


_KM = {
    "ours": (in_duckdb, km),
    "lifelines": (as_it_is, others.lifelines_km),
    "scikit-survival": (as_it_is, others.sksurv_km),
    "R survfit": None,
}
JOBS: dict[str, Job] = {
    "km": Job(1_000_000, follow_up, _KM),
    "km_large": Job(10_000_000, follow_up, _KM),
    "strata": Job(
        5000 * 200,
        in_strata,
        {
            "ours": (in_duckdb, km_of_strata),
            "lifelines": (as_it_is, others.lifelines_km_of_strata),
            "R survfit": None,
        },
    ),
    "aalen_johansen": Job(
        1_000_000,
        with_causes,
        {
            "ours": (in_duckdb, incidence),
            "lifelines": (as_it_is, others.lifelines_incidence),
            "scikit-survival": (as_it_is, others.sksurv_incidence),
            "R cuminc": None,
            "R survfit": None,
        },
    ),
    "log_rank": Job(
        10_000_000,
        in_two_arms,
        {
            "ours": (in_duckdb, log_rank),
            "lifelines": (as_it_is, others.lifelines_log_rank),
            "scikit-survival": (as_it_is, others.sksurv_log_rank),
            "R survdiff": None,
        },
    ),
    "cox": Job(
        1_000_000,
        with_covariates,
        {
            "ours": (as_it_is, cox),
            "lifelines": (as_it_is, others.lifelines_cox),
            "scikit-survival": (as_it_is, others.sksurv_cox),
            "R coxph.fit": None,
            "R coxph": None,
        },
    ),
    "iptw": Job(
        100_000,
        weighted,
        {
            "ours": (as_it_is, iptw),
            "lifelines": (as_it_is, others.lifelines_iptw),
            "R coxph": None,
        },
    ),
    "bootstrap": Job(
        1000,
        in_two_arms,
        {"ours": (as_it_is, bootstrap), "lifelines": (as_it_is, others.lifelines_bootstrap)},
    ),
}
