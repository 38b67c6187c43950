"""The simulated historical control cohort: salvage chemotherapy before CAR-T cells, in Stata."""

from simulation.historical.cohort import controls, history
from simulation.historical.estimands import truth, write_truth
from simulation.historical.files import write

__all__ = ["controls", "history", "truth", "write", "write_truth"]
