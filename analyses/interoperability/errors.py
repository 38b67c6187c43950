"""The one error of an export: a sentence about what to do, never a value of a patient."""

from analyses.errors import AnalysisError


class ExportError(AnalysisError):
    """The export cannot be made."""
