"""Studies: what a user asks of the data, as a validated file.

Belongs here: the study specification, its reading and the built-in study files. Does not belong
here: the patients that enter a study (analyses.cohort) and its results (analyses.evaluation).
"""

from analyses.studies.errors import StudyError
from analyses.studies.quality_of_life import QualityOfLife
from analyses.studies.reading import built_in_studies, load_studies, load_study
from analyses.studies.specification import (
    Estimand,
    IntercurrentEvents,
    Population,
    Study,
    json_schema,
)
from analyses.studies.vocabulary import (
    Endpoint,
    find_endpoint,
    is_deterioration,
    known_endpoints,
)

__all__ = [
    "Endpoint",
    "Estimand",
    "IntercurrentEvents",
    "Population",
    "QualityOfLife",
    "Study",
    "StudyError",
    "built_in_studies",
    "find_endpoint",
    "is_deterioration",
    "json_schema",
    "known_endpoints",
    "load_studies",
    "load_study",
]
