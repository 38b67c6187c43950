"""The report of a release: one HTML page for epidemiologists and reviewers.

Belongs here: words, tables and layout of the page. Does not: estimates (analyses.evaluation),
drawing (analyses.figures), suppression (analyses.disclosure: give this package what may be shown).
"""

from analyses.report.page import render

__all__ = ["render"]
