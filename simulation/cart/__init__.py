"""The simulated CAR-T registry: cohorts in memory, their known truth, and the files delivered."""

from simulation.cart.patients import cohort, counterfactual, independent_censoring

__all__ = ["cohort", "counterfactual", "independent_censoring"]
