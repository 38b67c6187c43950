"""Disclosure control at its edges: k - 1, k and k + 1, and what would give a count back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.disclosure import (
    DEFAULT_THRESHOLD,
    SuppressionPolicy,
    disclosed_curve,
    midpoint_counts,
    round_counts,
    suppress_counts,
    suppress_results,
)
from analyses.disclosure.release_counts import attrition
from analyses.results import RESULT_TABLES, empty
from analyses.survival import cumulative_incidence, kaplan_meier

K = DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("count", "is_withheld"), [(0, False), (1, True), (K - 1, True), (K, False), (K + 1, False)]
)
def test_counts_below_the_threshold_are_withheld_and_zero_is_not(
    count: int, is_withheld: bool
) -> None:
    shown = suppress_counts([count], K, complementary=False)
    assert bool(shown.isna()[0]) is is_withheld


@pytest.mark.parametrize(
    ("counts", "withheld"),
    [
        ([3, 40, 60], [0, 1]),  # 3 alone would be the total less the others
        ([3, 4, 60], [0, 1]),  # 7 together: nobody can tell which is which
        ([1, 2, 60], [0, 1, 2]),  # 3 together is still a small group
        ([3, 0, 60], [0, 2]),  # a 0 hides nothing
        ([0, 5, 60], []),
    ],
)
def test_what_the_total_would_tell_is_withheld_too(counts: list[int], withheld: list[int]) -> None:
    shown = suppress_counts(counts, K)
    assert [place for place, gone in enumerate(shown.isna()) if gone] == withheld


@settings(deadline=None, max_examples=60)
@given(
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    k=st.integers(2, 11),
)
def test_no_withheld_count_can_be_had_from_a_total_that_is_shown(counts: list[int], k: int) -> None:
    gone = suppress_counts(counts, k).isna().to_numpy()
    numbers = np.array(counts)
    assert not ((numbers > 0) & (numbers < k) & ~gone).any()
    total = numbers.sum()
    # A total below k is a small count itself: it is not shown.
    if gone.any() and total >= k:
        assert gone.sum() > 1 or (numbers > 0).sum() == 1
        assert numbers[gone].sum() >= k


def test_rounding_goes_to_the_nearest_multiple_and_midpoints_follow_opensafely() -> None:
    counts = pd.Series([0, 1, 2, 3, 7, 8, pd.NA], dtype="Int64")
    assert round_counts(counts, 5).tolist()[:-1] == [0, 0, 0, 5, 5, 10]
    # OpenSAFELY statistical disclosure control: 0 -> 0, 1-6 -> 3, 7-12 -> 9, 13-18 -> 15.
    midpoints = midpoint_counts(pd.Series([0, 1, 6, 7, 12, 13, 18, pd.NA], dtype="Int64"))
    assert midpoints.tolist()[:-1] == [0, 3, 3, 9, 9, 15, 15]
    assert midpoints.isna().tolist()[-1]


def one_event_a_day(events: int, people: int = 40) -> pd.DataFrame:
    """`events` deaths on days 1, 2, ...; everybody else censored on day 100."""
    return pd.DataFrame(
        {
            "time": [*range(1, events + 1), *[100] * (people - events)],
            "event": [1] * events + [0] * (people - events),
        }
    )


@pytest.mark.parametrize(("events", "steps"), [(K - 1, []), (K, [K]), (K + 1, [K])])
def test_a_step_needs_k_events_and_a_partial_last_one_is_dropped(
    events: int, steps: list[int]
) -> None:
    curve = kaplan_meier(one_event_a_day(events))
    shown = disclosed_curve(curve, K)
    assert shown["n_event"].tolist() == steps
    assert shown["time"].tolist() == [float(step) for step in steps]
    expected = curve.loc[curve["time"].isin(steps), "survival"].tolist()
    assert shown["survival"].tolist() == expected


def test_nothing_of_the_censored_is_left_in_a_shown_curve() -> None:
    frame = one_event_a_day(12)
    censored_early = frame.assign(time=frame["time"].where(frame["event"] == 1, 50))
    shown = disclosed_curve(kaplan_meier(frame), K)
    assert "n_at_risk" not in shown.columns
    assert "n_censored" not in shown.columns
    pd.testing.assert_frame_equal(shown, disclosed_curve(kaplan_meier(censored_early), K))


@pytest.mark.parametrize(("people", "rows"), [(K - 1, 0), (K, 1), (K + 1, 1)])
def test_a_curve_of_fewer_than_k_people_is_not_shown(people: int, rows: int) -> None:
    frame = pd.DataFrame({"time": [3] * people, "event": [1] * people})
    assert len(disclosed_curve(kaplan_meier(frame), K)) == rows


def test_each_stratum_and_each_cause_has_steps_of_its_own() -> None:
    frame = pd.DataFrame(
        {
            "arm": ["a"] * 20 + ["b"] * 20,
            "time": [*range(1, 21)] * 2,
            "cause": [1] * 10 + [2] * 10 + [1] * 4 + [2] * 16,
        }
    )
    shown = disclosed_curve(cumulative_incidence(frame, by="arm"), K)
    sizes = shown.groupby(["arm", "cause"])["n_event"].apply(list).to_dict()
    assert sizes == {("a", 1): [5, 5], ("a", 2): [5, 5], ("b", 2): [5, 5, 5]}


@settings(deadline=None, max_examples=40)
@given(
    times=st.lists(st.integers(1, 60), min_size=1, max_size=80),
    k=st.integers(1, 11),
)
def test_every_step_has_k_events_and_lies_on_the_exact_curve(times: list[int], k: int) -> None:
    frame = pd.DataFrame({"time": times, "event": [place % 3 != 0 for place in range(len(times))]})
    curve = kaplan_meier(frame)
    shown = disclosed_curve(curve, k)
    assert (shown["n_event"] >= k).all()
    exact = curve.set_index("time").loc[shown["time"], "survival"]
    assert exact.tolist() == shown["survival"].tolist()
    through = curve["time"] <= (shown["time"].max() if len(shown) else 0)
    assert shown["n_event"].sum() == curve.loc[through, "n_event"].sum()


def steps(excluded: list[int], start: int) -> pd.DataFrame:
    """An attrition table that begins with `start` people."""
    remaining = start - np.cumsum(excluded)
    return pd.DataFrame(
        {
            "step": range(1, len(excluded) + 1),
            "n_remaining": pd.array(remaining, dtype="Int64"),
            "n_excluded": pd.array(excluded, dtype="Int64"),
        }
    )


@pytest.mark.parametrize(
    ("excluded", "small"), [([0, 30, K - 1], True), ([0, 30, K], False), ([0, 30, K + 1], False)]
)
def test_a_small_exclusion_takes_its_neighbour_with_it(excluded: list[int], small: bool) -> None:
    shown = attrition(steps(excluded, 100), K)
    assert shown["n_excluded"].isna().tolist() == [False, small, small]
    assert shown["n_remaining"].isna().tolist() == [False, small, False]


@settings(deadline=None, max_examples=80)
@given(excluded=st.lists(st.integers(0, 20), min_size=1, max_size=7), left=st.integers(0, 30))
def test_no_small_exclusion_can_be_had_from_the_numbers_shown(
    excluded: list[int], left: int
) -> None:
    excluded = [0, *excluded]
    shown = attrition(steps(excluded, sum(excluded) + left), K)
    if 0 < left < K:
        assert shown["n_remaining"].isna().all()
        return
    public = [place for place, gone in enumerate(shown["n_remaining"].isna()) if not gone]
    for before, after in pairwise(public):
        run = excluded[before + 1 : after + 1]
        hidden = shown["n_excluded"].isna().to_numpy()[before + 1 : after + 1]
        if any(0 < number < K for number in run):
            assert sum(hidden) > 1
            assert sum(number for number, gone in zip(run, hidden, strict=True) if gone) >= K
    assert not any(
        0 < number < K and not gone
        for number, gone in zip(excluded, shown["n_excluded"].isna(), strict=True)
    )


def baseline_of(sizes: dict[str, int], females: dict[str, int]) -> pd.DataFrame:
    """A baseline of strata with a sex each, and `overall`."""
    rows: list[tuple[str, str, str | None, str, float]] = []
    everybody = {**sizes, "overall": sum(sizes.values())}
    women = {**females, "overall": sum(females.values())}
    for stratum, size in everybody.items():
        rows.append((stratum, "patients", None, "n", size))
        for level, count in (("F", women[stratum]), ("M", size - women[stratum])):
            rows.append((stratum, "sex", level, "n", count))
            rows.append((stratum, "sex", level, "percent", 100 * count / size))
        rows.append((stratum, "sex", None, "missing", 0))
    frame = pd.DataFrame(rows, columns=["stratum", "variable", "level", "statistic", "value"])
    return frame.assign(study_id="s", smd=0.1)


def hidden_of(frame: pd.DataFrame, statistic: str = "n") -> set[tuple[str, str | None]]:
    rows = frame[(frame["statistic"] == statistic) & frame["value"].isna()]
    return set(zip(rows["stratum"], rows["level"].where(rows["level"].notna(), None), strict=True))


@pytest.mark.parametrize(("women", "small"), [(K - 1, True), (K, False), (K + 1, False)])
def test_a_small_cell_cannot_be_had_from_its_row_nor_from_its_column(
    women: int, small: bool
) -> None:
    exact = baseline_of({"a": 40, "b": 50}, {"a": women, "b": 20})
    shown = suppress_results({"baseline": exact}, SuppressionPolicy(K))["baseline"]
    hidden = hidden_of(shown)
    # Both sexes of both strata: F of b would tell F of a by the column, M of each by its row.
    expected = {("a", "F"), ("a", "M"), ("b", "F"), ("b", "M")} if small else set()
    assert hidden == expected
    assert hidden_of(shown, "percent") == expected


def test_a_small_stratum_goes_as_a_whole_and_the_total_that_would_tell_it() -> None:
    sizes = {"a": 40, "b": 50, "missing": 2}
    exact = {
        "baseline": baseline_of(sizes, {"a": 20, "b": 20, "missing": 1}),
        "attrition": steps([0, 30, 0], 122).assign(
            study_id="s", analysis_set="infused", reason="why"
        ),
    }
    shown = suppress_results(exact, SuppressionPolicy(K))
    table = shown["baseline"]
    assert table[table["stratum"].isin(["missing", "overall"])]["value"].isna().all()
    assert table[table["stratum"].isin(["a", "b"])]["value"].notna().all()
    assert shown["attrition"]["n_remaining"].isna().tolist() == [False, True, True]
    assert shown["attrition"]["n_excluded"].isna().tolist() == [False, True, False]


def test_every_table_of_a_public_release_is_there_even_when_empty() -> None:
    shown = suppress_results({}, SuppressionPolicy())
    assert list(shown) == list(RESULT_TABLES)
    for name, frame in shown.items():
        pd.testing.assert_frame_equal(frame, empty(name))


@pytest.mark.parametrize("policy", [{"threshold": 0}, {"rounding": 0}])
def test_a_policy_that_suppresses_nothing_by_mistake_is_refused(policy: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        SuppressionPolicy(**policy)
