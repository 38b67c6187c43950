"""Rates of a reference population by sex, age and calendar year, and what they lead to expect.

Belongs here: life tables and tables of incidence that a user supplies, and expected hazards,
survival and numbers of events of people like the patients. Does not belong here: models (analyses.
extrapolation) and observed rates (analyses.safety). No table comes with the project.
"""

from analyses.reference_rates.expected import (
    People,
    cumulative_hazard,
    expected_survival,
    hazard_at,
)
from analyses.reference_rates.reading import read_rates
from analyses.reference_rates.table import RateTable

__all__ = [
    "People",
    "RateTable",
    "cumulative_hazard",
    "expected_survival",
    "hazard_at",
    "read_rates",
]
