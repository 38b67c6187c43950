"""The simulated hospital data warehouse: an extract in the OMOP common data model, version 5.4."""

from simulation.omop.files import write
from simulation.omop.people import people
from simulation.omop.truth import told, write_truth

__all__ = ["people", "told", "write", "write_truth"]
