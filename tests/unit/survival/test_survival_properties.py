"""What must hold of any rows, searched for counter-examples."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.errors import AnalysisError
from analyses.survival import (
    cause_table,
    counts_from_duckdb,
    cox,
    cumulative_incidence,
    cumulative_incidence_from_counts,
    kaplan_meier,
    kaplan_meier_from_counts,
    log_rank,
    log_rank_from_counts,
    median_from_counts,
    median_survival,
    restricted_mean,
    restricted_mean_from_counts,
    risk_table,
    survival_at,
)

SEARCH = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def cohorts(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(1, 25))

    def column(values: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(values, min_size=size, max_size=size))

    frame = pd.DataFrame(
        {
            "time": column(st.integers(0, 8)),
            "cause": column(st.integers(0, 3)),
            "group": column(st.sampled_from(["a", "b", "c"])),
            "weight": column(st.integers(0, 3)),
            "late": column(st.integers(-1, 7)),
        }
    )
    frame["event"] = (frame["cause"] > 0).astype(int)
    frame["entry"] = np.where(frame["late"] < frame["time"], frame["late"], 0)
    return frame


def close(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Equal, standard errors to the rounding that a difference of squares leaves."""
    pd.testing.assert_frame_equal(
        left.reset_index(drop=True), right.reset_index(drop=True), check_dtype=False,
        rtol=1e-6, atol=1e-7,
    )  # fmt: skip


VALUES = ["time", "survival", "std_error", "ci_lower", "ci_upper"]
INCIDENCES = ["cause", "time", "incidence", "std_error", "ci_lower", "ci_upper"]


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]))
def test_whole_weights_are_repeated_rows(frame: pd.DataFrame, entry: str | None) -> None:
    repeated = frame.loc[frame.index.repeat(frame["weight"])]
    assume(len(repeated))
    weighted = kaplan_meier(frame, weight="weight", entry=entry)
    close(weighted[VALUES], kaplan_meier(repeated, entry=entry)[VALUES])
    assert (weighted["n_at_risk"] <= weighted["weighted_at_risk"]).all()
    incidence = cumulative_incidence(frame, weight="weight", entry=entry)
    close(incidence[INCIDENCES], cumulative_incidence(repeated, entry=entry)[INCIDENCES])


@SEARCH
@given(cohorts())
def test_log_rank_of_whole_weights_is_that_of_repeated_rows(frame: pd.DataFrame) -> None:
    repeated = frame.loc[frame.index.repeat(frame["weight"])]
    counts = risk_table(frame, weight="weight", by="group")
    try:
        expected = log_rank(repeated, by="group")
    except AnalysisError as error:
        with pytest.raises(AnalysisError, match=str(error)[:20]):
            log_rank_from_counts(counts, by="group")
        return
    mine = log_rank_from_counts(counts, by="group")
    assert mine.statistic == pytest.approx(expected.statistic, rel=1e-6, abs=1e-9)
    assert mine.degrees_of_freedom == expected.degrees_of_freedom


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]))
def test_counts_are_as_good_as_rows(frame: pd.DataFrame, entry: str | None) -> None:
    counts = risk_table(frame, by="group", entry=entry)
    shuffled = counts.sample(frac=1, random_state=1)
    curve = kaplan_meier(frame, by="group", entry=entry)
    close(kaplan_meier_from_counts(shuffled), curve)
    close(median_from_counts(shuffled), median_survival(frame, by="group", entry=entry))
    close(
        restricted_mean_from_counts(shuffled, horizon=4),
        restricted_mean(frame, horizon=4, by="group", entry=entry),
    )


@SEARCH
@given(cohorts())
def test_incidence_from_counts_is_that_of_the_rows(frame: pd.DataFrame) -> None:
    counts = cause_table(frame, by="group").sample(frac=1, random_state=1)
    close(cumulative_incidence_from_counts(counts), cumulative_incidence(frame, by="group"))


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]), st.sampled_from([None, "group"]))
def test_counts_of_duckdb_are_those_of_the_rows(
    frame: pd.DataFrame, entry: str | None, by: str | None
) -> None:
    with duckdb.connect() as con:
        con.register("people", frame)
        counts = counts_from_duckdb(con, "people", entry=entry, by=by)
        causes = counts_from_duckdb(con, "people", cause="cause", entry=entry, by=by)
    close(counts, risk_table(frame, entry=entry, by=by))
    close(causes, cause_table(frame, entry=entry, by=by))


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]))
def test_incidences_rise_within_bounds(frame: pd.DataFrame, entry: str | None) -> None:
    curve = cumulative_incidence(frame, entry=entry, causes=[1, 2, 3])
    # Rounding may leave the last digit beyond 1.
    assert curve["incidence"].between(0, 1 + 1e-12).all()
    assert curve.groupby("cause")["incidence"].apply(lambda of: of.is_monotonic_increasing).all()
    known = curve.dropna()
    assert (known["ci_lower"] <= known["incidence"] + 1e-12).all()
    assert (known["ci_upper"] >= known["incidence"] - 1e-12).all()


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]))
def test_incidences_and_survival_sum_to_1(frame: pd.DataFrame, entry: str | None) -> None:
    incidence = cumulative_incidence(frame, entry=entry, causes=[1, 2, 3])
    total = incidence.groupby("time")["incidence"].sum()
    curve = kaplan_meier(frame, entry=entry).set_index("time")["survival"]
    assert (total + curve).to_numpy() == pytest.approx(np.ones(len(curve)))


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]))
def test_one_cause_is_1_less_survival(frame: pd.DataFrame, entry: str | None) -> None:
    """Its standard error too, without late entry, where R's two differ."""
    incidence = cumulative_incidence(frame, cause="event", entry=entry, causes=[1])
    curve = kaplan_meier(frame, entry=entry)
    assert incidence["incidence"].to_numpy() == pytest.approx(1 - curve["survival"].to_numpy())
    if entry is None:
        assert incidence["std_error"].to_numpy() == pytest.approx(
            curve["std_error"].to_numpy(), abs=1e-7
        )


