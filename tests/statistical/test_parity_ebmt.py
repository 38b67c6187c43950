"""On the EBMT registry table the estimates equal R's: `tests/data/ebmt/`, made by `ebmt.R`."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analyses.evaluation.multi_state import stays
from analyses.survival import (
    cox,
    cumulative_incidence,
    follow_up_median,
    kaplan_meier,
    median_survival,
    restricted_mean,
    state_occupation,
    survival_at,
    time_in_state,
    transition_probabilities,
)
from tests.lib.ebmt import GOLDEN, SIX_STATES, prepare_module, six_states

HORIZONS = [365, 730, 1826]
VALUES = ["std_error", "ci_lower", "ci_upper"]


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """`ebmt4` as it is in the wheel pip downloads."""
    prepare = prepare_module()
    return prepare.read_table(prepare.download(tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="session")
def delivered(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The delivery that the example writes."""
    return prepare_module().extract(table)


@pytest.fixture(scope="session")
def cohort(delivered: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a patient, days computed back from the delivered dates."""
    frame = delivered["patients"].merge(delivered["treatments"], on="patient_id")
    relapse = delivered["events"].set_index("patient_id")["event_date"]
    wide = delivered["covariates"].pivot(index="patient_id", columns="name", values="value")
    frame = frame.join(wide, on="patient_id").join(relapse.rename("relapse"), on="patient_id")
    died = frame["death_date"].notna()
    first = frame["relapse"].fillna(frame["last_contact_date"])
    return frame.assign(
        overall_survival=(frame["last_contact_date"] - frame["infusion_date"]).dt.days,
        died=died.astype(int),
        first_event=(first - frame["infusion_date"]).dt.days,
        cause=np.where(frame["relapse"].notna(), 1, np.where(died, 2, 0)),
    )


def golden(endpoint: str, statistic: str) -> pd.DataFrame:
    every = pd.read_csv(GOLDEN / "summary.csv")
    rows = every[(every["endpoint"] == endpoint) & (every["statistic"] == statistic)]
    assert len(rows)
    return rows


def endpoint_of(cohort: pd.DataFrame, endpoint: str) -> pd.DataFrame:
    if endpoint == "overall_survival":
        return pd.DataFrame({"time": cohort["overall_survival"], "event": cohort["died"]})
    return pd.DataFrame({"time": cohort["first_event"], "event": (cohort["cause"] > 0).astype(int)})


def test_the_delivery_is_whole_and_ends_before_its_date(
    delivered: dict[str, pd.DataFrame],
) -> None:
    patients = delivered["patients"]
    assert len(patients) == patients["patient_id"].nunique() == 2279
    assert (patients["last_contact_date"].dt.date < date(2010, 1, 31)).all()
    assert (delivered["events"]["event_date"] <= pd.Timestamp("2010-01-31")).all()
    assert len(delivered["covariates"]) == 4 * 2279


@pytest.mark.parametrize("endpoint", ["overall_survival", "progression_free_survival"])
def test_survival(cohort: pd.DataFrame, endpoint: str) -> None:
    frame = endpoint_of(cohort, endpoint)
    assert frame["event"].sum() == golden(endpoint, "n_event")["value"].item()
    mine = survival_at(kaplan_meier(frame), HORIZONS)
    theirs = golden(endpoint, "survival_at")
    expected = theirs[["value", *VALUES]].to_numpy()
    assert mine[["survival", *VALUES]].to_numpy() == pytest.approx(expected, rel=1e-8)
    mean, of_r = restricted_mean(frame, horizon=1826), golden(endpoint, "rmst")
    assert mean["rmst"].item() == pytest.approx(of_r["value"].item(), rel=1e-8)
    assert mean["std_error"].item() == pytest.approx(of_r["std_error"].item(), rel=1e-8)
    for estimate, statistic in (
        (median_survival, "median"),
        (follow_up_median, "follow_up_median"),
    ):
        got = estimate(frame)[["median", "ci_lower", "ci_upper"]].to_numpy()
        of_r = golden(endpoint, statistic)[["value", "ci_lower", "ci_upper"]]
        np.testing.assert_array_equal(got, of_r.to_numpy())


def test_cumulative_incidence(cohort: pd.DataFrame) -> None:
    mine = survival_at(cumulative_incidence(cohort, time="first_event"), HORIZONS)
    theirs = golden("first_event", "incidence_at")
    assert list(mine["cause"]) == [1, 1, 1, 2, 2, 2]
    expected = theirs[["value", *VALUES]].to_numpy()
    assert mine[["incidence", *VALUES]].to_numpy() == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    "endpoint",
    ["overall_survival", "progression_free_survival", "relapse", "non_relapse_mortality"],
)
def test_cox(cohort: pd.DataFrame, endpoint: str) -> None:
    covariates = ["agecl", "proph", "match", "year"]
    frame = cohort[covariates].join(endpoint_of(cohort, endpoint))
    if endpoint in ("relapse", "non_relapse_mortality"):
        frame["event"] = (cohort["cause"] == (1 if endpoint == "relapse" else 2)).astype(int)
    result = cox(frame, covariates=covariates)
    frequent = {name: frame[name].mode().item() for name in covariates}
    turned = cox(frame, covariates=covariates, reference=frequent)
    for mine, name in (
        (result.coefficients, "cox"),
        (turned.coefficients, "cox_most_frequent"),
        (result.proportional_hazards, "cox_zph"),
        (turned.proportional_hazards, "cox_zph"),
    ):
        every = pd.read_csv(GOLDEN / f"{name}.csv")
        theirs = every[every["endpoint"] == endpoint].set_index("term").drop(columns="endpoint")
        got = mine.set_index("term")[list(theirs.columns)]
        assert list(got.index) == list(theirs.index)
        assert got.to_numpy(dtype=float) == pytest.approx(
            theirs.to_numpy(dtype=float), rel=1e-6, abs=1e-6
        )


def test_courses_through_states(cohort: pd.DataFrame) -> None:
    """Transplanted, relapsed, dead; golden: `courses.csv`, made by `courses.R`."""
    golden_rows = pd.read_csv(GOLDEN / "courses.csv")
    people = cohort.assign(
        stratum="all", entry=0.0, last_day=cohort["overall_survival"].astype(float)
    )
    relapse = people["first_event"].where(people["cause"] == 1).astype(float)
    death = people["last_day"].where(people["died"] == 1)
    rows = stays(people, {"relapsed": relapse, "dead": death}, "transplanted")
    rows = rows[(rows["stop"] > rows["start"]) | (rows["start"] == 0)]
    check_courses(rows, ("transplanted", "relapsed", "dead"), golden_rows)


def test_courses_through_the_six_states(table: pd.DataFrame) -> None:
    """Golden: `six_states.csv`, made by `six_states.R`. The numbers of moves are also those that
    de Wreede, Fiocco and Putter print (J Stat Softw 2011, section 4), but for deaths after relapse,
    which end their observation."""
    golden_rows = pd.read_csv(GOLDEN / "six_states.csv")
    rows = six_states(table)
    moves = golden_rows[golden_rows["what"].str.startswith("moves ")]
    counted = rows.dropna(subset="to").groupby(["from", "to"]).size()
    expected = {(r.what.removeprefix("moves "), r.state): r.value for r in moves.itertuples()}
    assert counted.to_dict() == expected
    assert counted["transplanted", "recovered"] == 785
    assert counted["transplanted", "adverse_event"] == 907
    assert counted["both", "relapsed"] == 107
    check_courses(rows, SIX_STATES, golden_rows)


def check_courses(rows: pd.DataFrame, states: tuple[str, ...], golden_rows: pd.DataFrame) -> None:
    """Occupation and mean times against survfit, transition probabilities against etm."""
    found = state_occupation(rows, states=states)
    for row in golden_rows[golden_rows["what"] == "probability"].itertuples():
        mine = found[(found["state"] == row.state) & (found["time"] <= row.horizon_days)].iloc[-1]
        got = mine[["probability", *VALUES]].to_numpy(dtype=float)
        assert got == pytest.approx(
            [row.value, row.std_error, row.ci_lower, row.ci_upper], rel=1e-8
        )
    means = golden_rows[golden_rows["what"] == "mean_days"]
    horizons = sorted(means["horizon_days"].unique())
    times = time_in_state(rows, states=states, horizon=horizons).set_index(["state", "horizon"])
    for row in means.itertuples():
        mine = times.loc[(row.state, row.horizon_days)]
        assert mine["mean_time"] == pytest.approx(row.value, rel=1e-8)
        assert mine["std_error"] == pytest.approx(row.std_error, rel=1e-8)
    observed = rows[rows["stop"] > rows["start"]]
    matrix = transition_probabilities(observed, states=states, after=100)
    matrix = matrix[matrix["time"] <= 1826].groupby(["from_state", "to_state"]).tail(1)
    of_pair = matrix.set_index(["from_state", "to_state"])
    of_r = golden_rows[golden_rows["what"].str.startswith("from ")]
    assert len(of_r) >= 3
    for row in of_r.itertuples():
        mine = of_pair.loc[(row.what.removeprefix("from "), row.state)]
        assert mine["probability"] == pytest.approx(row.value, rel=1e-8, abs=1e-14)
        assert mine["std_error"] == pytest.approx(row.std_error, rel=1e-8, abs=1e-10)
