"""Recurrent events and rates held against R: `survfit(id)`, `mets`, `poisson.test`, `glm.nb`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.safety import (
    Recurrent,
    incidence_rates,
    mean_cumulative_count,
    poisson_limits,
    recurrent_of,
)
from tests.lib.parity import EXACT, ITERATED, Method

PERSON_TIME = 123.4


def people_and_events(frame: pd.DataFrame, *, died: bool, group: str = "") -> Recurrent:
    """Rows (entry, time] with a status, as the people and events the estimators take."""
    if group:
        frame = frame[frame["group"] == group]
    people = frame.groupby("id", as_index=False).agg(
        entry=("entry", "min"), time=("time", "max"), status=("status", "last")
    )
    people["died"] = (people["status"] == 2) & died
    return recurrent_of(people, frame[frame["status"] == 1], entry="entry")


def mean_count(frame: pd.DataFrame, *, died: bool, group: str = "") -> pd.DataFrame:
    """The curve where there is an event."""
    curve = mean_cumulative_count(people_and_events(frame, died=died, group=group))
    return curve[curve["n_event"] > 0].rename(columns={"n_at_risk": "n_risk"})


def poisson(frame: pd.DataFrame) -> pd.DataFrame:
    """Rates of a few numbers of events in the same person-time."""
    rows = []
    for count in (0, 1, 2, 5, 17, 100, 2500):
        lower, upper = poisson_limits(count)
        rows.append((count, count / PERSON_TIME, lower / PERSON_TIME, upper / PERSON_TIME))
    return pd.DataFrame(rows, columns=["count", "rate", "ci_lower", "ci_upper"])


def negative_binomial(frame: pd.DataFrame) -> pd.DataFrame:
    """The logarithm of the rate by the negative binomial model."""
    rates = incidence_rates(people_and_events(frame, died=False))
    found = next(one for one in rates if one.method == "negative_binomial")
    return pd.DataFrame({"log_rate": [np.log(found.rate)]})


RECURRENT: tuple[Method, ...] = (
    Method(
        "mean_cumulative_count", "mean_count", "survival::survfit(id), cumhaz and std.chaz",
        mean_count, ("time",), ("n_risk", "n_event", "mean_count", "std_error"),
        {
            "recurrent": {"died": False},
            "recurrent_a": {"died": False, "group": "a"},
            "recurrent_untied": {"died": False},
        },
        EXACT,
    ),
    Method(
        "mean_cumulative_count, death", "ghosh_lin", "mets::recurrentMarginal",
        mean_count, ("time",), ("mean_count",),
        {"recurrent_untied": {"died": True}, "recurrent_untied_b": {"died": True, "group": "b"}},
        EXACT,
    ),
    Method(
        "poisson_limits", "poisson", "stats::poisson.test", poisson,
        ("count",), ("rate", "ci_lower", "ci_upper"), {"recurrent": {}}, EXACT,
    ),
    Method(
        "incidence_rates, negative binomial", "negative_binomial", "MASS::glm.nb",
        negative_binomial, (), ("log_rate",), {"recurrent": {}}, ITERATED,
    ),
)  # fmt: skip
