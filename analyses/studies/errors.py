"""The one error a study file, or a study asked of the wrong data, raises.

Belongs here: the exception. Does not belong here: errors of an estimate (analyses.errors).
"""

from __future__ import annotations


class StudyError(ValueError):
    """A study that cannot be run as written; the message is the sentence shown to the user."""
