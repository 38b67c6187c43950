"""Gray's test and Fine-Gray regression: what must hold of any rows, edges, and bad input."""

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
    fine_gray,
    gray_from_counts,
    gray_test,
)
from tests.lib.parity_tables import gbsg2, lung, ties

SEARCH = settings(max_examples=30, deadline=None, derandomize=True)


@st.composite
def cohorts(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(6, 30))

    def column(values: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(values, min_size=size, max_size=size))

    return pd.DataFrame(
        {
            "time": column(st.integers(0, 8)),
            "cause": column(st.integers(0, 2)),
            "group": column(st.sampled_from(["a", "b", "c"])),
            "site": column(st.sampled_from(["x", "y"])),
            "z": column(st.integers(-2, 2)),
        }
    )


def chi_squared_of(frame: pd.DataFrame, **options: object) -> tuple[float, int]:
    """Statistic and degrees of freedom; a refused table is no example."""
    try:
        test = gray_test(frame, by="group", **options)
    except AnalysisError:
        assume(False)
        raise
    assert 0 <= test.p_value <= 1
    return test.statistic, test.degrees_of_freedom


@SEARCH
@given(cohorts(), st.sampled_from([None, "site"]), st.permutations(["a", "b", "c"]))
def test_gray_does_not_know_names_order_or_unit(
    frame: pd.DataFrame, strata: str | None, order: list[str]
) -> None:
    expected = pytest.approx(chi_squared_of(frame, strata=strata), rel=1e-6, abs=1e-9)
    renamed = frame.assign(group=frame["group"].map(dict(zip("abc", order, strict=True))))
    assert chi_squared_of(renamed, strata=strata) == expected
    assert chi_squared_of(frame.sample(frac=1, random_state=1), strata=strata) == expected
    assert chi_squared_of(frame.assign(time=frame["time"] / 30.4375), strata=strata) == expected


@SEARCH
@given(cohorts())
def test_gray_of_one_stratum_is_gray_and_other_causes_are_one(frame: pd.DataFrame) -> None:
    expected = pytest.approx(chi_squared_of(frame), rel=1e-9, abs=1e-12)
    assert chi_squared_of(frame.assign(all="x"), strata="all") == expected
    split = frame["cause"].where((frame["cause"] != 2) | (frame["z"] > 0), 3)
    assert chi_squared_of(frame.assign(cause=split)) == expected


def test_gray_from_counts_in_duckdb_is_that_of_the_rows() -> None:
    frame = gbsg2()
    with duckdb.connect() as con:
        con.register("rows", frame)
        counts = counts_from_duckdb(con, "rows", cause="cause", by=["menostat", "tgrade"])
    for of in (1, 2):
        mine = gray_from_counts(counts.sample(frac=1, random_state=1), of=of, by="tgrade",
                                strata="menostat")  # fmt: skip
        rows = gray_test(frame, of=of, by="tgrade", strata="menostat")
        assert mine.statistic == pytest.approx(rows.statistic, rel=1e-12)


def test_gray_of_two_equal_groups_is_0() -> None:
    twice = pd.concat([lung().assign(group="a"), lung().assign(group="b")])
    test = gray_test(twice, by="group")
    assert test.statistic == pytest.approx(0, abs=1e-12)
    assert test.p_value == pytest.approx(1)


def test_gray_refuses_what_has_no_meaning() -> None:
    with pytest.raises(AnalysisError, match="two groups or more in 'by': there are 1"):
        gray_test(lung().assign(group="a"), by="group")
    with pytest.raises(AnalysisError, match="needs events of the cause"):
        gray_test(lung(), of=3, by="sex")
    with pytest.raises(AnalysisError, match="name a column in 'by'"):
        gray_test(lung(), by=None)
    apart = pd.DataFrame({"time": [1, 2], "cause": [0, 1], "group": ["a", "b"]})
    with pytest.raises(AnalysisError, match="gray_test: no two groups are at risk together"):
        gray_test(apart, by="group")
    late = cause_table(ties(), entry="entry", by="group")
    with pytest.raises(AnalysisError, match="'n_at_risk' is above that of an earlier time"):
        gray_from_counts(late, by="group")


COLUMNS = ["coefficient", "std_error", "p_value"]


@pytest.mark.parametrize("entry", [None, "entry"])
def test_without_competing_events_fine_gray_is_cox_with_robust_errors(entry: str | None) -> None:
    frame = ties().assign(row=np.arange(120))
    alone = fine_gray(
        frame.assign(cause=frame["event"]), covariates=["x", "z", "group"], entry=entry
    )
    robust = cox(frame, covariates=["x", "z", "group"], cluster="row", entry=entry)
    pd.testing.assert_frame_equal(alone.coefficients, robust.coefficients, rtol=1e-9)
    pd.testing.assert_frame_equal(
        alone.proportional_hazards, robust.proportional_hazards, rtol=1e-9
    )


def test_with_everybody_followed_to_the_end_competing_events_never_leave() -> None:
    """No weight differs from 1: Cox with competing events censored at the end of the study."""
    frame = lung().assign(row=np.arange(len(lung())))
    frame["cause"] = np.where(frame["event"] == 0, 2, frame["cause"])
    endless = frame.assign(
        time=np.where(frame["cause"] == 2, frame["time"].max(), frame["time"]),
        event=(frame["cause"] == 1).astype(int),
    )
    mine = fine_gray(frame, covariates=["sex", "ecog"])
    theirs = cox(endless, covariates=["sex", "ecog"], cluster="row")
    pd.testing.assert_frame_equal(mine.coefficients, theirs.coefficients, rtol=1e-9)


def test_fine_gray_does_not_know_which_other_cause_competes() -> None:
    frame = gbsg2().assign(other=lambda f: f["cause"].where(f["cause"] != 2, 2 + f["age"] % 3))
    one = fine_gray(frame, covariates=["age", "tsize"])
    many = fine_gray(frame, cause="other", covariates=["age", "tsize"])
    pd.testing.assert_frame_equal(one.coefficients, many.coefficients)


def test_fine_gray_of_rows_of_weight_0_is_that_of_the_others() -> None:
    """Weights are of the model; who is under observation is counted in people, as R does."""
    frame = lung()
    censored_late = frame.assign(w=1.0)
    nobody = frame.iloc[:1].assign(time=0, cause=2, event=1, w=0.0)
    both = pd.concat([censored_late, nobody])
    mine = fine_gray(both, covariates=["sex", "ecog"], weight="w").coefficients
    theirs = fine_gray(frame, covariates=["sex", "ecog"]).coefficients
    np.testing.assert_allclose(mine[COLUMNS], theirs[COLUMNS], rtol=1e-9)


def test_fine_gray_refuses_what_has_no_meaning() -> None:
    with pytest.raises(AnalysisError, match="column 'cause' is never the cause modelled"):
        fine_gray(lung(), covariates="sex", of=4)
    with pytest.raises(AnalysisError, match="'one' is constant"):
        fine_gray(lung().assign(one=1), covariates="one")
    told = lung().assign(tells=lambda f: (f["cause"] == 1) * 1.0)
    with pytest.raises(AnalysisError, match="'tells' separates the events"):
        fine_gray(told, covariates="tells")
    late = pd.DataFrame(
        {
            "entry": [0, 0, 2, 2, 2, 3],
            "time": [1, 2, 4, 5, 6, 7],
            "cause": [2, 2, 1, 1, 0, 1],
            "x": [1, 2, 3, 1, 2, 5],
        }
    )
    with pytest.raises(AnalysisError, match="under observation is 0 at the competing event of 2"):
        fine_gray(late, covariates="x", entry="entry")