@SEARCH
@given(cohorts(), st.permutations([1, 2, 3]))
def test_relabelled_causes_have_their_curves(frame: pd.DataFrame, order: list[int]) -> None:
    before = cumulative_incidence(frame, causes=[1, 2, 3])
    renamed = dict(zip([0, 1, 2, 3], [0, *order], strict=True))
    after = cumulative_incidence(frame.assign(cause=frame["cause"].map(renamed)), causes=[1, 2, 3])
    expected = before.assign(cause=before["cause"].map(renamed))
    close(after, expected.sort_values(["cause", "time"]))


@SEARCH
@given(cohorts(), st.sampled_from([1 / 30.4375, 7.0, 1 / 365.25]))
def test_the_unit_of_time_does_not_matter(frame: pd.DataFrame, unit: float) -> None:
    scaled = frame.assign(time=frame["time"] * unit, entry=frame["entry"] * unit)
    columns = ["n_at_risk", *VALUES[1:]]
    close(kaplan_meier(scaled, entry="entry")[columns], kaplan_meier(frame, entry="entry")[columns])
    mine, theirs = restricted_mean(scaled, horizon=4 * unit), restricted_mean(frame, horizon=4)
    assert mine["rmst"].item() / unit == pytest.approx(theirs["rmst"].item(), nan_ok=True)
    median = median_survival(scaled)["median"].item() / unit
    assert median == pytest.approx(median_survival(frame)["median"].item(), nan_ok=True)


@SEARCH
@given(cohorts(), st.sampled_from(["log-log", "log", "plain"]))
def test_curves_stay_within_bounds(frame: pd.DataFrame, conf_type: str) -> None:
    curve = kaplan_meier(frame, conf_type=conf_type)
    assert curve["survival"].between(0, 1).all()
    assert curve["survival"].is_monotonic_decreasing
    known = curve.dropna()
    assert (known["ci_lower"] <= known["survival"] + 1e-12).all()
    assert (known["ci_upper"] >= known["survival"] - 1e-12).all()
    assert known["ci_lower"].between(0, 1).all()
    assert (curve["ci_lower"].isna() == (curve["survival"] == 0)).all()
    counted = curve["n_event"].sum() + curve["n_censored"].sum()
    assert counted == len(frame) == curve["n_at_risk"].iloc[0]


@SEARCH
@given(cohorts(), st.lists(st.floats(0, 9), min_size=1, max_size=4))
def test_survival_at_is_the_step_function(frame: pd.DataFrame, horizons: list[float]) -> None:
    curve = kaplan_meier(frame)
    read = survival_at(curve, horizons)
    for horizon, value in zip(horizons, read["survival"], strict=True):
        before = curve.loc[curve["time"] <= horizon, "survival"]
        if horizon > curve["time"].max() and before.iloc[-1] > 0:
            assert np.isnan(value)
        else:
            assert value == (before.iloc[-1] if len(before) else 1)


@SEARCH
@given(cohorts(), st.sampled_from([None, "entry"]))
def test_groups_do_not_touch_each_other(frame: pd.DataFrame, entry: str | None) -> None:
    together = kaplan_meier(frame, by="group", entry=entry)
    causes = cumulative_incidence(frame, by="group", entry=entry)
    seen = sorted(set(frame["cause"]) - {0})
    for group in set(frame["group"]):
        alone = frame[frame["group"] == group]
        mine = together[together["group"] == group].drop(columns="group")
        close(mine, kaplan_meier(alone, entry=entry))
        mine = causes[causes["group"] == group].drop(columns="group")
        close(mine, cumulative_incidence(alone, entry=entry, causes=seen))


@SEARCH
@given(cohorts(), st.lists(st.integers(0, 4), min_size=25, max_size=25))
def test_a_cox_model_of_whole_weights_is_that_of_repeated_rows_under_breslows_ties(
    frame: pd.DataFrame, values: list[int]
) -> None:
    frame = frame.assign(x=values[: len(frame)])
    repeated = frame.loc[frame.index.repeat(frame["weight"])].reset_index(drop=True)
    try:
        expected = cox(repeated, covariates="x", ties="breslow", entry="entry")
    except AnalysisError:
        assume(False)
    mine = cox(
        frame[frame["weight"] > 0].reset_index(drop=True),
        covariates="x", ties="breslow", entry="entry", weight="weight",
    )  # fmt: skip
    np.testing.assert_allclose(
        mine.coefficients.iloc[:, 1:3].astype(float),
        expected.coefficients.iloc[:, 1:3].astype(float),
        rtol=1e-5, atol=1e-8,
    )  # fmt: skip
    assert mine.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-8, abs=1e-9)
