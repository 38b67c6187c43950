"""The law of the event times given covariates and product: densities, curves, draws.

Closed forms and quadrature only; `patients.py` draws cohorts, `estimands.py` takes averages.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr

from simulation.cart.covariates import centre_effect
from simulation.cart.parameters import Parameters, PostProgressionLaw, ProgressionLaw

_GRID = np.concatenate([np.linspace(0.0, 60.0, 241)[:-1], np.geomspace(60.0, 40000.0, 1600)])


def time_shape(days: np.ndarray, law: ProgressionLaw | PostProgressionLaw) -> np.ndarray:
    """The distribution function F (or G): a log-normal early part and an exponential late part."""
    with np.errstate(divide="ignore"):
        early = ndtr(np.log(days / law.early_median) / law.early_log_sd)
    late = -np.expm1(-days / law.late_mean)
    return np.asarray(law.early_share * early + (1.0 - law.early_share) * late)


def progression_score(frame: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """x'beta of progression-free survival, without the product."""
    law = parameters.progression
    return np.asarray(
        law.age_decade * (frame["age"] - 62.0) / 10.0
        + law.male * frame["male"]
        + law.ecog * (frame["ecog"] - 1.0)
        + law.ldh_ratio * (frame["ldh_ratio"] - 1.3)
    )


def post_progression_score(frame: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """x'gamma of death after progression, without the product."""
    law = parameters.post_progression
    return np.asarray(
        law.age_decade * (frame["age"] - 62.0) / 10.0
        + law.ecog * (frame["ecog"] - 1.0)
        + law.ldh_ratio * (frame["ldh_ratio"] - 1.3)
        + law.bulky * frame["bulky"]
        + law.ipi * (frame["ipi"] - 3.0)
        + law.line * (frame["line"] - 3.0)
        + centre_effect(frame["centre"].to_numpy(), law.centre_spread, "death", parameters)
    )


def non_relapse_score(frame: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """What covariates add to the logit of a first failure being a death without progression."""
    law = parameters.non_relapse
    return np.asarray(
        law.age_decade * (frame["age"] - 62.0) / 10.0
        + law.bulky * frame["bulky"]
        + law.ipi * (frame["ipi"] - 3.0)
    )


def non_relapse_share(
    days: np.ndarray | float, score: np.ndarray, parameters: Parameters
) -> np.ndarray:
    """Probability that a first failure on day `days` is a death without progression."""
    law = parameters.non_relapse
    early = law.early * np.exp(-np.asarray(days) / law.early_decay_days)
    return np.asarray(expit(law.intercept + early + score))


def progression_free(
    days: float, frame: pd.DataFrame, product: str, parameters: Parameters
) -> np.ndarray:
    """S(days | x) of progression-free survival under `product`, one value a row."""
    law = parameters.progression
    cumulative = np.exp(law.theta[product] + progression_score(frame, parameters))
    return np.asarray(np.exp(-cumulative * time_shape(np.asarray(days, dtype=float), law)))


def alive_after_progression(
    days: float, frame: pd.DataFrame, product: str, parameters: Parameters, *, steps: int = 100
) -> np.ndarray:
    """P(progressed before `days` and alive then | x) under `product`, by the midpoint rule."""
    law, post = parameters.progression, parameters.post_progression
    cumulative = np.exp(law.theta[product] + progression_score(frame, parameters))
    hazard = np.exp(post.psi[product] + post_progression_score(frame, parameters))
    straight = non_relapse_score(frame, parameters)
    edges = days * np.linspace(0.0, 1.0, steps + 1) ** 1.5
    total = np.zeros(len(frame))
    before = np.ones(len(frame))
    for start, end in pairwise(edges):
        after = np.exp(-cumulative * time_shape(np.asarray(end), law))
        middle = 0.5 * (start + end)
        progressed = (before - after) * (1.0 - non_relapse_share(middle, straight, parameters))
        total += progressed * np.exp(-hazard * time_shape(np.asarray(days - middle), post))
        before = after
    return total


def draw_time(
    log_hazard: np.ndarray, law: ProgressionLaw | PostProgressionLaw, generator: np.random.Generator
) -> np.ndarray:
    """Days to the event (continuous; infinite for the cured) by inverting exp(-e^score F)."""
    level = generator.exponential(size=len(log_hazard)) / np.exp(log_hazard)
    days = np.interp(level, time_shape(_GRID, law), _GRID)
    return np.where(level < time_shape(_GRID[-1:], law)[0], days, np.inf)
