"""Safety: rates per person-time, standardised incidence ratios and recurrent events.

Belongs here: estimators on rows of people and of their events. Does not belong here: cumulative
incidence (analyses.survival), reference rates (analyses.reference_rates), studies.
"""

from analyses.safety.events import Recurrent, recurrent_of
from analyses.safety.mean_count import mean_cumulative_count
from analyses.safety.rates import IncidenceRate, incidence_rates, poisson_limits
from analyses.safety.standardised import StandardisedRatio, standardised_ratio

__all__ = [
    "IncidenceRate",
    "Recurrent",
    "StandardisedRatio",
    "incidence_rates",
    "mean_cumulative_count",
    "poisson_limits",
    "recurrent_of",
    "standardised_ratio",
]
