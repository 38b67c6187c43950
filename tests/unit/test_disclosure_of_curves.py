"""Curves of a public release are made of counts in steps of k: nobody's day is told by them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses import survival
from analyses.disclosure import (
    DEFAULT_THRESHOLD,
    SuppressionPolicy,
    release_curves,
    suppress_results,
)
from analyses.disclosure.study_counts import StudyCounts
from analyses.results import RESULT_TABLES
from analyses.survival import cumulative_incidence, kaplan_meier

K = DEFAULT_THRESHOLD
OF = {"study_id": "s", "endpoint": "os", "analysis_set": "infused", "adjustment": "none"}
HORIZONS = (100.0, 300.0)


def exact_tables(frame: pd.DataFrame, horizons: tuple[float, ...] = HORIZONS) -> dict:
    """The tables of an endpoint of strata (`stratum, time, event[, entry]`), as evaluated."""
    entry = "entry" if "entry" in frame else None
    counts = survival.risk_table(frame, by="stratum", entry=entry)
    curve = survival.kaplan_meier_from_counts(counts)
    sizes = frame.groupby("stratum", as_index=False).agg(
        n=("event", "size"), n_event=("event", "sum")
    )
    reverse = counts.assign(n_event=counts["n_censored"], n_censored=counts["n_event"])
    parts = {
        "median": survival.median_from_counts(counts).rename(columns={"median": "value"}),
        "rmst": survival.restricted_mean_from_counts(counts, horizon=list(horizons)).rename(
            columns={"rmst": "value"}
        ),
        "survival_at": survival.survival_at(curve, horizons).rename(columns={"survival": "value"}),
        "follow_up_median": survival.median_from_counts(reverse).rename(
            columns={"median": "value"}
        ),
    }
    summary = pd.concat([part.assign(statistic=name) for name, part in parts.items()])
    summary = summary.rename(columns={"horizon": "horizon_days"}).merge(sizes, on="stratum")
    quantile = survival.quantiles_from_counts(counts).rename(columns={"quantile": "time_days"})
    tables = {
        "survival_curve": curve.rename(columns={"time": "time_days"}),
        "survival_summary": summary,
        "survival_quantile": quantile.merge(sizes, on="stratum"),
        "baseline": sizes.assign(variable="patients", statistic="n", value=sizes["n"]),
    }
    return {
        name: table.assign(**OF).reindex(columns=RESULT_TABLES[name].names)
        for name, table in tables.items()
    }


def released(frame: pd.DataFrame, **more: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return suppress_results({**exact_tables(frame), **more}, SuppressionPolicy(K))


def trial(n: int, seed: int, stratum: str = "a") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    event, gone = rng.exponential(250, n).round() + 1, rng.uniform(60, 900, n).round()
    return pd.DataFrame(
        {"stratum": stratum, "time": np.minimum(event, gone), "event": (event <= gone).astype(int)}
    )


def few_events(number: int, people: int = 40) -> pd.DataFrame:
    days = [*range(10, 10 * number + 1, 10), *[400] * (people - number)]
    event = [1] * number + [0] * (people - number)
    return pd.DataFrame({"stratum": "a", "time": days, "event": event})


@pytest.mark.parametrize(
    ("events", "steps", "told"), [(K - 1, 0, None), (K, 1, K), (K + 1, 1, K), (2 * K, 2, 2 * K)]
)
def test_a_curve_has_whole_steps_of_k_events(events: int, steps: int, told: int | None) -> None:
    shown = released(few_events(events))
    curve, summary = shown["survival_curve"], shown["survival_summary"]
    assert curve["n_event"].tolist() == [K] * steps
    assert curve["time_days"].tolist() == [10.0 * K * (step + 1) for step in range(steps)]
    assert curve[["n_at_risk", "n_censored"]].isna().all(axis=None)
    assert set(summary["n_event"].dropna()) == ({told} if told else set())
    if steps:
        # Nobody is censored before: the curve falls by the events of each step.
        left = [1 - K * (step + 1) / 40 for step in range(steps)]
        assert curve["survival"].tolist() == pytest.approx(left, abs=5e-4)


@pytest.mark.parametrize(("people", "rows"), [(K - 1, 0), (K, 1), (K + 1, 1)])
def test_a_curve_of_few_people_is_not_shown(people: int, rows: int) -> None:
    frame = pd.DataFrame({"stratum": "a", "time": range(1, people + 1), "event": 1})
    shown = released(frame)
    assert len(shown["survival_curve"]) == rows
    told = shown["survival_summary"].query("statistic == 'survival_at' and horizon_days == 100")
    # Of k + 1 the last one is left over: what happened after the step is not told.
    assert told["value"].notna().all() == (people == K)


@settings(deadline=None, max_examples=12)
@given(
    people=st.lists(st.tuples(st.integers(1, 250), st.booleans()), min_size=K, max_size=70),
    data=st.data(),
)
def test_one_person_within_a_step_changes_nothing(
    people: list[tuple[int, bool]], data: st.DataObject
) -> None:
    """Two trials that differ by when one person left within a step have the same public tables."""
    frame = pd.DataFrame(people, columns=["time", "event"]).astype({"event": int})
    # Distinct days, so that every leaving has a place of its own.
    frame["time"] = frame["time"].rank(method="first") * 7
    frame = frame.sort_values("time", ignore_index=True).assign(stratum="a")
    inside = [
        place
        for place in range(len(frame) - 1)
        if frame["event"][place] == 0
        and frame["event"][place + 1] == 0
        and (place + 1) % K
        and (frame["event"][: place + 1] == 0).sum() % K
    ]
    if not inside:
        return
    place = data.draw(st.sampled_from(inside))
    moved = frame.copy()
    # A day later or earlier, between the leavings beside it.
    moved.loc[place, "time"] += data.draw(st.integers(-6, 6))
    rules = {
        "survival_curve": release_curves.survival_curve,
        "survival_summary": release_curves.survival_summary,
        "survival_quantile": release_curves.quantile,
    }
    before, after = (StudyCounts(exact_tables(one), K) for one in (frame, moved))
    for name, rule in rules.items():
        shown = [rule(exact.tables[name], exact) for exact in (before, after)]
        pd.testing.assert_frame_equal(*shown)


def test_the_same_steps_give_the_same_release_whoever_had_the_events_between() -> None:
    """Events on days 10, 20, 30, 40, 50 or all but the last early: the k-th alone is told."""
    frame = few_events(2 * K)
    moved = frame.copy()
    moved.loc[: K - 2, "time"] = [1, 2, 3, 4][: K - 1]
    before, after = released(frame), released(moved)
    assert len(before["survival_curve"]) == 2
    for name in ("survival_curve", "survival_summary", "survival_quantile"):
        pd.testing.assert_frame_equal(before[name], after[name])


@pytest.mark.parametrize(("n", "seed"), [(40, 1), (60, 2), (200, 3), (1000, 4)])
def test_what_is_shown_lies_near_what_was_estimated(n: int, seed: int) -> None:
    frame = trial(n, seed)
    exact, shown = exact_tables(frame), released(frame)
    curves = exact["survival_curve"].merge(
        shown["survival_curve"], on="time_days", suffixes=("", "_shown")
    )
    assert len(curves) == len(shown["survival_curve"]) > 2
    away = (curves["survival_shown"] - curves["survival"]).abs()
    assert (away <= K / n).all()
    assert ((curves["std_error_shown"] - curves["std_error"]).abs() <= 1 / n).all()
    keys = ["statistic", "horizon_days"]
    both = exact["survival_summary"].merge(
        shown["survival_summary"], on=keys, suffixes=("", "_shown")
    )
    at = both[both["statistic"] == "survival_at"]
    assert at["value_shown"].notna().any()
    assert ((at["value_shown"] - at["value"]).abs().dropna() <= K / n + 0.001).all()
    means = both[both["statistic"] == "rmst"]
    assert ((means["value_shown"] - means["value"]).abs() <= K * means["horizon_days"] / n).all()
    assert (shown["survival_summary"].query("statistic == 'median'")["value"] % 1 == 0).all()


def test_what_is_left_after_the_last_step_is_not_told_by_a_horizon() -> None:
    """Two more events between the last step and a horizon; none before an earlier one."""
    frame = few_events(K + 2)
    frame.loc[K : K + 1, "time"] = [200, 250]
    at = released(frame)["survival_summary"].set_index(["statistic", "horizon_days"])["value"]
    assert at["survival_at", 100.0] == pytest.approx(35 / 40, abs=5e-4)
    assert pd.notna(at["rmst", 100.0])
    assert pd.isna(at["survival_at", 300.0])
    assert pd.isna(at["rmst", 300.0])


def test_nobody_with_the_event_may_be_told() -> None:
    at = released(few_events(0))["survival_summary"].set_index(["statistic", "horizon_days"])
    assert at.loc[("survival_at", 300.0), "value"] == 1
    assert at.loc[("rmst", 300.0), "value"] == 300


def test_a_contrast_is_that_of_the_shown_means() -> None:
    frame = pd.concat([trial(60, 5, "a"), trial(60, 6, "b")], ignore_index=True)
    rows = [
        {**OF, "stratify_by": "arm", "level": "b", "reference": "a", "contrast": kind}
        | {"horizon_days": 100.0, "estimate": 1.23456789, "p_value": 0.123456789}
        for kind in ("rmst_difference", "rmst_ratio", "survival_difference")
    ]
    names = RESULT_TABLES["contrast"].names
    shown = released(frame, contrast=pd.DataFrame(rows).reindex(columns=names))
    means = shown["survival_summary"].query("statistic == 'rmst' and horizon_days == 100")
    mean, error = (means.set_index("stratum")[name] for name in ("value", "std_error"))
    difference, ratio, withheld = shown["contrast"].itertuples()
    assert difference.estimate == pytest.approx(mean["b"] - mean["a"], abs=1)
    assert difference.std_error == pytest.approx(np.hypot(error["a"], error["b"]), rel=0.01)
    assert ratio.estimate == pytest.approx(mean["b"] / mean["a"], rel=0.01)
    assert pd.isna(withheld.estimate)


def test_late_entrants_come_k_at_a_time() -> None:
    frame = trial(120, 7).assign(entry=0.0)
    late = frame.index[:40]
    frame.loc[late, "entry"] = (frame.loc[late, "time"] / 2).round()
    frame = frame[frame["entry"] < frame["time"]]
    exact, shown = exact_tables(frame)["survival_curve"], released(frame)["survival_curve"]
    curves = exact.merge(shown, on="time_days", suffixes=("", "_shown"))
    assert len(curves) == len(shown) > 5
    assert ((curves["survival_shown"] - curves["survival"]).abs() < 2 * K / 80).all()


def of_causes(frame: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    curves = cumulative_incidence(frame, by="stratum").rename(columns={"time": "time_days"})
    curves["cause"] = curves["cause"].map(names)
    return curves.assign(**OF).reindex(columns=RESULT_TABLES["cumulative_incidence"].names)


@pytest.mark.parametrize(("rare", "told"), [(K - 1, 0), (K, 1), (K + 1, 1)])
def test_a_cause_of_few_has_no_curve_and_still_ends_the_risk_of_others(
    rare: int, told: int
) -> None:
    causes = [*[1] * 30, *[2] * rare, *[0] * 10]
    time = np.random.default_rng(8).permutation(np.arange(1, len(causes) + 1))
    frame = pd.DataFrame({"stratum": "a", "time": time, "cause": causes})
    exact = of_causes(frame, {1: "relapse", 2: "rare"})
    shown = suppress_results({"cumulative_incidence": exact}, SuppressionPolicy(K))
    curves = shown["cumulative_incidence"]
    assert curves.groupby("cause")["n_event"].apply(list).to_dict() == {
        "relapse": [K] * 6,
        **({"rare": [K]} if told else {}),
    }
    both = exact.merge(curves, on=["cause", "time_days"], suffixes=("", "_shown"))
    assert ((both["incidence_shown"] - both["incidence"]).abs() <= 2 * K / len(frame)).all()
    assert (curves.groupby("cause")["incidence"].diff().dropna() > 0).all()
    assert curves["std_error"].notna().all()


def test_a_landmark_curve_is_made_of_steps_too() -> None:
    curve = kaplan_meier(few_events(K + 1)[["time", "event"]]).rename(columns={"time": "time_days"})
    of = {"state": "response", "method": "landmark", "landmark_days": 60.0, "stratum": "reached"}
    names = RESULT_TABLES["landmark_curve"].names
    exact = curve.assign(**OF, **of).reindex(columns=names)
    shown = suppress_results({"landmark_curve": exact}, SuppressionPolicy(K))["landmark_curve"]
    assert shown["n_event"].tolist() == [K]
    assert shown["survival"].tolist() == [pytest.approx(35 / 40, abs=5e-4)]


def test_a_weighted_curve_is_withheld() -> None:
    exact = {
        name: rows.assign(adjustment="weighting") if "adjustment" in rows else rows
        for name, rows in exact_tables(trial(60, 9)).items()
    }
    shown = suppress_results(exact, SuppressionPolicy(K))
    assert shown["survival_curve"].empty
    assert shown["survival_summary"]["value"].isna().all()


def test_the_limits_are_of_the_kind_that_the_study_asks_for() -> None:
    exact = exact_tables(trial(60, 10))
    log_log = suppress_results(exact, SuppressionPolicy(K))["survival_curve"]
    plain = suppress_results(exact, SuppressionPolicy(K), conf_types={"s": "plain"})
    assert log_log["survival"].tolist() == plain["survival_curve"]["survival"].tolist()
    middle = plain["survival_curve"][["ci_lower", "ci_upper"]].mean(axis=1)
    open_ended = plain["survival_curve"]["ci_upper"] < 1
    assert middle[open_ended].tolist() == pytest.approx(
        plain["survival_curve"].loc[open_ended, "survival"].tolist(), abs=1e-3
    )


@pytest.mark.parametrize(("left", "ends_at_0"), [(0, True), (1, False)])
def test_a_curve_ends_at_0_when_nobody_is_left(left: int, ends_at_0: bool) -> None:
    days = [*range(1, 2 * K + 1), *[900] * left]
    frame = pd.DataFrame({"stratum": "a", "time": days, "event": [1] * 2 * K + [0] * left})
    last = released(frame)["survival_curve"]["survival"].iloc[-1]
    assert (last == 0) == ends_at_0


def test_a_band_is_that_of_the_steps() -> None:
    frame = trial(60, 11)
    counts = survival.risk_table(frame, by="stratum")
    band = survival.simultaneous_bands(counts, kind="hall_wellner")
    exact = band.rename(columns={"time": "time_days"}).assign(**OF, band="hall_wellner")
    exact = exact.assign(transform="log-log").reindex(columns=RESULT_TABLES["survival_band"].names)
    shown = released(frame, survival_band=exact)
    found, curve = shown["survival_band"], shown["survival_curve"]
    both = found.merge(curve, on=["time_days", "survival"])
    assert len(both) == len(found) > 3
    assert (both["band_lower"] < both["ci_lower"]).any()
    assert found["critical_value"].isna().all()


def test_a_diagnostic_tells_no_event_after_the_last_whole_step() -> None:
    """Of a model with one term, the events per term are its events; other counts are rounded."""
    rows = [
        {"diagnostic": f"{name}: cox", "value": float(value)}
        for name, value in (
            ("events_per_term", 9 * K + K - 1),
            ("too_few_events", 9 * K + 1),
            ("forms_outside_windows", 2 * K - 1),
            ("registered_after_event", K - 1),
            ("mortality_by_last_visit", 0.0556),
            ("mean_score", 0.5),
        )
    ]
    exact = {"diagnostic": pd.DataFrame(rows).reindex(columns=RESULT_TABLES["diagnostic"].names)}
    exact["diagnostic"]["study_id"] = "s"
    shown = suppress_results(exact, SuppressionPolicy(K))["diagnostic"]["value"]
    assert shown.fillna(-1).tolist() == [9 * K, 9 * K, 2 * K, -1, -1, 0.5]
