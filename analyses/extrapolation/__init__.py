"""Parametric survival models and what they say beyond the data (NICE TSD 14 and 21).

Belongs here: families, fits, predicted curves, extrapolated means, the smoothed hazard they are
held against, whether a cure fraction can be told. Does not belong here: Kaplan-Meier and Cox
(analyses.survival), rates of the population (analyses.reference_rates), studies.
"""

from analyses.extrapolation.catalogue import FAMILIES, STANDARD, is_cure
from analyses.extrapolation.fit import ParametricFit, fit_parametric
from analyses.extrapolation.follow_up import CureSupport, cure_support
from analyses.extrapolation.prediction import Mean, extrapolated_mean, predict
from analyses.extrapolation.smoothed_hazard import smoothed_hazard

__all__ = [
    "FAMILIES",
    "STANDARD",
    "CureSupport",
    "Mean",
    "ParametricFit",
    "cure_support",
    "extrapolated_mean",
    "fit_parametric",
    "is_cure",
    "predict",
    "smoothed_hazard",
]
