"""Defined results at the edges: nobody, one patient, no event, everybody censored at 0."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from analyses.survival import (
    cause_table,
    counts_from_duckdb,
    cox,
    cumulative_incidence,
    cumulative_incidence_from_counts,
    follow_up_median,
    kaplan_meier,
    log_rank,
    median_survival,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
    survival_at,
)
from tests.lib.parity_tables import gbsg2, lung, rossi, ties, zero_time

CURVE = [
    "time", "n_at_risk", "n_event", "n_censored", "survival", "std_error", "ci_lower", "ci_upper",
]  # fmt: skip
INCIDENCE = [
    "cause", "time", "n_at_risk", "n_event", "incidence", "std_error", "ci_lower", "ci_upper",
]  # fmt: skip


def test_columns_and_their_order() -> None:
    frame = ties()
    assert list(kaplan_meier(frame)) == CURVE
    assert list(kaplan_meier(frame, by=["group", "stratum"])) == ["group", "stratum", *CURVE]
    weighted = ["weighted_at_risk", "weighted_event"]
    assert list(kaplan_meier(frame, weight="half_weight")) == [*CURVE, *weighted]
    assert list(cumulative_incidence(frame, by="group")) == ["group", *INCIDENCE]
    assert list(cumulative_incidence(frame, weight="whole_weight")) == [*INCIDENCE, *weighted]
    assert list(restricted_mean(frame, horizon=3, by="group")) == [
        "group", "horizon", "rmst", "std_error", "ci_lower", "ci_upper",
    ]  # fmt: skip
    limits = ["median", "ci_lower", "ci_upper"]
    assert list(median_survival(frame)) == limits
    assert list(follow_up_median(frame, by="group")) == ["group", *limits]
    result = cox(frame, covariates=["x", "group"])
    assert list(result.coefficients) == [
        "term", "coefficient", "std_error", "hazard_ratio", "ci_lower", "ci_upper", "p_value",
    ]  # fmt: skip
    assert list(result.proportional_hazards) == [
        "term", "statistic", "degrees_of_freedom", "p_value",
    ]  # fmt: skip


def test_an_empty_frame_gives_the_columns() -> None:
    nobody = ties().iloc[:0]
    for result, columns in (
        (kaplan_meier(nobody, by="group"), ["group", *CURVE]),
        (cumulative_incidence(nobody, by="group"), ["group", *INCIDENCE]),
        (median_survival(nobody, by="group"), ["group", "median", "ci_lower", "ci_upper"]),
        (
            restricted_mean(nobody, horizon=2),
            ["horizon", "rmst", "std_error", "ci_lower", "ci_upper"],
        ),
        (risk_table(nobody), CURVE[:4]),
        (survival_at(kaplan_meier(nobody), 5), ["horizon", "n_at_risk", *CURVE[4:]]),
    ):
        assert list(result.columns) == columns
        assert result.empty


def test_one_patient() -> None:
    died = pd.DataFrame({"time": [5], "event": [1]})
    curve = kaplan_meier(died).iloc[0]
    assert (curve["survival"], curve["std_error"]) == (0.0, 0.0)
    assert np.isnan(curve[["ci_lower", "ci_upper"]].to_numpy(dtype=float)).all()
    assert median_survival(died)["median"].item() == 5
    assert restricted_mean(died, horizon=9)["rmst"].item() == 5
    alive = died.assign(event=0)
    curve = kaplan_meier(alive).iloc[0]
    assert tuple(curve[CURVE[4:]]) == (1.0, 0.0, 1.0, 1.0)
    assert np.isnan(median_survival(alive)["median"].item())


def test_everybody_censored_at_0() -> None:
    frame = pd.DataFrame({"time": [0, 0], "event": [0, 0]})
    curve = kaplan_meier(frame)
    assert curve[CURVE[:5]].to_numpy().tolist() == [[0, 2, 0, 2, 1.0]]
    assert np.isnan(restricted_mean(frame, horizon=1)["rmst"].item())
    assert follow_up_median(frame)["median"].item() == 0


def test_no_event_leaves_incidence_to_the_causes_asked_for() -> None:
    frame = pd.DataFrame({"time": [1, 2], "cause": [0, 0]})
    assert cumulative_incidence(frame).empty
    asked = cumulative_incidence(frame, causes=[2])
    assert asked[["cause", "time", "incidence", "std_error", "ci_upper"]].to_numpy().tolist() == [
        [2, 1, 0, 0, 0],
        [2, 2, 0, 0, 0],
    ]


def test_an_event_of_everybody_has_no_limits() -> None:
    curve = cumulative_incidence(pd.DataFrame({"time": [1, 1], "cause": [1, 1]})).iloc[-1]
    assert (curve["incidence"], curve["std_error"]) == (1.0, 0.0)
    assert np.isnan(curve["ci_lower"])


def test_late_entry_counts_whom_it_should() -> None:
    """At risk in (entry, time]: entering at 2 is not yet at risk at 2."""
    frame = pd.DataFrame({"time": [2, 2, 5, 0], "event": [1, 0, 1, 1], "entry": [0, 1, 2, -3]})
    assert risk_table(frame, entry="entry").to_numpy().tolist() == [
        [0, 2, 1, 0],
        [2, 2, 1, 1],
        [5, 1, 1, 0],
    ]


def test_a_curve_at_0_stays_there_when_people_enter_later() -> None:
    frame = pd.DataFrame({"time": [1, 5, 6], "event": [1, 1, 0], "entry": [0, 2, 2]})
    curve = kaplan_meier(frame, entry="entry")
    assert curve["survival"].tolist() == [0, 0, 0]
    incidence = cumulative_incidence(frame.rename(columns={"event": "cause"}), entry="entry")
    assert incidence["incidence"].tolist() == [1, 1, 1]
    assert incidence["std_error"].tolist() == [0, 0, 0]


def test_a_missing_level_is_a_level() -> None:
    frame = lung().assign(site=["x", None, "a"] * 75 + ["x", None])
    assert list(kaplan_meier(frame, by="site")["site"].unique()) == ["a", "missing", "x"]
    numbered = lung().assign(site=[2, np.nan, 1] * 75 + [2, np.nan])
    assert list(kaplan_meier(numbered, by="site")["site"].unique()) == [1, 2, "missing"]
    ordered = pd.Categorical(frame["site"], categories=["x", "a", "unused"])
    levels = kaplan_meier(frame.assign(site=ordered), by="site")["site"]
    assert list(levels.unique()) == ["x", "a", "missing"]
    named = lung().assign(site=pd.Categorical(["missing", None, "a"] * 75 + ["a", None]))
    assert list(kaplan_meier(named, by="site")["site"].unique()) == ["a", "missing"]


def test_a_group_alone_is_what_it_is_among_others() -> None:
    """Many groups take another path than few: the curves are the same."""
    frame = gbsg2()
    many = frame.assign(site=np.arange(len(frame)) % 40)
    together = kaplan_meier(many, by="site")
    alone = kaplan_meier(many[many["site"] == 7])
    mine = together[together["site"] == 7].drop(columns="site").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone, rtol=1e-12)


def test_rows_of_weight_0_are_nobody() -> None:
    frame = ties()
    kept = frame[frame["cluster"] % 2 == 0]
    weighted = frame.assign(w=(frame["cluster"] % 2 == 0).astype(int))
    curve = kaplan_meier(weighted, weight="w")[CURVE]
    pd.testing.assert_frame_equal(curve, kaplan_meier(kept))
    incidence = cumulative_incidence(weighted, weight="w")[INCIDENCE]
    pd.testing.assert_frame_equal(incidence, cumulative_incidence(kept))


def test_survival_at_before_between_and_beyond() -> None:
    curve = kaplan_meier(zero_time(), by="group")
    read = survival_at(curve, [0, 2.5, 4]).set_index(["group", "horizon"])
    assert read.loc[("y", 2.5), ["n_at_risk", "survival", "ci_lower"]].tolist() == [2, 1, 1]
    assert read.loc[("x", 2.5), "survival"] == pytest.approx(5 / 18)
    assert read.loc[("x", 0.0), "survival"] == pytest.approx(5 / 6)
    assert read.loc[("x", 4.0)].isna().sum() == 4
    assert read.loc[("x", 4.0), "n_at_risk"] == 0
    ended = survival_at(kaplan_meier(pd.DataFrame({"time": [1], "event": [1]})), 3)
    assert ended["survival"].item() == 0


def test_incidence_at_is_missing_beyond_follow_up() -> None:
    read = survival_at(cumulative_incidence(lung()), [0, 365, 5000])
    assert list(read.columns[:4]) == ["cause", "horizon", "n_at_risk", "incidence"]
    assert read["incidence"].isna().tolist() == [False, False, True] * 2
    assert read["incidence"].tolist()[0] == 0
    ended = cumulative_incidence(pd.DataFrame({"time": [1, 2, 3], "cause": [1, 2, 1]}))
    assert survival_at(ended, 9)["incidence"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert survival_at(ended[ended["cause"] == 1], 9)["incidence"].isna().all()


def test_restricted_mean_before_the_first_event_is_the_horizon() -> None:
    mean = restricted_mean(ties(), horizon=0.5, by="group")
    assert mean["rmst"].tolist() == [0.5, 0.5, 0.5]
    assert mean["std_error"].tolist() == [0, 0, 0]
    beyond = restricted_mean(lung(), horizon=[100, 5000])
    assert beyond["rmst"].isna().tolist() == [False, True]


def test_restricted_mean_difference_adds_variances() -> None:
    means = restricted_mean(lung(), horizon=365, by="sex")
    row = restricted_mean_difference(lung(), horizon=365, by="sex").iloc[0]
    assert (row["sex"], row["reference"]) == (2, 1)
    assert row["difference"] == pytest.approx(means["rmst"][1] - means["rmst"][0])
    assert row["std_error"] == pytest.approx(np.sqrt((means["std_error"] ** 2).sum()))
    turned = restricted_mean_difference(lung(), horizon=365, by="sex", reference=2).iloc[0]
    assert turned["difference"] == pytest.approx(-row["difference"])
    assert turned["p_value"] == pytest.approx(row["p_value"])


def test_a_group_never_at_risk_adds_no_degree_of_freedom() -> None:
    frame = pd.concat([lung(), pd.DataFrame({"time": [1], "event": [0], "sex": [3]})])
    assert log_rank(frame, by="sex") == log_rank(lung(), by="sex")


@pytest.mark.parametrize("entry", [None, "entry"])
def test_duckdb_gives_the_counts_of_the_rows(entry: str | None) -> None:
    frame = ties().assign(group=ties()["group"].where(ties()["group"] != "c"))
    con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    con.register("rows", frame)
    by = ["group", "stratum"]
    pd.testing.assert_frame_equal(
        counts_from_duckdb(con, "select * from rows", by=by, entry=entry),
        risk_table(frame, by=by, entry=entry),
        check_dtype=False,
    )
    pd.testing.assert_frame_equal(
        counts_from_duckdb(con, "rows", cause="cause", by=by, entry=entry),
        cause_table(frame, by=by, entry=entry),
        check_dtype=False,
    )
    none = counts_from_duckdb(con, "select * from rows where false", by="group", entry=entry)
    assert list(none.columns) == ["group", *CURVE[:4]]
    assert none.empty


def test_incidence_counts_under_late_entry_have_the_greenwood_error() -> None:
    """The estimate is that of the rows; the error is close to it, as documented."""
    rows = cumulative_incidence(ties(), entry="entry")
    counts = cumulative_incidence_from_counts(cause_table(ties(), entry="entry"))
    assert counts["incidence"].to_numpy() == pytest.approx(rows["incidence"].to_numpy())
    assert counts["std_error"].to_numpy() == pytest.approx(rows["std_error"].to_numpy(), rel=0.05)


def test_text_and_booleans_are_covariates() -> None:
    frame = rossi().assign(paid=rossi()["fin"] == 1, aid=rossi()["fin"].map({0: "no", 1: "yes"}))
    number = cox(frame, covariates=["fin", "age"]).coefficients
    boolean = cox(frame, covariates=["paid", "age"]).coefficients
    text = cox(frame, covariates=["aid", "age"])
    turned = cox(frame, covariates=["aid", "age"], reference={"aid": "yes"})
    assert list(boolean["term"]) == ["paid", "age"]
    assert list(text.coefficients["term"]) == ["aid=yes", "age"]
    assert text.references == {"aid": "no"}
    assert boolean["coefficient"].tolist() == pytest.approx(number["coefficient"].tolist())
    assert text.coefficients["coefficient"].tolist() == pytest.approx(
        number["coefficient"].tolist()
    )
    assert turned.coefficients["coefficient"][0] == pytest.approx(-number["coefficient"][0])


def test_a_model_says_what_it_was_fitted_on() -> None:
    result = cox(rossi(), covariates=["age"], weight="half_weight")
    assert (result.n, result.n_event, result.robust) == (432, 114, True)
    assert result.log_likelihood > result.log_likelihood_null
    error = np.sqrt(np.diag(result.covariance))
    assert error == pytest.approx(result.coefficients["std_error"].to_numpy())


def test_ties_of_everybody_on_one_day() -> None:
    frame = pd.DataFrame({"time": 1, "event": 1, "x": np.arange(50) % 7})
    assert kaplan_meier(frame)["survival"].tolist() == [0.0]
    model = cox(frame, covariates="x")
    assert np.isfinite(model.coefficients["coefficient"].item())
    assert np.isnan(model.proportional_hazards["p_value"]).all()
