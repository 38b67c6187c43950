"""Courses through states: what must hold of any, special cases that are other estimators, errors.

Parity with R's `survfit` and `etm` is in tests/statistical.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.errors import AnalysisError
from analyses.survival import (
    cumulative_incidence,
    kaplan_meier,
    restricted_mean,
    state_occupation,
    time_in_state,
    transition_probabilities,
)
from tests.lib.parity_tables import courses, heart, lung, macs

SEARCH = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def some_courses(draw: st.DrawFn) -> pd.DataFrame:
    """Up to 12 people who move among three states, `dead` being final, at whole times."""
    rows = []
    for person in range(draw(st.integers(1, 12))):
        now = draw(st.sampled_from([0, 0, 0, 1, 2]))
        state, group = draw(st.sampled_from(["well", "ill"])), draw(st.sampled_from(["a", "b"]))
        for _ in range(draw(st.integers(1, 4))):
            stop = now + draw(st.integers(0 if now == 0 and not _has(rows, person) else 1, 3))
            to = draw(st.sampled_from([{"well": "ill", "ill": "well"}[state], "dead", None]))
            rows.append((person, float(now), float(stop), state, to, group))
            if to in ("dead", None):
                break
            now, state = stop, to
    return pd.DataFrame(rows, columns=["id", "start", "stop", "from", "to", "group"])


def _has(rows: list[tuple[object, ...]], person: int) -> bool:
    return any(row[0] == person for row in rows)


def close(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        left.reset_index(drop=True), right.reset_index(drop=True), check_dtype=False,
        rtol=1e-9, atol=1e-10,
    )  # fmt: skip


STATES = ("well", "ill", "dead")


@SEARCH
@given(some_courses())
def test_probabilities_of_states_sum_to_one_and_stay_within_bounds(frame: pd.DataFrame) -> None:
    found = state_occupation(frame, states=STATES, by="group")
    total = found.groupby(["group", "time"])["probability"].sum()
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    assert found["probability"].between(-1e-12, 1 + 1e-12).all()
    assert (found["std_error"] >= 0).all()
    dead = found[found["state"] == "dead"].groupby("group")["probability"]
    assert (dead.diff().fillna(0) >= -1e-12).all()
    times = time_in_state(frame, states=STATES, by="group", horizon=0.5)
    known = times.dropna().groupby("group")["mean_time"].sum()
    np.testing.assert_allclose(known, 0.5)


@SEARCH
@given(some_courses(), st.floats(0.01, 400))
def test_the_unit_of_time_and_the_order_of_rows_do_not_matter(
    frame: pd.DataFrame, unit: float
) -> None:
    scaled = frame.assign(start=frame["start"] * unit, stop=frame["stop"] * unit)
    shuffled = scaled.iloc[np.random.default_rng(1).permutation(len(scaled))]
    found = state_occupation(frame, states=STATES)
    other = state_occupation(shuffled, states=STATES)
    close(found.drop(columns="time"), other.drop(columns="time"))


@SEARCH
@given(some_courses())
def test_twice_the_people_halve_the_variance_and_change_no_probability(
    frame: pd.DataFrame,
) -> None:
    twice = pd.concat([frame, frame.assign(id=frame["id"] + 100)])
    one, two = (state_occupation(f, states=STATES) for f in (frame, twice))
    np.testing.assert_allclose(one["probability"], two["probability"], atol=1e-12)
    np.testing.assert_allclose(one["std_error"], two["std_error"] * np.sqrt(2), atol=1e-10)
    one, two = (transition_probabilities(f, states=STATES) for f in (frame, twice))
    np.testing.assert_allclose(one["std_error"], two["std_error"] * np.sqrt(2), atol=1e-10)


@SEARCH
@given(some_courses())
def test_renaming_states_renames_results_and_groups_do_not_touch_each_other(
    frame: pd.DataFrame,
) -> None:
    names = {"well": "z", "ill": "a", "dead": "m"}
    renamed = frame.assign(**{c: frame[c].map(names) for c in ("from", "to")})
    found = state_occupation(frame, states=STATES, by="group")
    other = state_occupation(renamed, states=[names[s] for s in STATES], by="group")
    close(found.drop(columns="state"), other.drop(columns="state"))
    assert other["state"].tolist() == found["state"].map(names).tolist()
    for group in set(frame["group"]):
        alone = state_occupation(frame[frame["group"] == group], states=STATES)
        close(found[found["group"] == group].drop(columns="group"), alone)


def stays(frame: pd.DataFrame, entry: str | None = None) -> pd.DataFrame:
    """Each row of a survival table as one stay `alive`, that ends in cause<n> or not."""
    cause = frame["cause"] if "cause" in frame else frame["event"]
    return frame.assign(
        id=np.arange(len(frame)),
        start=0.0 if entry is None else frame[entry],
        stop=frame["time"],
        **{"from": "alive", "to": [f"cause{c}" if c else None for c in cause]},
    )


def test_alive_and_dead_are_kaplan_meier() -> None:
    rows = stays(macs(), entry="entry")
    found = state_occupation(rows, states=["alive", "cause1"], initial="alive")
    alive = found[found["state"] == "alive"]
    expected = kaplan_meier(macs(), entry="entry")
    np.testing.assert_allclose(alive["probability"], expected["survival"], atol=1e-12)
    np.testing.assert_array_equal(alive["n_at_risk"], expected["n_at_risk"])
    matrix = transition_probabilities(rows, states=["alive", "cause1"])
    stay = matrix[(matrix["from_state"] == "alive") & (matrix["to_state"] == "alive")]
    events = expected[expected["n_event"] > 0]
    np.testing.assert_allclose(stay["probability"], events["survival"], atol=1e-12)
    np.testing.assert_allclose(stay["std_error"], events["std_error"], atol=1e-12)
    means = time_in_state(rows, states=["alive", "cause1"], initial="alive", horizon=[3, 99])
    of_km = restricted_mean(macs(), entry="entry", horizon=[3])
    assert means["mean_time"].iloc[0] == pytest.approx(of_km["rmst"].item())
    assert means[means["horizon"] == 99][["mean_time", "std_error"]].isna().all().all()


def test_one_move_each_is_competing_risks() -> None:
    found = state_occupation(stays(lung()), by="sex")
    for cause in (1, 2):
        mine = found[found["state"] == f"cause{cause}"].reset_index(drop=True)
        expected = cumulative_incidence(lung(), by="sex")
        expected = expected[expected["cause"] == cause].reset_index(drop=True)
        np.testing.assert_allclose(mine["probability"], expected["incidence"], atol=1e-12)
        np.testing.assert_allclose(mine["std_error"], expected["std_error"], atol=1e-12)
        np.testing.assert_allclose(mine["ci_upper"], expected["ci_upper"], atol=1e-12)


def test_a_mean_time_alive_is_the_restricted_mean() -> None:
    rows = stays(lung().assign(cause=lung()["event"]))
    means = time_in_state(rows, by="sex", horizon=[365])
    alive = means[means["state"] == "alive"].reset_index(drop=True)
    expected = restricted_mean(lung(), by="sex", horizon=[365])
    np.testing.assert_allclose(alive["mean_time"], expected["rmst"])
    np.testing.assert_allclose(alive["std_error"], expected["std_error"])


def test_worked_by_hand() -> None:
    """4 people: one ill at 1 and dead at 3; one dead at 2; one ill at 2, still at 4; one well."""
    rows = pd.DataFrame(
        [("p", 0, 1, "well", "ill"), ("p", 1, 3, "ill", "dead"), ("q", 0, 2, "well", "dead"),
         ("r", 0, 2, "well", "ill"), ("r", 2, 4, "ill", None), ("s", 0, 5, "well", None)],
        columns=["id", "start", "stop", "from", "to"],
    )  # fmt: skip
    found = state_occupation(rows, states=STATES).pivot(
        index="time", columns="state", values="probability"
    )
    assert found.loc[1, ["well", "ill", "dead"]].tolist() == [0.75, 0.25, 0]
    assert found.loc[2, ["well", "ill", "dead"]].tolist() == [0.25, 0.5, 0.25]
    assert found.loc[3, ["well", "ill", "dead"]].tolist() == [0.25, 0.25, 0.5]
    means = time_in_state(rows, states=STATES, horizon=4).set_index("state")["mean_time"]
    assert means.tolist() == [1 + 0.75 + 0.25 + 0.25, 0.25 + 0.5 + 0.25, 0.25 + 0.5]


def test_a_move_at_the_origin_counts_once() -> None:
    rows = pd.DataFrame(
        [("p", 0, 0, "well", "ill"), ("p", 0, 2, "ill", "dead"), ("q", 0, 3, "well", None)],
        columns=["id", "start", "stop", "from", "to"],
    )
    found = state_occupation(rows, states=STATES, initial="well")
    assert found[found["time"] == 0]["n_at_risk"].tolist() == [2, 0, 0]
    assert found[found["time"] == 2]["probability"].tolist() == [0.5, 0, 0.5]


def test_all_censored_at_the_origin_stay_where_they_are() -> None:
    rows = pd.DataFrame({"id": [1, 2], "start": 0, "stop": 0, "from": "well", "to": None})
    found = state_occupation(rows, states=STATES, initial="well")
    assert found["probability"].tolist() == [1, 0, 0]
    assert found[["ci_lower", "ci_upper"]].to_numpy().tolist() == [[1, 1], [0, 0], [0, 0]]


GOOD = heart()


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"stop": -1.0}, {}, "column 'stop' is negative in 172 rows"),
        ({"start": lambda f: f["stop"] + 1}, {}, "column 'start' is not before 'stop' in 172"),
        ({"to": lambda f: f["from"]}, {}, "column 'to' is the state the row was in in 172"),
        ({"from": "waiting"}, {}, "column 'from' is not where the row before ended in 69 rows"),
        ({"id": None}, {}, "column 'id' is missing in 172 rows"),
        ({"id": 1}, {}, "column 'start' is before the end of the row before"),
        ({}, {"states": ["waiting", "dead"]}, "in a state that is not listed"),
        ({}, {"states": ["waiting", "dead", "dead"]}, "lists a state twice"),
        ({}, {"initial": "home"}, "initial is not a state: the states are"),
        ({"g": lambda f: f["from"]}, {"by": "g"}, "more than one group of 'by' for 69 people"),
    ],
)
def test_rows_without_a_meaning_are_refused(
    change: dict[str, object], options: dict[str, object], message: str
) -> None:
    with pytest.raises(AnalysisError, match=message):
        state_occupation(GOOD.assign(**change), **options)  # type: ignore[arg-type]


def test_options_without_a_meaning_are_refused() -> None:
    with pytest.raises(AnalysisError, match="horizon must be a finite number above 0"):
        time_in_state(GOOD, horizon=0)
    with pytest.raises(AnalysisError, match="after must be a finite number"):
        transition_probabilities(GOOD, after=-1)
    for estimate in (state_occupation, transition_probabilities):
        with pytest.raises(AnalysisError, match="needs rows"):
            estimate(GOOD.iloc[:0])
    with pytest.raises(AnalysisError, match="needs rows"):
        time_in_state(courses().iloc[:0], horizon=1)
