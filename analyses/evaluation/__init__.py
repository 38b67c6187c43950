"""Evaluations: a study and a database in, every result table out.

Belongs here: what a study gets analysed, and its diagnostics. Does not belong here: estimators
(analyses.survival, analyses.quality_of_life), selection of patients (analyses.cohort).
"""

from analyses.evaluation.evaluate import evaluate
from analyses.results import Evaluation

__all__ = ["Evaluation", "evaluate"]
