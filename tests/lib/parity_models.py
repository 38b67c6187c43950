"""Breslow's ties, interactions, states reached later and Rubin's rules, held against R.

Belongs here: those methods and their cases. Does not belong here: the others (parity_methods.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses import survival
from tests.lib.parity import ITERATED, Method

Frame = pd.DataFrame
CHI_SQUARED = ("statistic", "degrees_of_freedom", "p_value")


def breslow(frame: Frame, **options: Any) -> Frame:
    """A Cox model with Breslow's ties."""
    fit = survival.cox(frame, ties="breslow", **options)
    likelihoods = {n: getattr(fit, n) for n in ("log_likelihood", "log_likelihood_null")}
    return fit.coefficients.assign(**likelihoods)


def interaction(frame: Frame, **options: Any) -> Frame:
    """The test that an effect is the same in subgroups; the one person with ECOG 3 is left out."""
    if "ecog" in frame:
        frame = frame[frame["ecog"] < 3]
    found = survival.subgroup_effects(frame, **options).interaction
    assert found is not None
    return pd.DataFrame([{name: getattr(found, name) for name in CHI_SQUARED}])


def waiting(frame: Frame) -> Frame:
    """The Stanford people once, with their day of transplant."""
    stays = frame.sort_values(["id", "start"]).groupby("id")
    reached = frame[frame["from"] == "transplanted"].set_index("id")["start"]
    people = stays.agg(time=("stop", "max"), last=("to", "last"), surgery=("surgery", "first"))
    from tests.lib.parity_tables import stanford

    age = stanford().groupby("id")["age"].first()
    return people.assign(
        event=(stays["to"].last() == "dead").astype(int), age=age, reached=reached
    ).reset_index()


def later_state(frame: Frame, *, at: float | None = None) -> Frame:
    """A landmark model, or without one the state as a time-dependent covariate."""
    people = waiting(frame)
    if at is None:
        rows = survival.counting_rows(people, states={"state": "reached"})
        fit = survival.cox(rows, entry="start", covariates=["state", "age"])
    else:
        rows = survival.landmark_rows(people, at=at, state_time="reached")
        fit = survival.cox(rows, covariates=["state", "age"])
    return fit.coefficients


def simon_makuch(frame: Frame) -> Frame:
    """The curves of people while they are, and are not yet, transplanted."""
    found = survival.simon_makuch(waiting(frame), state_time="reached")
    group = found["state"].astype(str)
    return found.assign(group=group).rename(columns={"n_at_risk": "n_risk"})


def rubin(frame: Frame, *, parts: int, divided: float, degrees_of_freedom: float) -> Frame:
    """Means of parts of the table as estimates of completed ones."""
    place = np.arange(1, len(frame) + 1) % 5
    groups = [frame["age"][place == part] for part in range(parts)]
    means = np.array([[group.mean() / divided] for group in groups])
    variances = np.array([[group.var() / len(group)] for group in groups])
    return survival.pool_estimates(means, variances, degrees_of_freedom=degrees_of_freedom)


OF_TIES = {"covariates": ["x", "z", "group"]}
BRESLOW: dict[str, dict[str, Any]] = {
    "rossi": {"covariates": ["fin", "age", "prio"]},
    "rossi_whole": {"covariates": ["fin", "age"], "weight": "whole_weight"},
    "ties": OF_TIES,
    "ties_all": {
        **OF_TIES, "entry": "entry", "strata": "stratum", "weight": "half_weight",
        "cluster": "cluster",
    },
}  # fmt: skip
INTERACTIONS: dict[str, dict[str, Any]] = {
    "lung": {"group": "sex", "by": "ecog"},
    "gbsg2": {"group": "horTh", "by": "tgrade"},
    "rossi": {"group": "fin", "by": "race"},
    "ties_entry": {"group": "group", "by": "stratum", "entry": "entry"},
}
RUBIN: dict[str, dict[str, Any]] = {
    "lung": {"parts": 5, "divided": 1, "degrees_of_freedom": 60},
    "lung_few": {"parts": 3, "divided": 1, "degrees_of_freedom": 8},
    "lung_alike": {"parts": 5, "divided": 100, "degrees_of_freedom": 30},
}
MODEL_METHODS: tuple[Method, ...] = (
    Method(
        "cox, Breslow's ties", "breslow", "survival::coxph(ties = breslow)", breslow, ("term",),
        ("coefficient", "std_error", "ci_lower", "ci_upper", "p_value", "log_likelihood",
         "log_likelihood_null"), BRESLOW, ITERATED,
    ),
    Method(
        "subgroup_effects (interaction)", "interaction", "survival::anova.coxph", interaction, (),
        CHI_SQUARED, INTERACTIONS, ITERATED,
    ),
    Method(
        "landmark_rows, counting_rows with cox", "later_state",
        "survival::coxph at a landmark, and with tmerge(tdc)", later_state, ("term",),
        ("coefficient", "std_error", "p_value"),
        {"heart_30": {"at": 30}, "heart_90": {"at": 90}, "heart_dependent": {}}, ITERATED,
    ),
    Method(
        "simon_makuch", "simon_makuch", "survival::survfit of tmerge(tdc)", simon_makuch,
        ("group", "time"), ("n_risk", "n_event", "survival", "std_error"), {"heart": {}},
    ),
    Method(
        "pool_estimates", "rubin", "mice::pool.scalar", rubin, (),
        ("estimate", "variance", "degrees_of_freedom", "missing_information"), RUBIN,
    ),
)  # fmt: skip
