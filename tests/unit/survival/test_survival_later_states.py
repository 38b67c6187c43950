"""Landmarks, time-dependent covariates, subgroups and imputation: by hand, by truth, and refused.

Parity with R is in tests/statistical.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import (
    counting_rows,
    cox,
    impute,
    landmark_rows,
    pool,
    simon_makuch,
    subgroup_effects,
)
from tests.lib.parity_tables import gbsg2, lung, rossi

PEOPLE = pd.DataFrame(
    {
        "id": list("pqrstu"),
        "time": [10.0, 20, 30, 40, 5, 15],
        "event": [1, 0, 1, 1, 1, 0],
        "reached": [4.0, 12, math.nan, 0, math.nan, 15],
        "entry": [0.0, 0, 8, 0, 0, 3],
    }
)


def test_a_landmark_tells_people_apart_by_what_they_were_then() -> None:
    rows = landmark_rows(PEOPLE, at=10, state_time="reached", entry="entry")
    assert rows[["id", "time", "event", "state", "entry"]].to_numpy().tolist() == [
        ["q", 10, 0, 0, 0], ["r", 20, 1, 0, 0], ["s", 30, 1, 1, 0], ["u", 5, 0, 0, 0],
    ]  # fmt: skip


def test_rows_are_split_where_a_state_is_reached() -> None:
    rows = counting_rows(PEOPLE, states={"state": "reached"}, entry="entry")
    assert rows[["id", "start", "time", "event", "state"]].to_numpy().tolist() == [
        ["p", 0, 4, 0, 0], ["p", 4, 10, 1, 1],
        ["q", 0, 12, 0, 0], ["q", 12, 20, 0, 1],
        ["r", 8, 30, 1, 0],
        ["s", 0, 40, 1, 1],
        ["t", 0, 5, 1, 0],
        ["u", 3, 15, 0, 0],
    ]  # fmt: skip
    two = counting_rows(PEOPLE.assign(other=6.0), states={"a": "reached", "b": "other"})
    assert two[two["id"] == "p"][["start", "time", "event", "a", "b"]].to_numpy().tolist() == [
        [0, 4, 0, 0, 0], [4, 6, 0, 1, 0], [6, 10, 1, 1, 1],
    ]  # fmt: skip


def test_immortal_time_is_what_the_naive_comparison_shows_and_the_others_do_not() -> None:
    """A response that changes nothing, reached at random while people live."""
    random = np.random.default_rng(8)
    death, response = random.exponential(1.0, 2000), random.exponential(1.0, 2000)
    time = np.minimum(death, 3.0)
    people = pd.DataFrame(
        {
            "time": time,
            "event": (death <= 3.0).astype(int),
            "reached": np.where(response < time, response, np.nan),
        }
    )
    naive = people.assign(responder=people["reached"].notna().astype(float))
    fit = cox(naive, covariates="responder").coefficients.iloc[0]
    assert fit["ci_upper"] < 0.6
    later = landmark_rows(people, at=0.5, state_time="reached")
    split = counting_rows(people, states={"state": "reached"})
    for rows, entry in ((later, None), (split, "start")):
        fit = cox(rows, covariates="state", entry=entry).coefficients.iloc[0]
        assert fit["ci_lower"] < 1 < fit["ci_upper"]
    curves = simon_makuch(people, state_time="reached")
    at_one = curves[curves["time"] <= 1].groupby("state").tail(1)["survival"]
    np.testing.assert_allclose(at_one, math.exp(-1), atol=0.05)


def test_columns_that_are_taken_and_times_without_a_meaning_are_refused() -> None:
    with pytest.raises(AnalysisError, match="column 'event' is in the frame already"):
        counting_rows(PEOPLE, states={"event": "reached"})
    with pytest.raises(AnalysisError, match="column 'reached' is negative in 1 row of 6"):
        landmark_rows(PEOPLE.replace({"reached": {4.0: -4.0}}), at=3, state_time="reached")
    with pytest.raises(AnalysisError, match="a landmark is a finite time above 0"):
        landmark_rows(PEOPLE, at=0, state_time="reached")


def test_effects_of_subgroups_are_the_models_of_their_rows() -> None:
    found = subgroup_effects(gbsg2(), group="horTh", by="tgrade", reference="yes")
    assert found.effects["term"].unique().tolist() == ["horTh=no"]
    for row in found.effects.itertuples():
        rows = gbsg2()[gbsg2()["tgrade"] == row.level]
        alone = cox(rows, covariates="horTh", reference={"horTh": "yes"}).coefficients.iloc[0]
        assert (row.n, row.n_event) == (len(rows), rows["event"].sum())
        assert row.hazard_ratio == pytest.approx(alone["hazard_ratio"])
        assert row.ci_upper == pytest.approx(alone["ci_upper"])


def test_a_subgroup_of_few_events_has_no_estimate_and_the_others_do() -> None:
    found = subgroup_effects(lung(), group="sex", by="ecog", min_events=40)
    assert found.effects["level"].tolist() == ["0.0", "1.0", "2.0", "3.0"]
    assert found.effects["hazard_ratio"].isna().tolist() == [True, False, False, True]
    one_sex = lung()[(lung()["ecog"] < 2) | (lung()["sex"] == 1)]
    found = subgroup_effects(one_sex, group="sex", by="ecog", reference="2")
    assert found.effects["hazard_ratio"].isna().tolist() == [False, False, True, True]
    with pytest.raises(AnalysisError, match="two levels or more of 'sex' and of 'event'"):
        subgroup_effects(lung().assign(event=1), group="sex", by="event")
    with pytest.raises(AnalysisError, match="no row at the reference level"):
        subgroup_effects(lung(), group="sex", by="ecog", reference="3")
    with pytest.raises(AnalysisError, match="column 'ecog' is missing in 1 row"):
        broken = lung()
        broken.loc[0, "ecog"] = np.nan
        subgroup_effects(broken, group="sex", by="ecog")


def incomplete(random: np.random.Generator, size: int) -> pd.DataFrame:
    """Log hazard ratios x 0.7, z 0.5, x and z correlated; z missing by x and by the outcome."""
    x = random.normal(size=size)
    z = 0.6 * x + 0.8 * random.normal(size=size)
    time = random.exponential(1 / np.exp(0.7 * x + 0.5 * z))
    end = random.uniform(0.2, 3, size=size)
    frame = pd.DataFrame(
        {"time": np.minimum(time, end), "event": (time <= end).astype(int), "x": x, "z": z}
    )
    lost = random.random(size) < 0.7 * frame["event"] * (frame["time"] < 0.6)
    frame.loc[lost, "z"] = np.nan
    return frame


def test_imputation_recovers_what_complete_cases_lose() -> None:
    """Half the early events lack z: complete cases are of late events. 40 tables of 400 people."""
    random = np.random.default_rng(21)
    pooled, complete, covered = [], [], 0
    for number in range(40):
        frame = incomplete(random, 400)
        copies = impute(frame, covariates=["x", "z"], imputations=6, seed=number)
        found = pool([cox(copy, covariates=["x", "z"]) for copy in copies]).set_index("term")
        pooled.append(found.loc["x", "coefficient"])
        covered += found.loc["x", "ci_lower"] < math.exp(0.7) < found.loc["x", "ci_upper"]
        kept = cox(frame.dropna(), covariates=["x", "z"]).coefficients
        complete.append(kept["coefficient"].iloc[0])
    error = np.std(pooled) / math.sqrt(len(pooled))
    assert abs(np.mean(complete) - 0.7) > 4 * error
    assert abs(np.mean(pooled) - 0.7) < min(4 * error, abs(np.mean(complete) - 0.7) / 2)
    assert covered >= 34


def test_copies_are_the_same_again_and_filled_with_values_that_occur() -> None:
    frame = rossi().assign(race=np.where(rossi()["race"] == 1, "b", "w").astype(object))
    random = np.random.default_rng(2)
    for name in ("race", "prio", "age"):
        frame[name] = frame[name].astype(object if name == "race" else float)
        frame.loc[random.random(len(frame)) < 0.2, name] = np.nan
    asked = {"covariates": ["race", "prio", "age", "fin"], "imputations": 3, "cycles": 4}
    first, again = (list(impute(frame, seed=5, **asked)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(one, other)
    more = list(impute(frame, seed=5, **{**asked, "imputations": 5}))
    pd.testing.assert_frame_equal(first[2], more[2])
    assert not first[0].equals(first[1])
    for name in ("race", "prio", "age"):
        gone = frame[name].isna()
        assert first[0][name].notna().all()
        assert set(first[0].loc[gone, name]) <= set(frame[name].dropna())
        pd.testing.assert_series_equal(first[0].loc[~gone, name], frame.loc[~gone, name])
    other_seed = next(iter(impute(frame, seed=6, **asked)))
    assert not other_seed.equals(first[0])
    # Whatever the order of the people, which is that of their pseudonyms.
    mixed = next(iter(impute(frame.sample(frac=1, random_state=1), seed=5, **asked)))
    told = ["time", "event", "prio", "age", "fin", "race"]
    one, other = (copy[told].sort_values(told, ignore_index=True) for copy in (first[0], mixed))
    pd.testing.assert_frame_equal(one, other)


def test_what_cannot_be_imputed_or_pooled_is_said() -> None:
    frame = rossi().assign(rare=np.nan, alike=1.0)
    frame.loc[:4, "rare"] = range(5)
    frame.loc[9:, "alike"] = np.nan
    for name in ("rare", "alike"):
        with pytest.raises(AnalysisError, match=f"column '{name}' cannot be imputed"):
            list(impute(frame, covariates=["fin", name]))
    with pytest.raises(AnalysisError, match="needs 2 imputations or more"):
        list(impute(frame, covariates=["fin"], imputations=1))
    one = cox(rossi(), covariates=["fin"])
    with pytest.raises(AnalysisError, match="two fits or more"):
        pool([one])
    with pytest.raises(AnalysisError, match="different terms"):
        pool([one, cox(rossi(), covariates=["age"])])
