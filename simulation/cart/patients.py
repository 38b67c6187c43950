"""Simulated CAR-T cohorts in memory: true values of every patient, no censoring, no dirt."""

import numpy as np
import pandas as pd

from simulation.cart import outcomes
from simulation.cart.covariates import DIMENSIONS, assign, from_uniforms, target_weight
from simulation.cart.parameters import DEFAULT, PRODUCTS, Parameters
from simulation.errors import SimulationError
from simulation.streams import stream


def cohort(patients: int, seed: int, parameters: Parameters = DEFAULT) -> pd.DataFrame:
    """Apheresed patients with their true values, one row a patient.

    Columns: age, male, ecog, ldh_ratio, bulky, ipi, line, centre, group (target is large B-cell
    lymphoma after two or more lines given axi-cel or tisa-cel), product, infused; and from infusion
    (what would have happened, for those not infused): progression_free_days, progression_days,
    death_days, next_treatment_days, crs_days, icans_days (whole days, infinite when never),
    crs_grade, icans_grade, best_response, converts_at_month_3, first_visit_days, death_cause.
    """
    _check(patients)
    rng = stream(seed, "cart.covariates")
    frame = from_uniforms(rng.random((patients, DIMENSIONS)), parameters)
    frame = assign(frame, stream(seed, "cart.assignment"), parameters)
    return outcomes.draw(frame, stream(seed, "cart.outcomes"), parameters)


def counterfactual(
    patients: int, seed: int, product: str, parameters: Parameters = DEFAULT
) -> pd.DataFrame:
    """Patients of the target population (infused, large B-cell lymphoma) all given `product`.

    Same columns as `cohort`; the covariates do not depend on `product`, so two products at one seed
    are two draws of the outcomes of the same people.
    """
    _check(patients)
    if product not in PRODUCTS:
        raise SimulationError(
            f"{product} has no counterfactual: choose one of {', '.join(PRODUCTS)}"
        )
    rng = stream(seed, "cart.counterfactual")
    candidates = from_uniforms(rng.random((int(patients * 1.6) + 100, DIMENSIONS)), parameters)
    kept = rng.random(len(candidates)) < target_weight(candidates, parameters)
    frame = candidates[kept].head(patients).reset_index(drop=True)
    frame = frame.assign(group="target", product=product, infused=True)
    frame["product"] = frame["product"].astype(object)
    return outcomes.draw(frame, stream(seed, "cart.counterfactual", product), parameters)


def _check(patients: int) -> None:
    if patients < 1:
        raise SimulationError(f"patients is {patients}: ask for at least 1")


def independent_censoring(
    frame: pd.DataFrame, seed: int, parameters: Parameters = DEFAULT
) -> np.ndarray:
    """Days from infusion to the end of follow-up: administrative or lost, whichever is first.

    Independent of everything else. The same law as the written deliveries', up to the calendar's
    rounding: accrual over seven years before the last delivery, a lag of the data lock, and loss.
    """
    rng = stream(seed, "cart.censoring")
    law = parameters.follow_up
    administrative = rng.uniform(20.0, 7.2 * 365.0, len(frame))
    lost = rng.exponential(365.0 / law.loss_per_year, len(frame))
    return np.asarray(np.ceil(np.minimum(administrative, lost)))
