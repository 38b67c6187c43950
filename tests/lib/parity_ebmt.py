"""The EBMT registry table held against R: what `tests/data/ebmt/*.csv` has, computed here.

Belongs here: the methods run on `ebmt4`, which is downloaded. Does not belong here: methods on the
tables of `parity_tables`, which are at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analyses import survival
from analyses.evaluation.multi_state import stays
from tests.lib import ebmt
from tests.lib.parity import ITERATED, Method

Frame = pd.DataFrame
LIMITS = ("ci_lower", "ci_upper")
COVARIATES = ["agecl", "proph", "match", "year"]
HORIZONS = [365, 730, 1826]
THREE_STATES = ("transplanted", "relapsed", "dead")
#: Of these states R's script took these moves; of six states, those from every state but death.
MOVES = (("transplanted", "relapsed"), ("transplanted", "dead"), ("relapsed", "dead"))


@dataclass(frozen=True)
class EbmtMethod(Method):
    """A method whose golden file is one of `tests/data/ebmt/`.

    A case is named after the endpoint, or the file, of the golden rows; `rows` says which of them
    are the method's. `{case}` in `golden` stands for the file. The test of proportional hazards is
    the same whatever the reference, so `cox_zph.csv` has no rows of turned models.
    """

    rows: Callable[[Frame], Frame] = lambda every: every

    def table(self, case: str) -> str:
        """There is one."""
        assert case in self.cases
        return "ebmt4"

    def frame(self, case: str) -> Frame:
        """The table as it is in the wheel for courses of six states, else one row a patient."""
        return ebmt.ebmt4() if case == "ebmt4_six_states" else ebmt.cohort()

    def theirs(self, case: str) -> Frame:
        """What R gave."""
        options = self.cases[case]
        name = options.get("endpoint", case.removeprefix("ebmt4_"))
        file = self.golden.format(case=name)
        if options.get("turned") and file == "cox":
            file = "cox_most_frequent"
        every = pd.read_csv(ebmt.GOLDEN / f"{file}.csv", float_precision="round_trip")
        if "endpoint" in every:
            every = every[every["endpoint"] == name]
        rows = self.rows(every).rename(columns={"horizon_days": "horizon"})
        assert len(rows), f"no {name} in {file}.csv"
        return rows.reset_index(drop=True)


def statistics(*names: str, value: str) -> Callable[[Frame], Frame]:
    """Rows of `summary.csv`."""
    return lambda every: every[every["statistic"].isin(names)].rename(columns={"value": value})


def lines(what: str, value: str) -> Callable[[Frame], Frame]:
    """Rows of a golden file of courses."""
    return lambda every: every[every["what"] == what].rename(columns={"value": value})


def moves(every: Frame) -> Frame:
    """Transition probabilities of a golden file of courses."""
    rows = every[every["what"].str.startswith("from ")]
    names = {"value": "probability", "state": "to_state"}
    return rows.assign(from_state=rows["what"].str.removeprefix("from ")).rename(columns=names)


def endpoint_of(cohort: Frame, endpoint: str) -> Frame:
    """Time, event and covariates of an endpoint."""
    if endpoint == "overall_survival":
        time, event = cohort["overall_survival"], cohort["died"]
    else:
        causes = {"relapse": [1], "non_relapse_mortality": [2]}.get(endpoint, [1, 2])
        time, event = cohort["first_event"], cohort["cause"].isin(causes).astype(int)
    return cohort[COVARIATES].assign(time=time, event=event)


def at_horizons(cohort: Frame, *, endpoint: str) -> Frame:
    """Survival at horizons."""
    return survival.survival_at(survival.kaplan_meier(endpoint_of(cohort, endpoint)), HORIZONS)


def medians(cohort: Frame, *, endpoint: str) -> Frame:
    """The medians of survival and of follow-up."""
    frame = endpoint_of(cohort, endpoint)
    return pd.concat(
        [
            survival.median_survival(frame).assign(statistic="median"),
            survival.follow_up_median(frame).assign(statistic="follow_up_median"),
        ]
    )


def restricted(cohort: Frame, *, endpoint: str) -> Frame:
    """The restricted mean to five years."""
    return survival.restricted_mean(endpoint_of(cohort, endpoint), horizon=1826)


def incidences(cohort: Frame) -> Frame:
    """Incidences of relapse and of death without one, at horizons."""
    found = survival.cumulative_incidence(cohort, time="first_event")
    names = {1: "relapse", 2: "non_relapse_mortality"}
    return survival.survival_at(found, HORIZONS).assign(cause=lambda at: at["cause"].map(names))


def model(cohort: Frame, *, endpoint: str, turned: bool = False) -> survival.CoxResult:
    """The adjusted model; turned: against each covariate's most frequent level."""
    frame = endpoint_of(cohort, endpoint)
    frequent = {name: frame[name].mode().item() for name in COVARIATES} if turned else None
    return survival.cox(frame, covariates=COVARIATES, reference=frequent)


