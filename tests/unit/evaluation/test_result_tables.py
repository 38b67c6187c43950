"""The shape of the released tables, and that a results folder is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analyses.results import RESULT_TABLES, Evaluation, ResultError, conform, empty, read, write

# Columns of the design document, "Released tables".
DESIGN = {
    "attrition": "analysis_set, step, reason, n_remaining, n_excluded",
    "baseline": "stratum, variable, level, statistic, value, smd",
    "survival_curve": "endpoint, analysis_set, adjustment, stratum, time_days, n_at_risk, n_event, "
    "n_censored, survival, std_error, ci_lower, ci_upper",
    "survival_summary": "endpoint, analysis_set, adjustment, stratum, n, n_event, statistic, "
    "horizon_days, value, std_error, ci_lower, ci_upper",
    "cumulative_incidence": "endpoint, analysis_set, adjustment, stratum, cause, time_days, "
    "n_at_risk, n_event, incidence, std_error, ci_lower, ci_upper",
    "comparison_test": "endpoint, analysis_set, adjustment, cause, stratify_by, test, "
    "horizon_days, statistic, degrees_of_freedom, p_value",
    "hazard_ratio": "endpoint, analysis_set, adjustment, cause, model, term, reference, "
    "hazard_ratio, std_error, ci_lower, ci_upper, p_value, ph_p_value, n, n_event",
    "quality_of_life_curve": "analysis_set, instrument, scale, stratum, visit, time_days, "
    "n_expected, n_completed, method, mean, std_error, ci_lower, ci_upper",
    "completion": "analysis_set, instrument, stratum, visit, n_fixed, n_expected, n_completed, "
    "reason",
    "balance": "analysis_set, adjustment, variable, level, smd_before, smd_after",
    "diagnostic": "analysis_set, adjustment, endpoint, diagnostic, value, threshold, status",
}


@pytest.mark.parametrize("name", DESIGN)
def test_the_columns_are_those_of_the_design(name: str) -> None:
    assert list(RESULT_TABLES[name].names) == ["study_id", *DESIGN[name].split(", ")]


def test_every_table_and_column_says_what_it_is() -> None:
    assert set(RESULT_TABLES) > set(DESIGN)
    for name, table in RESULT_TABLES.items():
        assert "One row per" in table.description, name
        assert len(set(table.names)) == len(table.names), name
        for column, kind, comment in table.columns:
            assert kind in ("VARCHAR", "BIGINT", "BOOLEAN", "DOUBLE"), (
                name,
                column,
            )
            assert len(comment) > 3, (name, column)


def attrition(**more: object) -> pd.DataFrame:
    row = {"study_id": "s", "analysis_set": "infused", "step": 1, "reason": "r", "n_remaining": 3}
    return pd.DataFrame([{**row, "n_excluded": None, **more}])


def test_a_frame_that_does_not_fit_is_refused_with_its_columns() -> None:
    with pytest.raises(
        ResultError, match=r"missing columns \['step'\], unknown columns \['stap'\]"
    ):
        conform("attrition", attrition().rename(columns={"step": "stap"}))
    with pytest.raises(ResultError, match="column n_remaining does not fit BIGINT"):
        conform("attrition", attrition(n_remaining="three"))
    with pytest.raises(ResultError, match=r"results\.atrition: no such table"):
        empty("atrition")


def test_not_reached_is_null_and_never_infinite() -> None:
    summary = pd.DataFrame([dict.fromkeys(RESULT_TABLES["survival_summary"].names)])
    cast = conform("survival_summary", summary.assign(value=float("inf"), n=4))
    assert cast["value"].isna().all()
    assert cast["n"].tolist() == [4]


def test_written_types_are_those_declared(tmp_path: Path) -> None:
    write(Evaluation("s", {"attrition": attrition()}), tmp_path / "s")
    for name, table in RESULT_TABLES.items():
        described = duckdb.sql(f"DESCRIBE FROM '{tmp_path}/s/{name}.parquet'").fetchall()
        assert [row[:2] for row in described] == [column[:2] for column in table.columns]


def test_results_are_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "it's a run" / "s"
    write(Evaluation("s", {"attrition": attrition()}), folder)
    write(Evaluation("s", {"attrition": attrition(n_remaining=9)}), folder)
    assert read(folder)["attrition"]["n_remaining"].tolist() == [9]
    assert [path.name for path in folder.parent.iterdir()] == ["s"]


def test_a_failed_write_leaves_the_older_results(tmp_path: Path) -> None:
    write(Evaluation("s", {"attrition": attrition()}), tmp_path / "s")
    with pytest.raises(ResultError):
        write(Evaluation("s", {"attrition": attrition(step="first")}), tmp_path / "s")
    assert read(tmp_path / "s")["attrition"]["n_remaining"].tolist() == [3]
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no such results folder"):
        read(tmp_path / "none")
