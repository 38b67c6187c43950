"""Solves the generating constants so that the balanced 1-year values are the published ones.

`python -m simulation.cart.calibration` prints the constants kept in `parameters.py`. In order:
theta from progression-free survival (closed form, averaged over the target population), psi from
overall survival given theta (quadrature), and the response intercepts given the times (smooth
averages over simulated progression-free times).
"""

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

from simulation.cart.covariates import DIMENSIONS, from_uniforms, target_weight
from simulation.cart.law import alive_after_progression, progression_free
from simulation.cart.parameters import DEFAULT, PRODUCTS, TARGETS, YEAR, Parameters
from simulation.cart.patients import counterfactual
from simulation.cart.working_model import TERMS, overall_survival_limit
from simulation.streams import lattice

POINTS = 1 << 15
RESPONSE_PATIENTS = 1_000_000
WORKING_MODEL_PATIENTS = 2_000_000


def population(points: int, parameters: Parameters) -> tuple[pd.DataFrame, np.ndarray]:
    """Covariates on a quasi-random lattice, and weights (sum 1) of the target population."""
    frame = from_uniforms(lattice(points, DIMENSIONS), parameters)
    weight = target_weight(frame, parameters)
    return frame, weight / weight.sum()


def solve(parameters: Parameters = DEFAULT) -> Parameters:
    """The same parameters with theta, psi and the response intercepts solved."""
    frame, weight = population(POINTS, parameters)
    for product in PRODUCTS:
        parameters = _solve_theta(parameters, product, frame, weight)
        parameters = _solve_psi(parameters, product, frame, weight)
        parameters = _solve_response(parameters, product)
    return parameters


def _solve_theta(
    parameters: Parameters, product: str, frame: pd.DataFrame, weight: np.ndarray
) -> Parameters:
    law, goal = parameters.progression, TARGETS[product]["progression_free"]

    def with_value(value: float) -> Parameters:
        return replace(parameters, progression=replace(law, theta={**law.theta, product: value}))

    def excess(value: float) -> float:
        return float(weight @ progression_free(YEAR, frame, product, with_value(value))) - goal

    return with_value(_root(excess))


def _solve_psi(
    parameters: Parameters, product: str, frame: pd.DataFrame, weight: np.ndarray
) -> Parameters:
    law = parameters.post_progression
    free = float(weight @ progression_free(YEAR, frame, product, parameters))

    def with_value(value: float) -> Parameters:
        return replace(parameters, post_progression=replace(law, psi={**law.psi, product: value}))

    def excess(value: float) -> float:
        later = weight @ alive_after_progression(YEAR, frame, product, with_value(value))
        return free + float(later) - TARGETS[product]["overall"]

    return with_value(_root(excess))


def _solve_response(parameters: Parameters, product: str) -> Parameters:
    law = parameters.response
    patients = counterfactual(RESPONSE_PATIENTS, 1, product, parameters)
    time = patients["progression_free_days"].to_numpy()
    length = law.slope * np.log(np.minimum(time, 1500.0) / 200.0)
    evaluable = time > patients["first_visit_days"].to_numpy()
    goals = TARGETS[product]
    complete = _root(lambda v: float(np.mean(evaluable * expit(v + length))) - goals["complete"])
    some = _root(
        lambda v: float(np.mean(evaluable * expit(max(v, complete) + length))) - goals["response"]
    )
    return replace(
        parameters,
        response=replace(
            law, complete={**law.complete, product: complete}, any={**law.any, product: some}
        ),
    )


def _root(function: Callable[[float], float]) -> float:
    return float(brentq(function, -6.0, 9.0, xtol=1e-7))


def main() -> None:
    """Prints the solved constants, and the limit of the working model (half a minute)."""
    solved = solve()
    for product in PRODUCTS:
        sys.stdout.write(
            f"{product}: theta={solved.progression.theta[product]:.6f}"
            f" psi={solved.post_progression.psi[product]:.6f}"
            f" complete={solved.response.complete[product]:.6f}"
            f" any={solved.response.any[product]:.6f}\n"
        )
    limit, error = overall_survival_limit(WORKING_MODEL_PATIENTS, 77, solved)
    for name, value, spread in zip(TERMS, limit, error, strict=True):
        sys.stdout.write(f"overall survival, {name}: {value:.4f} ({spread:.4f})\n")


if __name__ == "__main__":
    main()
