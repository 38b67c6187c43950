"""The mixed model for repeated measures: means per visit with an unstructured covariance.

Belongs here: likelihood, maximum, small-sample corrections and means. Does not belong here: which
scores and people enter (`analyses.quality_of_life.model_curve`), estimands other than that of a
likelihood that takes every missing score as missing at random.
"""

from analyses.quality_of_life.repeated_measures.model import MixedModel, mixed_model
from analyses.quality_of_life.repeated_measures.reml import NotConvergedError

__all__ = ["MixedModel", "NotConvergedError", "mixed_model"]
