"""The simulated portfolio of clinical trials of advanced therapies, as one JSON document."""

from simulation.trials.files import write
from simulation.trials.portfolio import TRIAL_OF, known, portfolio, write_truth

__all__ = ["TRIAL_OF", "known", "portfolio", "write", "write_truth"]
