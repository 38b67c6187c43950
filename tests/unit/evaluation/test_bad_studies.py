"""Bad input through the evaluation of a study: the others of its analyses still finish.

Each case spoils overall survival (or the cohort) and asks for everything; what has no meaning is a
diagnostic in words, never a stack trace, and relapse is evaluated as if nothing had happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pytest

from analyses.evaluation import evaluate
from analyses.studies import Study
from tests.lib.marts import Marts
from tests.lib.responders import responders
from tests.lib.studies import evaluated, found

ASKED: dict[str, Any] = {
    "stratify_by": "product",
    "adjust_for": ("age", "sex", "covariate:ecog"),
    "endpoints": ("overall_survival", "relapse"),
    "horizons_days": (100, 200),
    "bands": "hall_wellner",
    "multi_state": "illness_death",
    "landmark": {"by": "response", "days": (60,)},
    "time_dependent": ("response",),
    "subgroups": {"by": ("sex",)},
    "missing_covariates": {"imputations": 2},
}
Rows = list[dict[str, Any]]


def survival_rows(marts: Marts) -> Rows:
    return [r for r in marts.rows["time_to_event"] if r["endpoint"] == "overall_survival"]


def spoil(change: Callable[[Rows], None]) -> dict[str, pd.DataFrame]:
    marts = responders(80)
    change(survival_rows(marts))
    return evaluated(marts, **ASKED).tables


def failures(tables: dict[str, pd.DataFrame], endpoint: str) -> list[str]:
    rows = found(tables, "analysis_failed")
    return rows.loc[rows["endpoint"] == endpoint, "diagnostic"].tolist()


def relapse_is_whole(tables: dict[str, pd.DataFrame]) -> None:
    """Every analysis of the other endpoint is there, and nothing failed in an unforeseen way."""
    for name in ("cumulative_incidence", "comparison_test", "hazard_ratio", "subgroup"):
        assert (tables[name]["endpoint"] == "relapse").any(), name
    models = tables["hazard_ratio"].query("endpoint == 'relapse'")["model"]
    assert {"cox_landmark_60", "cox_time_dependent", "fine_gray_adjusted"} <= set(models)
    assert failures(tables, "relapse") == []
    assert not found(tables, "analysis_failed")["diagnostic"].str.contains("unforeseen").any()


def test_zero_events() -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            row.update(event=0, cause=None)

    tables = spoil(change)
    relapse_is_whole(tables)
    curve = tables["survival_curve"]
    assert (curve["survival"] == 1).all()
    assert found(tables, "no_events")["endpoint"].tolist() == ["overall_survival"]
    assert "overall_survival" not in set(tables["hazard_ratio"]["endpoint"])


def test_one_patient() -> None:
    tables = evaluated(responders(1), **ASKED).tables
    assert tables["survival_curve"]["n_at_risk"].tolist() == [1]
    assert tables["comparison_test"].empty
    assert tables["hazard_ratio"]["model"].tolist() == []
    assert not found(tables, "analysis_failed")["diagnostic"].str.contains("unforeseen").any()


def test_all_censored_on_day_0() -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            row.update(event=0, cause=None, time_days=0, end_date=row["start_date"])

    tables = spoil(change)
    curve = tables["survival_curve"].query("endpoint == 'overall_survival'")
    assert curve[["time_days", "survival"]].to_numpy().tolist() == [[0, 1], [0, 1]]
    assert failures(tables, "overall_survival") == []
    beyond = found(tables, "horizon_beyond_data")
    assert len(beyond[beyond["endpoint"] == "overall_survival"]) == 4
    # The follow-up of the cohort is that of overall survival: nobody is in any state later.
    assert set(tables["state_probability"]["time_days"]) == {0}


def test_negative_times_leave_the_cohort() -> None:
    def change(rows: Rows) -> None:
        for row in rows[:6]:
            row.update(time_days=-3, end_date=row["start_date"] - dt.timedelta(days=3))

    tables = spoil(change)
    relapse_is_whole(tables)
    step = tables["attrition"].query("reason == 'follow-up ends before the index date'")
    assert step["n_excluded"].tolist() == [6]
    assert tables["survival_summary"]["n"].max() == 37


def test_missing_times_are_an_error_with_their_number() -> None:
    def change(rows: Rows) -> None:
        for row in rows[:4]:
            row.update(time_days=None)

    tables = spoil(change)
    relapse_is_whole(tables)
    said = failures(tables, "overall_survival")
    assert any("kaplan_meier: column 'time' is missing in 4 rows of 80" in text for text in said)
    assert "overall_survival" not in set(tables["survival_curve"]["endpoint"])


def test_an_event_after_the_cut_off_is_censored_there() -> None:
    marts = responders(80)
    cutoff = dt.date(2024, 1, 1) + dt.timedelta(days=120)
    tables = evaluated(marts, **ASKED, data_cutoff=cutoff).tables
    relapse_is_whole(tables)
    curve = tables["survival_curve"].query("endpoint == 'overall_survival'")
    assert curve["time_days"].max() == 120
    early = [r for r in survival_rows(marts) if r["event"] and r["time_days"] <= 120]
    assert curve["n_event"].sum() == len(early)
    assert tables["state_probability"]["time_days"].max() == 120
    assert tables["state_transition"].query("to_state == 'death'")["n"].sum() == len(early)


def test_an_entry_at_or_after_the_end() -> None:
    def change(rows: Rows) -> None:
        for row in rows[:5]:
            row.update(entry_days=row["time_days"])

    tables = spoil(change)
    step = tables["attrition"].query("reason == 'registered at or after the end of follow-up'")
    assert step["n_excluded"].tolist() == [5]
    assert failures(tables, "overall_survival") == failures(tables, "relapse") == []


def test_a_reference_that_nobody_has_is_not_replaced() -> None:
    asked = {**ASKED, "reference": "nobody"}
    tables = evaluated(responders(80), **asked).tables
    told = found(tables, "analysis_failed")
    assert told["status"].tolist() == ["fail"]
    [sentence] = told["diagnostic"]
    assert sentence == (
        "analysis_failed: comparison: no patient of the cohort has the reference `nobody` of "
        "product, so nothing is compared; known: a, b"
    )
    assert set(tables["survival_curve"]["stratum"]) == {"a", "b"}
    # Groups by response are still compared: the reference is not theirs.
    assert set(tables["comparison_test"]["stratify_by"]) == {"response at day 60"}
    assert tables["subgroup"].empty
    assert tables["contrast"].empty
    assert not tables["hazard_ratio"]["term"].str.startswith("product").any()


def test_a_perfectly_separated_covariate() -> None:
    marts = responders(80)
    for row in survival_rows(marts):
        marts.covariate(row["patient_id"], "tells", row["event"])
    asked = {**ASKED, "adjust_for": ("age", "covariate:tells")}
    tables = evaluated(marts, **asked).tables
    relapse_is_whole(tables)
    penalised = tables["hazard_ratio"].query("model == 'cox_adjusted_firth'")
    assert penalised["hazard_ratio"].notna().all()
    assert "overall_survival" in set(found(tables, "firth_penalty")["endpoint"])


def test_a_constant_covariate_is_left_out() -> None:
    marts = responders(80)
    for row in survival_rows(marts):
        marts.covariate(row["patient_id"], "alike", 1)
    asked = {**ASKED, "adjust_for": ("age", "covariate:alike")}
    tables = evaluated(marts, **asked).tables
    relapse_is_whole(tables)
    assert failures(tables, "overall_survival") == []
    told = found(tables, "constant_covariate")["diagnostic"]
    models = told.str.extract("covariate:alike left out of ([a-z_]+)")[0]
    assert {"cox_adjusted", "cox_cause_specific_adjusted"} <= set(models)
    assert not tables["hazard_ratio"]["term"].str.contains("alike").any()


def test_many_ties_on_one_day() -> None:
    """200,000 people of whom half die on day 30, grown in the database."""
    marts = Marts().source().person("p", outcomes={"overall_survival": (30, "death")})
    with marts.connect() as con:
        _repeat(con, 200_000)
        study = Study(
            id="s", title="t", stratify_by="product", horizons_days=(30,), bands="hall_wellner",
            multi_state={"states": ("relapse", "death")},
        )  # fmt: skip
        tables = evaluate(study, con).tables
    assert found(tables, "analysis_failed").empty
    curve = tables["survival_curve"]
    assert curve[["time_days", "n_at_risk", "n_event", "n_censored"]].to_numpy().tolist() == [
        [30, 100_000, 50_000, 50_000], [30, 100_000, 50_000, 50_000],
    ]  # fmt: skip
    assert curve["survival"].tolist() == pytest.approx([0.5, 0.5])
    dead = tables["state_probability"].query("state == 'death'")["probability"]
    assert dead.tolist() == pytest.approx([0.5, 0.5])
    ratio = tables["hazard_ratio"].query("model == 'cox_unadjusted'")["hazard_ratio"]
    assert ratio.item() == pytest.approx(1.0)


def _repeat(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Replace the one person by many: half of each product die on their last day."""
    for table in ("patient", "treatment", "time_to_event"):
        changes = ["'p' || i AS patient_id"]
        if table == "treatment":
            changes.append("CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS product")
        if table == "time_to_event":
            changes.append("CAST(i // 2 % 2 AS INTEGER) AS event")
        con.execute(
            f"CREATE OR REPLACE TABLE marts.{table} AS SELECT * REPLACE ({', '.join(changes)}) "
            f"FROM marts.{table}, range({number}) AS r(i)"
        )
        con.execute(f"ALTER TABLE marts.{table} DROP COLUMN i")
