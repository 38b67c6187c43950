"""Every input without a meaning is one sentence with the column and the number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import (
    counts_from_duckdb,
    cox,
    cumulative_incidence,
    follow_up_median,
    kaplan_meier,
    kaplan_meier_from_counts,
    log_rank,
    log_rank_from_counts,
    median_survival,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
    survival_at,
)


def frame(**columns: Any) -> pd.DataFrame:
    base = {"time": [1.0, 2.0, 3.0], "event": [1, 0, 1], "group": ["a", "b", "a"]}
    return pd.DataFrame({**base, **columns})


BAD = [
    ({"time": [1, -2, -3]}, "column 'time' is negative in 2 rows of 3"),
    ({"time": [1, np.nan, 3]}, "column 'time' is missing in 1 row of 3"),
    ({"time": [1, np.inf, 3]}, "column 'time' is infinite in 1 row of 3"),
    ({"time": ["1", "two", "3"]}, "column 'time' is not a number in 1 row of 3"),
    ({"time": pd.to_datetime(["2020-01-01"] * 3)}, "column 'time' holds dates"),
    ({"event": [1, 2, 0]}, "column 'event' is neither 0 nor 1 in 1 row of 3"),
    ({"event": [1, None, 0]}, "column 'event' is missing in 1 row of 3"),
]


@pytest.mark.parametrize(("columns", "message"), BAD)
@pytest.mark.parametrize(
    "estimate",
    [
        kaplan_meier,
        median_survival,
        follow_up_median,
        risk_table,
        lambda f: restricted_mean(f, horizon=2),
        lambda f: log_rank(f, by="group"),
        lambda f: cox(f.assign(x=[1, 2, 4]), covariates="x"),
    ],
)
def test_times_and_events_are_checked(
    estimate: Callable[[pd.DataFrame], object], columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(AnalysisError, match=message):
        estimate(frame(**columns))


@pytest.mark.parametrize(
    ("options", "columns", "message"),
    [
        ({"entry": "entry"}, {"entry": [0, 2, 4]}, "'entry' is not before 'time' in 2 rows"),
        ({"entry": "entry"}, {"entry": [0, None, 1]}, "'entry' is missing in 1 row"),
        ({"weight": "w"}, {"w": [1, -1, 1]}, "'w' is negative in 1 row"),
        ({"weight": "w"}, {"w": [1, np.inf, 1]}, "'w' is infinite in 1 row"),
        ({"by": "nobody"}, {}, "column 'nobody' is not in the frame"),
        ({"by": "survival"}, {"survival": [1, 2, 3]}, "'survival' given in 'by'"),
        ({"conf_type": "arcsin"}, {}, "conf_type must be one of log-log, log, plain"),
        ({"confidence": 95}, {}, "confidence must lie between 0 and 1"),
    ],
)
def test_options_are_checked(
    options: dict[str, Any], columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(AnalysisError, match=message):
        kaplan_meier(frame(**columns), **options)


@pytest.mark.parametrize("cause", [[0, 1.5, 2], [0, -1, 1]])
def test_a_cause_is_a_whole_number(cause: list[float]) -> None:
    with pytest.raises(AnalysisError, match="'cause' is not a whole number from 0 up in 1 row"):
        cumulative_incidence(frame(cause=cause))


def test_a_cause_that_is_not_listed_is_refused() -> None:
    with pytest.raises(AnalysisError, match="1 of 3 rows end in a cause that is not listed"):
        cumulative_incidence(frame(cause=[0, 1, 2]), causes=[1])


def test_a_repeated_column_is_refused() -> None:
    twice = pd.concat([frame(), frame()[["time"]]], axis=1)
    with pytest.raises(AnalysisError, match="'time' is in the frame 2 times"):
        kaplan_meier(twice)


def test_tests_need_groups_and_events() -> None:
    with pytest.raises(AnalysisError, match="two groups or more in 'by': there are 1"):
        log_rank(frame(group="a"), by="group")
    with pytest.raises(AnalysisError, match="two groups or more in 'by': there are 0"):
        log_rank(frame().iloc[:0], by="group")
    with pytest.raises(AnalysisError, match="needs events"):
        log_rank(frame(event=0), by="group")
    with pytest.raises(AnalysisError, match="no two groups are at risk together"):
        log_rank(frame(time=[3, 1, 4], event=[1, 0, 1]), by="group")
    with pytest.raises(AnalysisError, match="name a column in 'by'"):
        log_rank(frame(), by=None)


def test_horizons_are_checked() -> None:
    with pytest.raises(AnalysisError, match="horizon must be a finite number above 0"):
        restricted_mean(frame(), horizon=0)
    with pytest.raises(AnalysisError, match="horizons must be finite numbers from 0 up"):
        survival_at(kaplan_meier(frame()), [-1])
    with pytest.raises(AnalysisError, match="reads a curve of"):
        survival_at(frame(), [1])
    with pytest.raises(AnalysisError, match="no level equal to the reference"):
        restricted_mean_difference(frame(), horizon=1, by="group", reference="z")
    with pytest.raises(AnalysisError, match="the frame has none"):
        restricted_mean_difference(frame().iloc[:0], horizon=1, by="group")


def test_counts_are_checked() -> None:
    counts = risk_table(frame())
    with pytest.raises(AnalysisError, match="'n_event' is negative or above those at risk in 1"):
        kaplan_meier_from_counts(counts.assign(n_event=[9, 0, 1]))
    with pytest.raises(AnalysisError, match="'time' is not distinct in 1 row"):
        kaplan_meier_from_counts(counts.assign(time=[1, 1, 3]))
    with pytest.raises(AnalysisError, match="a count table has a column 'time'"):
        kaplan_meier_from_counts(counts.drop(columns="time"))
    weighted = risk_table(frame(w=[0.5, 1, 1]), weight="w")
    with pytest.raises(AnalysisError, match="'weighted_at_risk' is not whole"):
        kaplan_meier_from_counts(weighted)
    late = frame(time=[1, 3, 4], entry=[0, 2, 0], group="a")
    both = pd.concat([late, frame(entry=0, group="b")])
    with pytest.raises(AnalysisError, match="grows by entries"):
        log_rank_from_counts(risk_table(both, by="group", entry="entry"), by="group")


@pytest.mark.parametrize(("columns", "message"), [row for row in BAD if "two" not in str(row)][:3])
def test_duckdb_is_checked_the_same_way(columns: dict[str, Any], message: str) -> None:
    con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    con.register("rows", frame(**columns))
    with pytest.raises(AnalysisError, match=message):
        counts_from_duckdb(con, "select time, event from rows")


def test_duckdb_checks_events_causes_and_entries() -> None:
    rows = frame(event=[1, 2, 0], cause=[0, -1, 1], entry=[0, 5, 0])
    con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    con.register("rows", rows)
    with pytest.raises(AnalysisError, match="'event' is neither 0 nor 1 in 1 row of 3"):
        counts_from_duckdb(con, "rows")
    with pytest.raises(AnalysisError, match="'cause' is not a whole number from 0 up in 1 row"):
        counts_from_duckdb(con, "rows", cause="cause")
    con.register("rows", rows.assign(event=[1.0, 0.0, float("nan")]))
    with pytest.raises(AnalysisError, match="'event' is missing in 1 row of 3"):
        counts_from_duckdb(con, "rows")
    con.execute("create table nulls as select * replace (null::double as time) from rows")
    with pytest.raises(AnalysisError, match="'time' is missing in 3 rows of 3"):
        counts_from_duckdb(con, "nulls", event="cause")
    con.register("rows", rows.assign(event=1, entry=[0.0, float("inf"), 0.0]))
    with pytest.raises(AnalysisError, match="'entry' is infinite in 1 row of 3"):
        counts_from_duckdb(con, "rows", entry="entry")
    con.register("rows", rows.assign(event=1))
    with pytest.raises(AnalysisError, match="'entry' is not before 'time' in 1 row of 3"):
        counts_from_duckdb(con, "rows", entry="entry")


COX_FRAME = pd.DataFrame(
    {
        "time": [1, 2, 3, 4, 5, 6, 7, 8],
        "event": [1, 1, 1, 1, 0, 1, 0, 1],
        "x": [1.0, 3, 2, 5, 4, 1, 2, 6],
    }
)


@pytest.mark.parametrize(
    ("columns", "covariates", "message"),
    [
        ({"c": 2.0}, ["x", "c"], "covariate 'c' is constant"),
        ({"c": "only"}, ["x", "c"], "covariate 'c' is constant"),
        ({"c": [1, None] * 4}, ["x", "c"], "column 'c' is missing in 4 rows of 8"),
        ({"c": ["u", None] * 4}, ["x", "c"], "column 'c' is missing in 4 rows of 8"),
        ({"y": lambda f: 2 * f["x"] + 1}, ["x", "y"], "'x', 'y' cannot be told apart"),
        ({"s": lambda f: -f["time"]}, ["s"], "'s' separates the events"),
        ({"s": [1, 1, 1, 1, 1, 1, 0, 1]}, ["x", "s"], "'s' separates the events"),
        ({"r": [0, 0, 0, 0, 0, 0, 0, 1], "time": [1, 2, 3, 4, 5, 6, 7, 0.5],
          "event": [1, 1, 1, 1, 0, 1, 0, 0]}, ["x", "r"], "'r' does not vary among those at risk"),
        ({"event": 0}, ["x"], "cox needs events: column 'event' is 0 in every row"),
        ({}, [], "cox needs a covariate"),
        ({"d": pd.Timestamp("2020-01-01")}, ["d"], "covariate 'd' holds dates"),
    ],
)  # fmt: skip
def test_a_cox_model_without_an_estimate_says_why(
    columns: dict[str, Any], covariates: list[str], message: str
) -> None:
    with pytest.raises(AnalysisError, match=message):
        cox(COX_FRAME.assign(**columns), covariates=covariates)


def test_a_cox_reference_must_exist() -> None:
    levels = COX_FRAME.assign(c=["u", "v"] * 4)
    with pytest.raises(AnalysisError, match="has no row at the reference level 'w'"):
        cox(levels, covariates=["c"], reference={"c": "w"})
    with pytest.raises(AnalysisError, match="reference names 'd', which is not a covariate"):
        cox(levels, covariates=["c"], reference={"d": "w"})


def test_one_patient_has_no_cox_model() -> None:
    with pytest.raises(AnalysisError, match="covariate 'x' is constant"):
        cox(COX_FRAME.iloc[:1], covariates="x")
    with pytest.raises(AnalysisError, match="covariate 'x' is constant"):
        cox(COX_FRAME.iloc[:0], covariates="x")
