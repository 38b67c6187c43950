"""The simulated patient-reported outcomes: FHIR R4 QuestionnaireResponse, one JSON a line."""

from simulation.epro.files import write
from simulation.epro.forms import collect

__all__ = ["collect", "write"]
