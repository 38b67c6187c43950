"""The simulated CAR-T registry: cohorts in memory, their known truth, and the files delivered."""

from simulation.cart.covariates import propensity
from simulation.cart.estimands import marginal_survival, truth
from simulation.cart.patients import cohort, counterfactual, independent_censoring

__all__ = [
    "cohort",
    "counterfactual",
    "independent_censoring",
    "marginal_survival",
    "propensity",
    "truth",
]
