"""The names of families a study may ask for, and the family behind each.

Belongs here: names. Does not belong here: the families.
"""

from __future__ import annotations

import re

from analyses.errors import AnalysisError
from analyses.extrapolation.cure import Cure
from analyses.extrapolation.family import Family
from analyses.extrapolation.generalised_gamma import GeneralisedGamma
from analyses.extrapolation.sample import Sample
from analyses.extrapolation.splines import Scale, spline_of
from analyses.extrapolation.standard_families import (
    Exponential,
    Gompertz,
    LogLogistic,
    LogNormal,
    Weibull,
)

#: The six that NICE TSD 14 asks to be tried.
STANDARD = (
    "exponential",
    "weibull",
    "gompertz",
    "log_normal",
    "log_logistic",
    "generalised_gamma",
)
_CURE_BASES = ("exponential", "weibull", "log_normal", "log_logistic", "generalised_gamma")
_SCALES: tuple[Scale, ...] = ("hazard", "odds", "normal")
MOST_KNOTS = 5
FAMILIES = (
    *STANDARD,
    *(f"spline_{scale}_{inner}" for scale in _SCALES for inner in range(MOST_KNOTS + 1)),
    *(f"{kind}_cure_{base}" for kind in ("mixture", "non_mixture") for base in _CURE_BASES),
)
_PLAIN: dict[str, Family] = {
    "exponential": Exponential(),
    "weibull": Weibull(),
    "gompertz": Gompertz(),
    "log_normal": LogNormal(),
    "log_logistic": LogLogistic(),
    "generalised_gamma": GeneralisedGamma(),
}


def family_of(name: str, sample: Sample) -> Family:
    """The family of a name; a spline takes its knots from the sample's events."""
    if name not in FAMILIES:
        raise AnalysisError(f"unknown family '{name}'; known: {', '.join(FAMILIES)}")
    spline = re.fullmatch(r"spline_(hazard|odds|normal)_(\d)", name)
    if spline:
        scale = next(one for one in _SCALES if one == spline[1])
        return spline_of(sample, scale, int(spline[2]), name)
    cure = re.fullmatch(r"(mixture|non_mixture)_cure_(\w+)", name)
    if cure:
        return Cure(_PLAIN[cure[2]], mixture=cure[1] == "mixture")
    return _PLAIN[name]


def is_cure(name: str) -> bool:
    """Whether a family has a cure fraction."""
    return "_cure_" in name
