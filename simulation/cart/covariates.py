"""Who the patients are: covariates, product chosen, infused or not. No outcome, no calendar."""

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from simulation.cart.parameters import DEFAULT, Parameters
from simulation.products import AXI, BREXU, TISA
from simulation.streams import stream

DIMENSIONS = 10
"""Uniform numbers one patient's covariates take."""


def from_uniforms(uniforms: np.ndarray, parameters: Parameters) -> pd.DataFrame:
    """Covariates of one patient per row of `uniforms` (shape n x DIMENSIONS).

    Columns: age (years), male (0/1), ecog (0-3), ldh_ratio (multiples of the upper limit), bulky
    (0/1), ipi (0-5), line (3 and more), centre (0-based).
    """
    law = parameters.covariates
    severity = ndtri(uniforms[:, 0])
    age = np.clip(law.age_mean + law.age_sd * ndtri(uniforms[:, 1]), *law.age_limits)
    performance = _loaded(severity, uniforms[:, 3], law.ecog_loading)
    ldh = law.ldh_log_mean + law.ldh_log_sd * _loaded(severity, uniforms[:, 4], law.ldh_loading)
    ecog = np.searchsorted(np.asarray(law.ecog_cuts), performance)
    ldh_ratio = np.clip(np.exp(ldh), *law.ldh_limits)
    bulky = uniforms[:, 5] < expit(law.bulky_intercept + law.bulky_severity * severity)
    advanced = uniforms[:, 6] < law.advanced_stage
    extranodal = uniforms[:, 7] < law.extranodal
    points = [age > 60, ldh_ratio > 1, ecog >= 2, advanced, extranodal]
    return pd.DataFrame(
        {
            "age": age,
            "male": (uniforms[:, 2] < law.male).astype(np.int64),
            "ecog": ecog.astype(np.int64),
            "ldh_ratio": ldh_ratio,
            "bulky": bulky.astype(np.int64),
            "ipi": np.sum(points, axis=0).astype(np.int64),
            "line": 3 + np.searchsorted(np.cumsum(law.line_shares)[:-1], uniforms[:, 8]),
            "centre": np.searchsorted(_centre_shares(law.centres), uniforms[:, 9]),
        }
    )


def _loaded(severity: np.ndarray, uniform: np.ndarray, loading: float) -> np.ndarray:
    """A standard normal correlated `loading` with the severity factor."""
    return np.asarray(loading * severity + np.sqrt(1.0 - loading**2) * ndtri(uniform))


def _centre_shares(centres: int) -> np.ndarray:
    """Cumulative shares (last one left out) of centres whose sizes fall off slowly."""
    sizes = 1.0 / np.arange(2, centres + 2) ** 0.7
    return np.asarray(np.cumsum(sizes / sizes.sum())[:-1])


def centre_effect(
    centre: np.ndarray, spread: float, kind: str, parameters: Parameters
) -> np.ndarray:
    """A fixed effect per centre, the same in every simulated cohort: centres are parameters."""
    effects = stream(1, "centre", kind).normal(0.0, spread, parameters.covariates.centres)
    return np.asarray((effects - effects.mean())[centre])


def axi_probability(frame: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """Probability that axi-cel is ordered given the covariates."""
    law = parameters.assignment
    logit = (
        law.intercept
        + law.age_decade * (frame["age"] - 62.0) / 10.0
        + law.ecog * (frame["ecog"] - 1.0)
        + law.ldh_ratio * (frame["ldh_ratio"] - 1.3)
        + law.bulky * frame["bulky"]
        + centre_effect(frame["centre"].to_numpy(), law.centre_spread, "product", parameters)
    )
    return np.asarray(expit(logit))


def infusion_probability(
    frame: pd.DataFrame, tisa: np.ndarray | float, parameters: Parameters
) -> np.ndarray:
    """Probability of being infused given the covariates and the product ordered."""
    law = parameters.drop_out
    logit = (
        law.intercept
        + law.ecog * frame["ecog"]
        + law.ldh_ratio * frame["ldh_ratio"]
        + law.line * (frame["line"] - 3)
        + law.tisa * tisa
    )
    return np.asarray(1.0 - expit(logit))


def target_weight(frame: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """Probability that a patient with these covariates is infused, whichever product is ordered.

    Covariates of apheresed patients weighted by it are the covariates of the infused: the target
    population of the counterfactual values.
    """
    axi = axi_probability(frame, parameters)
    with_axi = infusion_probability(frame, 0.0, parameters)
    with_tisa = infusion_probability(frame, 1.0, parameters)
    return np.asarray(axi * with_axi + (1.0 - axi) * with_tisa)


def propensity(frame: pd.DataFrame, parameters: Parameters = DEFAULT) -> np.ndarray:
    """Probability that an *infused* patient of the target population had axi-cel: the true score.

    `frame` has the covariates of `from_uniforms`. The inverse of it weights each product's patients
    to the target population.
    """
    axi = axi_probability(frame, parameters) * infusion_probability(frame, 0.0, parameters)
    return np.asarray(axi / target_weight(frame, parameters))


def assign(
    frame: pd.DataFrame, generator: np.random.Generator, parameters: Parameters
) -> pd.DataFrame:
    """Adds group (target, second_line, mantle_cell), product and infused (bool) to covariates."""
    size = len(frame)
    draw = generator.random(size)
    target, second = parameters.target_share, parameters.second_line_share
    group = np.select(
        [draw < target, draw < target + second], ["target", "second_line"], "mantle_cell"
    )
    axi = generator.random(size) < axi_probability(frame, parameters)
    product = np.where(axi, AXI, TISA).astype(object)
    product[group == "second_line"] = AXI
    product[group == "mantle_cell"] = BREXU
    line = np.where(group == "second_line", 2, frame["line"])
    out = frame.assign(group=group, product=product, line=line)
    tisa = (product == TISA).astype(float)
    infused = generator.random(size) < infusion_probability(out, tisa, parameters)
    return out.assign(infused=infused)
