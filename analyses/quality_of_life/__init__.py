"""Quality of life: from item answers to scores, curves and completion.

What questionnaires mean is here: instruments, scoring, visit windows, who was expected to answer.
Survival estimation is `analyses.survival`; nothing here reads a file of data or a database.
"""

from analyses.quality_of_life.deterioration import (
    deterioration_sensitivity,
    time_to_deterioration,
)
from analyses.quality_of_life.evaluation import evaluate
from analyses.quality_of_life.forms import score
from analyses.quality_of_life.long_answers import count_invalid, score_long, unusable_items
from analyses.quality_of_life.of_cohort import deterioration_of
from analyses.quality_of_life.quality_adjusted import quality_adjusted_survival
from analyses.quality_of_life.registry import find_instrument, instruments, utility_ages
from analyses.quality_of_life.repeated_measures import MixedModel, NotConvergedError, mixed_model

__all__ = [
    "MixedModel",
    "NotConvergedError",
    "count_invalid",
    "deterioration_of",
    "deterioration_sensitivity",
    "evaluate",
    "find_instrument",
    "instruments",
    "mixed_model",
    "quality_adjusted_survival",
    "score",
    "score_long",
    "time_to_deterioration",
    "unusable_items",
    "utility_ages",
]
