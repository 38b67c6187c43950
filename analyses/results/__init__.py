"""Results: the released tables of a study, their shape and their storage.

Belongs here: RESULT_TABLES and frames that fit it. Does not belong here: how an estimate is made
(analyses.evaluation) and what of it may leave the house (analyses.disclosure).
"""

from analyses.results.columns import Table
from analyses.results.storage import Evaluation, ResultError, conform, empty, read, write
from analyses.results.tables import RESULT_TABLES

__all__ = [
    "RESULT_TABLES",
    "Evaluation",
    "ResultError",
    "Table",
    "conform",
    "empty",
    "read",
    "write",
]
