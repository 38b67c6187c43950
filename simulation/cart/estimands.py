"""The known truth of the CAR-T cohort: conditional effects apart from counterfactual curves.

Curves are numeric integrals of the conditional law over the covariates of the target population
(the infused with large B-cell lymphoma after two or more lines), on a quasi-random lattice.
"""

from dataclasses import asdict
from functools import lru_cache

import numpy as np
import pandas as pd

from simulation.cart.covariates import (
    DIMENSIONS,
    axi_probability,
    from_uniforms,
    infusion_probability,
    target_weight,
)
from simulation.cart.law import alive_after_progression, progression_free
from simulation.cart.parameters import DEFAULT, OVERALL_WORKING_MODEL, PRODUCTS, TARGETS
from simulation.cart.patients import cohort, counterfactual
from simulation.products import AXI, TISA
from simulation.quality_of_life.trajectory import HEALTH, MISSING, VISITS, latent_health, utilities
from simulation.streams import lattice, stream

HORIZONS = (182, 365, 548, 730, 1095, 1461, 1826)
POINTS = 1 << 13
_UTILITY_PATIENTS = 40_000


def truth() -> dict[str, object]:
    """Everything the deliveries' analyses should recover; plain data, ready for JSON.

    Keys: parameters, targets, target_population, conditional (log hazard ratios), marginal
    (counterfactual survival by endpoint, product and day), as_treated (what unadjusted curves of
    the infused converge to), response, quality_of_life.
    """
    curves = _curves()
    return {
        "parameters": {
            **DEFAULT.as_dict(),
            "health": asdict(HEALTH),
            "missing_forms": asdict(MISSING),
        },
        "targets": {"source": "Bachy et al., Nat Med 2022, PMC9556323", "values": TARGETS},
        "target_population": "infused with axi-cel or tisa-cel for large B-cell lymphoma after two "
        "or more lines; day 0 is the infusion; horizons in days",
        "conditional": _conditional(),
        "marginal": curves["balanced"],
        "as_treated": curves["as_treated"],
        "response": _responses(),
        "quality_of_life": _quality_of_life(),
    }


def marginal_survival(endpoint: str, product: str, days: int) -> float:
    """One counterfactual survival: endpoint overall_survival or progression_free_survival."""
    frame, weights = _population()
    return float(weights["balanced"][product] @ _survival(endpoint, product, days, frame))


def _conditional() -> dict[str, object]:
    law = DEFAULT.progression
    effects = {
        "product": law.theta[AXI] - law.theta[TISA],
        "age": law.age_decade / 10.0,
        "male": law.male,
        "ecog": law.ecog,
        "ldh_ratio": law.ldh_ratio,
    }
    terms = {
        "product": f"{AXI} against {TISA}",
        "age": "a year",
        "male": "men against women",
        "ecog": "a grade, as a number",
        "ldh_ratio": "LDH divided by its upper limit, as a number",
    }
    return {
        "terms": terms,
        "progression_free_survival": {
            "correctly_specified": True,
            "note": "proportional hazards hold exactly given the covariates",
            "log_hazard_ratio": effects,
            "hazard_ratio": {name: float(np.exp(value)) for name, value in effects.items()},
        },
        "overall_survival": {
            "correctly_specified": False,
            "note": "large-sample limit of the Cox model of these terms under the registry's "
            "censoring, from a simulated cohort; hazards are not proportional",
            "log_hazard_ratio": OVERALL_WORKING_MODEL["log_hazard_ratio"],
            "monte_carlo_error": OVERALL_WORKING_MODEL["monte_carlo_error"],
        },
    }


@lru_cache(maxsize=1)
def _population() -> tuple[pd.DataFrame, dict[str, dict[str, np.ndarray]]]:
    """Covariates on the lattice; weights of the target population and of each product's."""
    frame = from_uniforms(lattice(POINTS, DIMENSIONS), DEFAULT)
    axi = axi_probability(frame, DEFAULT)
    treated = {
        AXI: axi * infusion_probability(frame, 0.0, DEFAULT),
        TISA: (1.0 - axi) * infusion_probability(frame, 1.0, DEFAULT),
    }
    target = target_weight(frame, DEFAULT)
    return frame, {
        "balanced": {product: target / target.sum() for product in PRODUCTS},
        "as_treated": {product: weight / weight.sum() for product, weight in treated.items()},
    }


def _survival(endpoint: str, product: str, days: int, frame: pd.DataFrame) -> np.ndarray:
    free = progression_free(days, frame, product, DEFAULT)
    if endpoint == "progression_free_survival":
        return free
    return np.asarray(free + alive_after_progression(days, frame, product, DEFAULT))


@lru_cache(maxsize=1)
def _curves() -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    frame, weights = _population()
    out: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for endpoint in ("overall_survival", "progression_free_survival"):
        for product in PRODUCTS:
            for days in HORIZONS:
                values = _survival(endpoint, product, days, frame)
                for kind, weight in weights.items():
                    curve = out.setdefault(kind, {}).setdefault(endpoint, {})
                    survival = float(weight[product] @ values)
                    curve.setdefault(product, {})[str(days)] = round(survival, 5)
    return out


@lru_cache(maxsize=1)
def _responses() -> dict[str, object]:
    """Best responses of the balanced cohorts, by Monte Carlo."""
    out: dict[str, object] = {"monte_carlo_error": 0.002}
    for product in PRODUCTS:
        best = counterfactual(_UTILITY_PATIENTS, 11, product)["best_response"]
        complete = float((best == "complete_response").mean())
        partial = float((best == "partial_response").mean())
        out[product] = {"complete": round(complete, 4), "any": round(complete + partial, 4)}
    return out


@lru_cache(maxsize=1)
def _quality_of_life() -> dict[str, object]:
    """Mean French EQ-5D-5L utility among those alive at each visit, by Monte Carlo."""
    balanced = {p: counterfactual(_UTILITY_PATIENTS, 12, p) for p in PRODUCTS}
    everybody = cohort(2 * _UTILITY_PATIENTS, 13)
    everybody = everybody[everybody["infused"] & (everybody["group"] == "target")]
    treated = {p: everybody[everybody["product"] == p] for p in PRODUCTS}
    return {
        "scale": "eq-5d-5l utility",
        "population": "alive at the visit",
        "monte_carlo_error": 0.002,
        "balanced": {p: _mean_utilities(frame) for p, frame in balanced.items()},
        "as_treated": {p: _mean_utilities(frame) for p, frame in treated.items()},
    }


def _mean_utilities(frame: pd.DataFrame) -> dict[str, float]:
    rng = stream(14, "truth.utility")
    frame = frame.reset_index(drop=True)
    _, values = utilities(latent_health(frame, rng), rng)
    means = np.nanmean(values, axis=0)
    return {visit: round(float(mean), 4) for visit, mean in zip(VISITS, means, strict=True)}
