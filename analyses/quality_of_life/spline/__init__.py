"""A linear mixed model with a natural spline of time: means between visits, at unequal days.

Belongs here: the basis, the restricted likelihood with random effects of a person, the means at any
day. Does not belong here: which scores enter (`analyses.quality_of_life.spline_curve`) and the
model with a mean per visit (`repeated_measures`).
"""

from analyses.quality_of_life.spline.model import SplineModel, spline_model

__all__ = ["SplineModel", "spline_model"]
