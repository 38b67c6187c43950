"""Synthetic registries with a known truth: the demo's input and the ground of statistical tests.

Belongs here: generating patients, their deliveries (dirt included) and the truth of both. Does not:
reading, checking or analysing deliveries. Nothing here imports another package of the project.
"""

from simulation.delivery import SimulationSummary, simulate
from simulation.errors import SimulationError

__all__ = ["SimulationError", "SimulationSummary", "simulate"]
