"""The estimand of a Cox model that is only a working model: its large-sample limit.

Needed for overall survival, whose conditional hazards are not proportional in an illness-death
model. Not an analysis: it is fitted to one very large simulated cohort to state a truth.
"""

import numpy as np
import pandas as pd

from simulation.cart.parameters import DEFAULT, Parameters
from simulation.cart.patients import cohort, independent_censoring
from simulation.products import AXI
from simulation.streams import stream

TERMS = ("product", "age", "male", "ecog", "ldh_ratio")
"""Axi-cel against tisa-cel, age in years, male sex, ECOG as a number, LDH over its upper limit."""


def design(frame: pd.DataFrame) -> np.ndarray:
    """The columns of TERMS, shape (patients, 5)."""
    covariates = frame[list(TERMS[1:])].to_numpy(dtype=float)
    return np.column_stack([(frame["product"] == AXI).to_numpy(dtype=float), covariates])


def cox(time: np.ndarray, event: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard ratios and their covariance by Newton steps; Breslow's likelihood for ties."""
    order = np.argsort(-time, kind="stable")
    time, event, x = time[order], event[order].astype(bool), x[order] - x.mean(axis=0)
    # With times falling, everybody up to the last row of a tie is at risk at that time.
    risk = np.searchsorted(-time, -time[event], side="right") - 1
    beta = np.zeros(x.shape[1])
    for _ in range(12):
        weight = np.exp(x @ beta)
        total = np.cumsum(weight)[risk]
        first = np.cumsum(weight[:, None] * x, axis=0)[risk] / total[:, None]
        score = x[event].sum(axis=0) - first.sum(axis=0)
        pairs = (weight[:, None, None] * x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        second = (np.cumsum(pairs, axis=0)[risk] / total[:, None]).sum(axis=0)
        information = second.reshape(x.shape[1], -1) - first.T @ first
        step = np.linalg.solve(information, score)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return beta, np.asarray(np.linalg.inv(information))


def overall_survival_limit(
    patients: int, seed: int, parameters: Parameters = DEFAULT
) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard ratios of TERMS for overall survival from infusion, and Monte Carlo errors.

    Under the registry's own censoring, on which the limit of a misspecified model depends.
    """
    frame = cohort(patients, seed, parameters)
    frame = frame[frame["infused"] & (frame["group"] == "target")].reset_index(drop=True)
    end = independent_censoring(frame, seed, parameters)
    death = frame["death_days"].to_numpy()
    # Deaths happen within the day before their whole day: spreading them undoes the ties.
    spread = stream(seed, "cart.ties").random(len(frame))
    beta, covariance = cox(np.minimum(death - spread, end), death <= end, design(frame))
    return beta, np.sqrt(np.diag(covariance))