def courses(frame: Frame) -> tuple[Frame, tuple[str, ...]]:
    """Stays in transplanted, relapsed and dead; or, of the wheel's table, in six states."""
    if "srv.s" in frame:
        return ebmt.six_states(frame), ebmt.SIX_STATES
    people = frame.assign(
        stratum="all", entry=0.0, last_day=frame["overall_survival"].astype(float)
    )
    relapse = people["first_event"].where(people["cause"] == 1).astype(float)
    death = people["last_day"].where(people["died"] == 1)
    rows = stays(people, {"relapsed": relapse, "dead": death}, "transplanted")
    return rows[(rows["stop"] > rows["start"]) | (rows["start"] == 0)], THREE_STATES


def occupation(frame: Frame, *, horizons: list[float]) -> Frame:
    """Occupation at horizons."""
    rows, states = courses(frame)
    found = survival.state_occupation(rows, states=states)
    at = [found[found["time"] <= h].groupby("state").tail(1).assign(horizon=h) for h in horizons]
    return pd.concat(at)


def mean_times(frame: Frame, *, horizons: list[float]) -> Frame:
    """Expected days in states."""
    rows, states = courses(frame)
    return survival.time_in_state(rows, states=states, horizon=horizons)


def matrix(frame: Frame) -> Frame:
    """Transition probabilities from day 100 to five years; etm takes stays of some length."""
    rows, states = courses(frame)
    observed = rows[rows["stop"] > rows["start"]]
    found = survival.transition_probabilities(observed, states=states, after=100)
    last = found[found["time"] <= 1826].groupby(["from_state", "to_state"]).tail(1)
    if states == THREE_STATES:
        pairs = pd.MultiIndex.from_tuples(MOVES, names=["from_state", "to_state"])
        return last.set_index(["from_state", "to_state"]).loc[pairs].reset_index()
    return last[last["from_state"] != "dead"]


def _of(*endpoints: str, **options: Any) -> dict[str, dict[str, Any]]:
    """Cases named after their endpoints."""
    suffix = "_most_frequent" if options else ""
    return {f"ebmt4_{name}{suffix}": {"endpoint": name, **options} for name in endpoints}


CURVES = _of("overall_survival", "progression_free_survival")
ENDPOINTS = (
    "overall_survival",
    "progression_free_survival",
    "relapse",
    "non_relapse_mortality",
)
MODELS = {**_of(*ENDPOINTS), **_of(*ENDPOINTS, turned=True)}
COURSES: dict[str, dict[str, Any]] = {
    "ebmt4_courses": {"horizons": HORIZONS},
    "ebmt4_six_states": {"horizons": [100, 365, 1826]},
}
CHI_SQUARED = ("statistic", "degrees_of_freedom", "p_value")
EBMT_METHODS: tuple[Method, ...] = (
    EbmtMethod(
        "survival_at, registry", "summary", "survival::summary.survfit(times)", at_horizons,
        ("horizon",), ("survival", "std_error", *LIMITS), CURVES,
        rows=statistics("survival_at", value="survival"),
    ),
    EbmtMethod(
        "median_survival, follow_up_median, registry", "summary", "survival::print.survfit",
        medians, ("statistic",), ("median", *LIMITS), CURVES,
        rows=statistics("median", "follow_up_median", value="median"),
    ),
    EbmtMethod(
        "restricted_mean, registry", "summary", "survival::print.survfit(rmean)", restricted,
        ("horizon",), ("rmst", "std_error"), CURVES, rows=statistics("rmst", value="rmst"),
    ),
    EbmtMethod(
        "cumulative_incidence, registry", "summary", "survival::summary.survfit (multi-state)",
        incidences, ("cause", "horizon"), ("incidence", "std_error", *LIMITS),
        {"ebmt4_first_event": {}}, rows=statistics("incidence_at", value="incidence"),
    ),
    EbmtMethod(
        "cox, registry", "cox", "survival::coxph",
        lambda frame, **options: model(frame, **options).coefficients, ("term",),
        ("coefficient", "std_error", *LIMITS, "p_value"), MODELS, ITERATED,
    ),
    EbmtMethod(
        "cox (proportional hazards), registry", "cox_zph", "survival::cox.zph",
        lambda frame, **options: model(frame, **options).proportional_hazards, ("term",),
        CHI_SQUARED, MODELS, ITERATED,
    ),
    EbmtMethod(
        "state_occupation, registry", "{case}", "survival::survfit (multi-state, istate, id)",
        occupation, ("state", "horizon"), ("probability", "std_error", *LIMITS), COURSES,
        rows=lines("probability", "probability"),
    ),
    EbmtMethod(
        "time_in_state, registry", "{case}", "areas of survival::survfit(influence)", mean_times,
        ("state", "horizon"), ("mean_time", "std_error"), COURSES,
        rows=lines("mean_days", "mean_time"),
    ),
    EbmtMethod(
        "transition_probabilities, registry", "{case}", "etm::etm", matrix,
        ("from_state", "to_state"), ("probability", "std_error"), {name: {} for name in COURSES},
        rows=moves,
    ),
)  # fmt: skip
