"""A release in the data models of others: OMOP CDM 5.4 and CDISC ADaM.

Belongs here: what a table of the marts is called over there, and the files. Does not belong here:
definitions of populations and endpoints (dbt, analyses.cohort), which are read and never repeated.
"""

from analyses.interoperability.cdisc.export import export_cdisc
from analyses.interoperability.errors import ExportError
from analyses.interoperability.omop.export import export_omop

__all__ = ["ExportError", "export_cdisc", "export_omop"]
